//! From the nested fields of a record to subjects and facts.

use serde_json::{Map, Value};

use super::derived;
use super::reference::References;
use super::sentence::fact_sentence;
use super::subject::{Subject, TRAIT_FIELDS, has_name_or_traits, role};
use super::unit::unit_of;
use super::wording::{
    WordingSettings, is_money, name_words, payment_card, singular, spoken_name, spoken_value,
};
use super::{Fact, FactSheet};
use crate::retrieve::record::Record;

/// Fields nested deeper than this are not read: an import limits depth as well.
const DEEPEST: usize = 8;

/// Where the walk stands.
struct Place<'a> {
    subject: usize,
    /// Names of the fields from the subject down to here.
    within: Vec<String>,
    /// The same as a path for fact ids.
    path: String,
    /// The list that the subject is an element of.
    list: Option<&'a str>,
    depth: usize,
    /// The object that holds these fields has a fact of its own.
    is_part: bool,
}

struct Walk<'a> {
    sheet: &'a mut FactSheet,
    references: &'a References,
    settings: &'a WordingSettings,
}

/// Adds a record, what it lists, and all their facts.
pub(super) fn add_record(
    sheet: &mut FactSheet,
    record: &Record,
    references: &References,
    settings: &WordingSettings,
) {
    let subject = sheet.subjects.len();
    sheet.subjects.push(Subject::of_record(record, settings));
    let mut walk = Walk { sheet, references, settings };
    let place = Place {
        subject,
        within: Vec::new(),
        path: String::new(),
        list: None,
        depth: 0,
        is_part: false,
    };
    walk.object(&place, &record.fields);
    derived::add(sheet, subject, settings);
}

