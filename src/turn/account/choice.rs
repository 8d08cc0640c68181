//! Which thing is picked from what was offered or talked of: "the second one", "and the blue one?"

use super::deduplicated;
use super::focus::Focus;
use super::recency::pick_by_time;
use crate::retrieve::fact::FactSheet;
use crate::turn::mention::Mentions;
use crate::turn::traits::{narrowed_by_traits, trait_matches};
use crate::turn::words::{Word, find_sequence, stems};

/// "the second one", "the blue one", "the keyboard", after the agent offered a choice.
pub(super) fn chosen_from_offer(
    text: &[Word],
    found: &Mentions,
    focus: &Focus,
    sheet: &FactSheet,
) -> Option<Vec<usize>> {
    if focus.offered.is_empty() {
        return None;
    }
    if let Some(ordinal) = found.ordinal {
        let place = if ordinal == usize::MAX { focus.offered.len() - 1 } else { ordinal };
        return focus.offered.get(place).map(|&subject| vec![subject]);
    }
    if let Some(recency) = found.recency {
        return pick_by_time(&focus.offered, recency, sheet).map(|subject| vec![subject]);
    }
    if text.iter().any(|word| matches!(word.text.as_str(), "both" | "all" | "each" | "either")) {
        return Some(focus.offered.clone());
    }
    // A word that stands in the facts of one of them only: its status, its city, a trait.
    let matching: Vec<usize> = focus
        .offered
        .iter()
        .copied()
        .filter(|&subject| {
            trait_matches(text, sheet, subject) > 0
                || sheet.children_of(subject).any(|child| trait_matches(text, sheet, child) > 0)
                || sheet.facts_of(subject).any(|fact| says_value(text, &fact.spoken))
        })
        .collect();
    (!matching.is_empty() && matching.len() < focus.offered.len()).then_some(matching)
}

fn says_value(text: &[Word], value: &str) -> bool {
    let wanted = stems(value);
    let is_word = wanted.len() <= 3 && wanted.iter().any(|word| word.len() > 3);
    is_word && find_sequence(text, &wanted).is_some()
}

/// "and the blue one?" after the conversation was about something like it.
pub(super) fn chosen_by_trait(text: &[Word], focus: &Focus, sheet: &FactSheet) -> Vec<usize> {
    let speaks_of_one = text
        .iter()
        .any(|word| matches!(word.text.as_str(), "one" | "ones" | "size" | "color" | "in"));
    if !speaks_of_one || focus.subjects.is_empty() {
        return Vec::new();
    }
    let like: Vec<usize> = focus
        .subjects
        .iter()
        .flat_map(|&subject| {
            let around = sheet.subjects[subject].parent.unwrap_or(subject);
            sheet
                .children_of(around)
                .filter(move |&child| {
                    sheet.subjects[subject].parent.is_none()
                        || sheet.subjects[child].called == sheet.subjects[subject].called
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let like = deduplicated(like);
    let narrowed = narrowed_by_traits(text, sheet, &like);
    if narrowed.len() < like.len() { narrowed } else { Vec::new() }
}
