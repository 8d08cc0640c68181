//! How field names and values read in a sentence.
//!
//! `placed_on` becomes "placed on", `2026-11-03` becomes "November 3, 2026", `47.84` under a price
//! becomes "$47.84", an address object becomes one line. Rules go by the shape of names and values,
//! never by kind of record.

use serde_json::{Map, Value};

use super::unit::unit_of;

/// How values are written out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordingSettings {
    /// Written before amounts of money; may be empty.
    pub currency: String,
    /// Dates as `long` (November 3, 2026) or `iso` (2026-11-03).
    pub dates: DateStyle,
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// November 3, 2026.
    Long,
    /// 2026-11-03.
    Iso,
}

impl Default for WordingSettings {
    fn default() -> Self {
        Self { currency: "$".to_string(), dates: DateStyle::Long }
    }
}

/// Words of a field name that mean an amount of money when the value is a number.
const MONEY_WORDS: &[&str] = &[
    "price",
    "amount",
    "total",
    "subtotal",
    "cost",
    "fee",
    "tax",
    "discount",
    "balance",
    "refund",
    "credit",
    "charge",
    "paid",
    "fare",
    "rate",
    "deposit",
    "due",
    "premium",
    "shipping",
    "vat",
    "fees",
    "taxes",
    "deductible",
    "payout",
    "salary",
    "rent",
    "quote",
    "debt",
];
/// A number under these is a count even if a money word stands beside it.
const COUNT_WORDS: &[&str] = &[
    "count", "quantity", "points", "miles", "number", "percent", "days", "day", "nights", "items",
    "ratio",
];
/// Parts of a postal address, in the order in which they are written.
const ADDRESS_PARTS: &[&[&str]] = &[
    &["name", "recipient", "company"],
    &["line1", "address1", "street", "street_address", "address", "line"],
    &["line2", "address2", "unit", "apartment", "suite"],
    &["city", "town"],
    &["state", "province", "region", "county"],
    &["zip", "zip_code", "zipcode", "postal_code", "postcode"],
    &["country"],
];
/// Parts of a person's name, in order.
const NAME_PARTS: &[&[&str]] = &[
    &["title", "prefix"],
    &["first", "first_name", "given_name"],
    &["middle", "middle_name"],
    &["last", "last_name", "family_name", "surname"],
];

/// Splits a field name into lower-case words: `trackingNumber`, `tracking_number` and
/// `Tracking-Number` alike give `["tracking", "number"]`.
pub fn name_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_was_lower = false;
    let mut open = false;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            open = false;
            previous_was_lower = false;
            continue;
        }
        if !open || (character.is_uppercase() && previous_was_lower) {
            words.push(String::new());
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
        previous_was_lower = character.is_lowercase() || character.is_numeric();
    }
    words
}

/// A field name as it reads in a sentence: `payment_method_id` gives "payment method".
pub fn spoken_name(name: &str) -> String {
    let mut words = name_words(name);
    if words.len() > 1 && words.last().is_some_and(|word| word == "id" || word == "ids") {
        let keeps_meaning = words.iter().any(|word| word == "method" || word == "type");
        if keeps_meaning {
            words.pop();
        }
    }
    words.join(" ")
}

/// `orders` gives "order", `batteries` gives "battery", `history` stays.
pub fn singular(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    for ending in ["ches", "shes", "sses", "xes"] {
        if noun.ends_with(ending) {
            return noun[..noun.len() - 2].to_string();
        }
    }
    match noun.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_string(),
        _ => noun.to_string(),
    }
}

/// "a" or "an", by the first letter.
pub fn indefinite(noun: &str) -> String {
    let article = match noun.chars().next().map(|first| first.to_ascii_lowercase()) {
        Some('a' | 'e' | 'i' | 'o') => "an",
        _ => "a",
    };
    format!("{article} {noun}")
}

/// "a", "a and b", "a, b and c".
pub fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A single value as it reads in a sentence, given the words of the name it stands under.
pub fn spoken_value(words: &[String], value: &Value, settings: &WordingSettings) -> String {
    match value {
        Value::Null => "not given".to_string(),
        Value::Bool(true) => "yes".to_string(),
        Value::Bool(false) => "no".to_string(),
        Value::Number(number) => {
            if is_money(words) {
                amount(number.as_f64().unwrap_or_default(), settings)
            } else if let Some((one, many)) = unit_of(words) {
                let unit = if number.as_f64() == Some(1.0) { one } else { many };
                format!("{number} {unit}")
            } else {
                number.to_string()
            }
        }
        Value::String(text) => spoken_text(words, text, settings),
        Value::Array(values) => {
            let parts: Vec<String> =
                values.iter().map(|value| spoken_value(words, value, settings)).collect();
            joined(&parts)
        }
        Value::Object(fields) => spoken_object(fields, settings),
    }
}

