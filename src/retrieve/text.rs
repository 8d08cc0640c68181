//! Words and identifiers: how text becomes terms, for the index and for queries alike.
//!
//! Words are lowercased, folded to ASCII and stemmed (English). An identifier is a chunk with a
//! digit or an `@`; it is kept whole without its punctuation, so that `#W59-18`, `w5918` and
//! `W5918.` are the same identifier.

use serde_json::{Map, Value};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    StopWordFilter, TextAnalyzer, TokenizerManager, WhitespaceTokenizer,
};

/// Name under which the analyzer of words is registered.
pub const WORDS_ANALYZER: &str = "words";
/// Name under which the analyzer of identifiers is registered.
pub const IDENTIFIERS_ANALYZER: &str = "identifiers";
/// Longer tokens are noise: encoded images, hashes.
const LONGEST_TOKEN: usize = 60;

/// Registers the analyzers that the schema names.
pub fn register(analyzers: &TokenizerManager) {
    analyzers.register(WORDS_ANALYZER, words_analyzer());
    analyzers.register(
        IDENTIFIERS_ANALYZER,
        TextAnalyzer::builder(WhitespaceTokenizer::default()).build(),
    );
}

fn words_analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// The stemmed words of a query, without function words unless there is nothing else; no term twice.
pub fn query_words(text: &str) -> Vec<String> {
    let stop_words = StopWordFilter::remove(QUERY_STOP_WORDS.iter().map(|word| word.to_string()));
    let content = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(stop_words)
        .filter(Stemmer::new(Language::English))
        .build();
    let words = tokens(content, text);
    if words.is_empty() { tokens(words_analyzer(), text) } else { words }
}

fn tokens(mut analyzer: TextAnalyzer, text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    analyzer.token_stream(text).process(&mut |token| {
        if !found.contains(&token.text) {
            found.push(token.text.clone());
        }
    });
    found
}

/// The identifiers in a text, normalised, in order, none twice.
pub fn identifiers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for chunk in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '(' | ')'))
    {
        if let Some(identifier) = normalise_identifier(chunk)
            && !found.contains(&identifier)
        {
            found.push(identifier);
        }
    }
    found
}

/// The identifier without punctuation, in lower case; `None` if it is an ordinary word.
pub fn normalise_identifier(chunk: &str) -> Option<String> {
    if !chunk.contains(|c: char| c.is_numeric() || c == '@') {
        return None;
    }
    let normalised: String =
        chunk.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (!normalised.is_empty() && normalised.len() <= LONGEST_TOKEN).then_some(normalised)
}

/// All keys and leaf values of a record's fields as one text, keys with spaces for underscores.
pub fn text_of_fields(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, value) in fields {
        push_key_and_value(&mut text, key, value);
    }
    text
}

fn push_key_and_value(text: &mut String, key: &str, value: &Value) {
    text.push_str(&key.replace(['_', '-', '.'], " "));
    text.push(' ');
    push_value(text, value);
}

fn push_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => text.push_str(if *truth { "yes\n" } else { "no\n" }),
        Value::Number(number) => {
            text.push_str(&number.to_string());
            text.push('\n');
        }
        Value::String(string) => {
            text.push_str(string);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| push_value(text, item)),
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| push_key_and_value(text, key, value));
        }
    }
}

/// The name by which a record is called, if a field gives one.
pub fn label_of(fields: &Map<String, Value>) -> Option<String> {
    ["name", "title", "label", "subject"].iter().find_map(|key| match fields.get(*key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_string()),
        Value::Object(parts) => {
            let words: Vec<&str> = parts.values().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        _ => None,
    })
}

/// True for a function word, given in lower case.
pub fn is_query_stop_word(word: &str) -> bool {
    QUERY_STOP_WORDS.contains(&word)
}

/// Function words that say nothing of what a question is about.
const QUERY_STOP_WORDS: &[&str] = &[
    "a", "about", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by",
    "can", "could", "did", "do", "does", "for", "from", "get", "had", "has", "have", "hello", "hi",
    "how", "i", "if", "in", "into", "is", "it", "its", "just", "know", "like", "ll", "m", "may",
    "me", "my", "need", "not", "of", "ok", "on", "one", "or", "please", "re", "s", "should", "so",
    "some", "t", "tell", "thank", "thanks", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "us", "ve", "want", "was", "we", "were", "what",
    "when", "where", "which", "who", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_the_same_however_they_are_written() {
        assert_eq!(identifiers("see #W59-18, (w5918) or W5918."), ["w5918"]);
        assert_eq!(identifiers("mail Kim@Fjord.example now"), ["kimfjordexample"]);
        assert!(identifiers("no identifier - here").is_empty());
    }

    #[test]
    fn a_query_of_function_words_keeps_them() {
        assert_eq!(query_words("Where are my orders?"), ["order"]);
        assert_eq!(query_words("what is it"), ["what", "is", "it"]);
    }

    #[test]
    fn the_label_is_the_name_in_whatever_shape() {
        let fields =
            |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
        let name = r#"{"name":{"first_name":"Ada","last_name":"Byron"}}"#;
        assert_eq!(label_of(&fields(name)).as_deref(), Some("Ada Byron"));
        assert_eq!(label_of(&fields(r#"{"name":"","title":"Oar"}"#)).as_deref(), Some("Oar"));
        assert_eq!(label_of(&fields(r#"{"price":1}"#)), None);
    }
}
