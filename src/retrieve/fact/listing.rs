//! An account as a person reads it beside a conversation: each record with its fields, in order; and at a glance, whose it is and
//! what it is worth. By the shape of the data and by field names, as everywhere here.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FactSheet;
use super::sentence::capitalized;
use super::wording::{WordingSettings, is_money, known_shape, name_words};
use crate::retrieve::record::Record;

/// A record as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedRecord {
    /// What it is: `order`.
    pub kind: String,
    /// Its identifier.
    pub id: String,
    /// What it is called: `Order FH-20417`.
    pub title: String,
    /// What is known of it, in the order of the import; what it lists comes after, one line for each.
    pub fields: Vec<ListedField>,
}

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedField {
    /// `shipping address`, or what a listed thing is: `item`.
    pub name: String,
    /// As it reads in a sentence.
    pub value: String,
}

/// What each of `records` says.
pub fn listing(records: &[Record], settings: &WordingSettings) -> Vec<ListedRecord> {
    let sheet = FactSheet::of(records, settings);
    let of_record = |record: &Record| {
        let key = record.key();
        let is_it = |subject: &super::Subject| subject.parent.is_none() && subject.source == key;
        let Some(at) = sheet.subjects.iter().position(is_it) else { return Vec::new() };
        let mut fields: Vec<ListedField> =
            shown(&sheet, at).map(|(name, value)| ListedField { name, value }).collect();
        for child in sheet.children_of(at) {
            let subject = &sheet.subjects[child];
            // What it is called stands before the rest.
            let parts: Vec<String> = shown(&sheet, child)
                .filter(|(_, value)| !subject.called.contains(value))
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let value = match parts.is_empty() {
                true => subject.name.clone(),
                false => format!("{}: {}", subject.name, parts.join(", ")),
            };
            fields.push(ListedField { name: subject.noun.clone(), value });
        }
        fields
    };
    records
        .iter()
        .map(|record| ListedRecord {
            kind: record.kind.clone(),
            id: record.id.clone(),
            title: format!("{} {}", capitalized(&name_words(&record.kind).join(" ")), record.id),
            fields: of_record(record),
        })
        .collect()
}

/// Name and value of what is known of a subject itself; counts, and parts of what is shown whole, are left out.
fn shown(sheet: &FactSheet, subject: usize) -> impl Iterator<Item = (String, String)> + '_ {
    sheet.facts_of(subject).filter(|fact| !fact.derived && !fact.is_part).map(|fact| {
        let words: Vec<&str> =
            fact.within.iter().chain(&fact.attribute).map(String::as_str).collect();
        (words.join(" "), fact.spoken.clone())
    })
}

/// Field names that hold a person's name on a record about them, best first.
const OWN_NAMES: [&str; 4] = ["full_name", "name", "display_name", "contact_name"];
/// The same on any other record of theirs.
const OTHERS_NAMES: [&str; 7] = [
    "customer_name",
    "customer",
    "guest_name",
    "guest",
    "passenger_name",
    "member_name",
    "contact_name",
];

/// The name of the person `customer_id` whose account this is, if a record says it.
pub fn person_named(
    records: &[Record],
    customer_id: &str,
    settings: &WordingSettings,
) -> Option<String> {
    let own = records.iter().filter(|record| record.id == customer_id);
    let others = records.iter().filter(|record| record.id != customer_id);
    let of_own = own.filter_map(|record| {
        name_under(&record.fields, &OWN_NAMES, settings)
            .or_else(|| named_in_parts(&record.fields, settings))
    });
    let of_others = others.filter_map(|record| name_under(&record.fields, &OTHERS_NAMES, settings));
    of_own.chain(of_others).next()
}

fn name_under(
    fields: &Map<String, Value>,
    names: &[&str],
    settings: &WordingSettings,
) -> Option<String> {
    names.iter().find_map(|wanted| {
        let found = fields.iter().find(|(name, _)| name_words(name).join("_") == *wanted);
        match found?.1 {
            Value::String(name) if !name.trim().is_empty() => Some(name.trim().to_string()),
            Value::Object(parts) => known_shape(parts, settings)
                .or_else(|| name_under(parts, &OWN_NAMES, settings))
                .or_else(|| named_in_parts(parts, settings)),
            _ => None,
        }
    })
}

