//! A conversation in a few sentences, for the person who takes it over: what the customer wants, what was said to it,
//! how the mood went, and what is open.
//!
//! Pure and extractive: each sentence quotes words that were said, or tells a judgement, and names the messages it is of.
//! [`summarise`] leaves out a sentence whose quotation is not in them.

use serde::{Deserialize, Serialize};

use super::words::{is_function_word, stems};
use crate::retrieve::split::sentences;

/// Characters of a quotation.
const LONGEST_QUOTE: usize = 200;
/// Replies that are told, the newest.
const MOST_REPLIES: usize = 3;
/// Dissatisfied from this probability on.
const DISSATISFIED_FROM: f32 = 0.5;
/// Shares of words from which on two messages ask the same.
const SAME_FROM: f32 = 0.6;

/// Who said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// Steward.
    Steward,
    /// A person of the company.
    Person(String),
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its number.
    pub seq: i64,
    /// Who said it.
    pub by: Speaker,
    /// Its words.
    pub text: String,
    /// Titles of what a reply rests on.
    pub sources: Vec<String>,
    /// Probability that the customer was dissatisfied with what was said before, of a customer's message.
    pub dissatisfied: Option<f32>,
}

/// A conversation in a few sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// All sentences.
    pub text: String,
    /// Each with what it rests on.
    pub sentences: Vec<SummarySentence>,
}

/// One sentence, and the messages that it is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummarySentence {
    /// Its words.
    pub text: String,
    /// The numbers of the messages.
    pub seqs: Vec<i64>,
}

/// Tells what was said, oldest first.
pub fn summarise(said: &[Said]) -> Summary {
    let mut told: Vec<SummarySentence> = Vec::new();
    let asked: Vec<&Said> = said
        .iter()
        .filter(|message| message.by == Speaker::Customer && weight(&message.text) > 0)
        .collect();
    let says = |message: &&&Said| message.text.contains('?') || weight(&message.text) >= 3;
    let wish = asked.iter().find(says).or(asked.first());
    if let Some(wish) = wish {
        let quote = told_best(&wish.text);
        told.push(sentence(format!("The customer asks: \u{201c}{quote}\u{201d}"), &[wish.seq]));
    }
    let replies: Vec<&Said> =
        said.iter().filter(|message| message.by != Speaker::Customer).collect();
    let telling: Vec<SummarySentence> = replies.iter().filter_map(|reply| told_of(reply)).collect();
    let skipped = telling.len().saturating_sub(MOST_REPLIES);
    told.extend(telling.into_iter().skip(skipped));
    told.extend(mood(said));
    let answered = replies.last().map_or(0, |reply| reply.seq);
    if let (Some(open), Some(wish)) = (asked.last(), wish)
        && open.seq != wish.seq
        && !is_same(&open.text, &wish.text)
    {
        let quote = told_best(&open.text);
        let what = if open.seq > answered { "Not answered yet" } else { "Last asked" };
        told.push(sentence(format!("{what}: \u{201c}{quote}\u{201d}"), &[open.seq]));
    }
    told.retain(|sentence| is_true(sentence, said));
    let text: Vec<&str> = told.iter().map(|sentence| sentence.text.as_str()).collect();
    Summary { text: text.join(" "), sentences: told }
}

fn sentence(text: String, seqs: &[i64]) -> SummarySentence {
    SummarySentence { text, seqs: seqs.to_vec() }
}

/// What a reply said, or asked; nothing of Steward's own phrases, which rest on nothing.
fn told_of(reply: &Said) -> Option<SummarySentence> {
    let who = match &reply.by {
        Speaker::Person(name) => name.as_str(),
        _ => "Steward",
    };
    let quote = told_best(&reply.text);
    let from = reply.sources.first().map(|source| format!(" from {source}"));
    let words = match (&reply.by, from) {
        _ if quote.ends_with('?') => format!("{who} asked: \u{201c}{quote}\u{201d}"),
        (Speaker::Person(_), _) => format!("{who} said: \u{201c}{quote}\u{201d}"),
        (_, Some(from)) => format!("{who} said{from}: \u{201c}{quote}\u{201d}"),
        (_, None) => return None,
    };
    Some(sentence(words, &[reply.seq]))
}

/// How the customer's satisfaction went.
fn mood(said: &[Said]) -> Option<SummarySentence> {
    let judged: Vec<(i64, f32)> =
        said.iter().filter_map(|message| Some((message.seq, message.dissatisfied?))).collect();
    let (&(first, before), &(last, now)) = (judged.first()?, judged.last()?);
    let is_upset = |probability: f32| probability >= DISSATISFIED_FROM;
    let words = match (is_upset(before), is_upset(now)) {
        _ if first == last && is_upset(now) => "The customer is dissatisfied.",
        _ if first == last => return None,
        (false, true) => "The customer was satisfied at first and is dissatisfied now.",
        (true, true) => "The customer has been dissatisfied from the beginning.",
        (true, false) => "The customer was dissatisfied at first and is not any more.",
        (false, false) => return None,
    };
    let both = [first, last];
    Some(sentence(words.to_string(), if first == last { &both[..1] } else { &both }))
}

