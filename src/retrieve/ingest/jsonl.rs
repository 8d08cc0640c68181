//! JSON lines: one article or one record to a line.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::retrieve::document::Document;
use crate::retrieve::record::Record;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleLine {
    id: Value,
    title: String,
    text: String,
    url: Option<String>,
    language: Option<String>,
    audience: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine {
    kind: String,
    id: Value,
    customer_id: Option<Value>,
    #[serde(default)]
    fields: Map<String, Value>,
}

/// `{"id","title","text","url"?,"language"?,"audience"?}`.
pub fn parse_article(line: &str) -> Result<Document, String> {
    let article: ArticleLine = serde_json::from_str(line).map_err(readable)?;
    if article.text.trim().is_empty() {
        return Err("`text` is empty".to_string());
    }
    let mut document =
        Document::plain(identifier("id", article.id)?, article.title.trim(), article.text);
    document.url = article.url;
    document.language = article.language;
    document.audience = article.audience;
    Ok(document)
}

/// `{"kind","id","customer_id"?,"fields":{…}}`.
pub fn parse_record(line: &str) -> Result<Record, String> {
    let record: RecordLine = serde_json::from_str(line).map_err(readable)?;
    let customer_id = match record.customer_id {
        None | Some(Value::Null) => None,
        Some(value) => Some(identifier("customer_id", value)?),
    };
    let kind = identifier("kind", Value::String(record.kind))?;
    Ok(Record { kind, id: identifier("id", record.id)?, customer_id, fields: record.fields })
}

/// Text or a whole number, not empty. An empty owner is refused rather than taken for none: that
/// would make an account record public.
pub fn identifier(name: &str, value: Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_string(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return Err(format!("`{name}` must be text or a whole number")),
    };
    if text.is_empty() { Err(format!("`{name}` is empty")) } else { Ok(text) }
}

/// serde's message without "at line 1", which is not the line of the file.
fn readable(error: serde_json::Error) -> String {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or(&message);
    if error.is_data() {
        what.to_string()
    } else {
        format!("not JSON: {what} (column {})", error.column())
    }
}
