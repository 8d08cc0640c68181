//! What a text mentions of the things on a fact sheet: by identifier, by name, by place in time
//! ("my last order") or in a list ("the second one").

use std::collections::{HashMap, HashSet};

use super::lexicon::Lexicon;
use super::traits::is_trait_named;
use super::words::{Word, is_function_word, is_same_word, stems, words};
use crate::retrieve::fact::FactSheet;

/// What a text mentions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mentions {
    /// Subjects whose identifier stands in the text, in its order.
    pub identified: Vec<usize>,
    /// Identifiers in the text that name nothing on the sheet.
    pub unknown: Vec<String>,
    /// Subjects called by their name, best matches only.
    pub named: Vec<usize>,
    /// Words of the text (by index) that names and identifiers account for.
    pub name_words: Vec<usize>,
    /// "last", "first", "previous" before a kind of record.
    pub recency: Option<Recency>,
    /// "the second one": its place from 0; "the last one" of a list is `usize::MAX`.
    pub ordinal: Option<usize>,
}

/// A place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recency {
    /// The newest, or one before it: `Last(1)` is the one before the last.
    Last(usize),
    /// The oldest.
    First,
}

/// Shortest run of letters and digits that is taken for an identifier nobody knows.
const SHORTEST_UNKNOWN: usize = 5;

/// Finds the mentions of a text.
pub fn mentions(text: &str, sheet: &FactSheet, lexicon: &Lexicon) -> Mentions {
    let text_words = words(text);
    let mut found = Mentions::default();
    find_identifiers(text, &text_words, sheet, &mut found);
    find_names(&text_words, sheet, lexicon, &mut found);
    find_recency(&text_words, &mut found);
    found
}

/// Letters and digits only, in upper case.
fn bare(identifier: &str) -> String {
    identifier.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn find_identifiers(text: &str, text_words: &[Word], sheet: &FactSheet, found: &mut Mentions) {
    let mut known: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, subject) in sheet.subjects.iter().enumerate() {
        for identifier in &subject.identifiers {
            let whole = bare(identifier);
            let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
            let is_long_number = digits.len() >= 4
                && whole.trim_start_matches(|c: char| c.is_alphabetic()) == digits;
            if is_long_number && digits != whole {
                known.entry(digits).or_default().push(index);
            }
            known.entry(whole).or_default().push(index);
        }
    }
    let mut index = 0;
    while index < text_words.len() {
        // An identifier may be written with spaces or dashes: up to four words joined.
        let longest = (1..=4.min(text_words.len() - index)).rev().find_map(|length| {
            let run = &text_words[index..index + length];
            let joined = bare(&text[run[0].start..run[length - 1].end]);
            let is_identifier = joined.chars().any(|c| c.is_ascii_digit()) && joined.len() >= 3;
            let subjects = known.get(&joined).filter(|_| is_identifier)?;
            Some((length, subjects.clone()))
        });
        let Some((length, subjects)) = longest else {
            note_unknown(text, &text_words[index], found);
            index += 1;
            continue;
        };
        for subject in subjects {
            if !found.identified.contains(&subject) {
                found.identified.push(subject);
            }
        }
        found.name_words.extend(index..index + length);
        index += length;
    }
}

fn note_unknown(text: &str, word: &Word, found: &mut Mentions) {
    let written = &text[word.start..word.end];
    let before = text[..word.start].chars().next_back();
    let digits = written.chars().filter(char::is_ascii_digit).count();
    let has_letters = written.chars().any(char::is_alphabetic);
    let is_amount =
        matches!(before, Some('$' | '€' | '£' | '@' | '.')) || written.contains(['.', ',']);
    // "20000mAh", "128GB": a number with its unit.
    let unit = written.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_measure = has_letters && unit.len() <= 4 && unit.chars().all(char::is_alphabetic);
    let marked = matches!(before, Some('#' | '-')) && digits >= 3;
    let looks_like_one = written.len() >= SHORTEST_UNKNOWN && digits >= 4;
    if (looks_like_one || marked) && !is_amount && !is_measure {
        found.unknown.push(written.to_string());
    }
}

