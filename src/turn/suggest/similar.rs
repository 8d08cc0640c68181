//! What people of the company wrote to others in like cases, retold without what was theirs alone.
//!
//! [`Precedents`] remembers where such replies stand and how near they are, never their words: those are read from the
//! store when they are used, so that what was erased is not told. [`retell`] then keeps a sentence only if
//!
//! - every literal in it stands in this customer's evidence,
//! - every word in it is one that customers use whatever is sold, or stands in the public knowledge, or is this
//!   customer's own; a capital within a sentence needs the same of the word as it is written,
//! - it holds no word of the other's account and no name that the other gave,
//! - it tells of nothing that happened or was promised to the other, unless this customer's evidence says it.
//!
//! So names and numbers cannot come over: what is not known to be public or this customer's own is not said.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Situation, Suggested, SuggestionKind};
use crate::model::literal::{AllowedLiterals, literals_in};
use crate::retrieve::record::Record;
use crate::retrieve::split::sentences;
use crate::retrieve::words::is_common_word;
use crate::turn::check::{Fault, exact_fault};
use crate::turn::grounding::claims;
use crate::turn::lexicon::dot;
use crate::turn::words::{is_function_word, words};

/// Replies that are remembered, the newest.
pub const MOST_PRECEDENTS: usize = 20_000;
/// Cases less alike than this (cosine) are others.
const ALIKE_FROM: f32 = 0.6;
/// A reply says something with this many words.
const FEWEST_WORDS: usize = 5;

/// Where a person's reply stands, and what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Precedent {
    /// The conversation.
    pub conversation: String,
    /// The reply's number in it.
    pub seq: i64,
    /// Embedding of the customer's message before it, 384 f32.
    pub asked: Vec<f32>,
}

/// The replies of people to messages of customers.
#[derive(Debug, Default)]
pub struct Precedents {
    kept: std::collections::VecDeque<Precedent>,
}

impl Precedents {
    /// Remembers another one; the oldest is forgotten beyond [`MOST_PRECEDENTS`].
    pub fn remember(&mut self, precedent: Precedent) {
        if self.kept.len() >= MOST_PRECEDENTS {
            self.kept.pop_front();
        }
        self.kept.push_back(precedent);
    }

    /// Forgets those of a conversation.
    pub fn forget(&mut self, conversation: &str) {
        self.kept.retain(|precedent| precedent.conversation != conversation);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The nearest in other conversations, the nearest first, with their cosines; none that is not alike.
    pub fn nearest(&self, asked: &[f32], not_in: &str, most: usize) -> Vec<(String, i64, f32)> {
        let mut near: Vec<(f32, &Precedent)> = self
            .kept
            .iter()
            .filter(|precedent| precedent.conversation != not_in)
            .map(|precedent| (dot(asked, &precedent.asked), precedent))
            .filter(|(cosine, _)| *cosine >= ALIKE_FROM)
            .collect();
        near.sort_by(|left, right| right.0.total_cmp(&left.0));
        near.into_iter()
            .take(most)
            .map(|(cosine, precedent)| (precedent.conversation.clone(), precedent.seq, cosine))
            .collect()
    }
}

/// Words that anybody may read: of the articles and of the names of public records, as they are written.
#[derive(Debug, Default)]
pub struct PublicWords {
    lower: HashSet<String>,
    written: HashSet<String>,
}

impl PublicWords {
    /// The words of these texts.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = Self::default();
        texts.into_iter().for_each(|text| known.add(text));
        known
    }

    /// Adds the words of a text.
    pub fn add(&mut self, text: &str) {
        for word in words(text) {
            self.written.insert(text[word.start..word.end].to_string());
            self.lower.insert(word.text);
        }
    }

    fn has(&self, word: &str) -> bool {
        self.lower.contains(word)
    }
}

/// The other customer, whose words must not be told.
#[derive(Debug, Default)]
pub struct Other {
    words: HashSet<String>,
}

static INTRODUCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:\bmy\ (?:full\ |first\ |last\ )?name(?:\ is|'s|:)?|\bi\ am|\bi'?m|\bthis\ is|\bhere\ is|\bcalled|\bregards,?|\bthanks,?|\bcheers,?|\bsincerely,?)\s+
        (?P<name>[\p{L}'’-]+(?:\s+[\p{L}'’-]+)?)",
    )
    .ok()
});

