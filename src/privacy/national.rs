//! Numbers that states give to people. One that could be any number needs the words before it as well.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::context::{before, is_business, pattern, stands_alone};
use super::{Finding, Sensitive};

/// One country's number.
struct Recogniser {
    form: LazyLock<Regex>,
    /// Words that speak for it.
    words: LazyLock<Regex>,
    /// Whether a number of this form, written so, is one without such words.
    alone: fn(&str) -> bool,
    /// Whether its check digits are right.
    right: fn(&str) -> bool,
}

static RECOGNISERS: [Recogniser; 14] = [
    // United States: social security number.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[0-9]{3}([- ]?)[0-9]{2}[- ]?[0-9]{4}")),
        words: LazyLock::new(|| pattern(r"\b(?:ssn|social security|tax ?payer id)\b")),
        alone: |written| written.matches('-').count() == 2,
        right: |number| {
            let [area, group, serial] = [&number[..3], &number[3..5], &number[5..]];
            area != "000"
                && area != "666"
                && !area.starts_with('9')
                && group != "00"
                && serial != "0000"
        },
    },
    // United Kingdom: national insurance number.
    Recogniser {
        form: LazyLock::new(|| {
            pattern(r"[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]")
        }),
        words: LazyLock::new(|| pattern(r"\b(?:ni|nino|national insurance)\b")),
        alone: |_| true,
        right: |number| !["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"].contains(&&number[..2]),
    },
    // Spain: DNI and NIE.
    Recogniser {
        form: LazyLock::new(|| pattern(r"(?:[0-9]{8}|[xyz][0-9]{7})[- ]?[a-z]")),
        words: LazyLock::new(|| pattern(r"\b(?:dni|nie|nif)\b")),
        alone: |_| true,
        right: |number| {
            let first = match &number[..1] {
                "X" => "0",
                "Y" => "1",
                "Z" => "2",
                digit => digit,
            };
            let value: usize = format!("{first}{}", &number[1..8]).parse().unwrap_or(0);
            number.ends_with(char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[value % 23]))
        },
    },
    // Brazil: CPF.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}")),
        words: LazyLock::new(|| pattern(r"\bcpf\b")),
        alone: |written| written.contains('.'),
        right: |number| {
            let check =
                |length: usize| weighted(number, (2..length as u32 + 2).rev()) * 10 % 11 % 10;
            check(9) == digit(number, 9) && check(10) == digit(number, 10)
        },
    },
    // France: NIR.
    Recogniser {
        form: LazyLock::new(|| {
            pattern(r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}")
        }),
        words: LazyLock::new(|| pattern(r"\b(?:nir|sécu|sécurité sociale|securite sociale)\b")),
        alone: |written| written.matches(' ').count() == 6,
        right: |number| {
            let [body, key] =
                [&number[..13], &number[13..]].map(|part| part.parse::<u64>().unwrap_or(0));
            97 - body % 97 == key
        },
    },
    // China: resident identity card.
    Recogniser {
        form: LazyLock::new(|| {
            pattern(
                r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]",
            )
        }),
        words: LazyLock::new(|| pattern(r"身份证|\bresident (?:id|identity)\b")),
        alone: |_| true,
        right: |number| {
            let sum = weighted(number, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
            number.ends_with(char::from(b"10X98765432"[sum as usize % 11]))
        },
    },
    // India: Aadhaar.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}")),
        words: LazyLock::new(|| pattern(r"\b(?:aadhaar|aadhar|adhaar|uidai)\b|आधार")),
        alone: |_| false,
        right: verhoeff,
    },
    // Germany: tax identification number.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}")),
        words: LazyLock::new(|| pattern(r"\b(?:steuer\w*|idnr|identifikationsnummer)\b")),
        alone: |_| false,
        right: |number| {
            let product = number[..10].bytes().fold(10, |product, byte| {
                let sum = (u32::from(byte - b'0') + product) % 10;
                (if sum == 0 { 10 } else { sum }) * 2 % 11
            });
            (11 - product) % 10 == digit(number, 10)
        },
    },
    // Poland: PESEL.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[0-9]{11}")),
        words: LazyLock::new(|| pattern(r"\bpesel\b")),
        alone: |_| false,
        right: |number| {
            let sum = weighted(number, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
            (10 - sum % 10) % 10 == digit(number, 10)
        },
    },
    // The Netherlands: BSN.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[0-9]{9}")),
        words: LazyLock::new(|| pattern(r"\b(?:bsn|burgerservicenummer|sofinummer)\b")),
        alone: |_| false,
        right: |number| weighted(number, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == digit(number, 8),
    },
    // Italy: codice fiscale.
    Recogniser {
        form: LazyLock::new(|| {
            pattern(r"[a-z]{6}[0-9]{2}[abcdehlmprst][0-9]{2}[a-z][0-9]{3}[a-z]")
        }),
        words: LazyLock::new(|| pattern(r"\bcodice fiscale\b")),
        alone: |_| true,
        right: codice_fiscale,
    },
    // Canada: social insurance number.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{3}")),
        words: LazyLock::new(|| pattern(r"\b(?:sin|social insurance)\b")),
        alone: |_| false,
        right: |number| {
            let twice = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
            let sum: u32 = (0..9)
                .map(|at| if at % 2 == 1 { twice(digit(number, at)) } else { digit(number, at) })
                .sum();
            sum.is_multiple_of(10)
        },
    },
    // Passports: no common check digit outside the printed lines.
    Recogniser {
        form: LazyLock::new(|| pattern(r"[a-z]{0,2}[0-9][a-z0-9]{5,8}")),
        words: LazyLock::new(|| {
            pattern(
                r"\b(?:passport|reisepass|pasaporte|passeport|passaporto|paspoort)\b[^.,;]{0,20}(?:number|no\.?|nr\.?|nummer|número|numéro|is|ist|es|est|:|#)\s*$|护照号",
            )
        }),
        alone: |_| false,
        right: |number| number.bytes().filter(u8::is_ascii_digit).count() >= 5,
    },
    Recogniser {
        form: LazyLock::new(|| pattern(r"[a-z][0-9a-z]{7,8}")),
        words: LazyLock::new(|| {
            pattern(
                r"\b(?:passport|reisepass|pasaporte|passeport|passaporto|paspoort|ausweis\w*)\b[^.,;]{0,20}(?:number|no\.?|nr\.?|nummer|número|numéro|is|ist|es|est|:|#)\s*$",
            )
        }),
        alone: |_| false,
        right: |number| number.bytes().filter(u8::is_ascii_digit).count() >= 4,
    },
];