/// An amount of money. Four digits carry no separator, five and more do. Rates keep what is finer
/// than a cent: $0.274.
fn amount(number: f64, settings: &WordingSettings) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    let fine = format!("{:.5}", number.abs());
    let cents_end = fine.len() - 3;
    let plain = match number.abs() < 1.0 {
        true => fine[..cents_end].to_string() + fine[cents_end..].trim_end_matches('0'),
        false => format!("{:.2}", number.abs()),
    };
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let grouped = if whole.len() > 4 { grouped_thousands(whole) } else { whole.to_string() };
    format!("{sign}{}{grouped}.{cents}", settings.currency)
}

fn grouped_thousands(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// True if a number under a name with these words is money.
pub fn is_money(words: &[String]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let per = words.iter().position(|word| word == "per").unwrap_or(words.len());
    let counts = words[..per].iter().any(|word| COUNT_WORDS.contains(&word.as_str()));
    has(MONEY_WORDS) && !counts && unit_of(words).is_none()
}

fn spoken_text(words: &[String], text: &str, settings: &WordingSettings) -> String {
    if settings.dates == DateStyle::Long
        && let Some(date) = long_date(text).or_else(|| clock_time(text))
    {
        return date;
    }
    // Codes such as READY_TO_SHIP or credit_card read as words; identifiers keep their spelling.
    let is_code =
        text.contains('_') && !text.contains(|c: char| c.is_ascii_digit() || c == ' ' || c == '@');
    let is_status = words.last().is_some_and(|word| word == "status" || word == "state");
    if is_code {
        let spaced = text.replace('_', " ");
        return if text.chars().any(|c| c.is_lowercase()) { spaced } else { spaced.to_lowercase() };
    }
    if is_status && text.len() > 3 && text.chars().all(|c| c.is_uppercase() || c == ' ') {
        return text.to_lowercase();
    }
    text.trim().to_string()
}

/// `2026-11-03` and `2026-11-03T14:05:00Z` as "November 3, 2026" (with the time, if one is given).
pub fn long_date(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let date: jiff::civil::Date = day.parse().ok()?;
    let month = date.strftime("%B");
    let spoken = format!("{month} {}, {}", date.day(), date.year());
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(spoken);
    }
    let clock = rest.strip_prefix(['T', ' '])?.get(..5)?;
    let time: jiff::civil::Time = clock.parse().ok()?;
    Some(format!("{spoken} at {}", half_day(time)))
}

/// `14:05` as "2:05 PM".
pub fn clock_time(text: &str) -> Option<String> {
    let is_clock = matches!(text.len(), 5 | 8) && text.as_bytes().get(2) == Some(&b':');
    is_clock.then(|| text.parse::<jiff::civil::Time>().ok().map(half_day)).flatten()
}

fn half_day(time: jiff::civil::Time) -> String {
    time.strftime("%I:%M %p").to_string().trim_start_matches('0').to_string()
}

/// True if the text begins with an ISO date.
pub fn is_date(text: &str) -> bool {
    text.get(..10).is_some_and(|day| day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok())
}

/// A flat object in one line: what it is, or its parts in turn.
pub fn spoken_object(fields: &Map<String, Value>, settings: &WordingSettings) -> String {
    if let Some(known) = known_shape(fields, settings) {
        return known;
    }
    let parts: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_null() && !value.is_object() && !value.is_array())
        .map(|(name, value)| {
            let words = name_words(name);
            format!("{} {}", spoken_name(name), spoken_value(&words, value, settings))
        })
        .collect();
    parts.join(", ")
}

/// A person's name, an address or a means of payment in one line; none for other objects.
pub fn known_shape(fields: &Map<String, Value>, settings: &WordingSettings) -> Option<String> {
    in_parts(fields, NAME_PARTS, " ", 2, settings)
        .or_else(|| in_parts(fields, ADDRESS_PARTS, ", ", 3, settings))
        .or_else(|| payment_card(fields, settings))
        .or_else(|| date_range(fields, settings))
}

/// "March 1, 2026 to March 31, 2026": an object of nothing but a beginning and an end.
fn date_range(fields: &Map<String, Value>, settings: &WordingSettings) -> Option<String> {
    let date_under = |names: &[&str]| {
        fields.iter().find_map(|(name, value)| {
            let text = value.as_str().filter(|text| is_date(text))?;
            let is_named = names.contains(&name_words(name).join("_").as_str());
            is_named.then(|| spoken_text(&[], text, settings))
        })
    };
    let from = date_under(&["from", "start", "starts", "begin", "start_date", "begins"])?;
    let to = date_under(&["to", "end", "ends", "until", "end_date"])?;
    (fields.len() == 2).then(|| format!("{from} to {to}"))
}

