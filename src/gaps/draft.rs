//! A draft of an article from what agents wrote to customers who asked the same. In: replies, and what is known of the customers. Out:
//! sentences that are nobody's own.
//!
//! A literal ([`crate::model::literal`]) stays only if agents wrote it to two people or more and it stands in none of their records,
//! messages or names; any other becomes a blank that the author fills. So do words with a capital that stand in a customer's records or
//! name. Greetings, questions to the customer and what is said twice go; the sentences that say most come first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cluster::dot;
use crate::Result;
use crate::model::literal::{AllowedLiterals, literals_in};
use crate::retrieve::split::sentences;

/// Stands for what is one customer's own.
pub const BLANK: &str = "[…]";
/// Sentences of a draft.
const MOST_SENTENCES: usize = 8;
/// Shorter sentences say nothing by themselves.
const FEWEST_WORDS: usize = 4;
/// A sentence this near to one that is there already says the same.
const SAID_FROM: f32 = 0.85;
/// Sentences with more blanks are about one customer.
const MOST_BLANKS: usize = 2;
const GREETINGS: [&str; 8] =
    ["hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "thanks"];

/// A reply of an agent, and whom it was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReply {
    /// The conversation.
    pub conversation: String,
    /// Its number.
    pub seq: i64,
    /// The customer.
    pub owner: String,
    /// What was written.
    pub text: String,
}

/// What is known of the customers: each one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// Values of their records, and what they wrote.
    pub texts: Vec<String>,
    /// Their names, and texts that names stand in: values of records.
    pub names: Vec<String>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// The question that it answers.
    pub title: String,
    /// Sentences of agents, with blanks.
    pub text: String,
    /// The replies that they are from.
    pub from: Vec<ReplyPlace>,
}

/// Where a reply stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ReplyPlace {
    /// The conversation.
    pub conversation: String,
    /// The message.
    pub seq: i64,
}

/// A draft that answers `question`; none if the replies say nothing that is for everybody.
///
/// # Errors
/// Those of `embed`.
pub fn draft(
    question: &str,
    replies: &[AgentReply],
    own: &Own,
    embed: impl Fn(&[String]) -> Result<Vec<Vec<f32>>>,
) -> Result<Option<Draft>> {
    let cleaner = Cleaner::new(replies, own);
    let mut candidates: Vec<(usize, String)> = Vec::new();
    for (place, reply) in replies.iter().enumerate() {
        let said =
            sentences(&reply.text).into_iter().filter_map(|sentence| cleaner.sentence(sentence));
        candidates.extend(said.map(|sentence| (place, sentence)));
    }
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut texts = vec![question.to_string()];
    texts.extend(candidates.iter().map(|(_, sentence)| sentence.clone()));
    let vectors = embed(&texts)?;
    let (asked, said) = vectors.split_at(1);
    // A sentence that many replies say, and that is about the question, goes first.
    let weight = |place: usize| {
        let others =
            said.iter().map(|other| dot(&said[place], other)).sum::<f32>() / said.len() as f32;
        others + dot(&said[place], &asked[0])
    };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| weight(*other).total_cmp(&weight(*one)).then(one.cmp(other)));
    let mut kept: Vec<usize> = Vec::new();
    for place in order {
        let is_said = kept.iter().any(|other| dot(&said[place], &said[*other]) >= SAID_FROM);
        if !is_said && kept.len() < MOST_SENTENCES {
            kept.push(place);
        }
    }
    // Sentences of one reply stay in its order, behind each other.
    let first_of: BTreeMap<usize, usize> =
        kept.iter().enumerate().rev().map(|(rank, place)| (candidates[*place].0, rank)).collect();
    kept.sort_by_key(|place| (first_of.get(&candidates[*place].0).copied(), *place));
    let from: BTreeSet<ReplyPlace> = kept
        .iter()
        .map(|place| &replies[candidates[*place].0])
        .map(|reply| ReplyPlace { conversation: reply.conversation.clone(), seq: reply.seq })
        .collect();
    let text: Vec<&str> = kept.iter().map(|place| candidates[*place].1.as_str()).collect();
    Ok(Some(Draft {
        title: cleaner.title(question),
        text: text.join(" "),
        from: from.into_iter().collect(),
    }))
}