/// Adds the national ids in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    for recogniser in &RECOGNISERS {
        for form in recogniser.form.find_iter(text) {
            if recogniser.is_one(text, &form.range()) {
                found.push(Finding { kind: Sensitive::NationalId, range: form.range() });
            }
        }
    }
}

impl Recogniser {
    fn is_one(&self, text: &str, range: &Range<usize>) -> bool {
        let written = &text[range.clone()];
        // Without regard to case, letters such as the Kelvin sign are within a-z as well.
        if !written.is_ascii() {
            return false;
        }
        let number: String = written
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|character| character.to_ascii_uppercase())
            .collect();
        // A longer row of numbers is something else.
        let in_a_row = |rest: &str, first: Option<char>| {
            first.is_some_and(|it| "-./".contains(it))
                && rest.chars().any(|it| it.is_ascii_digit())
                && rest.starts_with(|it: char| "-./".contains(it))
        };
        let after = &text[range.end..];
        let continues = in_a_row(&after.chars().take(2).collect::<String>(), after.chars().next());
        if continues || !stands_alone(text, range) || !(self.right)(&number) {
            return false;
        }
        self.words.is_match(before(text, range.start))
            || (self.alone)(written) && !is_business(text, range.start)
    }
}

fn digit(number: &str, at: usize) -> u32 {
    u32::from(number.as_bytes()[at] - b'0')
}

/// The digits from the first on, each times its weight.
fn weighted(number: &str, weights: impl IntoIterator<Item = u32>) -> u32 {
    weights.into_iter().enumerate().map(|(at, weight)| digit(number, at) * weight).sum()
}

/// Verhoeff's check digit, over the dihedral group of order ten.
fn verhoeff(number: &str) -> bool {
    const MOVED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = number.bytes().rev().enumerate().fold(0, |check, (at, byte)| {
        let moved = (0..at % 8).fold(u32::from(byte - b'0'), |value, _| MOVED[value as usize]);
        times(check, moved)
    });
    check == 0
}

/// The last letter of a codice fiscale: odd places by a table, even ones by their value.
fn codice_fiscale(number: &str) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let place = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' });
    let sum: u32 = number.bytes().take(15).enumerate().fold(0, |sum, (at, byte)| {
        sum + if at % 2 == 0 { ODD[place(byte) as usize] } else { place(byte) }
    });
    number.as_bytes()[15] == b'A' + (sum % 26) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_have_right_check_digits_and_changed_ones_do_not() {
        assert!(verhoeff("234123412346") && !verhoeff("234123412347"));
        assert!(codice_fiscale("RSSMRA85T10A562S") && !codice_fiscale("RSSMRA85T10A562T"));
        for (text, is_one) in [
            ("11010519491231002X", true),
            ("110105194912310021", false),
            ("12345678Z", true),
            ("12345678A", false),
            ("529.982.247-25", true),
            ("529.982.247-26", false),
            ("PESEL 44051401359", true),
            ("44051401359", false),
            ("BSN 111222333", true),
            ("Steuer-ID 86095742719", true),
        ] {
            let mut found = Vec::new();
            find(text, &mut found);
            assert_eq!(!found.is_empty(), is_one, "{text}");
        }
    }
}