fn find_names(text_words: &[Word], sheet: &FactSheet, lexicon: &Lexicon, found: &mut Mentions) {
    // The customer's own things and the catalogue's apart: "my tent" is the one tent bought, however
    // many the catalogue has.
    let mut scored = named_in(text_words, sheet, lexicon, true);
    scored.extend(named_in(text_words, sheet, lexicon, false));
    // An identifier says which record is meant: names elsewhere are chance words.
    if !found.identified.is_empty() {
        let records: HashSet<usize> =
            found.identified.iter().map(|&subject| sheet.record_of(subject)).collect();
        scored.retain(|(subject, _, _)| records.contains(&sheet.record_of(*subject)));
    }
    // A name said in full makes chance words of other names ("water" for "Water Bottle") unlikely.
    if scored.iter().any(|(_, share, _)| *share >= 0.9) {
        scored.retain(|(_, share, _)| *share >= 0.6);
    }
    drop_names_within_traits(text_words, sheet, &mut scored);
    // "Which card did I pay with?" asks for a field; it names no gift card that is sold.
    let asking = lexicon.cues(text_words);
    scored.retain(|(subject, share, matched)| {
        sheet.subjects[*subject].owned
            || *share >= 0.9
            || !asking.iter().any(|cue| {
                cue.end - cue.start > 1
                    && matched.iter().all(|place| (cue.start..cue.end).contains(place))
            })
    });
    // Among names that share words, the one matched by more of the text is meant.
    let best_for = |words: &Vec<usize>, owned: bool| {
        scored
            .iter()
            .filter(|(subject, _, other)| {
                sheet.subjects[*subject].owned == owned
                    && other.iter().any(|word| words.contains(word))
            })
            .map(|(_, share, other)| (other.len(), *share))
            .fold((0, 0.0_f32), |best, next| (best.0.max(next.0), best.1.max(next.1)))
    };
    for (subject, share, matched) in &scored {
        let (most_words, best_share) = best_for(matched, sheet.subjects[*subject].owned);
        let keeps = matched.len() == most_words && *share >= best_share * 0.75
            || *share >= best_share * 0.98;
        if keeps && !found.named.contains(subject) {
            found.named.push(*subject);
            found.name_words.extend(matched);
        }
    }
    found.name_words.sort_unstable();
    found.name_words.dedup();
}

/// Subjects, owned or public, whose name the text says, with the share of the name said and the
/// words that say it.
fn named_in(
    text_words: &[Word],
    sheet: &FactSheet,
    lexicon: &Lexicon,
    owned: bool,
) -> Vec<(usize, f32, Vec<usize>)> {
    let names: Vec<(usize, Vec<String>)> = sheet
        .subjects
        .iter()
        .enumerate()
        .filter(|(_, subject)| !subject.is_customer && subject.owned == owned)
        .flat_map(|(index, subject)| subject.called.iter().map(move |name| (index, stems(name))))
        .filter(|(_, name)| !is_customers_name(name, sheet))
        .collect();
    let distinct: HashSet<&Vec<String>> = names.iter().map(|(_, name)| name).collect();
    let mut in_names: HashMap<&str, f32> = HashMap::new();
    for word in distinct.iter().flat_map(|name| name.iter()) {
        *in_names.entry(word).or_default() += 1.0;
    }
    let rarity = |word: &str| {
        let common = if is_function_word(word) { 0.1 } else { 1.0 };
        common / (1.0 + in_names.get(word).copied().unwrap_or(0.0)).ln()
    };
    let mut scored = Vec::new();
    for (subject, name) in &names {
        let mut matched: Vec<usize> = Vec::new();
        let mut weight = 0.0;
        let mut content = 0;
        for word in name {
            if let Some(places) = place_of(text_words, word, lexicon) {
                weight += rarity(word);
                content += usize::from(!is_function_word(word));
                matched.extend(places);
            }
        }
        let total: f32 = name.iter().map(|word| rarity(word)).sum();
        let share = weight / total.max(f32::EPSILON);
        let head = name.last().is_some_and(|head| place_of(text_words, head, lexicon).is_some());
        // A short name is meant by its head ("keyboard"); a long title by most of its words.
        let enough = match name.len() {
            0 => false,
            1..=5 => content >= 1 && ((head && share >= 0.2) || share >= 0.45),
            _ => content >= 2 && share >= 0.5,
        };
        if enough {
            matched.sort_unstable();
            matched.dedup();
            scored.push((*subject, share, matched));
        }
    }
    scored
}

/// The customer's own name stands in many records and names none of them.
fn is_customers_name(name: &[String], sheet: &FactSheet) -> bool {
    let own: HashSet<String> = sheet
        .facts
        .iter()
        .filter(|fact| {
            sheet.subjects[fact.subject].is_customer
                && fact
                    .attribute
                    .last()
                    .is_some_and(|word| matches!(word.as_str(), "name" | "first" | "last"))
        })
        .flat_map(|fact| stems(&fact.spoken))
        .collect();
    !name.is_empty() && name.iter().all(|word| own.contains(word))
}

/// "the backpack (navy, laptop)": the laptop is a property of the backpack, not a thing meant.
fn drop_names_within_traits(
    text_words: &[Word],
    sheet: &FactSheet,
    scored: &mut Vec<(usize, f32, Vec<usize>)>,
) {
    let said_as_trait = |of: usize, matched: &[usize]| {
        sheet.subjects[of].traits.iter().any(|property| {
            let value = stems(&property.value);
            matched.iter().all(|&word| value.contains(&text_words[word].stem))
                && is_trait_named(text_words, &property.name, &property.value)
        })
    };
    let dropped: Vec<bool> = scored
        .iter()
        .map(|(subject, _, matched)| {
            scored.iter().any(|(other, _, _)| {
                sheet.subjects[*other].called != sheet.subjects[*subject].called
                    && said_as_trait(*other, matched)
            })
        })
        .collect();
    let mut place = 0;
    scored.retain(|_| {
        place += 1;
        !dropped[place - 1]
    });
}

