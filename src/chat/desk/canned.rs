//! Filling in the variables of prepared words. Pure.
//!
//! A variable is `{{name}}`: `customer.name`, `agent.name`, `conversation.id`, or a kind of the customer's records and a field of the
//! newest one, as `order.status` or `order.shipping_address.city`. One that cannot be filled in stays as it is and is named, so that
//! nothing half empty is sent.

use crate::retrieve::fact::FactSheet;
use crate::retrieve::fact::wording::{WordingSettings, name_words};
use crate::retrieve::record::Record;

/// Words whose variables were filled in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Filled {
    /// The words.
    pub text: String,
    /// Names of the variables for which there is nothing, in the order of the text.
    pub missing: Vec<String>,
}

/// Where values come from.
#[derive(Debug, Clone, Default)]
pub struct Values<'a> {
    /// The customer's name.
    pub customer_name: Option<&'a str>,
    /// Who sends it.
    pub agent_name: &'a str,
    /// The conversation's id.
    pub conversation: &'a str,
    /// The customer's records, in the order of the import.
    pub records: &'a [Record],
}

/// `text` with its variables filled in.
pub fn fill(text: &str, values: &Values<'_>, settings: &WordingSettings) -> Filled {
    let sheet = FactSheet::of(values.records, settings);
    let (mut filled, mut missing) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(begin) = rest.find("{{") {
        let Some(length) = rest[begin..].find("}}") else { break };
        let name = rest[begin + 2..begin + length].trim();
        filled.push_str(&rest[..begin]);
        match value_of(name, values, &sheet) {
            Some(value) => filled.push_str(&value),
            None => {
                filled.push_str(&rest[begin..begin + length + 2]);
                if !missing.iter().any(|known| known == name) {
                    missing.push(name.to_string());
                }
            }
        }
        rest = &rest[begin + length + 2..];
    }
    filled.push_str(rest);
    Filled { text: filled, missing }
}

fn value_of(name: &str, values: &Values<'_>, sheet: &FactSheet) -> Option<String> {
    match name {
        "customer.name" => return values.customer_name.map(str::to_string),
        "agent.name" => return Some(values.agent_name.to_string()),
        "conversation.id" => return Some(values.conversation.to_string()),
        _ => {}
    }
    let (kind, field) = name.split_once('.')?;
    let record = newest(kind, values, sheet)?;
    if field == "id" {
        return Some(values.records[record.1].id.clone());
    }
    let wanted: Vec<String> = field.split('.').flat_map(name_words).collect();
    let fact = sheet.facts_of(record.0).find(|fact| {
        !fact.derived && fact.within.iter().chain(&fact.attribute).eq(wanted.iter())
    })?;
    Some(fact.spoken.clone()).filter(|value| !value.is_empty())
}

/// The newest record of a kind, by the dates on them if all have one and by the import otherwise: its subject, and itself.
fn newest(kind: &str, values: &Values<'_>, sheet: &FactSheet) -> Option<(usize, usize)> {
    let wanted = name_words(kind);
    let of_kind: Vec<(usize, usize)> = sheet
        .subjects
        .iter()
        .enumerate()
        .filter(|(_, subject)| subject.parent.is_none())
        .filter_map(|(at, subject)| {
            let record = values.records.iter().position(|record| record.key() == subject.source)?;
            (name_words(&values.records[record].kind) == wanted).then_some((at, record))
        })
        .collect();
    let when = |(subject, _): &(usize, usize)| sheet.subjects[*subject].when.clone();
    if of_kind.iter().all(|one| when(one).is_some()) {
        // Of two of the same day the one imported later: `max_by` takes the last.
        return of_kind.into_iter().max_by(|left, right| when(left).cmp(&when(right)));
    }
    of_kind.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn record(kind: &str, id: &str, fields: Value) -> Record {
        let fields = fields.as_object().unwrap().clone();
        Record { kind: kind.into(), id: id.into(), customer_id: Some("c1".into()), fields }
    }

    fn filled(text: &str, name: Option<&str>) -> Filled {
        let records = [
            record(
                "order",
                "A-2",
                json!({"placed_on": "2026-02-01", "status": "shipped", "total": 21.5,
                "shipping_address": {"line1": "1 Main St", "city": "Reno", "zip": "89501"}}),
            ),
            record("order", "A-1", json!({"placed_on": "2026-01-01", "status": "delivered"})),
        ];
        let values = Values {
            customer_name: name,
            agent_name: "Ada",
            conversation: "conv-1",
            records: &records,
        };
        fill(text, &values, &WordingSettings::default())
    }

    #[test]
    fn variables_are_filled_in_from_the_newest_record() {
        let text = "Hi {{customer.name}}, {{ order.id }} is {{order.status}} ({{order.total}}), to {{order.shipping_address.city}}. {{agent.name}}";
        let filled = filled(text, Some("Jo"));
        assert_eq!(filled.text, "Hi Jo, A-2 is shipped ($21.50), to Reno. Ada");
        assert!(filled.missing.is_empty());
    }

    #[test]
    fn what_is_missing_stays_and_is_named_once() {
        let filled = filled(
            "{{customer.name}} {{order.colour}} {{order.colour}} {{flight.id}} {{x}} {{",
            None,
        );
        assert_eq!(filled.missing, ["customer.name", "order.colour", "flight.id", "x"]);
        assert_eq!(
            filled.text,
            "{{customer.name}} {{order.colour}} {{order.colour}} {{flight.id}} {{x}} {{"
        );
    }

    #[test]
    fn a_value_that_looks_like_a_variable_is_not_filled_in_again() {
        assert_eq!(
            filled("Hi {{customer.name}}", Some("{{agent.name}}")).text,
            "Hi {{agent.name}}"
        );
    }

    proptest! {
        #[test]
        fn words_without_variables_stay_as_they_are(text in "[^{}]{0,60}") {
            prop_assert_eq!(filled(&text, Some("Jo")).text, text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(\\{|\\}|order|\\.|[a-zé]){0,40}") {
            let _ = filled(&text, Some("Jo"));
        }
    }
}
