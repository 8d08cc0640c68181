//! Which record is meant by its place in time: "my last order", "the first one".

use super::focus::Focus;
use super::kinds::{main_kind, records_of_kind};
use super::leaning::Leaning;
use crate::retrieve::fact::FactSheet;
use crate::turn::mention::Recency;

pub(super) fn recent_record(
    recency: Recency,
    nouns: &[(String, usize)],
    focus: &Focus,
    sheet: &FactSheet,
    lean: Leaning,
) -> Option<usize> {
    let of_noun = nouns
        .iter()
        .map(|(noun, _)| records_of_kind(sheet, noun))
        .find(|records| !records.is_empty());
    let records = match of_noun {
        Some(records) => records,
        // "the last thing I bought", "my previous one": of the kind talked of, or the main kind.
        None if lean.own || !focus.subjects.is_empty() => {
            let noun = focus
                .subjects
                .first()
                .map(|&subject| sheet.subjects[sheet.record_of(subject)].noun.clone())
                .or_else(|| main_kind(sheet))?;
            records_of_kind(sheet, &noun)
        }
        None => return None,
    };
    pick_by_time(&records, recency, sheet)
}

pub(super) fn pick_by_time(
    records: &[usize],
    recency: Recency,
    sheet: &FactSheet,
) -> Option<usize> {
    let mut by_time = records.to_vec();
    // Stable: without dates the order of import stands.
    if by_time.iter().all(|&record| sheet.subjects[record].when.is_some()) {
        by_time.sort_by(|&left, &right| sheet.subjects[left].when.cmp(&sheet.subjects[right].when));
    }
    match recency {
        Recency::First => by_time.first().copied(),
        Recency::Last(before) => by_time.len().checked_sub(before + 1).map(|place| by_time[place]),
    }
}
