//! Numbers that states give to people. One that could be any number needs the words before it as well.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::context::{before, is_business, pattern, stands_alone};
use super::{Finding, Sensitive};

mod checks;
pub(super) use checks::luhn;

/// One country's number.
struct National {
    form: &'static str,
    /// Words that speak for it.
    words: &'static str,
    /// Whether a number of this form, written so, is one without such words.
    alone: fn(&str) -> bool,
    /// Whether its check digits are right.
    right: fn(&str) -> bool,
}

const NEVER: fn(&str) -> bool = |_| false;
const ALWAYS: fn(&str) -> bool = |_| true;
const PASSPORT: &str = r"\b(?:passport|reisepass|pasaporte|passeport|passaporto|paspoort|ausweis\w*)\b[^.,;]{0,20}(?:number|no\.?|nr\.?|nummer|número|numéro|is|ist|es|est|:|#)\s*$|护照号";

const NATIONALS: &[National] = &[
    // United States.
    National {
        form: r"[0-9]{3}[- .]?[0-9]{2}[- .]?[0-9]{4}",
        words: r"\b(?:ssn|itin|social security|social|tax ?payer id\w*)\b",
        alone: |written| written.matches('-').count() == 2,
        right: checks::ssn,
    },
    // United Kingdom: national insurance.
    National {
        form: r"[a-ceghj-prstw-z][a-ceghj-nprstw-z][ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[a-d]",
        words: r"\b(?:ni|nino|national insurance)\b",
        alone: ALWAYS,
        right: checks::nino,
    },
    // Spain: DNI and NIE.
    National {
        form: r"(?:[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}|[xyz][- ]?[0-9]{7})[- ]?[a-z]",
        words: r"\b(?:dni|nie|nif)\b",
        alone: ALWAYS,
        right: checks::dni,
    },
    // Brazil: CPF.
    National {
        form: r"[0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}[- ]?[0-9]{2}",
        words: r"\bcpf\b",
        alone: |written| written.contains('.'),
        right: checks::cpf,
    },
    // France: NIR.
    National {
        form: r"[12][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9][0-9ab][ .]?[0-9]{3}[ .]?[0-9]{3}[ .-]?[0-9]{2}",
        words: r"\b(?:nir|sécu|secu|sécurité sociale|securite sociale)\b",
        alone: |written| written.matches([' ', '.']).count() > 4,
        right: checks::nir,
    },
    // China: resident identity card.
    National {
        form: r"[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}[0-9x]",
        words: r"身份证|\bresident (?:id|identity)\b",
        alone: ALWAYS,
        right: checks::resident,
    },
    // India: Aadhaar.
    National {
        form: r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        words: r"\b(?:aadhaar|aadhar|adhaar|uidai)\b|आधार",
        alone: NEVER,
        right: checks::verhoeff,
    },
    // India: tax number.
    National {
        form: r"[a-z]{3}[abcfghljpt][a-z][0-9]{4}[a-z]",
        words: r"\b(?:pan|permanent account)\b",
        alone: NEVER,
        right: ALWAYS,
    },
    // Germany: tax id.
    National {
        form: r"[1-9][0-9][ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}",
        words: r"\b(?:steuer\w*|idnr|identifikationsnummer|tax id)\b",
        alone: NEVER,
        right: checks::steuer_id,
    },
    // Poland: PESEL.
    National { form: r"[0-9]{11}", words: r"\bpesel\b", alone: NEVER, right: checks::pesel },
    // The Netherlands: BSN.
    National {
        form: r"[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{3}|[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}",
        words: r"\b(?:bsn|burgerservicenummer|sofinummer)\b",
        alone: NEVER,
        right: checks::bsn,
    },
    // Italy: codice fiscale.
    National {
        form: r"[a-z]{3}[ -]?[a-z]{3}[ -]?[0-9lmnpqrstuv]{2}[abcdehlmprst][0-9lmnpqrstuv]{2}[ -]?[a-z][0-9lmnpqrstuv]{3}[a-z]",
        words: r"\b(?:codice fiscale|cf)\b",
        alone: ALWAYS,
        right: checks::codice_fiscale,
    },
    // Canada: social insurance.
    National {
        form: r"[0-9]{3}[- .]?[0-9]{3}[- .]?[0-9]{3}",
        words: r"\b(?:sin|social insurance|nas)\b",
        alone: NEVER,
        right: checks::luhn,
    },
    // Sweden.
    National {
        form: r"(?:19|20)?[0-9]{6}[-+ ]?[0-9]{4}",
        words: r"\b(?:personnummer|personnr|samordningsnummer|personal (?:identity )?number)\b",
        alone: |written| written.contains(['-', '+']),
        right: checks::personnummer,
    },
    // Denmark: CPR.
    National {
        form: r"[0-9]{6}[- ]?[0-9]{4}",
        words: r"\b(?:cpr\w*|personnummer)\b",
        alone: NEVER,
        right: checks::cpr,
    },
    // Norway.
    National {
        form: r"[0-9]{6} ?[0-9]{5}",
        words: r"\b(?:fødselsnummer|fodselsnummer|personnummer)\b",
        alone: NEVER,
        right: checks::fodselsnummer,
    },
    // Finland.
    National {
        form: r"[0-9]{6}[-+a-fu-y][0-9]{3}[0-9a-y]",
        words: r"\b(?:hetu|henkilötunnus)\b",
        alone: ALWAYS,
        right: checks::hetu,
    },
    // Belgium.
    National {
        form: r"[0-9]{2}[. ]?[0-9]{2}[. ]?[0-9]{2}[- .]?[0-9]{3}[- .]?[0-9]{2}",
        words: r"\b(?:rijksregister\w*|registre national|numéro national|insz|niss)\b",
        alone: |written| written.contains('.') && written.contains('-'),
        right: checks::rijksregister,
    },
    // Switzerland: AHV.
    National {
        form: r"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}",
        words: r"\b(?:ahv|avs)\b",
        alone: ALWAYS,
        right: checks::ahv,
    },
    // Austria: social insurance.
    National {
        form: r"[0-9]{4} ?[0-9]{6}",
        words: r"\b(?:sozialversicherung\w*|svnr|sv-nummer)\b",
        alone: NEVER,
        right: checks::austria,
    },
    // Turkey.
    National {
        form: r"[1-9][0-9]{10}",
        words: r"\b(?:kimlik|tckn|t\.?c\.?)(?:\b|\s)",
        alone: NEVER,
        right: checks::kimlik,
    },
    // Singapore: NRIC and FIN.
    National {
        form: r"[stfgm][0-9]{7}[a-z]",
        words: r"\b(?:nric|fin|ic)\b",
        alone: ALWAYS,
        right: checks::nric,
    },
    // Australia: tax file number.
    National {
        form: r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{3}",
        words: r"\b(?:tfn|tax file)\b",
        alone: NEVER,
        right: checks::tfn,
    },
    // Portugal: NIF.
    National {
        form: r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}",
        words: r"\b(?:nif|contribuinte)\b",
        alone: NEVER,
        right: checks::nif,
    },
    // Ireland: PPS.
    National {
        form: r"[0-9]{7}[a-w][a-iw]?",
        words: r"\bpps\w*\b",
        alone: NEVER,
        right: checks::pps,
    },
    // Mexico: CURP.
    National {
        form: r"[a-z][aeioux][a-z]{2}[0-9]{6}[hmx][a-z]{5}[0-9a-z][0-9]",
        words: r"\bcurp\b",
        alone: ALWAYS,
        right: ALWAYS,
    },
    // South Africa.
    National {
        form: r"[0-9]{6} ?[0-9]{4} ?[0-9]{3}",
        words: r"\b(?:id|identity)(?: number| no\.?|:)?\s",
        alone: NEVER,
        right: checks::south_africa,
    },
    // South Korea.
    National {
        form: r"[0-9]{6}-[1-8][0-9]{6}",
        words: r"주민등록번호|\brrn\b",
        alone: ALWAYS,
        right: checks::resident_registration,
    },
    // Japan: individual number.
    National {
        form: r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        words: r"マイナンバー|個人番号|\bmy number\b",
        alone: NEVER,
        right: checks::my_number,
    },
    // Chile: RUT.
    National {
        form: r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9k]",
        words: r"\b(?:rut|run)\b",
        alone: |written| written.matches('.').count() == 2,
        right: checks::rut,
    },
    // Passports: no common check digit outside the printed lines.
    National {
        form: r"[a-z]{0,2}[0-9][a-z0-9]{5,8}",
        words: PASSPORT,
        alone: NEVER,
        right: checks::has_digits::<5>,
    },
    // Passports.
    National {
        form: r"[a-z][0-9a-z]{7,8}",
        words: PASSPORT,
        alone: NEVER,
        right: checks::has_digits::<4>,
    },
];

