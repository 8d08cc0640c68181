//! Which things on the fact sheet a message is about.

use super::choice::{chosen_by_trait, chosen_from_offer};
use super::deduplicated;
use super::focus::Focus;
use super::kinds::{owned_records, record_kinds, records_of_kind};
use super::leaning::{Leaning, leaning};
use super::named::{named, public_of_same_name, record_instead};
use super::recency::recent_record;
use crate::retrieve::fact::{Fact, FactSheet};
use crate::turn::lexicon::Lexicon;
use crate::turn::mention::Mentions;
use crate::turn::traits::narrowed_by_traits;
use crate::turn::words::{Word, find_sequence, stem, stems};

/// How a subject was found, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// Its identifier stands in the message.
    Identifier,
    /// Its name stands in the message, or the message picks it from a list.
    Name,
    /// "my last order".
    Recency,
    /// "my order".
    Noun,
    /// The conversation was about it.
    Focus,
    /// Nothing was said of it; it may be what is meant.
    Guess,
}

impl Found {
    /// True if the message itself points at the thing, not only at its kind.
    pub fn is_explicit(self) -> bool {
        matches!(self, Found::Identifier | Found::Name | Found::Recency)
    }
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// Subjects that may be meant; more than one when it is open which.
    pub subjects: Vec<usize>,
    /// How they were found.
    pub found: Found,
    /// Public records of the same name, for what the customer's own thing does not say.
    pub alternatives: Vec<usize>,
    /// The message gives an identifier that is not on the sheet.
    pub unknown_identifier: bool,
}

/// Finds what a message is about.
pub fn resolve(
    text: &[Word],
    found: &Mentions,
    focus: &Focus,
    sheet: &FactSheet,
    lexicon: &Lexicon,
) -> Resolution {
    let resolution = |subjects: Vec<usize>, found: Found| Resolution {
        subjects,
        found,
        alternatives: Vec::new(),
        unknown_identifier: false,
    };
    if !found.identified.is_empty() {
        return resolution(identified(text, found, sheet), Found::Identifier);
    }
    if !found.unknown.is_empty() {
        return Resolution {
            subjects: Vec::new(),
            found: Found::Identifier,
            alternatives: Vec::new(),
            unknown_identifier: true,
        };
    }
    let kinds = record_kinds(sheet);
    let nouns = lexicon.nouns(text, &kinds);
    let lean = leaning(text);
    let recent =
        found.recency.and_then(|recency| recent_record(recency, &nouns, focus, sheet, lean));
    if !found.named.is_empty() {
        let names_owned_kind =
            nouns.iter().any(|(noun, _)| !records_of_kind(sheet, noun).is_empty());
        let lean = Leaning { shop: lean.shop && !names_owned_kind, ..lean };
        let named = named(text, found, focus, recent, lean, sheet);
        if !named.is_empty() {
            let named = record_instead(text, found, &nouns, named, sheet);
            let public: Vec<usize> = found
                .named
                .iter()
                .copied()
                .filter(|&subject| !sheet.subjects[subject].owned)
                .collect();
            let alternatives = if named.iter().any(|&subject| sheet.subjects[subject].owned) {
                public_of_same_name(&named, &public, sheet)
            } else {
                Vec::new()
            };
            return Resolution { alternatives, ..resolution(named, Found::Name) };
        }
    }
    if let Some(chosen) = chosen_from_offer(text, found, focus, sheet) {
        return resolution(chosen, Found::Name);
    }
    if let Some(record) = recent {
        return resolution(vec![record], Found::Recency);
    }
    let by_trait = chosen_by_trait(text, focus, sheet);
    if !by_trait.is_empty() {
        return resolution(by_trait, Found::Focus);
    }
    if let Some((noun, _)) = nouns.iter().find(|(noun, _)| *noun != "customer") {
        let records = records_of_kind(sheet, noun);
        let in_focus: Vec<usize> = focus
            .subjects
            .iter()
            .map(|&subject| sheet.record_of(subject))
            .filter(|record| records.contains(record))
            .collect();
        let is_plural = text.iter().any(|word| word.text != word.stem && stem(noun) == word.stem);
        if !in_focus.is_empty() && !is_plural {
            return resolution(deduplicated(in_focus), Found::Focus);
        }
        if !records.is_empty() {
            // "why is my order delayed": the one that is.
            let said: Vec<usize> = records
                .iter()
                .copied()
                .filter(|&record| sheet.facts_of(record).any(|fact| is_state_said(text, fact)))
                .collect();
            let meant = if said.is_empty() || is_plural { records } else { said };
            return resolution(meant, Found::Noun);
        }
    }
    if !focus.subjects.is_empty() {
        return resolution(focus.subjects.clone(), Found::Focus);
    }
    resolution(owned_records(sheet), Found::Guess)
}

fn identified(text: &[Word], found: &Mentions, sheet: &FactSheet) -> Vec<usize> {
    let records: Vec<usize> =
        found.identified.iter().map(|&subject| sheet.record_of(subject)).collect();
    let named: Vec<usize> = found
        .named
        .iter()
        .copied()
        .filter(|&subject| {
            records.contains(&sheet.record_of(subject)) && sheet.subjects[subject].parent.is_some()
        })
        .collect();
    if !named.is_empty() {
        return narrowed_by_traits(text, sheet, &named);
    }
    // "the blue one in order #W1"
    let listed: Vec<usize> = found
        .identified
        .iter()
        .flat_map(|&subject| sheet.children_of(subject).collect::<Vec<_>>())
        .collect();
    let narrowed = narrowed_by_traits(text, sheet, &listed);
    let speaks_of_one = text.iter().any(|word| matches!(word.text.as_str(), "one" | "item"));
    if speaks_of_one && !narrowed.is_empty() && narrowed.len() < listed.len() {
        return narrowed;
    }
    found.identified.clone()
}

/// True if the text says the state that a record is in.
fn is_state_said(text: &[Word], fact: &Fact) -> bool {
    fact.attribute.last().is_some_and(|word| word == "status" || word == "state")
        && !fact.is_part
        && find_sequence(text, &stems(&fact.spoken)).is_some()
}
