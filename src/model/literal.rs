//! Literals: the parts of a text that must come from the evidence, to the letter.
//!
//! A literal is any token with a digit (a number, amount, date, time, identifier), an e-mail address,
//! a web address or a domain. This file is the one definition of it: constrained decoding, the checks
//! of a turn and the evaluation all use it. Two spellings of the same thing are the same literal:
//! `$1,299.00` and `1299`, `2026-11-03` and "November 3, 2026", `#W12` and `w12`. A part of a literal
//! is no literal: the date grounds neither "11" nor "3 days".

mod forms;

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use forms::Forms;

/// What a literal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// A number, with or without a unit joined to it.
    Number,
    /// A number with a mark of currency.
    Amount,
    /// A number of percent.
    Percent,
    /// A day, or a month of a year.
    Date,
    /// A time of day.
    Time,
    /// Any other token with a digit: an order number, a code, a model's name.
    Identifier,
    /// An e-mail address.
    Email,
    /// A web address or a domain.
    WebAddress,
    /// Groups of digits that are one number: of a telephone, a card, an account.
    GroupedNumber,
}

/// A literal within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// As written.
    pub text: String,
    /// What it is.
    pub kind: LiteralKind,
    /// What must be among the evidence's forms for the literal to be grounded.
    claim: String,
    /// Further forms that the literal grounds when it stands in the evidence.
    grounds: Vec<String>,
}

impl Literal {
    /// The normal form, the same for all spellings of one thing.
    pub fn normalised(&self) -> &str {
        &self.claim
    }
}

/// The literals that evidence allows.
#[derive(Debug, Clone, Default)]
pub struct AllowedLiterals {
    forms: HashSet<String>,
    texts: Vec<String>,
    /// All spellings in lower case, `#` aside, in order, so that a beginning is found by search.
    spellings: BTreeSet<String>,
}

impl AllowedLiterals {
    /// Those of all `texts`.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut allowed = Self::default();
        for literal in texts.into_iter().flat_map(literals_in) {
            for spelling in forms::spellings(&literal.text, literal.kind, &literal.claim) {
                allowed.spellings.insert(as_searched(&spelling));
            }
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

    /// True if `beginning` is the beginning of a spelling of an allowed literal, but not all of it.
    pub fn has_beginning(&self, beginning: &str) -> bool {
        let beginning = as_searched(beginning);
        self.spellings
            .range(beginning.clone()..)
            .take_while(|spelling| spelling.starts_with(&beginning))
            .any(|spelling| spelling.len() > beginning.len())
    }

    /// The literals as the evidence writes them.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

fn as_searched(text: &str) -> String {
    text.trim_start_matches('#').to_lowercase()
}

/// The literals of `text` that stand in none of the `evidence`.
pub fn ungrounded_literals(text: &str, evidence: &[&str]) -> Vec<Literal> {
    let allowed = AllowedLiterals::from_texts(evidence.iter().copied());
    literals_in(text).into_iter().filter(|literal| !allowed.contains(literal)).collect()
}

/// The alternatives in order of precedence: addresses, dates in words, times, numbers in groups, tokens. Between a day
/// and "May" the month is only the one with a capital: "up to 3 may be returned" is no date.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let other_months = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
    Regex::new(&format!(
        r"(?xi)
        (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?:/[^\s<>()]*)?)
        |(?P<web>(?:https?://|www\.)[^\s<>()]+
            |\b(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|shop|store|app|dev|example|co\.uk)\b(?:/[^\s<>()]*)?)
        |(?P<date>\b(?:{other_months}|may)\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?
            |\b(?:{other_months}|may)\b\.?\s+\d{{4}}\b
            |\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{other_months}|(?-i:May|MAY))\b\.?(?:,?\s+\d{{4}}\b)?)
        |(?P<time>\b\d{{1,2}}(?::\d{{2}})?\s?[ap]\.?m\b\.?)
        |(?P<grouped>\+\d{{1,4}}(?:[\ .-]?\(\d{{1,5}}\))?(?:[\ .-]\d{{2,}}){{1,4}}\b
            |\(\d{{2,5}}\)[\ .-]?\d{{2,}}(?:[\ .-]\d{{2,}}){{0,3}}\b
            |\b(?:0\d{{1,2}}\ )?\d{{3,}}(?:\ \d{{3,}}){{1,3}}\b)
        |(?P<token>[\#$€£¥]?[\p{{L}}\p{{N}}_]*\p{{Nd}}[\p{{L}}\p{{N}}_]*(?:[-./][\p{{L}}\p{{N}}_]+|[,:']\p{{Nd}}[\p{{L}}\p{{N}}_]*)*%?)
        "
    ))
    .ok()
});
/// Letters joined by a dash, dot or slash to the digits after them: `FH-20417`.
static PREFIX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{L}_]+(?:[-./][\p{L}_]+)*[-./]$").ok());

/// The literals of a text, in its order. List numbers at the start of a line ("1. ") are none.
pub fn literals_in(text: &str) -> Vec<Literal> {
    let Some(pattern) = PATTERN.as_ref() else { return Vec::new() };
    let mut from = 0;
    let mut literal_of_match = |captures: Captures<'_>| {
        let literal = literal_of(text, from, &captures)?;
        from = literal.end;
        Some(literal)
    };
    pattern.captures_iter(text).filter_map(&mut literal_of_match).collect()
}