/// `first_name` and `last_name` among other fields.
fn named_in_parts(fields: &Map<String, Value>, settings: &WordingSettings) -> Option<String> {
    let is_part = |name: &str| {
        let words = name_words(name);
        let part = words.first().map(String::as_str);
        matches!(part, Some("first" | "last" | "given" | "family" | "middle"))
            && words.get(1).is_some_and(|word| word == "name")
            || words == ["surname"]
    };
    let parts: Map<String, Value> = fields
        .iter()
        .filter(|(name, _)| is_part(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if parts.is_empty() { None } else { known_shape(&parts, settings) }
}

/// What the records are worth: the greatest amount of money on each, added up. The greatest is the total where there is one, since
/// nothing that is added up to it exceeds it. `None` if there is no money in them.
pub fn worth_of(records: &[Record]) -> Option<f64> {
    let amounts = records.iter().filter_map(|record| {
        let mut greatest = None;
        find_money(&record.fields, &mut greatest);
        greatest
    });
    amounts.fold(None, |sum, amount| Some(sum.unwrap_or(0.0) + amount))
}

fn find_money(fields: &Map<String, Value>, greatest: &mut Option<f64>) {
    for (name, value) in fields {
        match value {
            Value::Number(number) if is_money(&name_words(name)) => {
                let amount = number.as_f64().unwrap_or(0.0).max(0.0);
                *greatest = Some(greatest.map_or(amount, |found| found.max(amount)));
            }
            Value::Object(inner) => find_money(inner, greatest),
            Value::Array(list) => {
                list.iter().filter_map(Value::as_object).for_each(|one| find_money(one, greatest));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(kind: &str, id: &str, fields: Value) -> Record {
        let fields = fields.as_object().unwrap().clone();
        Record { kind: kind.into(), id: id.into(), customer_id: Some("c1".into()), fields }
    }

    #[test]
    fn a_record_reads_as_its_fields_and_what_it_lists() {
        let order = record(
            "order",
            "#W1",
            json!({
                "status": "pending", "total": 21.5,
                "shipping_address": {"line1": "1 Main St", "city": "Reno", "zip": "89501"},
                "items": [{"name": "Mug", "price": 8.5, "quantity": 2}],
            }),
        );
        let listed = listing(&[order], &WordingSettings::default());
        assert_eq!(listed[0].title, "Order #W1");
        let lines: Vec<_> = listed[0]
            .fields
            .iter()
            .map(|field| format!("{}={}", field.name, field.value))
            .collect();
        assert!(lines.contains(&"status=pending".to_string()), "{lines:?}");
        assert!(
            lines.iter().any(|line| line.starts_with("shipping address=1 Main St, Reno")),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line.starts_with("item=Mug: price $8.50")), "{lines:?}");
    }

    #[test]
    fn whose_an_account_is_and_what_it_is_worth_goes_by_shape() {
        let settings = WordingSettings::default();
        let name = |records: &[Record]| person_named(records, "c1", &settings);
        let own = record("customer", "c1", json!({"name": {"first": "Jo", "last": "Bloggs"}}));
        assert_eq!(name(&[own]).as_deref(), Some("Jo Bloggs"));
        let parts =
            record("guest", "c1", json!({"firstName": "Jo", "lastName": "Bloggs", "vip": true}));
        assert_eq!(name(&[parts]).as_deref(), Some("Jo Bloggs"));
        let booking =
            record("booking", "K7", json!({"guest": {"name": "Jo B."}, "hotel": {"name": "Ritz"}}));
        assert_eq!(name(&[booking]).as_deref(), Some("Jo B."));
        assert_eq!(name(&[record("order", "1", json!({"name": "Tent"}))]), None);

        let order = record(
            "order",
            "1",
            json!({"subtotal": 20.0, "tax": 1.5, "total": 21.5, "items": [{"price": 10.0, "quantity": 900}]}),
        );
        let other = record("booking", "2", json!({"payment": {"amount": 100}, "nights": 400}));
        assert_eq!(worth_of(&[order, other]), Some(121.5));
        assert_eq!(worth_of(&[record("ticket", "3", json!({"subject": "x"}))]), None);
    }
}
