//! Bank accounts: IBANs (ISO 13616: length by country, remainder by 97), and account numbers beside words of banking:
//! routing numbers of the United States (with their check digit) and sort codes of the United Kingdom.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{LINK, is_business, pattern, stands_alone};
use super::{Finding, Sensitive};

static START: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[a-z]{2}[0-9]{2}"));

/// Countries, each with the characters of its IBANs.
const LENGTHS: &str = "\
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 \
    ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 \
    LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 \
    QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 TN24 TR26 UA29";

static BANKING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:bank(?:ing)?|routing|aba|rtn|ach|wire|direct deposit|checking|savings|sort ?code|chase|iban|bic|swift|kontonummer|bankleitzahl|blz)\b",
    )
});
static ROUTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:routing|aba|rtn|transit){LINK}(?P<value>[0-9]{{4}}-?[0-9]{{4}}-?[0-9])\b"
    ))
});
static SORT_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"\bsort[ -]?code{LINK}(?P<value>[0-9]{{2}}[ -]?[0-9]{{2}}[ -]?[0-9]{{2}})\b"))
});
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:acc(?:oun)?t|acc|a/c|konto(?:nummer|nr)?|cuenta|compte){LINK}(?P<value>[0-9](?:[ -]?[0-9]){{5,16}})\b"
    ))
});

/// Adds the bank accounts in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    ibans(text, found);
    if !BANKING.is_match(text) {
        return;
    }
    let mut named = |pattern: &Regex, right: fn(&str) -> bool| {
        let values = pattern.captures_iter(text).filter_map(|captures| captures.name("value"));
        let accounts =
            values.filter(|value| right(value.as_str()) && !is_business(text, value.start()));
        found.extend(
            accounts.map(|value| Finding { kind: Sensitive::BankAccount, range: value.range() }),
        );
    };
    named(&ROUTING, is_routing_number);
    named(&SORT_CODE, |_| true);
    named(&ACCOUNT, |_| true);
}

/// The check digit of the American Bankers Association: weights 3, 7, 1.
fn is_routing_number(written: &str) -> bool {
    let digits = written.bytes().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0'));
    let sum: u32 =
        digits.zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    sum.is_multiple_of(10)
}

fn ibans(text: &str, found: &mut Vec<Finding>) {
    // Without regard to case, letters such as the Kelvin sign are within a-z as well.
    for start in START.find_iter(text).filter(|start| start.as_str().is_ascii()) {
        let country = text[start.start()..start.start() + 2].to_ascii_uppercase();
        let Some(length) = length_of(&country) else { continue };
        let Some((number, end)) = take(&text[start.start()..], length) else { continue };
        let range = start.start()..start.start() + end;
        if stands_alone(text, &range) && remainder(&number) == Some(1) {
            found.push(Finding { kind: Sensitive::BankAccount, range });
        }
    }
}

fn length_of(country: &str) -> Option<usize> {
    LENGTHS.split(' ').find_map(|entry| entry.strip_prefix(country)?.parse().ok())
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
        assert_eq!((length_of("DE"), length_of("NO"), length_of("XX")), (Some(22), Some(15), None));
    }
}
