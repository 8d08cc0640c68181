//! What a literal means: the normal form that it claims, the forms that it grounds when it stands
//! in the evidence, and the spellings in which a writer may repeat it.
//!
//! A claim carries everything that was said: `$20` claims twenty dollars, and plain `20` grounds it
//! while `€20` does not. A date grounds itself with and without its year, and nothing else: neither
//! its day nor its year as a number.

use super::LiteralKind;

/// The three sides of a literal's meaning.
pub(super) struct Forms {
    pub(super) kind: LiteralKind,
    pub(super) claim: String,
    pub(super) grounds: Vec<String>,
}

impl Forms {
    fn new(kind: LiteralKind, claim: impl Into<String>, grounds: Vec<String>) -> Self {
        Self { kind, claim: claim.into(), grounds }
    }
}

/// Marks of currency: an amount with one of them is not grounded by another.
pub(super) const CURRENCIES: [char; 4] = ['$', '€', '£', '¥'];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Units that may be joined to a number: `60-day`, `6.1-inch`, `1000ml`. Other letters make an
/// identifier.
const UNITS: [&str; 40] = [
    "day", "week", "month", "year", "hour", "minute", "second", "night", "person", "people",
    "piece", "pack", "point", "star", "step", "inch", "foot", "feet", "mile", "degree", "ounce",
    "pound", "gram", "liter", "litre", "gallon", "ml", "cl", "cm", "mm", "km", "kg", "lb", "oz",
    "gb", "mb", "tb", "mah", "watt", "volt",
];

/// A web address or a bare domain: scheme, `www.` and letter case aside.
pub(super) fn web_address(written: &str) -> Forms {
    let lower = written.to_lowercase();
    let bare = lower.trim_start_matches("https://").trim_start_matches("http://");
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
    Forms::new(LiteralKind::WebAddress, format!("web {bare}"), Vec::new())
}

/// An e-mail address, letter case aside.
pub(super) fn email(written: &str) -> Forms {
    Forms::new(LiteralKind::Email, written.to_lowercase(), Vec::new())
}

/// `November 3, 2026`, `3rd of Nov`, `November 2026`.
pub(super) fn date_in_words(written: &str) -> Forms {
    let lower = written.to_lowercase();
    let month = MONTHS.iter().position(|month| {
        let start = month[..3].to_lowercase();
        lower.split(|c: char| !c.is_alphabetic()).any(|word| word.starts_with(&start))
    });
    let numbers: Vec<u32> = lower
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let (claim, grounds) = match (month.map(|month| month as u32 + 1), numbers.as_slice()) {
        (Some(month), [year]) if *year > 31 => (month_form(*year, month), Vec::new()),
        (Some(month), [day]) => (day_form(month, *day), Vec::new()),
        (Some(month), [day, year]) => {
            (date_form(*year, month, *day), vec![day_form(month, *day), month_form(*year, month)])
        }
        _ => (lower, Vec::new()),
    };
    Forms::new(LiteralKind::Date, claim, grounds)
}

fn date_form(year: u32, month: u32, day: u32) -> String {
    format!("date {year}-{month:02}-{day:02}")
}

fn day_form(month: u32, day: u32) -> String {
    format!("date {month:02}-{day:02}")
}

fn month_form(year: u32, month: u32) -> String {
    format!("month {year}-{month:02}")
}

/// `6 am`, `6:30 p.m.`.
pub(super) fn time_of_day(written: &str) -> Forms {
    let lower = written.to_lowercase().replace([' ', '.', '\u{a0}', '\u{202f}'], "");
    let is_afternoon = lower.contains('p');
    let clock = lower.trim_end_matches(|c: char| c.is_alphabetic());
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
    let Ok(hour) = hour.parse::<u32>() else {
        return Forms::new(LiteralKind::Time, lower, Vec::new());
    };
    let hour_of_day = hour % 12 + if is_afternoon { 12 } else { 0 };
    Forms::new(
        LiteralKind::Time,
        format!("time {hour_of_day}:{minute}"),
        vec![format!("clock {hour}:{minute}"), format!("clock {hour_of_day}:{minute}")],
    )
}

