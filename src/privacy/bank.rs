//! International bank account numbers (ISO 13616): length by country, and the remainder by 97.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{pattern, stands_alone};
use super::{Finding, Sensitive};

static START: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[a-z]{2}[0-9]{2}"));

/// Characters of an IBAN, by country.
const LENGTHS: [(&str, usize); 79] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
];

/// Adds the IBANs in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    // Without regard to case, letters such as the Kelvin sign are within a-z as well.
    for start in START.find_iter(text).filter(|start| start.as_str().is_ascii()) {
        let country = text[start.start()..start.start() + 2].to_ascii_uppercase();
        let Some((_, length)) = LENGTHS.iter().find(|(code, _)| *code == country) else { continue };
        let Some((number, end)) = take(&text[start.start()..], *length) else { continue };
        let range = start.start()..start.start() + end;
        if stands_alone(text, &range) && remainder(&number) == Some(1) {
            found.push(Finding { kind: Sensitive::BankAccount, range });
        }
    }
}

/// The first `length` letters and digits, with at most one space or dash between two, and where they end.
fn take(text: &str, length: usize) -> Option<(String, usize)> {
    let mut number = String::with_capacity(length);
    let mut gap = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if character.is_ascii_alphanumeric() => {
                number.push(character.to_ascii_uppercase());
                gap = false;
                if number.len() == length {
                    return Some((number, at + 1));
                }
            }
            ' ' | '-' if !gap => gap = true,
            _ => return None,
        }
    }
    None
}

/// The remainder by 97 after the first four characters were put last and letters read as 10 to 35.
fn remainder(number: &str) -> Option<u32> {
    let rotated = number[4..].chars().chain(number[..4].chars());
    rotated.map(|character| character.to_digit(36)).try_fold(0, |rest, value| {
        let value = value?;
        Some(if value > 9 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_examples_are_ibans() {
        for number in
            ["GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606"]
        {
            assert_eq!(remainder(number), Some(1), "{number}");
            assert_ne!(remainder(&number.replace("01", "10")), Some(1), "{number}");
        }
        assert!(LENGTHS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
