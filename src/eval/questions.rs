//! Questions whose answers are known: values taken out of raw records, asked for in varied wording.

use std::collections::BTreeMap;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::Value;

use super::naming::{self, Asked, Naming};
use crate::error::Context;
use crate::retrieve::Record;
use crate::{ErrorKind, Result};

/// A file of question kinds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionFile {
    /// How the records are kept: `records` or `tau-retail`.
    pub format: String,
    /// How customers speak of a kind (`booking`) or of a list in it (`booking.flights`). Without an
    /// entry, things go by the `name` of what is in them.
    #[serde(default)]
    pub kind: BTreeMap<String, Naming>,
    /// The kinds of question.
    pub question: Vec<QuestionKind>,
}

/// One kind of question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionKind {
    /// Its name in the report.
    pub name: String,
    /// The kind of record asked about.
    pub of: String,
    /// A list in the record, each element of which is asked about.
    #[serde(default)]
    pub item: Option<String>,
    /// Paths of the values that the reply must hold: `*` runs over a list or map, `?` picks one
    /// field, whose name is `{option}` in the wordings.
    pub expect: Vec<String>,
    /// The question; `{it}` is what is asked about.
    pub wordings: Vec<String>,
    /// How a truth value is said, any of them; without it, as available or not.
    #[serde(default)]
    pub says: Option<Says>,
}

/// How a truth value may be said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// Phrases that say yes.
    pub yes: Vec<String>,
    /// Phrases that say no. They go first: "not paid" holds "paid".
    pub no: Vec<String>,
}

/// How the question names what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// By its number.
    Number,
    /// By the name of a thing.
    Name,
    /// "my last order".
    Last,
    /// As a follow-up, "it".
    FollowUp,
    /// "my plan", where there is one only.
    Only,
    /// The customer's own record.
    Own,
}

/// A way to refer to a thing, in words.
#[derive(Debug)]
pub struct Referred {
    pub reference: Reference,
    /// A message before the question.
    pub before: Option<String>,
    /// What stands for `{it}`.
    pub it: String,
}

impl Reference {
    /// As the report names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "by number",
            Self::Name => "by name",
            Self::Last => "last one",
            Self::FollowUp => "follow-up",
            Self::Only => "the only one",
            Self::Own => "own record",
        }
    }
}

/// A question with its answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// The kind's name.
    pub kind: String,
    /// How it refers to what it is about.
    pub reference: Reference,
    /// Who asks.
    pub customer: String,
    /// A message before it, for follow-ups.
    pub before: Option<String>,
    /// The question.
    pub text: String,
    /// Values that the reply must hold.
    pub expected: Vec<Value>,
    /// How truth values among them are said.
    pub says: Option<Says>,
}

impl QuestionFile {
    /// Reads a question file.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] naming what is wrong in it.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context(ErrorKind::Input, || "not a question file".to_string())
    }
}

/// Makes `count` questions over `records`, the kinds in turn.
pub fn generate(file: &QuestionFile, records: &[Record], count: usize, seed: u64) -> Vec<Question> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let customers: Vec<&str> = owners(records);
    let mut questions = Vec::new();
    let mut tries = 0;
    while questions.len() < count && tries < count * 40 {
        let kind = &file.question[tries % file.question.len()];
        tries += 1;
        if let Some(question) = one(file, kind, records, &customers, &mut random) {
            questions.push(question);
        }
    }
    questions.shuffle(&mut random);
    questions
}

