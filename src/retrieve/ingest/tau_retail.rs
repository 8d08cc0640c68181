//! The retail store of tau-bench: `users.json`, `orders.json`, `products.json`, each one object of
//! entries by id. The shape of an entry, not the file's name, says what it is.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Place, Sink, jsonl};
use crate::Result;
use crate::retrieve::record::Record;

/// Reads the records of one of the three files.
pub fn read(path: &Path, sink: &mut Sink<Record>) -> Result<()> {
    let at = |entry: Option<String>| Place { file: path.to_path_buf(), line: None, entry };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return sink(at(None), Err(format!("cannot be read: {error}"))),
    };
    let entries: Map<String, Value> = match serde_json::from_str(&text) {
        Ok(entries) => entries,
        Err(error) => {
            let reason = format!("not one JSON object of entries by id: {error}");
            return sink(at(None), Err(reason));
        }
    };
    for (id, entry) in entries {
        let place = at(Some(id.clone()));
        let record = match entry {
            Value::Object(fields) => parse_entry(id, fields),
            _ => Err("not an object".to_string()),
        };
        sink(place, record)?;
    }
    Ok(())
}

fn parse_entry(id: String, fields: Map<String, Value>) -> std::result::Result<Record, String> {
    let (kind, customer_id) = if fields.contains_key("order_id") {
        match fields.get("user_id").and_then(Value::as_str) {
            Some(user_id) if !user_id.trim().is_empty() => {
                ("order", Some(user_id.trim().to_string()))
            }
            _ => return Err("an order without `user_id`".to_string()),
        }
    } else if fields.contains_key("product_id") {
        ("product", None)
    } else if fields.contains_key("email") || fields.contains_key("orders") {
        ("customer", Some(id.trim().to_string()))
    } else {
        return Err("neither a user, an order nor a product".to_string());
    };
    let id = jsonl::identifier("id", Value::String(id))?;
    Ok(Record { kind: kind.to_string(), id, customer_id, fields })
}
