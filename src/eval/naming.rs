//! How customers speak of records: by number, by what is in them, "my last booking", "my plan".
//!
//! Data of the question file, one entry for each kind of record or list in it. Only such names are
//! used as can mean one thing of the customer's.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::Value;

use super::questions::{Reference, Referred};
use crate::retrieve::Record;

/// How customers speak of a kind of record, or of the entries of a list in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// Words for it: "booking", "reservation".
    pub nouns: Vec<String>,
    /// What it may be called: "my flight to {destination.city}". `{path}` is a field of the thing
    /// itself, `{^path}` one of the record that holds it.
    #[serde(default)]
    pub names: Vec<String>,
    /// What may be said of it before a follow-up asks about "it".
    #[serde(default)]
    pub before: Vec<String>,
    /// The field that says which is the last one; without it, the order of the file does.
    #[serde(default)]
    pub latest_by: Option<String>,
}

/// A thing asked about, and what else the customer has of its kind.
pub struct Asked<'a> {
    pub record: &'a Record,
    /// The entry of a list in the record, if one is asked about.
    pub entry: Option<&'a Value>,
    /// All records of the kind that could be meant, this one too.
    pub among: &'a [&'a Record],
    /// The list that entries come from.
    pub list: Option<&'a str>,
}

/// Picks a way to refer to the thing; none if that way could mean another.
pub fn refer(
    of_record: &Naming,
    of_entry: Option<&Naming>,
    asked: &Asked<'_>,
    random: &mut ChaCha8Rng,
) -> Option<Referred> {
    let noun = of_record.nouns.choose(random)?.as_str();
    let ways =
        [Reference::Number, Reference::Name, Reference::Last, Reference::FollowUp, Reference::Only];
    let reference = *ways.choose(random)?;
    // An entry is named within its record, a record is the place itself.
    let within = |place: String, random: &mut ChaCha8Rng| match (of_entry, asked.entry) {
        (Some(naming), Some(_)) => {
            let name = unique_name(naming, asked, &[asked.record], random)?;
            Some(format!("{name} on {place}"))
        }
        _ => Some(place),
    };
    let number = match random.random_range(0..3) {
        0 => asked.record.id.clone(),
        1 => format!("{noun} {}", asked.record.id),
        _ => format!("my {noun} {}", asked.record.id),
    };
    let (before, it) = match reference {
        Reference::Number => (None, within(number, random)?),
        Reference::Name => {
            let naming = if asked.entry.is_some() { of_entry? } else { of_record };
            (None, unique_name(naming, asked, asked.among, random)?)
        }
        Reference::Last => {
            if asked.among.len() < 2 || !is_latest(of_record, asked) {
                return None;
            }
            let last = ["my last", "my most recent", "my latest"].choose(random)?;
            (None, within(format!("{last} {noun}"), random)?)
        }
        Reference::Only => {
            if asked.among.len() != 1 {
                return None;
            }
            (None, within(format!("my {noun}"), random)?)
        }
        Reference::FollowUp => {
            let before = of_record.before.choose(random)?.replace("{it}", &number);
            let it = match of_entry {
                Some(naming) if asked.entry.is_some() => {
                    unique_name(naming, asked, &[asked.record], random)?
                }
                _ => "it".to_string(),
            };
            (Some(before), it)
        }
        Reference::Own => return None,
    };
    Some(Referred { reference, before, it })
}

/// The name of a thing that everybody may ask about.
pub fn public_name(
    naming: &Naming,
    asked: &Asked<'_>,
    random: &mut ChaCha8Rng,
) -> Option<Referred> {
    let it = unique_name(naming, asked, asked.among, random)?;
    Some(Referred { reference: Reference::Name, before: None, it })
}

fn is_latest(naming: &Naming, asked: &Asked<'_>) -> bool {
    let Some(path) = &naming.latest_by else {
        return asked.among.last().is_some_and(|last| last.id == asked.record.id);
    };
    let when =
        |record: &Record| text_at(&Value::Object(record.fields.clone()), path).unwrap_or_default();
    let own = when(asked.record);
    !own.is_empty()
        && asked.among.iter().all(|other| other.id == asked.record.id || when(other) < own)
}

/// A name that fits the thing and nothing else among `records`.
fn unique_name(
    naming: &Naming,
    asked: &Asked<'_>,
    records: &[&Record],
    random: &mut ChaCha8Rng,
) -> Option<String> {
    let template = naming.names.choose(random)?;
    let own_fields = Value::Object(asked.record.fields.clone());
    let name = render(template, asked.entry.unwrap_or(&own_fields), &own_fields)?;
    let mut alike = 0;
    for record in records {
        let fields = Value::Object(record.fields.clone());
        let entries: Vec<&Value> = match asked.list {
            Some(list) => entries_of(&fields, list),
            None => vec![&fields],
        };
        alike += entries
            .into_iter()
            .filter_map(|entry| render(template, entry, &fields))
            .filter(|other| other.contains(&name) || name.contains(other.as_str()))
            .count();
    }
    (alike == 1).then_some(name)
}

/// The entries of a list or map in the record.
pub fn entries_of<'a>(fields: &'a Value, list: &str) -> Vec<&'a Value> {
    match fields.get(list) {
        Some(Value::Array(entries)) => entries.iter().collect(),
        Some(Value::Object(entries)) => entries.values().collect(),
        _ => Vec::new(),
    }
}

fn render(template: &str, thing: &Value, record: &Value) -> Option<String> {
    let mut rendered = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}')?;
        rendered.push_str(before);
        rendered.push_str(&match path.strip_prefix('^') {
            Some(path) => text_at(record, path).map(|text| as_said(&text))?,
            None => text_at(thing, path).map(|text| as_said(&text))?,
        });
        rest = after;
    }
    rendered.push_str(rest);
    Some(rendered)
}

fn text_at(value: &Value, path: &str) -> Option<String> {
    let mut at = value;
    for step in path.split('.') {
        at = match step.parse::<usize>() {
            Ok(index) => at.get(index)?,
            Err(_) => at.get(step)?,
        };
    }
    match at {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A date as "March 3", a code as words; other texts as they are.
fn as_said(text: &str) -> String {
    if let Some(date) = text.get(..10).and_then(|day| day.parse::<jiff::civil::Date>().ok()) {
        return format!("{} {}", date.strftime("%B"), date.day());
    }
    let is_code = text.contains('_') && !text.contains(|c: char| c.is_ascii_digit());
    if is_code { text.replace('_', " ").to_lowercase() } else { text.to_string() }
}