/// `+1 555 0142 300`, `(020) 7946 0018`: the marks between the groups aside. No part of it is a number.
pub(super) fn grouped_number(written: &str) -> Forms {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    Forms::new(LiteralKind::GroupedNumber, format!("digits {digits}"), Vec::new())
}

/// Any other token with a digit: a date or time in digits, a number, an amount, an identifier.
pub(super) fn token(written: &str) -> Forms {
    let lower = written.trim_start_matches('#').to_lowercase();
    if let Some(forms) = iso_date(&lower) {
        return forms;
    }
    if let Some(forms) = clock(&lower) {
        return forms;
    }
    let currency = lower.chars().next().filter(|first| CURRENCIES.contains(first));
    let plain = lower.trim_start_matches(CURRENCIES);
    if let Some(value) = plain.strip_suffix('%').and_then(canonical_number) {
        return Forms::new(LiteralKind::Percent, format!("{value}%"), Vec::new());
    }
    if let Some(value) = canonical_number(without_unit(plain)) {
        return match currency {
            Some(currency) => {
                Forms::new(LiteralKind::Amount, format!("{currency}{value}"), vec![value])
            }
            None => {
                let amounts = CURRENCIES.iter().map(|mark| format!("{mark}{value}")).collect();
                Forms::new(LiteralKind::Number, value, amounts)
            }
        };
    }
    Forms::new(LiteralKind::Identifier, identifier(&lower), Vec::new())
}

/// `2026-11-03`, with or without a time of day.
fn iso_date(lower: &str) -> Option<Forms> {
    let date: jiff::civil::Date = lower.get(..10)?.parse().ok()?;
    let (year, month, day) = (date.year() as u32, date.month() as u32, date.day() as u32);
    let mut grounds =
        vec![date_form(year, month, day), day_form(month, day), month_form(year, month)];
    let rest = &lower[10..];
    if rest.is_empty() {
        return Some(Forms::new(LiteralKind::Date, date_form(year, month, day), grounds));
    }
    let time_of_day = rest.strip_prefix('t')?;
    if let Some(clock) = time_of_day.get(..5).and_then(clock) {
        grounds.push(clock.claim);
        grounds.extend(clock.grounds);
    }
    Some(Forms::new(LiteralKind::Date, lower, grounds))
}

/// `18:00`: the hour in words of the twelve-hour clock is grounded by it.
fn clock(lower: &str) -> Option<Forms> {
    let (hour, minute) = lower.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if minute.len() != 2 || !(1..=2).contains(&hour.len()) || !digits(hour) || !digits(minute) {
        return None;
    }
    let hour_of_day = hour.parse::<u32>().ok().filter(|hour| *hour < 24)?;
    let mut grounds = Vec::new();
    if hour_of_day == 0 || hour_of_day > 12 || hour.len() == 2 {
        grounds.push(format!("time {hour_of_day}:{minute}"));
    }
    Some(Forms::new(LiteralKind::Time, format!("clock {hour_of_day}:{minute}"), grounds))
}

/// `60-day` and `1000ml` without their unit.
fn without_unit(plain: &str) -> &str {
    let Some(letters) = plain.find(|c: char| c.is_alphabetic()) else { return plain };
    let unit = plain[letters..].trim_end_matches('s');
    let number = plain[..letters].trim_end_matches('-');
    if UNITS.contains(&unit) { number } else { plain }
}