/// The numbers with their patterns made.
static RECOGNISERS: LazyLock<Vec<Recogniser>> = LazyLock::new(|| {
    NATIONALS
        .iter()
        .map(|national| Recogniser {
            form: pattern(national.form),
            words: pattern(national.words),
            alone: national.alone,
            right: national.right,
        })
        .collect()
});

struct Recogniser {
    form: Regex,
    words: Regex,
    alone: fn(&str) -> bool,
    right: fn(&str) -> bool,
}

/// Adds the national ids in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    for recogniser in RECOGNISERS.iter() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_have_right_check_digits_and_changed_ones_do_not() {
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
            ("Aadhaar 2341 2341 2346", true),
            ("Aadhaar 2341 2341 2347", false),
            ("RSSMRA85T10A562S", true),
            ("RSSMRA85T10A562T", false),
            ("756.9217.0769.85", true),
            ("756.9217.0769.84", false),
            ("811228-9874", true),
            ("811228-9873", false),
            ("131052-308T", true),
            ("131052-308U", false),
            ("kimlik 10000000146", true),
            ("kimlik 10000000147", false),
            ("S1234567D", true),
            ("S1234567E", false),
            ("TFN 876 543 210", true),
            ("PPS 1234567T", true),
            ("PPS 1234567W", false),
            ("85.07.30-033.28", true),
            ("85.07.30-033.29", false),
            ("30.686.957-4", true),
            ("30.686.957-5", false),
        ] {
            let mut found = Vec::new();
            find(text, &mut found);
            assert_eq!(!found.is_empty(), is_one, "{text}");
        }
    }
}
