//! Which things on the fact sheet a message is about.

use super::described::{by_description, is_known_value};
use crate::retrieve::fact::FactSheet;
use crate::turn::lexicon::Lexicon;
use crate::turn::mention::{Mentions, Recency, mentions, trait_matches};
use crate::turn::types::Utterance;
use crate::turn::words::{Word, words};

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
        let is_question = utterance.role == crate::turn::types::Role::Agent
            && utterance.text.trim_end().ends_with('?');
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
        let distinct: std::collections::HashSet<usize> = records.iter().copied().collect();
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

/// Keeps the subjects with the most traits named in the text, if any trait is.
pub fn narrowed_by_traits(text: &[Word], sheet: &FactSheet, subjects: &[usize]) -> Vec<usize> {
    let counts: Vec<usize> =
        subjects.iter().map(|&subject| trait_matches(text, sheet, subject)).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return subjects.to_vec();
    }
    subjects
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count == most)
        .map(|(subject, _)| *subject)
        .collect()
}

/// What the words of a message say about whose thing is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leaning {
    /// "my", "I ordered", "did I pay".
    pub own: bool,
    /// "do you sell", "in stock", "how much is a".
    pub shop: bool,
}

/// Reads the leaning of a message.
pub fn leaning(text: &[Word]) -> Leaning {
    let says = |wanted: &[&str]| text.iter().any(|word| wanted.contains(&word.text.as_str()));
    let phrase = |wanted: &[&str]| {
        text.windows(wanted.len())
            .any(|run| run.iter().zip(wanted).all(|(word, wanted)| word.text == *wanted))
    };
    let own = says(&[
        "my",
        "mine",
        "our",
        "ordered",
        "bought",
        "purchased",
        "paid",
        "booked",
        "received",
        "got",
        "chose",
        "picked",
    ]) || phrase(&["did", "i"])
        || phrase(&["i", "order"])
        || phrase(&["have", "i"])
        || phrase(&["do", "i", "have"])
        || phrase(&["do", "i", "owe"])
        || phrase(&["do", "i", "still"])
        || phrase(&["for", "me"])
        || phrase(&["am", "i"]);
    let shop = phrase(&["do", "you", "have"])
        || phrase(&["do", "you", "sell"])
        || phrase(&["do", "you", "carry"])
        || phrase(&["do", "you", "offer"])
        || phrase(&["you", "got"])
        || phrase(&["come", "in"])
        || phrase(&["comes", "in"])
        || phrase(&["how", "much", "is", "a"])
        || phrase(&["how", "much", "are"])
        || phrase(&["how", "much", "for"])
        || phrase(&["can", "i", "buy"])
        || phrase(&["can", "i", "get"])
        || phrase(&["can", "i", "order"])
        || phrase(&["can", "i", "still"])
        || phrase(&["sold", "out"])
        || phrase(&["do", "you", "charge"])
        || phrase(&["interested", "in"])
        || phrase(&["looking", "for"])
        || phrase(&["i", "want", "to", "buy"])
        || says(&[
            "stock",
            "available",
            "availability",
            "sell",
            "catalog",
            "catalogue",
            "buy",
            "purchase",
        ]);
    let speaks_of_past =
        says(&["my", "mine", "ordered", "bought", "purchased", "paid", "booked", "received"])
            || phrase(&["did", "i"])
            || phrase(&["have", "i"]);
    Leaning { own, shop: shop && !speaks_of_past }
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
    let is_value = |unknown: &String| {
        let written = unknown.to_lowercase();
        text.iter()
            .position(|word| word.text == written)
            .is_some_and(|place| is_known_value(text, place, sheet))
    };
    if found.unknown.iter().any(|unknown| !is_value(unknown)) {
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
    let in_recent: Vec<usize> = recent.into_iter().collect();
    let names_own_thing = found.named.iter().any(|&subject| {
        let record = &sheet.subjects[sheet.record_of(subject)];
        record.owned && (nouns.is_empty() || nouns.iter().any(|(noun, _)| *noun == record.noun))
    });
    let describes_own = found.named.is_empty() || lean.own || !nouns.is_empty();
    let is_choice = !focus.offered.is_empty();
    if !names_own_thing
        && !is_choice
        && describes_own
        && (recent.is_none() || found.named.is_empty())
    {
        let described = by_description(text, &nouns, &in_recent, &focus.subjects, sheet);
        if !described.is_empty() {
            return resolution(described, Found::Name);
        }
    }
    if !found.named.is_empty() {
        let names_owned_kind =
            nouns.iter().any(|(noun, _)| !records_of_kind(sheet, noun).is_empty());
        let lean = Leaning { shop: lean.shop && !names_owned_kind, ..lean };
        let named = of_kinds_said(named(text, found, focus, recent, lean, sheet), &nouns, sheet);
        let points_back = text.iter().any(|word| matches!(word.text.as_str(), "it" | "its"));
        let only_sold = named.iter().all(|&subject| !sheet.subjects[subject].owned);
        // "What kind of room did I book for my stay?": a word of the catalogue's, but no thing of it.
        let is_about_own = !lean.shop
            && (lean.own && names_owned_kind || points_back && !focus.subjects.is_empty());
        if !named.is_empty() && !(only_sold && is_about_own) {
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
        let is_plural = text
            .iter()
            .any(|word| word.text != word.stem && crate::turn::words::stem(noun) == word.stem);
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
    // "flight NW225 on booking K7": the flight, not all of the booking.
    let parts: Vec<usize> = found
        .identified
        .iter()
        .copied()
        .filter(|&subject| sheet.subjects[subject].parent.is_some())
        .collect();
    if !parts.is_empty() {
        return parts;
    }
    let described = by_description(text, &[], &records, &[], sheet);
    if !described.is_empty() {
        return described;
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

/// Things called by name: those of the record meant, the customer's own or the catalogue's, and
/// among these the ones with the options named.
fn named(
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
fn record_instead(
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

/// "the return of the tarp": the return, not the order that the tarp is in as well.
fn of_kinds_said(named: Vec<usize>, nouns: &[(String, usize)], sheet: &FactSheet) -> Vec<usize> {
    let is_of_kind = |&subject: &usize| {
        let noun = &sheet.subjects[sheet.record_of(subject)].noun;
        nouns.iter().any(|(said, _)| said == noun)
    };
    let kept: Vec<usize> = named.iter().copied().filter(is_of_kind).collect();
    if kept.is_empty() { named } else { kept }
}

/// Catalogue records that are called what the customer's things are called.
fn public_of_same_name(owned: &[usize], public: &[usize], sheet: &FactSheet) -> Vec<usize> {
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

/// "the second one", "the blue one", "the keyboard", after the agent offered a choice.
fn chosen_from_offer(
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

/// True if the text says the state that a record is in.
fn is_state_said(text: &[Word], fact: &crate::retrieve::fact::Fact) -> bool {
    fact.attribute.last().is_some_and(|word| word == "status" || word == "state")
        && !fact.is_part
        && crate::turn::words::find_sequence(text, &crate::turn::words::stems(&fact.spoken))
            .is_some()
}

fn says_value(text: &[Word], value: &str) -> bool {
    let wanted = crate::turn::words::stems(value);
    let is_word = wanted.len() <= 3 && wanted.iter().any(|word| word.len() > 3);
    is_word && crate::turn::words::find_sequence(text, &wanted).is_some()
}

/// "and the blue one?" after the conversation was about something like it.
fn chosen_by_trait(text: &[Word], focus: &Focus, sheet: &FactSheet) -> Vec<usize> {
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

fn recent_record(
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

fn pick_by_time(records: &[usize], recency: Recency, sheet: &FactSheet) -> Option<usize> {
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
fn owned_records(sheet: &FactSheet) -> Vec<usize> {
    record_kinds(sheet).iter().flat_map(|kind| records_of_kind(sheet, kind)).collect()
}

fn deduplicated(mut subjects: Vec<usize>) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    subjects.retain(|subject| seen.insert(*subject));
    subjects
}
