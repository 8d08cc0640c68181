//! What the conversation before a message was about, read from its text alone.

use std::collections::HashSet;

use crate::retrieve::fact::FactSheet;
use crate::turn::lexicon::Lexicon;
use crate::turn::mention::mentions;
use crate::turn::traits::narrowed_by_traits;
use crate::turn::types::{Role, Utterance};
use crate::turn::words::words;

/// What the conversation before the message was about: subjects of the latest utterance that
/// mentions any.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Focus {
    /// The subjects, records or items.
    pub subjects: Vec<usize>,
    /// The same, but only what was offered in the agent's last question.
    pub offered: Vec<usize>,
}

/// How many utterances back the focus is looked for.
const FOCUS_REACH: usize = 8;

/// Finds what the utterances before the message were about, newest first.
pub fn focus(history: &[Utterance], sheet: &FactSheet, lexicon: &Lexicon) -> Focus {
    let mut focus = Focus::default();
    for (back, utterance) in history.iter().rev().take(FOCUS_REACH).enumerate() {
        let subjects = subjects_of(&utterance.text, sheet, lexicon);
        if subjects.is_empty() {
            continue;
        }
        let is_question = utterance.role == Role::Agent && utterance.text.trim_end().ends_with('?');
        if back == 0 && is_question && subjects.len() > 1 {
            focus.offered = subjects.clone();
        }
        focus.subjects = subjects;
        break;
    }
    focus
}

/// The subjects that a text is about: the one item that it names, else the records it identifies.
fn subjects_of(text: &str, sheet: &FactSheet, lexicon: &Lexicon) -> Vec<usize> {
    let found = mentions(text, sheet, lexicon);
    let text_words = words(text);
    let lower = text.to_lowercase();
    let mut named: Vec<usize> = (0..sheet.subjects.len())
        .filter(|&index| {
            let subject = &sheet.subjects[index];
            subject.parent.is_some()
                && subject.name.len() > 3
                && lower.contains(&subject.name.to_lowercase())
        })
        .collect();
    if named.is_empty() {
        named = narrowed_by_traits(&text_words, sheet, &found.named);
    }
    if !found.identified.is_empty() {
        let records: Vec<usize> =
            found.identified.iter().map(|&subject| sheet.record_of(subject)).collect();
        named.retain(|&subject| records.contains(&sheet.record_of(subject)));
        let item = found
            .identified
            .iter()
            .copied()
            .find(|&subject| sheet.subjects[subject].parent.is_some());
        if let Some(item) = item.filter(|_| named.is_empty()) {
            return vec![item];
        }
        let distinct: HashSet<usize> = records.iter().copied().collect();
        if named.len() == 1 && distinct.len() == 1
            || named.len() == distinct.len() && named.len() > 1
        {
            return named;
        }
        let mut records: Vec<usize> = records;
        records.dedup();
        return records;
    }
    named
}