/// `1,299.00`, `1299.0` and `1299` alike; none for what is no number or begins with a zero, as
/// postal codes do.
fn canonical_number(text: &str) -> Option<String> {
    let digits = text.replace(',', "");
    let is_well_grouped = !text.contains(',')
        || text.split('.').next().is_some_and(|whole| {
            whole.split(',').skip(1).all(|group| group.len() == 3)
                && whole.split(',').next().is_some_and(|group| (1..=3).contains(&group.len()))
        });
    let mut parts = digits.split('.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some()
        || whole.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || !is_well_grouped
        || (whole.len() > 1 && whole.starts_with('0'))
    {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") })
}

/// Letter case and a dash between letters and digits aside: `FH-20417` is `fh20417`. Between two
/// digits every mark counts: `6-7` is not `67`.
fn identifier(lower: &str) -> String {
    let characters: Vec<char> = lower.chars().collect();
    let joins_letter = |index: usize| {
        let side = |place: Option<usize>| place.and_then(|place| characters.get(place));
        let left = side(index.checked_sub(1));
        let right = side(Some(index + 1));
        matches!((left, right), (Some(left), Some(right)) if left.is_alphabetic() || right.is_alphabetic())
    };
    characters
        .iter()
        .enumerate()
        .filter(|(index, character)| **character != '-' || !joins_letter(*index))
        .map(|(_, character)| *character)
        .collect()
}

/// The ways in which a literal of the evidence may be written again, its own first.
pub(super) fn spellings(written: &str, kind: LiteralKind, claim: &str) -> Vec<String> {
    let mut spellings = vec![written.to_string()];
    match kind {
        LiteralKind::Date => spellings.extend(date_spellings(claim)),
        LiteralKind::Amount | LiteralKind::Number => spellings.extend(number_spellings(claim)),
        LiteralKind::Time => spellings.extend(time_spellings(claim)),
        LiteralKind::Identifier => {
            spellings.push(written.replace('-', ""));
        }
        _ => {}
    }
    spellings
}

fn date_spellings(claim: &str) -> Vec<String> {
    let digits = claim.trim_start_matches("date ");
    let day_part = digits.get(..10).unwrap_or(digits);
    let numbers: Vec<u32> = day_part.split('-').filter_map(|part| part.parse().ok()).collect();
    let (year, month, day) = match numbers.as_slice() {
        [year, month, day] => (Some(*year), *month, *day),
        [month, day] => (None, *month, *day),
        _ => return Vec::new(),
    };
    let Some(name) = (month as usize).checked_sub(1).and_then(|index| MONTHS.get(index)) else {
        return Vec::new();
    };
    let suffix = match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    let mut spellings = Vec::new();
    if let Some(year) = year {
        spellings.push(format!("{year}-{month:02}-{day:02}"));
        spellings.push(format!("{name} {year}"));
    }
    let years = [String::new(), year.map(|year| format!(", {year}")).unwrap_or_default()];
    let plain_years = [String::new(), year.map(|year| format!(" {year}")).unwrap_or_default()];
    for month_name in [*name, &name[..3]] {
        for (comma_year, plain_year) in years.iter().zip(&plain_years) {
            spellings.push(format!("{month_name} {day}{comma_year}"));
            spellings.push(format!("{month_name} {day}{suffix}{comma_year}"));
            spellings.push(format!("{day} {month_name}{plain_year}"));
            spellings.push(format!("{day}{suffix} of {month_name}{plain_year}"));
        }
    }
    spellings
}

fn number_spellings(claim: &str) -> Vec<String> {
    let value = claim.trim_start_matches(CURRENCIES);
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let mut plain = Vec::new();
    for whole in [whole, grouped.as_str()] {
        if fraction.is_empty() {
            plain.push(whole.to_string());
        }
        if fraction.len() <= 2 {
            plain.push(format!("{whole}.{fraction:0<2}"));
        } else {
            plain.push(format!("{whole}.{fraction}"));
        }
    }
    let said = claim.chars().next().filter(|first| CURRENCIES.contains(first));
    let marks = CURRENCIES.iter().filter(|mark| said.is_none_or(|said| said == **mark));
    let amounts: Vec<String> =
        marks.flat_map(|mark| plain.iter().map(move |number| format!("{mark}{number}"))).collect();
    plain.into_iter().chain(amounts).collect()
}

fn time_spellings(claim: &str) -> Vec<String> {
    let Some((hour, minute)) = claim.strip_prefix("time ").and_then(|time| time.split_once(':'))
    else {
        return Vec::new();
    };
    let Ok(hour) = hour.parse::<u32>() else { return Vec::new() };
    let twelve = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    let half = if hour >= 12 { 'p' } else { 'a' };
    let mut spellings = vec![format!("{twelve}:{minute} {half}m")];
    if minute == "00" {
        spellings.push(format!("{twelve} {half}m"));
        spellings.push(format!("{twelve}{half}m"));
    }
    spellings
}
