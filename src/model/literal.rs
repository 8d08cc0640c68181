//! Literals: the parts of a text that must come from the evidence, to the letter.
//!
//! A literal is any token with a digit (a number, amount, date, time, identifier), an e-mail address
//! or a web address. This file is the one definition of it: constrained decoding, the checks of a
//! turn and the evaluation all use it. Two spellings of the same thing are the same literal: `$1,299.00`
//! and `1299`, `2026-11-03` and "November 3, 2026", `#W12` and `w12`.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

/// A literal within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// As written.
    pub text: String,
    /// What must be among the evidence's forms for the literal to be grounded.
    claim: String,
    /// Further forms that the literal grounds when it stands in the evidence.
    grounds: Vec<String>,
}

/// The literals that evidence allows.
#[derive(Debug, Clone, Default)]
pub struct AllowedLiterals {
    forms: HashSet<String>,
    texts: Vec<String>,
}

impl AllowedLiterals {
    /// Those of all `texts`.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut allowed = Self::default();
        for literal in texts.into_iter().flat_map(literals_in) {
            allowed.forms.insert(literal.claim);
            allowed.forms.extend(literal.grounds);
            if !allowed.texts.contains(&literal.text) {
                allowed.texts.push(literal.text);
            }
        }
        allowed
    }

    /// True if the literal, in any spelling, stands in the evidence.
    pub fn contains(&self, literal: &Literal) -> bool {
        self.forms.contains(&literal.claim)
    }

    /// The literals as the evidence writes them.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// The literals of `text` that stand in none of the `evidence`.
pub fn ungrounded_literals(text: &str, evidence: &[&str]) -> Vec<Literal> {
    let allowed = AllowedLiterals::from_texts(evidence.iter().copied());
    literals_in(text).into_iter().filter(|literal| !allowed.contains(literal)).collect()
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The alternatives in order of precedence: web and e-mail addresses, dates in words, times, tokens.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
    Regex::new(&format!(
        r"(?xi)
        (?P<url>(?:https?://|www\.)[^\s<>()]+)
        |(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
        |(?P<monthday>\b{month}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?)
        |(?P<daymonth>\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{month}(?:,?\s+\d{{4}}\b|\b))
        |(?P<time>\b\d{{1,2}}(?::\d{{2}})?\s?[ap]\.?m\b\.?)
        |(?P<token>[\#$€£]?[\p{{L}}\p{{N}}_]*\p{{Nd}}[\p{{L}}\p{{N}}_]*(?:[-.,/:'][\p{{L}}\p{{N}}_]+)*%?)
        "
    ))
    .ok()
});
/// Tokens that begin with letters and get their digit after a dash or dot: `FH-20417`.
static PREFIX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{L}_]+(?:[-./][\p{L}_]+)*[-./]$").ok());

/// The literals of a text, in its order. List numbers at the start of a line ("1. ") are none.
pub fn literals_in(text: &str) -> Vec<Literal> {
    let Some(pattern) = PATTERN.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    for captures in pattern.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        let (mut start, mut end) = (whole.start(), whole.end());
        if captures.name("token").is_some() {
            start = with_prefix(text, start);
            if is_list_number(text, start, end) {
                continue;
            }
        }
        if captures.name("url").is_some() {
            end = start
                + text[start..end]
                    .trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '"'])
                    .len();
        }
        let written = &text[start..end];
        let (claim, grounds) = if captures.name("url").is_some() || captures.name("email").is_some()
        {
            (written.trim_end_matches('/').to_lowercase(), Vec::new())
        } else if captures.name("monthday").is_some() || captures.name("daymonth").is_some() {
            date_in_words(written)
        } else if captures.name("time").is_some() {
            (
                format!(
                    "time {}",
                    written.to_lowercase().replace([' ', '.'], "").replace(":00", "")
                ),
                Vec::new(),
            )
        } else {
            token_forms(written)
        };
        found.push(Literal { start, end, text: written.to_string(), claim, grounds });
    }
    found
}

/// Moves the start of a token back over letters joined to it by a dash, and over its `#`.
fn with_prefix(text: &str, start: usize) -> usize {
    let before = &text[..start];
    let mut start =
        PREFIX.as_ref().and_then(|prefix| prefix.find(before)).map_or(start, |found| found.start());
    if text[..start].ends_with('#') {
        start -= 1;
    }
    start
}

fn is_list_number(text: &str, start: usize, end: usize) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..start].trim().is_empty()
        && end - start <= 2
        && text[start..end].bytes().all(|byte| byte.is_ascii_digit())
        && text[end..].starts_with(['.', ')'])
        && text[end + 1..].starts_with(' ')
}

fn date_in_words(written: &str) -> (String, Vec<String>) {
    let lower = written.to_lowercase();
    let month = MONTHS.iter().position(|month| {
        lower.split(|c: char| !c.is_alphabetic()).any(|word| word.starts_with(month))
    });
    let numbers: Vec<u32> = lower
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    match (month, numbers.as_slice()) {
        (Some(month), [day]) => (format!("date {:02}-{day:02}", month + 1), Vec::new()),
        (Some(month), [day, year]) => (
            date_form(*year, month as u32 + 1, *day),
            vec![format!("date {:02}-{day:02}", month + 1)],
        ),
        _ => (lower, Vec::new()),
    }
}

