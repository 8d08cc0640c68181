//! Things called by what is in them: "my flight to Denver", "the Toyota repair", "the bill from July 2",
//! "the car with plate CBW-6878". Any value of a thing can name it, if it tells it from its like.

use std::collections::HashSet;

use crate::retrieve::fact::wording::is_date;
use crate::retrieve::fact::{Fact, FactSheet};
use crate::turn::words::{Word, find_sequence, is_function_word, stems, words};

/// Fields that say how a thing stands, or how to reach a person, and so name nothing.
const NO_DESCRIPTION: &[&str] =
    &["status", "state", "email", "phone", "mobile", "note", "notes", "description", "currency"];
/// Fields that a place or date comes from, and where it leads.
const ORIGINS: &[&str] = &["origin", "from", "departure", "start", "source", "sender", "pickup"];
const DESTINATIONS: &[&str] = &["destination", "to", "arrival", "end", "recipient", "dropoff"];
/// Values of more words are prose.
const LONGEST_VALUE: usize = 5;
/// The weight of a value in a field of the wrong direction ("to Boston" for an origin).
const WRONG_DIRECTION: f32 = 0.4;

/// A value of a thing that the text says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    words: Vec<usize>,
    weight: f32,
}

/// What the text describes among the customer's things: of the kind that it speaks of, of what the
/// conversation is about before other records. `within` are records that the text names already.
pub fn by_description(
    text: &[Word],
    nouns: &[(String, usize)],
    within: &[usize],
    focus: &[usize],
    sheet: &FactSheet,
) -> Vec<usize> {
    let says_noun = |subject: usize| {
        let noun = stems(&sheet.subjects[subject].noun);
        !noun.is_empty() && find_sequence(text, &noun).is_some()
    };
    let owned =
        |subject: usize| sheet.subjects[subject].owned && !sheet.subjects[subject].is_customer;
    let listed: Vec<usize> = (0..sheet.subjects.len())
        .filter(|&subject| owned(subject) && sheet.subjects[subject].parent.is_some())
        .collect();
    let said_lists: Vec<usize> = listed.iter().copied().filter(|&child| says_noun(child)).collect();
    if !within.is_empty() {
        let inside = |list: &[usize]| -> Vec<usize> {
            list.iter().copied().filter(|&child| within.contains(&sheet.record_of(child))).collect()
        };
        let lists = if said_lists.is_empty() { inside(&listed) } else { inside(&said_lists) };
        return described(text, &lists, sheet).0;
    }
    let records: Vec<usize> = (0..sheet.subjects.len())
        .filter(|&subject| owned(subject) && sheet.subjects[subject].parent.is_none())
        .collect();
    let of_nouns: Vec<usize> = records
        .iter()
        .copied()
        .filter(|&record| nouns.iter().any(|(noun, _)| *noun == sheet.subjects[record].noun))
        .collect();
    let of_nouns = nearest_kind(text, nouns, of_nouns, sheet);
    let candidates = if !said_lists.is_empty() {
        // A record's only flight is no thing of its own: the record stands for it.
        let nouns: HashSet<&str> =
            said_lists.iter().map(|&child| sheet.subjects[child].noun.as_str()).collect();
        let alone = records.iter().copied().filter(|&record| {
            sheet
                .facts_of(record)
                .any(|fact| fact.within.iter().any(|word| nouns.contains(word.as_str())))
        });
        said_lists.iter().copied().chain(alone).collect()
    } else if of_nouns.is_empty() {
        records
    } else {
        of_nouns
    };
    let in_focus: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&subject| {
            focus.iter().any(|&about| sheet.record_of(about) == sheet.record_of(subject))
        })
        .collect();
    let found = described(text, &in_focus, sheet).0;
    if found.is_empty() { described(text, &candidates, sheet).0 } else { found }
}

/// "the car for my Subaru repair": of several kinds spoken of, the one whose word stands nearest to
/// what describes it.
fn nearest_kind(
    text: &[Word],
    nouns: &[(String, usize)],
    records: Vec<usize>,
    sheet: &FactSheet,
) -> Vec<usize> {
    if nouns.len() < 2 {
        return records;
    }
    let of_kind = |noun: &str| -> Vec<usize> {
        records.iter().copied().filter(|&record| sheet.subjects[record].noun == noun).collect()
    };
    let distance = |(noun, place): &&(String, usize)| {
        let words = described(text, &of_kind(noun), sheet).1;
        words.iter().map(|word| word.abs_diff(*place)).min()
    };
    let nearest = nouns.iter().filter(|noun| distance(noun).is_some()).min_by_key(distance);
    nearest.map_or_else(|| records.clone(), |(noun, _)| of_kind(noun))
}

/// Those of `candidates` that the text describes best, and the words that do; empty if it
/// describes none, or all alike.
pub fn described(
    text: &[Word],
    candidates: &[usize],
    sheet: &FactSheet,
) -> (Vec<usize>, HashSet<usize>) {
    let mut scored: Vec<(usize, f32, HashSet<usize>)> = Vec::new();
    for &candidate in candidates {
        let mut by_words: Vec<Said> = Vec::new();
        for fact in sheet.facts.iter().filter(|fact| {
            fact.subject == candidate || sheet.subjects[fact.subject].parent == Some(candidate)
        }) {
            let Some(said) = said_value(text, fact) else { continue };
            match by_words.iter_mut().find(|other| other.words == said.words) {
                Some(other) => other.weight = other.weight.max(said.weight),
                None => by_words.push(said),
            }
        }
        let weight: f32 = by_words.iter().map(|said| said.weight).sum();
        if weight > 0.0 {
            scored.push((candidate, weight, by_words.into_iter().flat_map(|s| s.words).collect()));
        }
    }
    let best = scored.iter().map(|(_, weight, _)| *weight).fold(0.0, f32::max);
    scored.retain(|(_, weight, _)| *weight >= best - 0.01);
    if candidates.len() > 1 && scored.len() == candidates.len() {
        return (Vec::new(), HashSet::new());
    }
    let words = scored.iter().flat_map(|(_, _, words)| words.iter().copied()).collect();
    (scored.into_iter().map(|(candidate, _, _)| candidate).collect(), words)
}

