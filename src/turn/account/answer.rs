//! From a question and a fact sheet to the facts that answer it, or to what must be asked back.

use super::clause::Clause;
use super::kinds::{record_kinds, records_of_kind};
use super::leaning::{Leaning, leaning};
use super::overview::overview;
use super::reading::Reading;
use super::resolve::{Found, Resolution, resolve};
use super::tell::tell;
use crate::retrieve::fact::FactSheet;
use crate::turn::mention::{Mentions, mentions};
use crate::turn::words::{Word, stem, words};

/// What the records have to say to a message.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountAnswer {
    /// What was found.
    pub outcome: Outcome,
    /// How surely the message is about records at all, 0 to 1.
    pub strength: f32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// These facts answer the question.
    Facts(Vec<usize>),
    /// The question is understood, but the records do not say; these facts are the nearest.
    Missing {
        /// What is known of the subject instead.
        instead: Vec<usize>,
        /// The subject asked about.
        subject: usize,
    },
    /// Several things may be meant.
    Which(Vec<usize>),
    /// "Which orders do I have?"
    List(Vec<usize>),
    /// The identifier given is not among the customer's.
    NotFound,
    /// The customer has no record of the kind named: no return, no reservation.
    NoRecords,
    /// The message asks nothing of the records.
    Nothing,
}

/// A message of at most this many words may take its question from the one before.
const LONGEST_FRAGMENT: usize = 9;
/// Facts told in one reply.
const MOST_FACTS: usize = 10;

/// Answers `clauses` (the message) from the sheet; `earlier` are the clauses of the customer's
/// message before, whose question a fragment such as "and the kettle?" takes up.
pub fn answer(
    text: &str,
    clauses: &[Clause],
    earlier: &[Clause],
    reading: &Reading,
) -> AccountAnswer {
    let text_words = words(text);
    let found = mentions(text, reading.sheet, reading.lexicon);
    let lean = leaning(&text_words);
    let resolution = resolve(&text_words, &found, reading.focus, reading.sheet, reading.lexicon);
    if resolution.unknown_identifier {
        return AccountAnswer { outcome: Outcome::NotFound, strength: 0.95 };
    }
    if lean.own && found.named.is_empty() && names_missing_kind(&text_words, reading) {
        return AccountAnswer { outcome: Outcome::NoRecords, strength: 0.8 };
    }
    if let Some(records) = list_asked(&text_words, &found, &resolution, reading) {
        return AccountAnswer {
            outcome: Outcome::List(records),
            strength: if lean.own { 0.9 } else { 0.6 },
        };
    }
    let mut told = tell(clauses, &resolution, reading, lean);
    if told.facts.is_empty() && !resolution.alternatives.is_empty() {
        let public = Resolution { subjects: resolution.alternatives.clone(), ..resolution.clone() };
        told = tell(clauses, &public, reading, Leaning { own: false, ..lean });
    }
    let is_fragment = text_words.len() <= LONGEST_FRAGMENT
        && (resolution.found.is_explicit() || !reading.focus.offered.is_empty());
    if told.facts.is_empty() && is_fragment {
        told = tell(earlier, &resolution, reading, lean);
    }
    if told.facts.is_empty() {
        return unanswered(&resolution, &text_words, clauses, reading, lean);
    }
    let strength = strength(&resolution, told.score, lean, &text_words);
    let all = text_words
        .iter()
        .any(|word| matches!(word.text.as_str(), "both" | "all" | "each" | "every"));
    let outcome = if told.subjects.len() > 1 && !all && is_open(&told.subjects, reading.sheet) {
        Outcome::Which(told.subjects)
    } else {
        told.facts.truncate(MOST_FACTS);
        Outcome::Facts(told.facts)
    };
    AccountAnswer { outcome, strength }
}