struct Cleaner {
    own: AllowedLiterals,
    /// Literals that agents wrote to two people or more.
    shared: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Cleaner {
    fn new(replies: &[AgentReply], own: &Own) -> Self {
        let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut lower = BTreeSet::new();
        for reply in replies {
            for literal in literals_in(&reply.text) {
                people.entry(literal.normalised().to_string()).or_default().insert(&reply.owner);
            }
            lower.extend(words(&reply.text).filter(|word| !is_capital(word)).map(str::to_string));
        }
        let shared = people
            .into_iter()
            .filter(|(_, people)| people.len() > 1)
            .map(|(claim, _)| claim)
            .collect();
        // A word that agents write without a capital as well is no name.
        let names = own
            .names
            .iter()
            .flat_map(|text| words(text))
            .filter(|word| word.chars().count() > 1)
            .map(str::to_lowercase)
            .filter(|word| !lower.contains(word))
            .collect();
        Self {
            own: AllowedLiterals::from_texts(own.texts.iter().map(String::as_str)),
            shared,
            names,
        }
    }

    /// The sentence as it may stand in an article; none if it is not for one.
    fn sentence(&self, sentence: &str) -> Option<String> {
        let sentence = without_greeting(sentence.trim());
        if sentence.ends_with('?') || words(sentence).count() < FEWEST_WORDS {
            return None;
        }
        let blanked = self.without_names(&self.without_literals(sentence, false));
        let blanks = blanked.matches(BLANK).count();
        let left = words(&blanked).count();
        if blanks > MOST_BLANKS || left < FEWEST_WORDS {
            return None;
        }
        let mut letters = blanked.chars();
        let first = letters.next()?;
        let mut whole: String = first.to_uppercase().collect::<String>() + letters.as_str();
        if !whole.ends_with(['.', '!', ':']) {
            whole.push('.');
        }
        Some(whole)
    }

    /// What the customer asked, without anything of the customer's.
    fn title(&self, question: &str) -> String {
        self.without_names(&self.without_literals(question.trim(), true))
    }

    fn without_literals(&self, text: &str, all: bool) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        for literal in literals_in(text) {
            let stays =
                !all && self.shared.contains(literal.normalised()) && !self.own.contains(&literal);
            if stays || literal.start < at {
                continue;
            }
            clean.push_str(&text[at..literal.start]);
            clean.push_str(BLANK);
            at = literal.end;
        }
        clean.push_str(&text[at..]);
        clean
    }

    fn without_names(&self, text: &str) -> String {
        let mut clean = text.to_string();
        let found: BTreeSet<String> = words(text)
            .filter(|word| is_capital(word) && self.names.contains(&word.to_lowercase()))
            .map(str::to_string)
            .collect();
        for name in found {
            clean = replaced_word(&clean, &name);
        }
        clean
    }
}