/// The words of the text that say the value of a fact, with their weight.
pub(super) fn said_value(text: &[Word], fact: &Fact) -> Option<Said> {
    let names = fact.attribute.iter().chain(&fact.within);
    if fact.derived || names.clone().any(|word| NO_DESCRIPTION.contains(&word.as_str())) {
        return None;
    }
    if let Some(value) = fact.raw.as_str().filter(|value| is_date(value)) {
        return said_date(text, value);
    }
    let value = match &fact.raw {
        serde_json::Value::String(_) => fact.spoken.as_str(),
        serde_json::Value::Number(number)
            if number.as_u64().is_some_and(|year| (1950..2100).contains(&year)) =>
        {
            fact.spoken.as_str()
        }
        _ => return None,
    };
    let mut wanted = stems(value);
    if wanted.first().is_some_and(|first| is_function_word(first)) {
        wanted.remove(0);
    }
    let is_code = value.chars().any(|c| c.is_ascii_digit());
    let is_long_enough = wanted.iter().any(|word| word.len() > 2 && !is_function_word(word));
    if wanted.is_empty() || wanted.len() > LONGEST_VALUE || !(is_long_enough || is_code) {
        return None;
    }
    let start = find_sequence(text, &wanted)?;
    let before = start.checked_sub(1).map(|index| text[index].text.as_str()).unwrap_or_default();
    let is_from = before == "from";
    let has = |list: &[&str]| names.clone().any(|word| list.contains(&word.as_str()));
    let wrong_way = if is_from { has(DESTINATIONS) } else { has(ORIGINS) };
    let direction = if wrong_way { WRONG_DIRECTION } else { 1.0 };
    let length = wanted.len();
    Some(Said {
        words: (start..start + length).collect(),
        weight: direction * (0.5 + 0.5 * length as f32),
    })
}

/// "July 2", "2 July", "July 2nd", "7/2", or the month alone at half the weight.
fn said_date(text: &[Word], value: &str) -> Option<Said> {
    let date: jiff::civil::Date = value.get(..10)?.parse().ok()?;
    let month = date.strftime("%B").to_string().to_lowercase();
    let short = month.chars().take(3).collect::<String>();
    let day = date.day().to_string();
    let is_day = |word: &Word| word.text.trim_end_matches(|c: char| c.is_alphabetic()) == day;
    let place = text.iter().position(|word| word.text == month || word.text == short);
    if let Some(place) = place {
        let beside = [place.checked_add(1), place.checked_sub(1)];
        let said = beside.into_iter().flatten().find(|&index| {
            text.get(index).is_some_and(|word| word.text.starts_with(|c: char| c.is_ascii_digit()))
        });
        return match said {
            Some(index) if is_day(&text[index]) => {
                Some(Said { words: vec![place.min(index), place.max(index)], weight: 1.5 })
            }
            Some(_) => None,
            // "may I …" names no month.
            None if month == "may" || month == "march" && text[place].text != "march" => None,
            None => Some(Said { words: vec![place], weight: 0.5 }),
        };
    }
    let numeric = [date.month().to_string(), day];
    let iso: Vec<String> = words(value.get(..10)?).into_iter().map(|word| word.text).collect();
    let start = find_sequence(text, &iso);
    if let Some(start) = start {
        return Some(Said { words: (start..start + iso.len()).collect(), weight: 1.5 });
    }
    let start = find_sequence(text, &numeric)?;
    Some(Said { words: vec![start, start + 1], weight: 1.2 })
}

/// True if the word stands in some value of the customer's things: an identifier that is known,
/// though no thing goes by it alone.
pub fn is_known_value(text: &[Word], place: usize, sheet: &FactSheet) -> bool {
    sheet
        .facts
        .iter()
        .any(|fact| said_value(text, fact).is_some_and(|said| said.words.contains(&place)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::retrieve::record::Record;

    fn sheet() -> FactSheet {
        let stay = |id: &str, city: &str, from: &str| Record {
            kind: "stay".to_string(),
            id: id.to_string(),
            customer_id: Some("c".to_string()),
            fields: json!({"hotel": {"city": city}, "check_in": from, "status": "confirmed"})
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        FactSheet::of(
            &[stay("S1", "Porto", "2026-07-02"), stay("S2", "Oslo", "2026-09-20")],
            &Default::default(),
        )
    }

    #[test]
    fn any_value_names_a_thing() {
        let sheet = sheet();
        let meant = |text: &str| described(&words(text), &[0, 1], &sheet).0;
        assert_eq!(meant("when does my Oslo stay start"), [1]);
        assert_eq!(meant("the stay from July 2nd"), [0]);
        assert_eq!(meant("my stay in September"), [1]);
        assert!(meant("is my stay confirmed").is_empty());
        assert!(meant("may I bring a dog").is_empty());
    }
}
