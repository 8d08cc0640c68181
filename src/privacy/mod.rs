//! What must not be kept: card numbers, bank accounts, national ids, passwords, codes and keys, masked before a
//! message is stored, logged or answered.
//!
//! Pure. A number is masked if its form and its check digits say so, or if the words before it do; words
//! such as "order" before a number speak for it. What was measured is in `docs/evaluation.md`
//! (`steward eval privacy`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

mod bank;
mod card;
mod card_code;
mod context;
mod fold;
mod national;
mod password;
mod secret;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitive {
    /// The number of a payment card.
    Card,
    /// An IBAN, or the number of a bank account with that of its bank.
    BankAccount,
    /// A number that a state gave to a person.
    NationalId,
    /// A password, a PIN or a code that lets somebody in once.
    Password,
    /// The code that is printed on a card.
    SecurityCode,
    /// A key or token of a program.
    Secret,
}

impl Sensitive {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Card,
        Self::BankAccount,
        Self::NationalId,
        Self::Password,
        Self::SecurityCode,
        Self::Secret,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::BankAccount => "bank_account",
            Self::NationalId => "national_id",
            Self::Password => "password",
            Self::SecurityCode => "security_code",
            Self::Secret => "secret",
        }
    }
}

/// A second pass hardly ever finds anything; so many end whatever somebody thinks up.
const MOST_PASSES: usize = 8;

/// Something sensitive, and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Sensitive,
    /// Where.
    pub range: Range<usize>,
}

/// Masks the kinds that the settings name.
#[derive(Debug, Clone)]
pub struct Masker {
    kinds: Vec<Sensitive>,
}

/// Text as it may be kept. Only a [`Masker`] makes it, and the store takes nothing else from people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanText {
    text: String,
    changed: bool,
}

impl Masker {
    /// Masks these kinds.
    pub fn new(kinds: &[Sensitive]) -> Self {
        Self { kinds: kinds.to_vec() }
    }

    /// `text` as it may be kept.
    pub fn clean(&self, text: &str) -> CleanText {
        match mask_kinds(text, &self.kinds) {
            Some(masked) => {
                metrics::counter!("steward_masked_texts_total").increment(1);
                CleanText { text: masked, changed: true }
            }
            None => CleanText { text: text.to_string(), changed: false },
        }
    }
}

impl Default for Masker {
    /// Masks all kinds.
    fn default() -> Self {
        Self::new(&Sensitive::ALL)
    }
}

impl CleanText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, if something was masked in it.
    pub fn if_changed(&self) -> Option<&str> {
        self.changed.then_some(self.text.as_str())
    }
}

/// Each adds what it finds.
const RECOGNISERS: [fn(&str, &mut Vec<Finding>); 7] = [
    secret::find,
    password::find,
    card_code::find,
    bank::find,
    card::find,
    card::find_read_out,
    national::find,
];

/// Everything sensitive in `text`, in order, without overlaps.
pub fn find(text: &str) -> Vec<Finding> {
    let folded = fold::fold(text);
    let mut all = Vec::new();
    for recognise in RECOGNISERS {
        recognise(&folded.text, &mut all);
    }
    for finding in &mut all {
        finding.range = folded.written(&finding.range);
    }
    // What begins first counts, and of those the longest.
    all.sort_by_key(|finding| (finding.range.start, usize::MAX - finding.range.end));
    let mut end = 0;
    all.retain(|finding| {
        let free = finding.range.start >= end && !finding.range.is_empty();
        if free {
            end = finding.range.end;
        }
        free
    });
    all
}

/// `text` with everything sensitive replaced by what it was; `None` if there is nothing.
pub fn mask(text: &str) -> Option<String> {
    mask_kinds(text, &Sensitive::ALL)
}

