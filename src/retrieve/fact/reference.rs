//! References between records: an order's `payment_method_id` names an entry of the customer's
//! `payment_methods`, a shipment's `item_ids` name the order's `items`.
//!
//! A field `<noun>_id` or `<noun>_ids` refers to an element of a list named `<noun>s`, by the
//! element's key or by its own `id` or `<noun>_id`.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::wording::{WordingSettings, name_words, singular, spoken_object};
use crate::retrieve::record::Record;

/// What each `(noun, id)` among the records reads as.
pub(super) struct References {
    spoken: HashMap<(String, String), String>,
}

impl References {
    pub(super) fn of(records: &[Record], settings: &WordingSettings) -> Self {
        let mut references = Self { spoken: HashMap::new() };
        for record in records {
            references.collect(&record.fields, settings);
        }
        references
    }

    /// What the value of the field `name` refers to, if it refers to anything.
    pub(super) fn resolve(&self, name: &str, id: &str) -> Option<&str> {
        let words = name_words(name);
        let (last, noun) = words.split_last()?;
        if noun.is_empty() || !(last == "id" || last == "ids") {
            return None;
        }
        self.spoken.get(&(noun.join(" "), id.to_string())).map(String::as_str)
    }

    fn collect(&mut self, fields: &Map<String, Value>, settings: &WordingSettings) {
        for (name, value) in fields {
            let noun = singular(&name_words(name).join(" "));
            match value {
                Value::Array(elements) => {
                    for element in elements.iter().filter_map(Value::as_object) {
                        self.add(&noun, None, element, settings);
                    }
                }
                Value::Object(elements) => {
                    for (key, element) in elements {
                        if let Some(element) = element.as_object() {
                            self.add(&noun, Some(key), element, settings);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn add(
        &mut self,
        noun: &str,
        key: Option<&str>,
        element: &Map<String, Value>,
        settings: &WordingSettings,
    ) {
        let own_name = format!("{} id", noun);
        let id = element.iter().find_map(|(name, value)| {
            let name = name_words(name).join(" ");
            (name == "id" || name == own_name).then(|| value.as_str()).flatten()
        });
        let Some(id) = id.or(key) else { return };
        let name = element.get("name").and_then(Value::as_str);
        let spoken = name.map_or_else(|| spoken_object(element, settings), str::to_string);
        if !spoken.is_empty() {
            self.spoken.insert((noun.to_string(), id.to_string()), spoken);
        }
    }
}