/// The sentence of a message that says most: the last question, or else the one with most to say, cut if it is long.
fn told_best(text: &str) -> String {
    let all = sentences(text);
    let question =
        all.iter().rev().find(|sentence| sentence.ends_with('?') && weight(sentence) > 0);
    let best = question.or_else(|| {
        // The first of those that say as much.
        all.iter().rev().max_by_key(|sentence| weight(sentence))
    });
    let best = best.copied().unwrap_or(text).trim().trim_start_matches("- ");
    if best.chars().count() <= LONGEST_QUOTE {
        return best.to_string();
    }
    let cut: String = best.chars().take(LONGEST_QUOTE).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{}\u{2026}", cut[..end].trim_end())
}

/// Words that say something.
fn weight(text: &str) -> usize {
    stems(text).iter().filter(|word| !is_function_word(word)).count()
}

fn is_same(left: &str, right: &str) -> bool {
    let content = |text: &str| -> std::collections::HashSet<String> {
        stems(text).into_iter().filter(|word| !is_function_word(word)).collect()
    };
    let (left, right) = (content(left), content(right));
    let both = left.intersection(&right).count() as f32;
    both >= SAME_FROM * left.len().min(right.len()).max(1) as f32
}

/// True if what the sentence quotes was said in the messages that it names.
fn is_true(sentence: &SummarySentence, said: &[Said]) -> bool {
    let Some((_, rest)) = sentence.text.split_once('\u{201c}') else { return true };
    let Some((quote, _)) = rest.rsplit_once('\u{201d}') else { return false };
    let quote = quote.trim_end_matches('\u{2026}');
    sentence
        .seqs
        .iter()
        .all(|seq| said.iter().any(|message| message.seq == *seq && message.text.contains(quote)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(seq: i64, by: Speaker, text: &str, dissatisfied: Option<f32>) -> Said {
        Said { seq, by, text: text.to_string(), sources: Vec::new(), dissatisfied }
    }

    #[test]
    fn the_wish_the_replies_the_mood_and_what_is_open_are_told_with_their_messages() {
        let mut reply = said(3, Speaker::Steward, "Order FH-1 is shipped. It costs $5.", None);
        reply.sources = vec!["Order FH-1".to_string()];
        let conversation = [
            said(1, Speaker::Customer, "Hi", Some(0.1)),
            said(2, Speaker::Customer, "Hello there. Where is my order FH-1? Thanks", Some(0.1)),
            reply,
            said(4, Speaker::Person("Ada".into()), "I'm looking into it now.", None),
            said(5, Speaker::Customer, "This is useless, I want my money back!", Some(0.9)),
        ];
        let summary = summarise(&conversation);
        let told: Vec<(&str, &[i64])> = summary
            .sentences
            .iter()
            .map(|sentence| (sentence.text.as_str(), sentence.seqs.as_slice()))
            .collect();
        assert_eq!(
            told,
            [
                ("The customer asks: “Where is my order FH-1?”", &[2][..]),
                ("Steward said from Order FH-1: “Order FH-1 is shipped.”", &[3]),
                ("Ada said: “I'm looking into it now.”", &[4]),
                ("The customer was satisfied at first and is dissatisfied now.", &[1, 5]),
                ("Not answered yet: “This is useless, I want my money back!”", &[5]),
            ]
        );
        assert!(summarise(&[]).text.is_empty());
    }

    #[test]
    fn a_question_back_is_told_as_one_and_what_says_nothing_is_not_told() {
        let mut list = said(
            2,
            Speaker::Steward,
            "You have two:\n- FH-1\n- FH-2\nWhich one do you mean?",
            None,
        );
        list.sources = vec!["Order FH-1".to_string()];
        let summary = summarise(&[
            said(1, Speaker::Customer, "Where is my order?", None),
            list,
            said(3, Speaker::Customer, "A disgrace! I want a real person right now!", None),
            said(4, Speaker::Steward, "I'm passing you to a member of our team.", None),
        ]);
        let expected = "The customer asks: “Where is my order?” Steward asked: “Which one do you mean?” \
            Last asked: “I want a real person right now!”";
        assert_eq!(summary.text, expected);
    }

    #[test]
    fn nothing_is_quoted_that_was_not_said() {
        let text = "word ".repeat(300);
        let summary = summarise(&[said(1, Speaker::Customer, &text, None)]);
        let quote = summary.text.split('\u{201c}').nth(1).unwrap();
        assert!(quote.chars().count() <= LONGEST_QUOTE + 2 && quote.contains('\u{2026}'));
        let untrue = sentence("X said: \u{201c}never\u{201d}".to_string(), &[1]);
        assert!(!is_true(&untrue, &[said(1, Speaker::Customer, "always", None)]));
        let marks = "He said “no” to me “twice”";
        assert!(!summarise(&[said(1, Speaker::Customer, marks, None)]).sentences.is_empty());
    }
}