/// The message asks nothing that the records say; what can be told all the same?
fn unanswered(
    resolution: &Resolution,
    text: &[Word],
    clauses: &[Clause],
    reading: &Reading,
    lean: Leaning,
) -> AccountAnswer {
    let nothing = AccountAnswer { outcome: Outcome::Nothing, strength: 0.0 };
    let Some(&subject) = resolution.subjects.first() else { return nothing };
    if resolution.found == Found::Focus && resolution.subjects.len() == 1 {
        // "Could you look at it for me?" - worth it only if nothing else answers.
        return AccountAnswer {
            outcome: Outcome::Facts(overview(subject, reading)),
            strength: 0.35,
        };
    }
    if !resolution.found.is_explicit() {
        return nothing;
    }
    let asks_something = clauses.iter().any(|clause| !clause.cues.is_empty());
    let overview = overview(subject, reading);
    if resolution.subjects.len() > 1 && is_open(&resolution.subjects, reading.sheet) {
        return AccountAnswer {
            outcome: Outcome::Which(resolution.subjects.clone()),
            strength: 0.5,
        };
    }
    if overview.is_empty() {
        return nothing;
    }
    let by_identifier = resolution.found == Found::Identifier;
    if asks_something {
        let strength = if by_identifier {
            0.8
        } else if lean.own {
            0.55
        } else {
            0.35
        };
        return AccountAnswer {
            outcome: Outcome::Missing { instead: overview, subject },
            strength,
        };
    }
    let strength = match (by_identifier, text.len()) {
        (true, _) => 0.85,
        (false, 0..=5) => 0.7,
        (false, _) if lean.own => 0.5,
        _ => 0.35,
    };
    AccountAnswer { outcome: Outcome::Facts(overview), strength }
}

/// The records of a kind, if the message asks which there are.
fn list_asked(
    text: &[Word],
    found: &Mentions,
    resolution: &Resolution,
    reading: &Reading,
) -> Option<Vec<usize>> {
    let is_mentioned =
        !found.identified.is_empty() || !found.named.is_empty() || found.recency.is_some();
    if is_mentioned || resolution.found == Found::Identifier {
        return None;
    }
    let asks_list = text.iter().any(|word| {
        matches!(
            word.text.as_str(),
            "list"
                | "show"
                | "many"
                | "all"
                | "which"
                | "what"
                | "any"
                | "have"
                | "see"
                | "history"
        )
    });
    if !asks_list {
        return None;
    }
    let kinds = record_kinds(reading.sheet);
    for (noun, place) in reading.lexicon.nouns(text, &kinds) {
        let records = records_of_kind(reading.sheet, &noun);
        let word = &text[place];
        let is_plural = word.text != word.stem && stem(&noun) == word.stem;
        let asks_field = text
            .iter()
            .any(|word| matches!(word.text.as_str(), "status" | "total" | "items" | "in"));
        if is_plural && !records.is_empty() && !asks_field {
            return Some(records);
        }
    }
    None
}

/// True if it is open which of several subjects is meant: things of the customer's in different
/// records. Two items of one order, and variants of a product, are told together.
fn is_open(subjects: &[usize], sheet: &FactSheet) -> bool {
    let owned = subjects.iter().filter(|&&subject| sheet.subjects[subject].owned);
    let records: std::collections::HashSet<usize> =
        owned.map(|&subject| sheet.record_of(subject)).collect();
    records.len() > 1
}

/// True if the message names a kind of record that the customer has none of, and no field of
/// another record speaks of it either.
fn names_missing_kind(text: &[Word], reading: &Reading) -> bool {
    let kinds = record_kinds(reading.sheet);
    let has_any = !kinds.is_empty() && reading.sheet.subjects.iter().any(|subject| subject.owned);
    has_any
        && reading.lexicon.other_kinds(text, &kinds).iter().any(|kind| {
            let speaks_of_it = |words: &[String]| words.iter().any(|word| stem(word) == *kind);
            !reading
                .sheet
                .facts
                .iter()
                .any(|fact| speaks_of_it(&fact.attribute) || speaks_of_it(&fact.within))
        })
        && reading.lexicon.nouns(text, &kinds).is_empty()
}

fn strength(resolution: &Resolution, score: f32, lean: Leaning, text: &[Word]) -> f32 {
    let points_back = text.iter().any(|word| {
        matches!(
            word.text.as_str(),
            "it" | "its" | "they" | "them" | "that" | "this" | "those" | "one" | "and"
        )
    });
    let base = match resolution.found {
        Found::Identifier => 1.0,
        Found::Recency => 0.95,
        Found::Name => 0.9,
        Found::Focus if points_back || text.len() <= 5 => 0.8,
        Found::Focus => 0.65,
        Found::Noun => {
            if lean.own {
                0.85
            } else {
                0.55
            }
        }
        Found::Guess => {
            if lean.own {
                0.7
            } else {
                0.45
            }
        }
    };
    base * (score / 0.8).clamp(0.6, 1.0)
}