/// The words of the text that say `word`: itself, a misspelling, or two words run together
/// ("t shirt" for "tshirt", "ereader" for "e reader").
fn place_of(text_words: &[Word], word: &str, lexicon: &Lexicon) -> Option<Vec<usize>> {
    if let Some(index) = text_words.iter().position(|candidate| candidate.stem == word) {
        return Some(vec![index]);
    }
    if word.len() > 3 {
        let pair = (1..text_words.len()).find(|&second| {
            format!("{}{}", text_words[second - 1].text, text_words[second].stem) == word
        });
        if let Some(second) = pair {
            return Some(vec![second - 1, second]);
        }
        let joined = text_words.iter().position(|candidate| {
            candidate.stem.len() > word.len()
                && candidate.stem.ends_with(word)
                && candidate.stem.len() <= word.len() + 2
        });
        if let Some(index) = joined {
            return Some(vec![index]);
        }
    }
    text_words
        .iter()
        .position(|candidate| is_same_word(&candidate.stem, word) && !lexicon.knows(candidate))
        .map(|index| vec![index])
}

fn find_recency(text_words: &[Word], found: &mut Mentions) {
    for (index, word) in text_words.iter().enumerate() {
        let next = text_words.get(index + 1).map(|word| word.stem.as_str());
        let one_follows = matches!(next, Some("one")) || next.is_none();
        match word.text.as_str() {
            "last" | "latest" | "newest" | "recent"
                if !matches!(
                    next,
                    Some("name" | "four" | "digit" | "time" | "week" | "month" | "year" | "night")
                ) =>
            {
                let before_last = index > 0
                    && matches!(text_words[index - 1].text.as_str(), "second" | "next")
                    || index > 1
                        && text_words[index - 1].text == "to"
                        && matches!(text_words[index - 2].text.as_str(), "second" | "next");
                found.recency = Some(Recency::Last(usize::from(before_last)));
                if one_follows && word.text == "last" {
                    found.ordinal = Some(usize::MAX);
                }
            }
            "previous" => found.recency = Some(Recency::Last(1)),
            "oldest" | "earliest" => found.recency = Some(Recency::First),
            "first" | "1st" if !matches!(next, Some("name" | "time" | "of")) => {
                if one_follows {
                    found.ordinal = Some(0);
                }
                found.recency = Some(Recency::First);
            }
            "former" => found.ordinal = Some(0),
            "latter" => found.ordinal = Some(usize::MAX),
            "second" | "2nd" if found.recency.is_none() && !matches!(next, Some("to" | "last")) => {
                found.ordinal = Some(1)
            }
            "third" | "3rd" => found.ordinal = Some(2),
            "fourth" | "4th" => found.ordinal = Some(3),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::retrieve::record::Record;

    fn sheet() -> FactSheet {
        let order = |id: &str, item: serde_json::Value| Record {
            kind: "order".to_string(),
            id: id.to_string(),
            customer_id: Some("c1".to_string()),
            fields: json!({"status": "pending", "items": [item]})
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        FactSheet::of(
            &[
                order(
                    "#W1234567",
                    json!({"name": "Mechanical Keyboard", "item_id": "555001", "options": {"color": "blue", "size": "M"}}),
                ),
                order(
                    "FH-20417",
                    json!({"name": "Tea Kettle", "item_id": "555002", "options": {"color": "red", "capacity": "1000ml"}}),
                ),
            ],
            &Default::default(),
        )
    }

    #[test]
    fn identifiers_are_found_however_they_are_written() {
        let sheet = sheet();
        let lexicon = Lexicon::without_meaning();
        for text in ["order #W1234567?", "w1234567", "order 1234567 please", "#w 1234567"] {
            assert_eq!(mentions(text, &sheet, &lexicon).identified, [0], "{text}");
        }
        for text in ["FH-20417", "fh20417", "my order 20417", "FH 20417"] {
            assert_eq!(mentions(text, &sheet, &lexicon).identified, [2], "{text}");
        }
        let stranger = mentions("what about #W7654321", &sheet, &lexicon);
        assert!(stranger.identified.is_empty());
        assert_eq!(stranger.unknown, ["W7654321"]);
        assert!(mentions("I paid $12345.00 for 1000ml", &sheet, &lexicon).unknown.is_empty());
    }

    #[test]
    fn things_are_found_by_part_of_their_name() {
        let sheet = sheet();
        let lexicon = Lexicon::without_meaning();
        assert_eq!(mentions("how much was the keybaord", &sheet, &lexicon).named, [1]);
        assert_eq!(mentions("the kettle please", &sheet, &lexicon).named, [3]);
    }

    #[test]
    fn places_in_time_are_not_confused_with_last_names() {
        let sheet = sheet();
        let lexicon = Lexicon::without_meaning();
        assert_eq!(mentions("my last order", &sheet, &lexicon).recency, Some(Recency::Last(0)));
        assert_eq!(
            mentions("second to last order", &sheet, &lexicon).recency,
            Some(Recency::Last(1))
        );
        assert_eq!(mentions("my last name", &sheet, &lexicon).recency, None);
        assert_eq!(mentions("the second one", &sheet, &lexicon).ordinal, Some(1));
    }
}
