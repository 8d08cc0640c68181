//! What a question can be about: a record, or something that a record lists.

use serde_json::{Map, Value};

use super::wording::{
    WordingSettings, is_date, name_words, payment_card, singular, spoken_name, spoken_value,
};
use crate::retrieve::record::Record;

/// A property that tells a subject from its like: `color: blue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trait {
    /// Spoken name of the field.
    pub name: String,
    /// Spoken value.
    pub value: String,
}

/// A record or an element of one of its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// `order/#W1` or `order/#W1:items.0`.
    pub id: String,
    /// Key of the record: `order/#W1`.
    pub source: String,
    /// The subject that lists it, if it is not a record.
    pub parent: Option<usize>,
    /// What it is, in the singular: `order`, `item`, `shipment`.
    pub noun: String,
    /// How it is named in a sentence, without an article: `order #W1`, `Water Bottle (blue, glass)`.
    pub name: String,
    /// What people may call it: its name or title, without traits.
    pub called: Vec<String>,
    /// Identifiers that name it alone: its id, its item number.
    pub identifiers: Vec<String>,
    /// What tells it from its like.
    pub traits: Vec<Trait>,
    /// When it came about, as an ISO date, if any field says so.
    pub when: Option<String>,
    /// It belongs to a customer (and is not a public record).
    pub owned: bool,
    /// It is the customer's own record: its attributes are "yours".
    pub is_customer: bool,
}

/// Field names that hold what a thing is called, best first.
const NAME_FIELDS: &[&str] = &[
    "name",
    "full_name",
    "title",
    "product_name",
    "item_name",
    "product",
    "label",
    "subject",
    "model",
];
/// Field names that say which sort of entry it is: the refund among the payments.
const ROLE_FIELDS: &[&str] = &["transaction_type", "type", "kind", "category", "role", "direction"];
/// Field names whose values tell a thing from its like.
pub const TRAIT_FIELDS: &[&str] =
    &["options", "option", "attributes", "variant", "selected_options"];
/// Words of date fields that say when a record came about, best first.
const BEGINNING_WORDS: &[&str] = &[
    "placed",
    "ordered",
    "created",
    "booked",
    "purchased",
    "opened",
    "requested",
    "started",
    "issued",
    "date",
    "start",
    "from",
    "check",
];

impl Subject {
    /// The subject that a record is.
    pub(super) fn of_record(record: &Record, settings: &WordingSettings) -> Self {
        let is_customer = record.customer_id.as_deref() == Some(record.id.as_str());
        let noun = name_words(&record.kind).join(" ");
        let called = called(&noun, &record.fields, settings);
        let name = match called.first() {
            _ if is_customer => "account".to_string(),
            Some(name) if record.is_public() => name.clone(),
            _ => format!("{noun} {}", record.id),
        };
        Self {
            id: record.key(),
            source: record.key(),
            parent: None,
            name,
            called,
            identifiers: identifiers(&record.kind, &record.fields, Some(&record.id)),
            traits: Vec::new(),
            when: beginning(&record.fields),
            owned: !record.is_public(),
            is_customer,
            noun,
        }
    }

    /// The subject that the element of a list is. `key` is the element's key where the list is a
    /// map of ids, `place` its number from 1.
    pub(super) fn of_element(
        parent: (usize, &Subject),
        list: &str,
        key: Option<&str>,
        place: usize,
        fields: &Map<String, Value>,
        settings: &WordingSettings,
    ) -> Self {
        let (parent_index, parent) = parent;
        let noun = singular(&spoken_name(list));
        let mut called = called(&noun, fields, settings);
        let traits = traits(fields, settings);
        let trait_values: Vec<String> =
            traits.iter().filter(|t| t.value != "not given").map(trait_in_name).collect();
        let role = role(fields, settings);
        let card = payment_card(fields, settings);
        let mut name = match (called.first(), &role) {
            (Some(name), _) => name.clone(),
            (None, _) if card.is_some() => card.unwrap_or_default(),
            (None, Some(role)) => role.clone(),
            // A variant of a named product goes by the product's name.
            (None, None) if !trait_values.is_empty() && !parent.called.is_empty() => {
                called = parent.called.clone();
                parent.called[0].clone()
            }
            (None, None) => match own_number(&noun, fields) {
                Some(number) => format!("{noun} {number}"),
                None => format!("{noun} {place}"),
            },
        };
        if !trait_values.is_empty() {
            name.push_str(&format!(" ({})", trait_values.join(", ")));
        }
        if called.is_empty() {
            called.extend(role);
        }
        let element_key = key.map_or_else(|| (place - 1).to_string(), str::to_string);
        Self {
            id: format!(
                "{}{}{list}.{element_key}",
                parent.id,
                if parent.id.contains(':') { "." } else { ":" }
            ),
            source: parent.source.clone(),
            parent: Some(parent_index),
            identifiers: identifiers(&noun, fields, key),
            noun,
            name,
            called,
            traits,
            when: beginning(fields),
            owned: parent.owned,
            is_customer: false,
        }
    }

