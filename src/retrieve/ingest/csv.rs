//! CSV accounts: columns `kind`, `id`, `customer_id` and one for each field.
//!
//! A dotted name nests: `address.city`. A cell is a number or a truth value only if it reads back
//! exactly as written, so `00420`, `+1 555 0100` and `1e5` stay text.

use std::path::Path;

use serde_json::{Map, Value};

use super::files::LONGEST_LINE_BYTES;
use super::{Place, Sink, jsonl};
use crate::Result;
use crate::retrieve::record::Record;

/// A column's name nests no deeper than this: as deep as JSON is read, and what walks the fields needs no more stack.
const DEEPEST: usize = 100;

/// Reads the records of a file.
pub fn read(path: &Path, sink: &mut Sink<Record>) -> Result<()> {
    let at = |line: Option<usize>| Place { file: path.to_path_buf(), line, entry: None };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return sink(at(None), Err(format!("cannot be read: {error}"))),
    };
    let bytes = with_newlines_alone(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return sink(at(Some(1)), Err(readable(&error))),
    };
    let columns: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_string()).collect();
    for required in ["kind", "id"] {
        if !columns.iter().any(|name| name == required) {
            let found = columns.join(", ");
            let reason = format!("the header has no column `{required}`; it has: {found}");
            return sink(at(Some(1)), Err(reason));
        }
    }
    if let Some(deep) = columns.iter().find(|name| name.split('.').count() > DEEPEST) {
        let shown: String = deep.chars().take(40).collect();
        let reason = format!("the column `{shown}…` nests more than {DEEPEST} deep");
        return sink(at(Some(1)), Err(reason));
    }
    let has_owner = columns.iter().any(|name| name == "customer_id");
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = row.position().map(|position| position.line() as usize);
                sink(at(line), parse_row(&columns, has_owner, &row))?;
            }
            Err(error) => {
                let line = error.position().map(|position| position.line() as usize);
                sink(at(line), Err(readable(&error)))?;
            }
        }
    }
}

/// Without the CR of each CRLF: the reader counts lines wrongly with it.
fn with_newlines_alone(bytes: Vec<u8>) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    for (place, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(place + 1) != Some(&b'\n') {
            kept.push(byte);
        }
    }
    kept
}

fn parse_row(
    columns: &[String],
    has_owner: bool,
    row: &csv::StringRecord,
) -> std::result::Result<Record, String> {
    if row.len() != columns.len() {
        let (found, expected) = (row.len(), columns.len());
        return Err(format!("{found} cells where the header has {expected}"));
    }
    if row.as_slice().len() > LONGEST_LINE_BYTES {
        return Err(format!("longer than {} KiB", LONGEST_LINE_BYTES >> 10));
    }
    let mut fields = Map::new();
    let (mut kind, mut id, mut owner) = (String::new(), String::new(), String::new());
    for (column, cell) in columns.iter().zip(row) {
        match column.as_str() {
            "kind" => kind = cell.trim().to_string(),
            "id" => id = cell.trim().to_string(),
            "customer_id" => owner = cell.trim().to_string(),
            // An empty cell says nothing, rather than that the value is empty.
            _ if cell.trim().is_empty() => {}
            name => nest(&mut fields, name, value_of(cell.trim()))?,
        }
    }
    Ok(Record {
        kind: jsonl::identifier("kind", Value::String(kind))?,
        id: jsonl::identifier("id", Value::String(id))?,
        customer_id: (has_owner && !owner.is_empty()).then_some(owner),
        fields,
    })
}

fn nest(
    fields: &mut Map<String, Value>,
    name: &str,
    value: Value,
) -> std::result::Result<(), String> {
    let Some((outer, inner)) = name.split_once('.').filter(|(a, b)| !a.is_empty() && !b.is_empty())
    else {
        fields.insert(name.to_string(), value);
        return Ok(());
    };
    let entry = fields.entry(outer).or_insert_with(|| Value::Object(Map::new()));
    match entry {
        Value::Object(object) => nest(object, inner, value),
        _ => Err(format!("column `{outer}` is a value and cannot also hold `{name}`")),
    }
}

fn value_of(cell: &str) -> Value {
    match cell {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    if !cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return Value::String(cell.to_string());
    }
    match serde_json::from_str::<Value>(cell) {
        Ok(Value::Number(number)) if number.to_string() == cell => Value::Number(number),
        _ => Value::String(cell.to_string()),
    }
}

fn readable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the file as UTF-8".to_string(),
        _ => error.to_string(),
    }
}