/// The values of `fields` in the order of `order`, if every field has a place in it and at least
/// `least` are present.
fn in_parts(
    fields: &Map<String, Value>,
    order: &[&[&str]],
    separator: &str,
    least: usize,
    settings: &WordingSettings,
) -> Option<String> {
    let place = |name: &str| {
        let name = name_words(name).join("_");
        order.iter().position(|alternatives| alternatives.contains(&name.as_str()))
    };
    let mut placed: Vec<(usize, String)> = Vec::new();
    for (name, value) in fields {
        let place = place(name)?;
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            continue;
        }
        placed.push((place, spoken_value(&[], value, settings)));
    }
    if placed.len() < least {
        return None;
    }
    placed.sort_by_key(|(place, _)| *place);
    let parts: Vec<String> = placed.into_iter().map(|(_, part)| part).collect();
    Some(parts.join(separator))
}

/// "Visa credit card ending in 4821 (card_77)": what is known of a means of payment.
pub(super) fn payment_card(
    fields: &Map<String, Value>,
    settings: &WordingSettings,
) -> Option<String> {
    let find = |wanted: &[&str]| {
        fields.iter().find_map(|(name, value)| {
            let name = name_words(name).join("_");
            wanted.contains(&name.as_str()).then(|| spoken_value(&[], value, settings))
        })
    };
    let kind = find(&["source", "type", "method", "payment_type", "payment_method"])?;
    let last_four = find(&["last_four", "last4", "last_digits", "last_four_digits"]);
    let brand = find(&["brand", "network", "issuer"]);
    let id = find(&["id", "reference"]);
    let is_payment = last_four.is_some()
        || ["card", "pay", "bank", "wallet"].iter().any(|word| kind.to_lowercase().contains(word));
    if !is_payment {
        return None;
    }
    if last_four.is_none() && brand.is_none() && id.is_none() {
        return None;
    }
    let mut spoken = match brand {
        Some(brand) if !kind.to_lowercase().contains(&brand.to_lowercase()) => {
            format!("{brand} {kind}")
        }
        _ => kind,
    };
    if let Some(last_four) = last_four {
        spoken.push_str(&format!(" ending in {last_four}"));
    }
    if let Some(id) = id {
        spoken.push_str(&format!(" ({id})"));
    }
    Some(spoken)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn field_names_of_any_style_become_words() {
        assert_eq!(name_words("trackingNumber"), ["tracking", "number"]);
        assert_eq!(name_words("placed_on"), ["placed", "on"]);
        assert_eq!(name_words("backrest height"), ["backrest", "height"]);
        assert_eq!(spoken_name("payment_method_id"), "payment method");
        assert_eq!(spoken_name("tracking_id"), "tracking id");
    }

    #[test]
    fn values_read_as_a_person_would_write_them() {
        let settings = WordingSettings::default();
        let words = |name: &str| name_words(name);
        assert_eq!(spoken_value(&words("price"), &json!(47.8), &settings), "$47.80");
        assert_eq!(spoken_value(&words("total"), &json!(12345.5), &settings), "$12,345.50");
        assert_eq!(spoken_value(&words("quantity"), &json!(3), &settings), "3");
        assert_eq!(
            spoken_value(&words("shipped_on"), &json!("2026-11-03"), &settings),
            "November 3, 2026"
        );
        assert_eq!(
            spoken_value(&words("status"), &json!("READY_TO_SHIP"), &settings),
            "ready to ship"
        );
        assert_eq!(spoken_value(&words("source"), &json!("credit_card"), &settings), "credit card");
        assert_eq!(
            spoken_value(&words("id"), &json!("credit_card_77"), &settings),
            "credit_card_77"
        );
    }

    #[test]
    fn flat_objects_become_one_line() {
        let settings = WordingSettings::default();
        let address = json!({"address1":"9 Elm St","address2":"Suite 2","city":"Reno","country":"USA","state":"NV","zip":"89501"});
        assert_eq!(
            spoken_object(&object(address), &settings),
            "9 Elm St, Suite 2, Reno, NV, 89501, USA"
        );
        let name = json!({"first_name":"Ada","last_name":"Hill"});
        assert_eq!(spoken_object(&object(name), &settings), "Ada Hill");
        let card =
            json!({"source":"credit_card","brand":"visa","last_four":"0012","id":"credit_card_9"});
        assert_eq!(
            spoken_object(&object(card), &settings),
            "visa credit card ending in 0012 (credit_card_9)"
        );
        let other = json!({"capacity":"1000ml","color":"blue"});
        assert_eq!(spoken_object(&object(other), &settings), "capacity 1000ml, color blue");
    }
}
