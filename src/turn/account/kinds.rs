//! The customer's records by kind, as the fact sheet has them.

use crate::retrieve::fact::FactSheet;

/// Kinds of record on the sheet, the customer's own first.
pub fn record_kinds(sheet: &FactSheet) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for owned in [true, false] {
        for subject in sheet
            .subjects
            .iter()
            .filter(|subject| subject.parent.is_none() && subject.owned == owned)
        {
            if !kinds.contains(&subject.noun) {
                kinds.push(subject.noun.clone());
            }
        }
    }
    kinds
}

/// The customer's records of a kind, in the order of import.
pub fn records_of_kind(sheet: &FactSheet, kind: &str) -> Vec<usize> {
    (0..sheet.subjects.len())
        .filter(|&index| {
            let subject = &sheet.subjects[index];
            subject.parent.is_none()
                && subject.owned
                && !subject.is_customer
                && subject.noun == kind
        })
        .collect()
}

/// The kind that the customer has most of and that lists things: orders rather than tickets.
pub fn main_kind(sheet: &FactSheet) -> Option<String> {
    let mut kinds: Vec<String> = record_kinds(sheet);
    kinds.retain(|kind| !records_of_kind(sheet, kind).is_empty());
    kinds.into_iter().max_by_key(|kind| {
        let records = records_of_kind(sheet, kind);
        let lists = records.iter().any(|&record| sheet.children_of(record).next().is_some());
        (lists, records.len())
    })
}

/// All that may be meant when nothing is named: the customer's records of every kind.
pub(super) fn owned_records(sheet: &FactSheet) -> Vec<usize> {
    record_kinds(sheet).iter().flat_map(|kind| records_of_kind(sheet, kind)).collect()
}