impl Other {
    /// Of what the other's account holds of the person, and of the messages that they wrote.
    pub fn of<'a>(records: &[Record], messages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut other = Self::default();
        for record in records {
            let is_person = record.customer_id.as_deref() == Some(record.id.as_str());
            if is_person {
                record.fields.values().for_each(|value| other.add_values(value));
            }
            other.add(&record.id);
        }
        for message in messages {
            let Some(introduction) = INTRODUCTION.as_ref() else { continue };
            for found in introduction.captures_iter(message) {
                if let Some(name) = found.name("name") {
                    other.add(name.as_str());
                }
            }
        }
        other
    }

    fn add_values(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.add(text),
            serde_json::Value::Array(values) => {
                values.iter().for_each(|value| self.add_values(value))
            }
            serde_json::Value::Object(fields) => {
                fields.values().for_each(|value| self.add_values(value))
            }
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        let is_telling = |word: &String| word.len() > 1 && !is_function_word(word);
        self.words.extend(words(text).into_iter().map(|word| word.text).filter(is_telling));
    }
}

/// What tells of this one customer: what happened, what was done, what is theirs, and when.
static OF_ONE_CASE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:your|yours|you've|you\ have|you\ had|you\ were|you\ are|you're|i|i've|i'm|i'll|we've|we'll|we\ have|we\ are|we're|
        has\ been|have\ been|had|was|were|did|
        today|tonight|tomorrow|yesterday|already|just\ now|this\ (?:morning|afternoon|evening|week)|next\ week|last\ week|
        monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    )
    .ok()
});

/// What is retold of `reply`, which a person wrote to another customer in a case this much alike (cosine); none if
/// nothing is left that says something.
pub fn retell(
    reply: &str,
    cosine: f32,
    situation: &Situation,
    public: &PublicWords,
    other: &Other,
) -> Option<Suggested> {
    let items = situation.evidence();
    let evidence: Vec<String> = items.iter().map(|item| item.text.clone()).collect();
    let own = PublicWords::of(situation.own_texts());
    let all = sentences(reply);
    let kept: Vec<&str> = all
        .iter()
        .copied()
        .filter(|sentence| {
            claims(sentence, &situation.inner.phrases, &situation.own_words)
                && is_telling_nothing_of(sentence, &evidence, &own, public, other)
                && (is_general(sentence) || is_supported(sentence, situation, &items))
        })
        .collect();
    let text = kept.join(" ");
    if words(&text).len() < FEWEST_WORDS {
        return None;
    }
    let share = kept.len() as f32 / all.len().max(1) as f32;
    let mut retold = situation.marked(SuggestionKind::Similar, text, items, 0.0);
    // As far as it is alike, told in full, and supported: a precedent alone is worth half.
    retold.confidence =
        (cosine * (0.5 + 0.5 * share) * (0.5 + 0.5 * retold.groundedness.score)).clamp(0.0, 1.0);
    Some(retold)
}

fn is_supported(
    sentence: &str,
    situation: &Situation,
    items: &[crate::turn::types::EvidenceItem],
) -> bool {
    let marks = crate::turn::grounding::groundedness(
        sentence,
        items,
        &situation.inner.phrases,
        &situation.own_words,
    );
    marks.sentences.iter().all(|mark| mark.supported)
}

/// True if the sentence would be as true of anybody.
fn is_general(sentence: &str) -> bool {
    let tells_of_one = OF_ONE_CASE.as_ref().is_none_or(|of_one| of_one.is_match(sentence));
    !tells_of_one && exact_fault(sentence, &[], &[]) != Some(Fault::Action)
}

/// True if nothing in the sentence can be the other's own.
fn is_telling_nothing_of(
    sentence: &str,
    evidence: &[String],
    own: &PublicWords,
    public: &PublicWords,
    other: &Other,
) -> bool {
    let allowed = AllowedLiterals::from_texts(evidence.iter().map(String::as_str));
    let literals = literals_in(sentence);
    if literals.iter().any(|literal| !allowed.contains(literal)) {
        return false;
    }
    let all = words(sentence);
    let is_addressed = is_address(sentence);
    all.iter().enumerate().all(|(place, word)| {
        let is_literal =
            literals.iter().any(|literal| literal.start <= word.start && word.end <= literal.end);
        if is_literal {
            return true;
        }
        if other.words.contains(&word.text) && !own.has(&word.text) {
            return false;
        }
        let known = public.has(&word.text)
            || own.has(&word.text)
            || is_common_word(&word.text.replace('\'', ""))
            || is_function_word(&word.text);
        let written = &sentence[word.start..word.end];
        let is_capital = written.starts_with(char::is_uppercase)
            && word.text != "i"
            && !word.text.starts_with("i'");
        // The first word has its capital anyway, unless somebody is spoken to by it.
        let must_be_a_name = is_capital && (place > 0 || is_addressed);
        known
            && (!must_be_a_name
                || public.written.contains(written)
                || own.written.contains(written))
    })
}

