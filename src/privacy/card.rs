//! Numbers of payment cards: the ranges of the networks (ISO/IEC 7812) and the Luhn digit.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{is_business, is_card, pattern};
use super::national::luhn;
use super::{Finding, Sensitive};

/// Groups of digits, held together by a separator or two.
static GROUPS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]+(?:[ .\-–\u{a0}]{1,2}[0-9]+)*"));
/// Groups as somebody reads them out, with words between.
static READ_OUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b[0-9]{4,8}(?:[ ,.]{1,2}(?:[a-zäöüéñ]+[ ,]{1,2}){0,4}[0-9]{3,8}){1,3}\b")
});
/// Digits as words, in the languages where they were seen.
static SPELT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"\b(?:{0})(?:[ ,.-]{{1,2}}(?:{0})){{11,18}}\b", DIGIT_WORDS.join("|")))
});
static DIGIT_WORD: LazyLock<Regex> = LazyLock::new(|| pattern(&DIGIT_WORDS.join("|")));
/// Each row is a digit's.
const DIGIT_WORDS: [&str; 10] = [
    "zero|oh|null|cero|zéro",
    "one|eins|uno|un",
    "two|zwei|zwo|dos|deux",
    "three|drei|tres|trois",
    "four|vier|cuatro|quatre",
    "five|fünf|cinco|cinq",
    "six|sechs|seis",
    "seven|sieben|siete|sept",
    "eight|acht|ocho|huit",
    "nine|neun|nueve|neuf",
];
/// What speaks for a number that is not written as one.
static OF_A_CARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:cards?|visa|mastercard|amex|cvv2?|cvc2?|cid|exp(?:iry|ires?|iration)?|valid (?:thru|until)|karte\w*|tarjeta|carte|carta|cartão)\b",
    )
});
const SHORTEST: usize = 12;
const LONGEST: usize = 19;
/// As many digits, each with a dash of three bytes behind it.
const LONGEST_WRITTEN_BYTES: usize = 4 * LONGEST;

/// Adds the cards in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    for run in GROUPS.find_iter(text) {
        if run.len() < SHORTEST || touches_letters(text, run.start(), run.end()) {
            continue;
        }
        let groups = groups_of(run.as_str(), run.start());
        let mut first = 0;
        while first < groups.len() {
            // An expiry date or an amount may stand beside the number: any row of groups may be it.
            // So many groups hold more digits than any card.
            let farthest = groups.len().min(first + LONGEST);
            let card = (first..farthest).rev().find_map(|last| {
                let range = groups[first].0..groups[last].1;
                is_number(text, &range, last - first + 1).then_some((last, range))
            });
            match card {
                Some((last, range)) => {
                    found.push(Finding { kind: Sensitive::Card, range });
                    first = last + 1;
                }
                None => first += 1,
            }
        }
    }
}

/// Adds the cards that are read out: with words between the groups, or digit by digit.
pub fn find_read_out(text: &str, found: &mut Vec<Finding>) {
    if !OF_A_CARD.is_match(text) {
        return;
    }
    let mut add = |range: std::ops::Range<usize>, digits: &str| {
        let sure = matches!(digits.len(), 14..=16) && matches!(network(digits), Network::Sure);
        if sure && luhn(digits) {
            found.push(Finding { kind: Sensitive::Card, range });
        }
    };
    for row in READ_OUT.find_iter(text) {
        let digits: String = row.as_str().chars().filter(char::is_ascii_digit).collect();
        add(row.range(), &digits);
    }
    for row in SPELT.find_iter(text) {
        let digit = |word: &str| {
            let word = word.to_lowercase();
            DIGIT_WORDS.iter().position(|row| row.split('|').any(|known| known == word))
        };
        let digits = DIGIT_WORD.find_iter(row.as_str()).filter_map(|word| digit(word.as_str()));
        add(row.range(), &digits.map(|digit| digit.to_string()).collect::<String>());
    }
}

fn touches_letters(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let is_letter = |character: char| character.is_ascii_alphabetic() || character == '_';
    before.is_some_and(is_letter) || after.is_some_and(is_letter)
}

fn groups_of(run: &str, offset: usize) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut start = None;
    for (at, character) in run.char_indices() {
        match (character.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                groups.push((offset + from, offset + at));
                start = None;
            }
            _ => {}
        }
    }
    groups.extend(start.map(|from| (offset + from, offset + run.len())));
    groups
}

fn is_number(text: &str, range: &std::ops::Range<usize>, groups: usize) -> bool {
    if range.len() > LONGEST_WRITTEN_BYTES {
        return false;
    }
    let digits: String = text[range.clone()].chars().filter(char::is_ascii_digit).collect();
    if !(SHORTEST..=LONGEST).contains(&digits.len()) || !luhn(&digits) {
        return false;
    }
    let plausible = match network(&digits) {
        Network::Sure => true,
        Network::Perhaps => is_card(text, range.start),
        Network::None => false,
    };
    // In fours it is written as cards are, whatever stands before.
    let in_fours = groups == 4 && digits.len() == 16;
    plausible && (in_fours || !is_business(text, range.start))
}

enum Network {
    /// In this range of this length there is nothing else of the kind.
    Sure,
    /// A card if the words say so.
    Perhaps,
    None,
}

fn network(digits: &str) -> Network {
    let prefix = |length: usize| digits[..length].parse().unwrap_or(0_u32);
    match (prefix(2), prefix(4), digits.len()) {
        (40..=49, _, 16) | (51..=55, _, 16) | (_, 2221..=2720, 16) => Network::Sure,
        (34 | 37, _, 15) => Network::Sure,
        (_, 6011, 16) | (65, _, 16) | (_, 6440..=6499, 16) => Network::Sure,
        (_, 3528..=3589, 16) | (36 | 38 | 39, _, 14) | (62, _, 16) => Network::Sure,
        (40..=49, _, 13 | 19) | (62, _, 17..=19) | (30, _, 14) => Network::Perhaps,
        (50 | 56..=58 | 60..=69, _, _) => Network::Perhaps,
        _ => Network::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_networks_test_numbers_are_cards_and_a_wrong_digit_is_not() {
        for number in [
            "4242424242424242",
            "5555555555554444",
            "378282246310005",
            "6011111111111117",
            "2223003122003222",
        ] {
            assert!(luhn(number) && matches!(network(number), Network::Sure));
            let wrong = if number.ends_with('0') { "1" } else { "0" };
            assert!(!luhn(&format!("{}{wrong}", &number[..number.len() - 1])), "{number}");
        }
    }
}