fn owners(records: &[Record]) -> Vec<&str> {
    let mut owners: Vec<&str> =
        records.iter().filter_map(|record| record.customer_id.as_deref()).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

fn one(
    file: &QuestionFile,
    kind: &QuestionKind,
    records: &[Record],
    customers: &[&str],
    random: &mut ChaCha8Rng,
) -> Option<Question> {
    let of_kind: Vec<&Record> = records.iter().filter(|record| record.kind == kind.of).collect();
    let record = *of_kind.choose(random)?;
    let customer = match &record.customer_id {
        Some(owner) => owner.clone(),
        None => (*customers.choose(random)?).to_string(),
    };
    let own: Vec<&Record> = of_kind
        .iter()
        .copied()
        .filter(|other| other.customer_id.as_deref() == Some(&customer))
        .collect();
    let is_customer = record.customer_id.as_deref() == Some(record.id.as_str());
    let target = match &kind.item {
        Some(list) => element(&Value::Object(record.fields.clone()), list, random)?,
        None => Value::Object(record.fields.clone()),
    };
    let (expected, option) = expected(kind, &target, random)?;
    let naming = file.kind.get(&kind.of);
    let of_entry =
        kind.item.as_ref().and_then(|list| file.kind.get(&format!("{}.{list}", kind.of)));
    let among: &[&Record] = if record.is_public() { &of_kind } else { &own };
    let list = kind.item.as_deref();
    let asked = Asked { record, entry: list.map(|_| &target), among, list };
    let (reference, before, it) = if is_customer {
        (Reference::Own, None, String::new())
    } else if let Some(naming) = naming {
        let referred = if record.is_public() {
            naming::public_name(of_entry.unwrap_or(naming), &asked, random)?
        } else {
            naming::refer(naming, of_entry, &asked, random)?
        };
        (referred.reference, referred.before, referred.it)
    } else if record.is_public() {
        (Reference::Name, None, variant_name(record, &target))
    } else {
        refer(kind, record, &own, &target, random)?
    };
    let wording = kind.wordings.choose(random)?;
    let text = wording.replace("{it}", &it).replace("{option}", &option.unwrap_or_default());
    let says = kind.says.clone();
    Some(Question { kind: kind.name.clone(), reference, customer, before, text, expected, says })
}

fn element(fields: &Value, list: &str, random: &mut ChaCha8Rng) -> Option<Value> {
    naming::entries_of(fields, list).choose(random).map(|entry| (*entry).clone())
}

/// The values at the kind's paths; with `?` in a path, also the name of the field picked.
fn expected(
    kind: &QuestionKind,
    target: &Value,
    random: &mut ChaCha8Rng,
) -> Option<(Vec<Value>, Option<String>)> {
    let mut values = Vec::new();
    let mut option = None;
    for path in &kind.expect {
        let mut at: Vec<Value> = vec![target.clone()];
        for step in path.split('.') {
            at = match step {
                "*" => at.iter().flat_map(children).collect(),
                "?" => {
                    let fields = at.first()?.as_object()?.clone();
                    let named: Vec<(&String, &Value)> = fields.iter().collect();
                    let (name, value) = named.choose(random)?;
                    option = Some((*name).clone());
                    vec![(*value).clone()]
                }
                step => at
                    .iter()
                    .filter_map(|value| match step.parse::<usize>() {
                        Ok(index) => value.get(index),
                        Err(_) => value.get(step),
                    })
                    .cloned()
                    .collect(),
            };
        }
        values.extend(at);
    }
    values.retain(|value| !value.is_null());
    (!values.is_empty()).then_some((values, option))
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements.clone(),
        Value::Object(fields) => fields.values().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Picks a way to refer to a customer's record or item that can mean one thing only.
fn refer(
    kind: &QuestionKind,
    record: &Record,
    own: &[&Record],
    target: &Value,
    random: &mut ChaCha8Rng,
) -> Option<(Reference, Option<String>, String)> {
    let noun = &kind.of;
    let is_last = own.last().is_some_and(|last| last.id == record.id);
    let item_name = target.get("name").and_then(Value::as_str).filter(|_| kind.item.is_some());
    let name = item_name.map(str::to_lowercase).or_else(|| some_item_name(record, random));
    let name_is_unique = name.as_ref().is_some_and(|name| count_of_name(own, name) == 1);
    let reference = *[Reference::Number, Reference::Name, Reference::Last, Reference::FollowUp]
        .choose(random)?;
    let number = match random.random_range(0..3) {
        0 => record.id.clone(),
        1 => format!("{noun} {}", record.id.trim_start_matches('#')),
        _ => format!("{noun} {}", record.id),
    };
    let thing = name.clone().unwrap_or_default();
    let of_order = |place: String| match item_name {
        Some(_) => format!("the {thing} in {place}"),
        None => place,
    };
    match reference {
        Reference::Number if item_name.is_none() || count_of_name(&[record], &thing) == 1 => {
            Some((reference, None, of_order(number)))
        }
        Reference::Name if name_is_unique => {
            let it = match item_name {
                Some(_) => ["my {}", "the {} I ordered", "the {} I bought"]
                    .choose(random)?
                    .replace("{}", &thing),
                None => [format!("the {noun} with the {{}}"), format!("my {{}} {noun}")]
                    .choose(random)?
                    .replace("{}", &thing),
            };
            Some((reference, None, it))
        }
        Reference::Last
            if is_last && (item_name.is_none() || count_of_name(&[record], &thing) == 1) =>
        {
            let last = ["my last", "my most recent", "my latest"].choose(random)?;
            Some((reference, None, of_order(format!("{last} {noun}"))))
        }
        Reference::FollowUp if item_name.is_none() => {
            let before =
                ["What's the status of {}?", "I have a question about {}", "what did I buy in {}"]
                    .choose(random)?
                    .replace("{}", &number);
            Some((reference, Some(before), "it".to_string()))
        }
        Reference::FollowUp if count_of_name(&[record], &thing) == 1 => {
            let before = ["What's the status of {}?", "what is in {}"]
                .choose(random)?
                .replace("{}", &number);
            Some((reference, Some(before), format!("the {thing}")))
        }
        _ => None,
    }
}

fn item_names(record: &Record) -> Vec<String> {
    let lists = record.fields.values().filter_map(Value::as_array);
    lists
        .flatten()
        .filter_map(|element| element.get("name").and_then(Value::as_str))
        .map(str::to_lowercase)
        .collect()
}

fn some_item_name(record: &Record, random: &mut ChaCha8Rng) -> Option<String> {
    item_names(record).choose(random).cloned()
}

/// How many items go by the name, or by a name that holds it.
fn count_of_name(records: &[&Record], name: &str) -> usize {
    records
        .iter()
        .flat_map(|record| item_names(record))
        .filter(|other| other.contains(name) || name.contains(other.as_str()))
        .count()
}

/// "the T-Shirt in blue, size M, cotton": a product with all options of one variant.
fn variant_name(product: &Record, variant: &Value) -> String {
    let name =
        product.fields.get("name").and_then(Value::as_str).unwrap_or(&product.id).to_lowercase();
    let options: Vec<String> = variant
        .get("options")
        .and_then(Value::as_object)
        .map(|options| {
            options
                .iter()
                .map(|(option, value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_string);
                    match value.as_str() {
                        "yes" | "true" => option.clone(),
                        "no" | "none" | "false" => format!("no {option}"),
                        short if short.len() <= 2 => format!("{option} {short}"),
                        _ => value,
                    }
                })
                .collect()
        })
        .unwrap_or_default();
    if options.is_empty() {
        format!("the {name}")
    } else {
        format!("the {name} ({})", options.join(", "))
    }
}