/// True if the sentence begins by calling somebody: "Rose, …", "Hi Rose", "Dear Rose …".
fn is_address(sentence: &str) -> bool {
    let found = words(sentence);
    let Some(first) = found.first() else { return false };
    let greets = matches!(
        first.text.as_str(),
        "hi" | "hello" | "hey" | "dear" | "thanks" | "sorry" | "thank"
    );
    let comma = sentence[first.end..].trim_start().starts_with(',');
    let leads = matches!(
        first.text.as_str(),
        "yes"
            | "no"
            | "ok"
            | "okay"
            | "so"
            | "also"
            | "however"
            | "well"
            | "first"
            | "then"
            | "please"
            | "otherwise"
            | "instead"
    ) || first.text.ends_with("ly");
    greets || comma && !leads
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PUBLIC: &str = "Hold the power button for ten seconds to reset the Alder lamp. You can pick up parcels at the service desk in Riverside.";

    fn other() -> Other {
        let record = |kind: &str, id: &str, fields: serde_json::Value| Record {
            kind: kind.to_string(),
            id: id.to_string(),
            customer_id: Some("c-9".to_string()),
            fields: fields.as_object().cloned().unwrap_or_default(),
        };
        Other::of(
            &[
                record(
                    "customer",
                    "c-9",
                    json!({"name": "Rose Parker", "address": {"city": "Hunter Valley"}, "email": "rose@x.example"}),
                ),
                record("order", "FH-77", json!({"item": "lamp"})),
            ],
            ["hello, my name is will green", "thanks, Jack"],
        )
    }

    fn is_told(sentence: &str) -> bool {
        let evidence = vec!["Returns are free for 30 days.".to_string()];
        let own = PublicWords::of(["my lamp is broken, I am Maya"]);
        is_telling_nothing_of(sentence, &evidence, &own, &PublicWords::of([PUBLIC]), &other())
    }

    #[test]
    fn general_advice_in_common_and_public_words_is_told() {
        for sentence in [
            "Please hold the power button for ten seconds.",
            "You can pick it up at the service desk in Riverside.",
            "Unfortunately, it is not possible to change the lamp.",
            "Returns are free for 30 days.",
            "Maya, please hold the power button.",
        ] {
            assert!(is_told(sentence), "{sentence}");
        }
    }

    #[test]
    fn nothing_of_the_other_is_told() {
        for sentence in [
            // Literals of another account.
            "The order FH-77 is on its way.",
            "It costs $19.99.",
            "Call me on 555-0142.",
            "Write to rose@x.example please.",
            "It arrives on November 3.",
            "Returns are free for 60 days.",
            // Names, in any case and place, rare and common words alike.
            "Hi Rose, hold the power button.",
            "Rose, hold the power button.",
            "rose can pick it up at the service desk.",
            "Please give it to Parker at the service desk.",
            "Please give it to parker at the service desk.",
            "Dear will, hold the power button.",
            "You can pick it up with green at the service desk.",
            "Ask for Jack at the service desk.",
            "Please ask jack for the lamp.",
            "You can pick it up in Hunter Valley.",
            "You can pick it up in hunter.",
            "Please give the lamp to Quetzal.",
            "Please give the lamp to quetzal.",
            "The lamp goes to Grace.",
            "Grace, hold the power button.",
            "Best, Ada",
        ] {
            assert!(!is_told(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_happened_to_one_is_not_general() {
        for sentence in [
            "Your parcel is lost.",
            "I've refunded it.",
            "The refund was sent.",
            "It arrives tomorrow.",
            "We will replace the lamp.",
            "You were charged twice.",
            "The courier has been at the door.",
        ] {
            assert!(!is_general(sentence), "{sentence}");
        }
        assert!(is_general("Please hold the power button for ten seconds."));
        assert!(is_general("You can pick parcels up at the service desk."));
    }

    #[test]
    fn the_nearest_in_other_conversations_are_found_and_forgotten() {
        let mut precedents = Precedents::default();
        for (conversation, x) in [("a", 1.0), ("b", 0.9), ("c", 0.1)] {
            let asked = vec![x, (1.0_f32 - x * x).sqrt()];
            precedents.remember(Precedent { conversation: conversation.into(), seq: 2, asked });
        }
        let near = |precedents: &Precedents, not_in| -> Vec<String> {
            precedents.nearest(&[1.0, 0.0], not_in, 5).into_iter().map(|(id, ..)| id).collect()
        };
        assert_eq!(near(&precedents, ""), ["a", "b"]);
        assert_eq!(near(&precedents, "a"), ["b"]);
        precedents.forget("b");
        assert!(near(&precedents, "a").is_empty());
    }
}
