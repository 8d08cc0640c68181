//! Facts that no field states by itself: what a record lists, how many, from which price to which.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sentence::capitalized;
use super::wording::{WordingSettings, is_money, joined, spoken_value};
use super::{Fact, FactSheet};

/// Lists longer than this are counted, not spelled out.
const LONGEST_LIST: usize = 12;

/// Adds the derived facts of a record and its elements.
pub(super) fn add(sheet: &mut FactSheet, record: usize, settings: &WordingSettings) {
    let mut lists: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for child in sheet.children_of(record) {
        lists.entry(sheet.subjects[child].noun.clone()).or_default().push(child);
    }
    for (noun, children) in lists {
        let facts = [
            list_fact(sheet, record, &noun, &children),
            availability_fact(sheet, record, &noun, &children),
            range_fact(sheet, record, &children, settings),
        ];
        sheet.facts.extend(facts.into_iter().flatten());
    }
}

fn derived_fact(
    sheet: &FactSheet,
    record: usize,
    attribute: &[&str],
    spoken: String,
    sentence: String,
) -> Fact {
    let subject = &sheet.subjects[record];
    Fact {
        id: format!("{}:{}", subject.source, attribute.join("_")),
        source: subject.source.clone(),
        subject: record,
        attribute: attribute.iter().map(|word| (*word).to_string()).collect(),
        within: Vec::new(),
        spoken,
        raw: Value::Null,
        sentence,
        derived: true,
        is_part: false,
    }
}

/// "Order #W1 contains 2 items: a Mug (blue) and a Kettle."
fn list_fact(sheet: &FactSheet, record: usize, noun: &str, children: &[usize]) -> Option<Fact> {
    let subject = &sheet.subjects[record];
    let is_variant_list =
        children.iter().all(|&child| sheet.subjects[child].called == subject.called);
    if is_variant_list && !subject.called.is_empty() {
        return None;
    }
    if children.len() > LONGEST_LIST {
        return None;
    }
    let names: Vec<String> = children.iter().map(|&child| element_name(sheet, child)).collect();
    let spoken = joined(&names);
    let plural = if noun.ends_with('s') { noun.to_string() } else { format!("{noun}s") };
    let count =
        if names.len() == 1 { String::new() } else { format!("{} {plural}: ", names.len()) };
    let sentence = if subject.is_customer {
        format!(
            "Your {} {} {spoken}.",
            if names.len() == 1 { noun } else { &plural },
            if names.len() == 1 { "is" } else { "are" }
        )
    } else if noun == "item" {
        format!("{} contains {count}{spoken}.", capitalized(&subject.phrase(None)))
    } else {
        format!("{} has {count}{spoken}.", capitalized(&subject.phrase(None)))
    };
    Some(derived_fact(sheet, record, &[&plural], spoken, sentence))
}

/// "2 x Mug (blue)", with the quantity where there is more than one.
fn element_name(sheet: &FactSheet, child: usize) -> String {
    let name = &sheet.subjects[child].name;
    let quantity = sheet
        .facts_of(child)
        .find(|fact| fact.attribute.iter().any(|word| word == "quantity" || word == "qty"))
        .and_then(|fact| fact.raw.as_u64());
    match quantity {
        Some(quantity) if quantity > 1 => format!("{quantity} x {name}"),
        _ => name.clone(),
    }
}

/// "The T-Shirt comes in 12 variants, of which 10 are available."
fn availability_fact(
    sheet: &FactSheet,
    record: usize,
    noun: &str,
    children: &[usize],
) -> Option<Fact> {
    let states: Vec<bool> = children
        .iter()
        .filter_map(|&child| {
            sheet.facts_of(child).find(|fact| is_availability(&fact.attribute)).and_then(|fact| {
                match &fact.raw {
                    Value::Bool(available) => Some(*available),
                    Value::Number(stock) => stock.as_f64().map(|stock| stock > 0.0),
                    _ => None,
                }
            })
        })
        .collect();
    if children.len() < 2 || states.len() != children.len() {
        return None;
    }
    let available = states.iter().filter(|state| **state).count();
    let total = states.len();
    let phrase = capitalized(&sheet.subjects[record].phrase(None));
    let spoken = match available {
        0 => "none available".to_string(),
        all if all == total => "all available".to_string(),
        some => format!("{some} of {total} available"),
    };
    let sentence = match available {
        0 => format!("{phrase} is not available at the moment in any of its {total} {noun}s."),
        all if all == total => format!("{phrase} is available in all of its {total} {noun}s."),
        some => format!("{phrase} is available in {some} of its {total} {noun}s."),
    };
    Some(derived_fact(sheet, record, &["available", &format!("{noun}s")], spoken, sentence))
}

/// True for a field that says whether a thing can be had.
fn is_availability(attribute: &[String]) -> bool {
    let words = ["available", "availability", "stock", "in_stock", "inventory"];
    attribute.iter().any(|word| words.contains(&word.as_str()))
}

/// "The T-Shirt costs from $46.85 to $54.39, depending on the variant."
fn range_fact(
    sheet: &FactSheet,
    record: usize,
    children: &[usize],
    settings: &WordingSettings,
) -> Option<Fact> {
    let subject = &sheet.subjects[record];
    let own_price = sheet.facts_of(record).any(|fact| fact.attribute == ["price"]);
    let are_variants = children.iter().all(|&child| sheet.subjects[child].called == subject.called);
    if own_price || subject.owned || !are_variants || children.len() < 2 {
        return None;
    }
    let mut prices: Vec<f64> = children
        .iter()
        .filter_map(|&child| sheet.facts_of(child).find(|fact| fact.attribute == ["price"]))
        .filter_map(|fact| fact.raw.as_f64())
        .collect();
    prices.sort_by(f64::total_cmp);
    let words = vec!["price".to_string()];
    debug_assert!(is_money(&words));
    let spoken = |price: f64| spoken_value(&words, &Value::from(price), settings);
    let (lowest, highest) = (spoken(*prices.first()?), spoken(*prices.last()?));
    let phrase = capitalized(&subject.phrase(None));
    if lowest == highest {
        return Some(derived_fact(
            sheet,
            record,
            &["price"],
            lowest.clone(),
            format!("{phrase} costs {lowest}."),
        ));
    }
    let noun = &sheet.subjects[children[0]].noun;
    let sentence = format!("{phrase} costs from {lowest} to {highest}, depending on the {noun}.");
    Some(derived_fact(sheet, record, &["price"], format!("{lowest} to {highest}"), sentence))
}
