//! The sentence of a fact, in plain English, by the shape of its name and value.

use serde_json::Value;

use super::subject::{Subject, TRAIT_FIELDS};
use super::truth::truth_sentence;
use super::unit::{unit_of, written};
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

    let is_state = matches!(last, "status" | "state") && raw.is_string();
    let names_only_itself = attribute[..attribute.len().saturating_sub(1)]
        .iter()
        .all(|word| subject.noun.split(' ').any(|noun| noun == word));
    if plain && is_state && names_only_itself {
        return match is_said_of_things(spoken) {
            true => format!("{} is {spoken}{end}", capitalized(&phrase)),
            false => {
                format!("{} is {spoken}{end}", capitalized(&format!("the status of {phrase}")))
            }
        };
    }
    if let Value::Bool(holds) = raw {
        let says_itself = attribute.len() > 1
            && matches!(attribute[0].as_str(), "is" | "has" | "are" | "was" | "have");
        if says_itself && !within.is_empty() {
            let phrase = format!("the {} of {phrase}", within.join(" "));
            return truth_sentence(&phrase, attribute, *holds);
        }
        let words = [within, attribute].concat();
        return truth_sentence(&phrase, if within.len() > 1 { attribute } else { &words }, *holds);
    }
    if let Some(sentence) = date_sentence(&phrase, subject, within, attribute, raw, spoken) {
        return sentence;
    }
    if let Some(sentence) = measure_sentence(&phrase, subject, &name, attribute, raw, spoken) {
        return sentence;
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

/// True for a state that a thing can be said to be: "pending", "in progress", not "documents missing".
fn is_said_of_things(state: &str) -> bool {
    const STATES: &[&str] = &[
        "active",
        "open",
        "ready",
        "new",
        "in",
        "on",
        "out",
        "complete",
        "paid",
        "due",
        "overdue",
        "lost",
        "sent",
        "done",
        "final",
        "available",
        "void",
        "under",
        "awaiting",
        "waiting",
        "being",
        "not",
    ];
    let first = state.split(' ').next().unwrap_or_default();
    STATES.contains(&first)
        || ["ed", "ing", "en", "ent", "able"].iter().any(|ending| first.ends_with(ending))
}

/// "Repair 7 was dropped off on March 3, 2026", "Appointment 3 starts on …", "The next service of
/// vehicle 4 is due on …": dates, by the words that their field's name ends in.
fn date_sentence(
    phrase: &str,
    subject: &Subject,
    within: &[String],
    attribute: &[String],
    raw: &Value,
    spoken: &str,
) -> Option<String> {
    if subject.is_customer || !raw.as_str().is_some_and(is_date) {
        return None;
    }
    let (last, before) = attribute.split_last()?;
    let around = match within {
        [] => phrase.to_string(),
        around => format!("the {} of {phrase}", around.join(" ")),
    };
    let first = before.first().map(String::as_str).unwrap_or_default();
    let is_participle = first.len() > 3 && first.ends_with("ed")
        || matches!(first, "sent" | "paid" | "made" | "bought");
    match last.as_str() {
        "on" | "at" | "by" if is_participle => {
            let (was, on) = if last == "by" { ("is", "by") } else { ("was", "on") };
            Some(format!("{} {was} {} {on} {spoken}.", capitalized(&around), before.join(" ")))
        }
        // `starts_at`, `expires_on`
        "on" | "at" if before.len() == 1 && first.len() > 3 && first.ends_with('s') => {
            Some(format!("{} {first} on {spoken}.", capitalized(&around)))
        }
        "until" if !before.is_empty() => {
            let named = before.strip_suffix(&["valid".to_string()]).unwrap_or(before);
            let of = if named.is_empty() {
                around
            } else {
                format!("the {} of {around}", named.join(" "))
            };
            Some(format!("{} is valid until {spoken}.", capitalized(&of)))
        }
        "due" if !before.is_empty() => {
            Some(format!("The {} of {around} is due on {spoken}.", before.join(" ")))
        }
        _ => None,
    }
}

/// "The warranty of repair 7 is 12 months", "The number of adults of stay 4 is 2".
fn measure_sentence(
    phrase: &str,
    subject: &Subject,
    name: &str,
    attribute: &[String],
    raw: &Value,
    spoken: &str,
) -> Option<String> {
    let number = raw.as_number()?;
    let last = attribute.last()?;
    let said = |name: &str| match subject.is_customer {
        true => format!("Your {name} is {spoken}."),
        false => format!("The {name} of {phrase} is {spoken}."),
    };
    if unit_of(attribute).is_some() && attribute.len() > 1 && *spoken != number.to_string() {
        let (measured, _) = name.rsplit_once(' ')?;
        return Some(said(measured));
    }
    let counts = is_plural(last) && *spoken == number.to_string();
    (counts && !subject.is_customer)
        .then(|| format!("The number of {name} of {phrase} is {spoken}."))
}

/// Parts of a record that need not be named with what is known of them: "the carrier of order FH-1".
const NEEDLESS_AROUND: &[&str] =
    &["shipment", "fulfillment", "delivery", "tracking", "detail", "details", "info"];
/// Attributes that say too little without what is around them.
const GENERIC: &[&str] =
    &["status", "id", "type", "name", "amount", "date", "method", "number", "on", "at"];

/// The attribute with the words around it that it needs: "city of the address", "payment method".
fn attribute_phrase(subject: &Subject, within: &[String], attribute: &[String]) -> String {
    let shown: Vec<String> = attribute.iter().map(|word| written(word)).collect();
    let name = shown.join(" ");
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