impl Walk<'_> {
    fn object(&mut self, place: &Place, fields: &Map<String, Value>) {
        if place.depth > DEEPEST {
            return;
        }
        for (name, value) in fields {
            match value {
                Value::Object(inner) if is_keyed_list(inner) => {
                    let elements: Vec<(Option<&str>, &Map<String, Value>)> = inner
                        .iter()
                        .filter_map(|(key, element)| {
                            Some((Some(key.as_str()), element.as_object()?))
                        })
                        .collect();
                    self.list(place, name, &elements);
                }
                Value::Object(inner) => self.inner_object(place, name, inner),
                Value::Array(elements) if elements.iter().any(Value::is_object) => {
                    let elements: Vec<(Option<&str>, &Map<String, Value>)> =
                        elements.iter().filter_map(|e| Some((None, e.as_object()?))).collect();
                    self.list(place, name, &elements);
                }
                _ => self.scalar(place, name, value),
            }
        }
    }

    fn inner_object(&mut self, place: &Place, name: &str, inner: &Map<String, Value>) {
        let flat = inner.values().all(|value| !value.is_object() && !value.is_array());
        let is_trait_field = TRAIT_FIELDS.contains(&name_words(name).join("_").as_str());
        let whole = if is_trait_field {
            Some(super::wording::spoken_object(inner, self.settings))
        } else {
            super::wording::known_shape(inner, self.settings)
        };
        let whole = whole.filter(|_| flat && !inner.is_empty());
        let has_whole = whole.is_some();
        if let Some(spoken) = whole {
            self.add(place, name, &Value::Object(inner.clone()), spoken);
        }
        let mut within = place.within.clone();
        within.extend(name_words(name));
        let inside = Place {
            subject: place.subject,
            within,
            path: joined_path(&place.path, name),
            list: place.list,
            depth: place.depth + 1,
            is_part: has_whole && !is_trait_field,
        };
        self.object(&inside, inner);
    }

    fn list(
        &mut self,
        place: &Place,
        name: &str,
        elements: &[(Option<&str>, &Map<String, Value>)],
    ) {
        let parent = place.subject;
        let entries = entry_names(name, elements, self.settings);
        for (index, (key, fields)) in elements.iter().enumerate() {
            let number = index.to_string();
            let path = format!("{}.{}", joined_path(&place.path, name), key.unwrap_or(&number));
            let depth = place.depth + 1;
            if let Some(entries) = &entries {
                let mut within = place.within.clone();
                within.push(entries[index].clone());
                self.object(
                    &Place {
                        subject: parent,
                        within,
                        path,
                        list: Some(name),
                        depth,
                        is_part: false,
                    },
                    fields,
                );
                continue;
            }
            let subject = Subject::of_element(
                (parent, &self.sheet.subjects[parent]),
                name,
                *key,
                index + 1,
                fields,
                self.settings,
            );
            let subject_index = self.sheet.subjects.len();
            self.sheet.subjects.push(subject);
            let inside = Place {
                subject: subject_index,
                within: Vec::new(),
                path,
                list: Some(name),
                depth,
                is_part: false,
            };
            self.object(&inside, fields);
        }
    }

    fn scalar(&mut self, place: &Place, name: &str, value: &Value) {
        let empty = value.is_null()
            || value.as_str().is_some_and(|text| text.trim().is_empty())
            || value.as_array().is_some_and(Vec::is_empty);
        if empty {
            return;
        }
        let words = name_words(name);
        let spoken = match value {
            Value::String(id) => self.resolved(place, name, id),
            Value::Array(ids) => {
                let parts: Vec<String> = ids
                    .iter()
                    .map(|id| {
                        id.as_str()
                            .and_then(|id| self.resolved(place, name, id))
                            .unwrap_or_else(|| spoken_value(&words, id, self.settings))
                    })
                    .collect();
                Some(super::wording::joined(&parts))
            }
            _ => None,
        };
        let spoken = spoken.unwrap_or_else(|| {
            // `premium: {monthly: 20}`: what is around says that it is money.
            let around = [place.within.as_slice(), words.as_slice()].concat();
            let says_kind = value.is_number() && !is_money(&words) && unit_of(&words).is_none();
            let last_around = place.within.last().map(std::slice::from_ref);
            let words = match last_around {
                Some(last) if says_kind && is_money(last) && is_money(&around) => &around,
                _ => &words,
            };
            spoken_value(words, value, self.settings)
        });
        self.add(place, name, value, spoken);
    }

    /// What an identifier refers to; its own list refers to nothing but itself.
    fn resolved(&self, place: &Place, name: &str, id: &str) -> Option<String> {
        let own = place.list.is_some_and(|list| {
            let words = name_words(name);
            singular(&name_words(list).join(" "))
                == words[..words.len().saturating_sub(1)].join(" ")
        });
        if own {
            return None;
        }
        self.references.resolve(name, id).map(str::to_string)
    }

    fn add(&mut self, place: &Place, name: &str, raw: &Value, spoken: String) {
        let subject = &self.sheet.subjects[place.subject];
        let parent = subject.parent.map(|parent| &self.sheet.subjects[parent]);
        let mut attribute: Vec<String> = spoken_name(name)
            .split(' ')
            .map(str::to_string)
            .filter(|word| !word.is_empty())
            .collect();
        if attribute.is_empty() {
            attribute.push(name.to_string());
        }
        let sentence = fact_sentence(subject, parent, &place.within, &attribute, raw, &spoken);
        let fact = Fact {
            id: format!("{}:{}", subject.source, joined_path(&place.path, name)),
            source: subject.source.clone(),
            subject: place.subject,
            attribute,
            within: place.within.clone(),
            spoken,
            raw: raw.clone(),
            sentence,
            derived: false,
            is_part: place.is_part,
        };
        self.sheet.facts.push(fact);
    }
}

/// Names for list elements that are no subjects of their own: what is known of an order's only
/// shipment, of its payment and its refund, is known of the order.
fn entry_names(
    list: &str,
    elements: &[(Option<&str>, &Map<String, Value>)],
    settings: &WordingSettings,
) -> Option<Vec<String>> {
    let noun = singular(&spoken_name(list));
    if elements
        .iter()
        .any(|(key, fields)| key.is_some() || has_name_or_traits(&noun, fields, settings))
    {
        return None;
    }
    // Cards on file are things of their own, not parts of the customer.
    if elements.len() > 1
        && elements.iter().any(|(_, fields)| payment_card(fields, settings).is_some())
    {
        return None;
    }
    let roles: Vec<Option<String>> =
        elements.iter().map(|(_, fields)| role(fields, settings)).collect();
    let distinct: std::collections::HashSet<&Option<String>> = roles.iter().collect();
    if distinct.len() == roles.len() && roles.iter().all(Option::is_some) {
        return Some(roles.into_iter().flatten().collect());
    }
    (elements.len() == 1).then(|| vec![singular(&spoken_name(list))])
}

fn joined_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

/// True for an object that is a list under another shape: every value an object, every key an
/// identifier (`{"credit_card_12": {…}, "paypal_7": {…}}`).
fn is_keyed_list(fields: &Map<String, Value>) -> bool {
    !fields.is_empty()
        && fields.values().all(Value::is_object)
        && fields.keys().all(|key| key.chars().any(|c| c.is_ascii_digit()))
}