fn date_form(year: u32, month: u32, day: u32) -> String {
    format!("date {year}-{month:02}-{day:02}")
}

/// What a token claims, and what else it grounds.
fn token_forms(written: &str) -> (String, Vec<String>) {
    let lower = written.trim_start_matches('#').to_lowercase();
    if let Some(day) = lower.get(..10)
        && let Ok(date) = day.parse::<jiff::civil::Date>()
    {
        let (year, month, day) = (date.year() as u32, date.month() as u32, date.day() as u32);
        let whole = date_form(year, month, day);
        let rest = lower[10..].trim_start_matches('t').to_string();
        let mut grounds = vec![whole.clone(), format!("date {month:02}-{day:02}")];
        if let Some(clock) = rest.get(..5) {
            grounds.push(clock.to_string());
        }
        return if rest.is_empty() { (whole, grounds) } else { (lower.clone(), grounds) };
    }
    let plain = lower.trim_start_matches(['$', '€', '£']);
    let (number, percent) = match plain.strip_suffix('%') {
        Some(number) => (number, "%"),
        None => (plain, ""),
    };
    if let Some(value) = canonical_number(number) {
        return (format!("{value}{percent}"), Vec::new());
    }
    let identifier: String = plain.chars().filter(|c| c.is_alphanumeric() || *c == '.').collect();
    (identifier, Vec::new())
}

/// `1,299.00`, `1299.0` and `1299` alike; none for what is no number or starts with a zero.
fn canonical_number(text: &str) -> Option<String> {
    let digits = text.replace(',', "");
    let well_grouped = !text.contains(',')
        || text
            .split('.')
            .next()
            .is_some_and(|whole| whole.split(',').skip(1).all(|group| group.len() == 3));
    let mut parts = digits.split('.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some()
        || whole.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || !well_grouped
    {
        return None;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        literals_in(text).into_iter().map(|literal| literal.text).collect()
    }

    #[test]
    fn every_token_with_a_digit_is_a_literal() {
        assert_eq!(texts("Order #W2611340 costs $1,299.00."), ["#W2611340", "$1,299.00"]);
        assert_eq!(texts("FH-20417, RMA-30012 and 20% off"), ["FH-20417", "RMA-30012", "20%"]);
        assert_eq!(texts("a 6.1-inch screen, 1000ml"), ["6.1-inch", "1000ml"]);
        assert_eq!(texts("on November 3, 2026 at 6 am"), ["November 3, 2026", "6 am"]);
        assert_eq!(
            texts("mail help@shop.example or see https://shop.example/a?b=1."),
            ["help@shop.example", "https://shop.example/a?b=1"]
        );
        assert_eq!(texts("1. First\n2) Second"), Vec::<String>::new());
        assert_eq!(texts("call 1-800-555-0142"), ["1-800-555-0142"]);
        assert_eq!(texts("two orders in May"), Vec::<String>::new());
    }

    #[test]
    fn spellings_of_the_same_thing_ground_each_other() {
        for (said, evidence) in [
            ("$1,299.00", "1299"),
            ("November 3, 2026", "2026-11-03"),
            ("Nov 3", "placed on 2026-11-03"),
            ("order w2611340", "#W2611340"),
            ("fh20417", "FH-20417"),
            ("47.80", "$47.8"),
            ("6 a.m.", "6 am"),
        ] {
            assert!(ungrounded_literals(said, &[evidence]).is_empty(), "{said} / {evidence}");
        }
    }

    #[test]
    fn parts_of_a_literal_ground_nothing() {
        for (said, evidence) in [
            ("11", "2026-11-03"),
            ("3 days", "November 3, 2026"),
            ("W2611", "#W2611340"),
            ("$47", "$47.84"),
            ("20 days", "20% off"),
            ("November 3, 2025", "2026-11-03"),
            ("02134", "2134"),
            ("evil@x.example", "help@x.example"),
        ] {
            assert!(!ungrounded_literals(said, &[evidence]).is_empty(), "{said} / {evidence}");
        }
    }

    proptest! {
        #[test]
        fn no_digit_escapes(text in "\\PC{0,60}") {
            let found = literals_in(&text);
            for (offset, character) in text.char_indices() {
                if character.is_ascii_digit() {
                    let covered = found.iter().any(|l| l.start <= offset && offset < l.end);
                    let list_number = text[..offset].trim().len() <= 1;
                    prop_assert!(covered || list_number, "{:?} at {offset}", text);
                }
            }
        }

        #[test]
        fn a_text_grounds_itself(text in "\\PC{0,60}") {
            prop_assert!(ungrounded_literals(&text, &[text.as_str()]).is_empty());
        }
    }
}
