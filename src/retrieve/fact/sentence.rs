//! The sentence of a fact, in plain English, by the shape of its name and value.

use serde_json::Value;

use super::subject::{Subject, TRAIT_FIELDS};
use super::wording::is_date;

/// Upper-cases the first letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + characters.as_str(),
        None => String::new(),
    }
}

/// "Order #W1 is pending.", "The tracking id of order #W1 is 357.", "Your email is a@b.example."
pub(super) fn fact_sentence(
    subject: &Subject,
    parent: Option<&Subject>,
    within: &[String],
    attribute: &[String],
    raw: &Value,
    spoken: &str,
) -> String {
    let phrase = subject.phrase(parent);
    let name = attribute_phrase(subject, within, attribute);
    let last = attribute.last().map(String::as_str).unwrap_or_default();
    let plain = within.is_empty() && !subject.is_customer;
    let end = if spoken.ends_with(['.', '!', '?']) { "" } else { "." };

    if plain && attribute.len() == 1 && matches!(last, "status" | "state") && raw.is_string() {
        return format!("{} is {spoken}{end}", capitalized(&phrase));
    }
    if plain && let Value::Bool(holds) = raw {
        let adjective = ["able", "ible", "ed", "active", "open", "proof", "stock"]
            .iter()
            .any(|e| last.ends_with(e));
        if adjective {
            let not = if *holds { "" } else { "not " };
            return format!("{} is {not}{}.", capitalized(&phrase), attribute.join(" "));
        }
    }
    let is_day = raw.as_str().is_some_and(is_date);
    if !subject.is_customer && is_day && matches!(last, "on" | "at" | "by") && attribute.len() == 2
    {
        let participle = &attribute[0];
        let phrase = match within {
            [] => phrase.clone(),
            around => format!("the {} of {phrase}", around.join(" ")),
        };
        let was = if last == "by" { "is" } else { "was" };
        if participle.ends_with("ed")
            || matches!(participle.as_str(), "sent" | "paid" | "made" | "bought")
        {
            return format!("{} {was} {participle} {last} {spoken}{end}", capitalized(&phrase));
        }
    }
    if plain && attribute.len() == 1 && last == "price" && !subject.owned {
        return format!("{} costs {spoken}{end}", capitalized(&phrase));
    }
    if matches!(last, "description" | "summary" | "note" | "notes") && spoken.contains(' ') {
        return format!("{}: {spoken}{end}", capitalized(&format!("{name} of {phrase}")));
    }
    let is_sentence = spoken.split(' ').count() >= 6 && spoken.starts_with(char::is_uppercase);
    if is_sentence && (!spoken.contains(", ") || spoken.ends_with('.')) {
        return format!("{}: {spoken}{end}", capitalized(&format!("{name} of {phrase}")));
    }
    let verb = if is_plural(last) { "are" } else { "is" };
    if subject.is_customer {
        return format!("Your {name} {verb} {spoken}{end}");
    }
    format!("{} {verb} {spoken}{end}", capitalized(&format!("the {name} of {phrase}")))
}

/// Parts of a record that need not be named with what is known of them: "the carrier of order FH-1".
const NEEDLESS_AROUND: &[&str] =
    &["shipment", "fulfillment", "delivery", "tracking", "detail", "details", "info"];
/// Attributes that say too little without what is around them.
const GENERIC: &[&str] =
    &["status", "id", "type", "name", "amount", "date", "method", "number", "on", "at"];

/// The attribute with the words around it that it needs: "city of the address", "payment method".
fn attribute_phrase(subject: &Subject, within: &[String], attribute: &[String]) -> String {
    let name = attribute.join(" ");
    let last = attribute.last().cloned().unwrap_or_default();
    let around: Vec<&String> = within
        .iter()
        .filter(|word| {
            !attribute.contains(word)
                && **word != subject.noun
                && (GENERIC.contains(&last.as_str()) || !NEEDLESS_AROUND.contains(&word.as_str()))
                && !TRAIT_FIELDS.contains(&word.as_str())
        })
        .collect();
    if around.is_empty() {
        return name;
    }
    let around: Vec<&str> = around.iter().map(|word| word.as_str()).collect();
    format!("{} {name}", around.join(" "))
}

fn is_plural(word: &str) -> bool {
    word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !word.ends_with("is")
        && !matches!(word, "address" | "series" | "species")
}