fn replaced_word(text: &str, word: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(word) {
        let (before, after) = (&rest[..place], &rest[place + word.len()..]);
        let stands_alone = !before.chars().next_back().is_some_and(char::is_alphanumeric)
            && !after.chars().next().is_some_and(char::is_alphanumeric);
        clean.push_str(before);
        clean.push_str(if stands_alone { BLANK } else { word });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// "Hi Jo, we do." without "Hi Jo,".
fn without_greeting(sentence: &str) -> &str {
    let lower = sentence.to_lowercase();
    let greets = GREETINGS.iter().any(|greeting| {
        lower.strip_prefix(greeting).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    let head = sentence.char_indices().take(40).find(|(_, character)| ",!".contains(*character));
    match head.filter(|_| greets) {
        Some((place, mark)) => sentence[place + mark.len_utf8()..].trim_start(),
        None => sentence,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words as axes: alike texts share some.
    fn embed(texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let vector = |text: &String| {
            let mut vector = vec![0.0f32; 64];
            for word in words(&text.to_lowercase()) {
                let place = word
                    .bytes()
                    .fold(7usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
                vector[place % 64] += 1.0;
            }
            let length = dot(&vector, &vector).sqrt().max(1e-6);
            vector.into_iter().map(|part| part / length).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }

    fn reply(owner: &str, text: &str) -> AgentReply {
        AgentReply {
            conversation: format!("of {owner}"),
            seq: 3,
            owner: owner.into(),
            text: text.into(),
        }
    }

    #[test]
    fn what_agents_told_several_people_stays_and_what_is_ones_own_goes() {
        let replies = [
            reply(
                "customer:1",
                "Hi Jo, yes, gift wrapping is $5 for each item. Your order FH-20417 is on its way to Oak Street 12. Can I do more for you?",
            ),
            reply(
                "customer:2",
                "Gift wrapping costs $5 per item. You can choose it at checkout. Bye!",
            ),
        ];
        let own = Own {
            texts: vec!["FH-20417".into(), "Oak Street 12".into()],
            names: vec!["Jo Bloggs".into(), "Oak Street 12".into()],
        };
        let made = draft("Do you wrap order FH-20417 as a gift, for Jo?", &replies, &own, embed)
            .unwrap()
            .unwrap();
        assert!(made.text.contains("$5") && made.text.contains("at checkout"), "{}", made.text);
        for gone in ["FH-20417", "20417", "12", "Oak", "Street", "Jo", "Can I do", "Bye"] {
            assert!(!made.text.contains(gone) && !made.title.contains(gone), "{gone} in {made:?}");
        }
        assert_eq!(made.title, "Do you wrap order […] as a gift, for […]?");
        assert!(made.from.len() == 2, "{made:?}");
        // What one person alone was told may be theirs.
        let made = draft("Do you wrap gifts?", &replies[..1], &own, embed).unwrap().unwrap();
        assert!(!made.text.contains("$5") && made.text.contains(BLANK), "{}", made.text);
        assert_eq!(
            draft(
                "Gifts?",
                &[reply("c", "Hello! One moment. Which order?")],
                &Own::default(),
                embed
            )
            .unwrap(),
            None
        );
    }

    proptest! {
        /// Whatever agents write of records: not one of their literals is left.
        #[test]
        fn no_literal_of_a_customers_record_survives(
            ids in proptest::collection::vec("[A-Z]{1,3}-?[0-9]{2,6}|\\$[0-9]{1,4}\\.[0-9]{2}|2026-1[0-2]-[0-2][1-9]|[a-z]{2,6}@[a-z]{2,5}\\.com|[0-9]{1,3} [A-Z][a-z]{3,8} Road", 1..4),
            order in 0usize..4,
        ) {
            let templates = [
                "We have sent {} to you today and it will reach you soon.",
                "The amount of {} goes back to your card within a few days.",
                "Please write to {} if anything is wrong with the parcel.",
                "As agreed: {} is what we have on file for your account here.",
            ];
            let mut replies = Vec::new();
            for (place, id) in ids.iter().enumerate() {
                let text = templates[(place + order) % 4].replace("{}", id);
                // Even if agents wrote it to two people.
                replies.push(reply("customer:1", &text));
                replies.push(reply("customer:2", &text));
            }
            let own = Own { texts: ids.clone(), names: ids.clone() };
            let question = format!("What about {}?", ids[0]);
            if let Some(made) = draft(&question, &replies, &own, embed).unwrap() {
                let known = AllowedLiterals::from_texts(ids.iter().map(String::as_str));
                for literal in literals_in(&made.text).into_iter().chain(literals_in(&made.title)) {
                    prop_assert!(!known.contains(&literal), "{} of {ids:?} in {made:?}", literal.text);
                }
            }
        }
    }
}