    /// With its article and place: "order #W1", "the Mug (blue) in order #W1", "the Mug".
    pub fn phrase(&self, parent: Option<&Subject>) -> String {
        match parent {
            _ if self.is_customer => "your account".to_string(),
            Some(parent) if parent.is_customer => format!("your {}", self.name),
            // A variant already carries its product's name.
            Some(parent) if self.called == parent.called => format!("the {}", self.name),
            Some(parent) => {
                let link =
                    if self.called.is_empty() || self.called[0] == self.name { "of" } else { "in" };
                let link = if self.noun == "item" { "in" } else { link };
                format!("the {} {link} {}", self.name, parent.phrase(None))
            }
            None if self.owned => self.name.clone(),
            None => format!("the {}", self.name),
        }
    }
}

/// `yes` and `no` say nothing without their name: "timer" or "no timer".
fn trait_in_name(property: &Trait) -> String {
    match property.value.as_str() {
        "yes" => property.name.clone(),
        "no" => format!("no {}", property.name),
        value => value.to_string(),
    }
}

fn field<'a>(fields: &'a Map<String, Value>, wanted: &str) -> Option<&'a Value> {
    fields.iter().find(|(name, _)| name_words(name).join("_") == wanted).map(|(_, value)| value)
}

/// True if an element can be told from its like by a name or by its options.
pub(super) fn has_name_or_traits(
    noun: &str,
    fields: &Map<String, Value>,
    settings: &WordingSettings,
) -> bool {
    !called(noun, fields, settings).is_empty() || !traits(fields, settings).is_empty()
}

fn called(noun: &str, fields: &Map<String, Value>, settings: &WordingSettings) -> Vec<String> {
    let mut names = Vec::new();
    let own = format!("{}_name", noun.replace(' ', "_"));
    for wanted in NAME_FIELDS.iter().copied().chain([own.as_str()]) {
        let Some(value) = field(fields, wanted) else { continue };
        let is_name = value.is_string() || value.as_object().is_some_and(|parts| parts.len() <= 4);
        if is_name {
            names.push(spoken_value(&[], value, settings));
        }
    }
    names
}

pub(super) fn role(fields: &Map<String, Value>, settings: &WordingSettings) -> Option<String> {
    let value = ROLE_FIELDS.iter().find_map(|wanted| field(fields, wanted))?;
    value.as_str().map(|_| spoken_value(&[], value, settings).to_lowercase())
}

/// The values of a flat object among the fields (`options`, `attributes`), or of none.
fn traits(fields: &Map<String, Value>, settings: &WordingSettings) -> Vec<Trait> {
    const TRAIT_FIELDS: &[&str] =
        &["options", "option", "attributes", "variant", "selected_options"];
    let Some(options) = TRAIT_FIELDS.iter().find_map(|wanted| field(fields, wanted)) else {
        return Vec::new();
    };
    match options {
        Value::Object(options) => options
            .iter()
            .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
            .map(|(name, value)| Trait {
                name: spoken_name(name),
                value: spoken_value(&name_words(name), value, settings),
            })
            .collect(),
        Value::String(text) if !text.is_empty() => {
            vec![Trait { name: "option".to_string(), value: text.clone() }]
        }
        _ => Vec::new(),
    }
}

/// The number that a thing goes by: `flightNumber` of a flight.
fn own_number(noun: &str, fields: &Map<String, Value>) -> Option<String> {
    let noun = noun.replace(' ', "_");
    ["number", "code", "id"].iter().find_map(|last| {
        let value = field(fields, &format!("{noun}_{last}"))?;
        value.as_str().map(str::to_string)
    })
}

/// Identifiers under `id`, `<noun>_id`, `<noun>_number`, `sku`, `code`, `reference`, `number`.
fn identifiers(noun: &str, fields: &Map<String, Value>, key: Option<&str>) -> Vec<String> {
    let noun = name_words(noun).join("_");
    let mut found: Vec<String> = key.map(str::to_string).into_iter().collect();
    let own = [
        "id",
        "sku",
        "code",
        "reference",
        "number",
        "confirmation_number",
        "tracking_number",
        "tracking_id",
    ];
    for (name, value) in fields {
        let name = name_words(name).join("_");
        let names_it = own.contains(&name.as_str())
            || name
                .strip_prefix(&noun)
                .is_some_and(|rest| matches!(rest, "_id" | "_number" | "_code"));
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        if names_it && !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn beginning(fields: &Map<String, Value>) -> Option<String> {
    let dates: Vec<(Vec<String>, &str)> = fields
        .iter()
        .filter_map(|(name, value)| Some((name_words(name), value.as_str()?)))
        .filter(|(_, text)| is_date(text))
        .collect();
    let best = BEGINNING_WORDS
        .iter()
        .find_map(|wanted| dates.iter().find(|(words, _)| words.iter().any(|word| word == wanted)));
    best.or(dates.first()).map(|(_, text)| (*text).to_string())
}
