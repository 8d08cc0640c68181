//! Which of the things called by a name is meant: the customer's or the shop's, the thing or the
//! record it stands in.

use super::deduplicated;
use super::focus::Focus;
use super::kinds::records_of_kind;
use super::leaning::Leaning;
use crate::retrieve::fact::FactSheet;
use crate::turn::mention::Mentions;
use crate::turn::traits::{narrowed_by_traits, trait_matches};
use crate::turn::words::Word;

/// Things called by name: those of the record meant, the customer's own or the catalogue's, and
/// among these the ones with the options named.
pub(super) fn named(
    text: &[Word],
    found: &Mentions,
    focus: &Focus,
    recent: Option<usize>,
    lean: Leaning,
    sheet: &FactSheet,
) -> Vec<usize> {
    let is_owned = |&subject: &usize| sheet.subjects[subject].owned;
    let owned: Vec<usize> = found.named.iter().copied().filter(is_owned).collect();
    let public: Vec<usize> =
        found.named.iter().copied().filter(|subject| !is_owned(subject)).collect();
    let in_record = |record: usize| -> Vec<usize> {
        owned.iter().copied().filter(|&subject| sheet.record_of(subject) == record).collect()
    };
    if let Some(record) = recent {
        let within = in_record(record);
        if !within.is_empty() {
            return narrowed_by_traits(text, sheet, &within);
        }
        return vec![record];
    }
    // "the boots in size 11", when the boots bought are of another size.
    let best_traits = |subjects: &[usize]| {
        subjects.iter().map(|&subject| trait_matches(text, sheet, subject)).max().unwrap_or(0)
    };
    let fits_shop_better = best_traits(&public) > best_traits(&owned) && !lean.own;
    if owned.is_empty() || ((lean.shop || fits_shop_better) && !public.is_empty()) {
        return public_narrowed(text, sheet, &public);
    }
    let focused: Vec<usize> =
        focus.subjects.iter().flat_map(|&subject| in_record(sheet.record_of(subject))).collect();
    let candidates = if focused.is_empty() { owned } else { deduplicated(focused) };
    narrowed_by_traits(text, sheet, &candidates)
}

/// "my tent order", "the order with the tent": the record is meant, not the thing in it.
pub(super) fn record_instead(
    text: &[Word],
    found: &Mentions,
    nouns: &[(String, usize)],
    named: Vec<usize>,
    sheet: &FactSheet,
) -> Vec<usize> {
    let speaks_of_record = nouns.iter().any(|(noun, place)| {
        if records_of_kind(sheet, noun).is_empty() {
            return false;
        }
        let after_name = *place > 0 && found.name_words.contains(&(place - 1));
        let before_name = text[*place..].iter().skip(1).take(3).any(|word| {
            matches!(
                word.text.as_str(),
                "with" | "containing" | "contains" | "that" | "has" | "had" | "including" | "of"
            )
        });
        after_name || before_name
    });
    if !speaks_of_record {
        return named;
    }
    deduplicated(
        named
            .into_iter()
            .map(
                |subject| {
                    if sheet.subjects[subject].owned { sheet.record_of(subject) } else { subject }
                },
            )
            .collect(),
    )
}

/// Catalogue records that are called what the customer's things are called.
pub(super) fn public_of_same_name(
    owned: &[usize],
    public: &[usize],
    sheet: &FactSheet,
) -> Vec<usize> {
    let same = |subject: &usize| {
        sheet.subjects[*subject].parent.is_none()
            && owned
                .iter()
                .any(|&own| sheet.subjects[own].called == sheet.subjects[*subject].called)
    };
    public.iter().copied().filter(same).collect()
}

/// A product, or those of its variants that have the options named.
fn public_narrowed(text: &[Word], sheet: &FactSheet, public: &[usize]) -> Vec<usize> {
    let variants: Vec<usize> = public
        .iter()
        .copied()
        .filter(|&subject| sheet.subjects[subject].parent.is_some())
        .collect();
    let narrowed = narrowed_by_traits(text, sheet, &variants);
    if narrowed.len() < variants.len() && !narrowed.is_empty() {
        return narrowed;
    }
    let records: Vec<usize> = public
        .iter()
        .copied()
        .filter(|&subject| sheet.subjects[subject].parent.is_none())
        .collect();
    if records.is_empty() { variants } else { records }
}