/// The literal of a match; nothing before `from`, where the last one ended, belongs to it.
fn literal_of(text: &str, from: usize, captures: &Captures<'_>) -> Option<Literal> {
    let whole = captures.get(0)?;
    let (mut start, mut end) = (whole.start(), whole.end());
    let is = |name: &str| captures.name(name).is_some();
    if is("token") {
        start = with_prefix(text, from, start);
        if is_list_number(text, start, end) {
            return None;
        }
    } else if is("web") {
        let marks = ['.', ',', ';', ':', '!', '?', '\'', '"'];
        end = start + text[start..end].trim_end_matches(marks).len();
    }
    let written = &text[start..end];
    let Forms { kind, claim, grounds } = if is("email") {
        forms::email(written)
    } else if is("web") {
        forms::web_address(written)
    } else if is("date") {
        forms::date_in_words(written)
    } else if is("time") {
        forms::time_of_day(written)
    } else if is("grouped") {
        forms::grouped_number(written)
    } else {
        forms::token(written)
    };
    Some(Literal { start, end, text: written.to_string(), kind, claim, grounds })
}

/// Moves the start of a token back over letters joined to it by a dash, and over its `#`.
fn with_prefix(text: &str, from: usize, start: usize) -> usize {
    // Only the word is searched: the whole text would be read again for every token.
    let word = text[from..start]
        .char_indices()
        .rev()
        .find(|(_, character)| character.is_whitespace())
        .map_or(from, |(place, space)| from + place + space.len_utf8());
    let mut start = PREFIX
        .as_ref()
        .and_then(|prefix| prefix.find(&text[word..start]))
        .map_or(start, |found| word + found.start());
    if text[from..start].ends_with('#') {
        start -= 1;
    }
    start
}

/// True for "1." and "2)" at the beginning of a line.
fn is_list_number(text: &str, start: usize, end: usize) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..start].trim().is_empty()
        && end - start <= 2
        && text[start..end].bytes().all(|byte| byte.is_ascii_digit())
        && text[end..].starts_with(['.', ')'])
        && text[end + 1..].starts_with(' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        literals_in(text).into_iter().map(|literal| literal.text).collect()
    }

    #[test]
    fn a_literal_begins_where_the_last_one_ended_at_the_earliest() {
        assert_eq!(texts("b. ٣b-¥2ays"), ["٣b", "¥2ays"]);
        let joined = "1¥a-".repeat(100_000);
        let began = std::time::Instant::now();
        assert_eq!(literals_in(&joined).len(), 100_000);
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
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
        assert_eq!(texts("call +1 555 0142 300, or 2"), ["+1 555 0142 300", "2"]);
        assert_eq!(texts("call (020) 7946 0018."), ["(020) 7946 0018"]);
        assert_eq!(texts("card 4111 1111 1111 1111"), ["4111 1111 1111 1111"]);
        assert_eq!(texts("in 2026 50 orders"), ["2026", "50"]);
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
            ("6 pm", "open until 18:00"),
            ("2:30", "at 2:30 pm"),
            ("10:00", "2026-11-03T10:00:00Z"),
            ("in November 2026", "2026-11-03"),
            ("within 60 days", "a 60-day window"),
            ("1000 ml", "1000ml"),
            ("$20", "total: 20"),
            ("shop.example/returns", "https://www.shop.example/returns/"),
            ("over 50", "orders over 50 may ship free"),
            ("W123's status", "#W123"),
            ("Help@Shop.example", "help@shop.example"),
            ("+1-555-0142-300", "+1 555 0142 300"),
            ("(020) 7946 0018", "020 7946 0018"),
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
            ("€20", "$20"),
            ("10:00", "1000"),
            ("6-7", "67"),
            ("2026", "2026-11-03"),
            ("6 pm", "6 am"),
            ("evil.com", "shop.com"),
            ("www.evil.example", "www.shop.example"),
            ("November 2025", "2026-11-03"),
            ("3 of November", "up to 3"),
            ("W12-34", "W123-4"),
            ("+1 555 300", "+1 555 0142 300"),
            ("0142 300", "+1 555 0142 300"),
            ("300", "+1 555 0142 300"),
            ("a@b.example/email", "a@b.example"),
        ] {
            assert!(!ungrounded_literals(said, &[evidence]).is_empty(), "{said} / {evidence}");
        }
    }

    #[test]
    fn literals_have_a_kind_and_a_normal_form() {
        let found = literals_in("$1,299.50 on Nov 3 at 6 pm: 20% off W12, a@b.example, 30 days");
        let kinds: Vec<(LiteralKind, &str)> =
            found.iter().map(|literal| (literal.kind, literal.normalised())).collect();
        assert_eq!(
            kinds,
            [
                (LiteralKind::Amount, "$1299.5"),
                (LiteralKind::Date, "date 11-03"),
                (LiteralKind::Time, "time 18:00"),
                (LiteralKind::Percent, "20%"),
                (LiteralKind::Identifier, "w12"),
                (LiteralKind::Email, "a@b.example"),
                (LiteralKind::Number, "30"),
            ]
        );
    }

    #[test]
    fn every_spelling_offered_is_grounded() {
        for evidence in [
            "2026-11-03",
            "2026-11-22",
            "Nov 3",
            "November 3, 2026",
            "$1,299.50",
            "1299",
            "47.8",
            "€20",
            "6 am",
            "12:30 p.m.",
            "FH-20417",
            "#W2611340",
            "a@b.example",
            "3.14159",
            "1000ml",
            "+1 555 0142 300",
        ] {
            let allowed = AllowedLiterals::from_texts([evidence]);
            for spelling in &allowed.spellings {
                let found = ungrounded_literals(spelling, &[evidence]);
                assert!(found.is_empty(), "{evidence} -> {spelling}: {found:?}");
                assert!(!literals_in(spelling).is_empty(), "{evidence} -> {spelling}");
            }
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