/// Masks until nothing is left: without what was masked, the rest may read as something sensitive.
fn mask_kinds(text: &str, kinds: &[Sensitive]) -> Option<String> {
    let mut masked = mask_once(text, kinds)?;
    for _ in 1..MOST_PASSES {
        let Some(again) = mask_once(&masked, kinds) else { break };
        masked = again;
    }
    Some(masked)
}

fn mask_once(text: &str, kinds: &[Sensitive]) -> Option<String> {
    let mut findings = find(text);
    findings.retain(|finding| kinds.contains(&finding.kind));
    if findings.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for Finding { kind, range } in findings {
        masked.push_str(&text[from..range.start]);
        masked.push_str(&replacement(kind, &text[range.clone()]));
        from = range.end;
    }
    masked.push_str(&text[from..]);
    Some(masked)
}

fn replacement(kind: Sensitive, found: &str) -> String {
    match kind {
        Sensitive::Card => {
            let folded = fold::fold(found);
            let digits: Vec<char> = folded.text.chars().filter(char::is_ascii_digit).collect();
            let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
            // Digits that are spelt out are not put together again.
            if last.is_empty() { "[card]".to_string() } else { format!("[card ending {last}]") }
        }
        Sensitive::BankAccount => "[bank account]".to_string(),
        Sensitive::NationalId => "[national id]".to_string(),
        Sensitive::Password => "[password]".to_string(),
        Sensitive::SecurityCode => "[security code]".to_string(),
        Sensitive::Secret => "[secret]".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_sensitive_is_replaced_by_what_it_was() {
        let text = "card 4111 1111 1111 1111, cvv 123, order FH-20417";
        let masked = mask(text).unwrap();
        assert_eq!(masked, "card [card ending 1111], cvv [security code], order FH-20417");
        assert_eq!(mask("Where is order FH-20417?"), None);
        let in_full_width = "卡号 ４１１１ １１１１ １１１１ １１１１";
        assert_eq!(mask(in_full_width).unwrap(), "卡号 [card ending 1111]");
        let spelt = format!("my card is {}exp may", "four ".to_string() + &"one ".repeat(15));
        assert_eq!(mask(&spelt).unwrap(), "my card is [card] exp may");
    }

    #[test]
    fn what_reads_as_a_card_once_a_password_is_gone_is_masked_as_well() {
        let masked = mask("card 4241 5920 y pwd qweRty24\0&RRRR65920 6611 257120 6611 2").unwrap();
        assert_eq!(masked, "card 4241 5920 y pwd [password] [card ending 6112]");
    }

    #[test]
    fn letters_that_only_look_like_ascii_are_no_part_of_a_number() {
        for text in ["KK12 3456", "ſS89370400440532013000", "RſSMRA85T10A562S", "K1234567"] {
            assert_eq!(mask(text), None, "{text}");
        }
    }

    #[test]
    fn a_frame_full_of_half_findings_takes_a_moment() {
        for piece in [
            "1 ",
            "4",
            "12-",
            "1.",
            "de89 ",
            "password ",
            "pass is ",
            "pin code ",
            "cvv ",
            "bearer ",
            "eyJaaaaaaaa.",
            "-----BEGIN PRIVATE KEY-----",
            "123-45-",
            "-",
            "a",
            "card 4111 1111 ",
        ] {
            let text = piece.repeat(65_536 / piece.len());
            let began = std::time::Instant::now();
            let _ = mask(&text);
            let took = began.elapsed();
            assert!(took < std::time::Duration::from_secs(30), "{piece:?} took {took:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_masked_text_stays_as_it_is(
            text in "[a-zA-Z0-9 .:=-]{0,30}(4111 1111 1111 1111|password: a1b2|ssn 514-22-8836|é|订单|DE89370400440532013000)?[ -~é]{0,40}",
        ) {
            if let Some(masked) = mask(&text) {
                for finding in find(&masked) {
                    // What is left may have come together to something new, but never to a card again.
                    prop_assert_ne!(finding.kind, Sensitive::Card, "{}", masked);
                }
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>()) {
            let _ = mask(&text);
        }
    }
}
