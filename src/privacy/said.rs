//! Passwords, codes and keys: told by the words before them, or by how they begin.

use std::sync::LazyLock;

use regex::Regex;

use super::context::pattern;
use super::{Finding, Sensitive};

/// How a secret is introduced: the word, what may stand between, and a verb or a sign.
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:password|passcode|passphrase|pass|pwd|passwort|kennwort|contraseña|clave|mot de passe|senha|wachtwoord|hasło|密码",
        r"|pin(?:[ -]?(?:code|number))?|one[ -]?time[ -]?(?:code|password)|otp|verification code|login code)",
        r"(?: (?:i|we) (?:use|used|got|have|had|set|chose|received)| for [\p{L}]+| number| code)?",
        r"(?P<sign>\s*(?:\bis\b|\bwas\b|\bto\b|\bist\b|\blautet\b|\bes\b|\best\b|\bé\b|=|:|：)\s*|\s+)",
        r#"["'“`]?(?P<value>[^\s"'“”`]+)"#,
    ))
});
static SECURITY_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:cvv2?|cvc2?|csc|cvn|security code|card code|prüfnummer|kartenprüfnummer|código de seguridad|(?:three|3|four|4) digits (?:on|from|at) the (?:back|front))",
        r"(?:\s*(?:\bis\b|\bare\b|\bist\b|\bes\b|\best\b|=|:))?\s*(?P<value>[0-9]{3,4})\b",
    ))
});
static KEYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}",
        r"|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})",
        r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    ))
    .expect("the pattern is well formed")
});
static BEARER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bbearer\s+(?P<value>[a-z0-9._~+/=-]{20,})"));

/// Adds what is introduced as a password or a code, and what begins as a key does.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    let mut from = 0;
    while let Some(captures) = PASSWORD.captures_at(text, from) {
        let (sign, value) =
            (&captures["sign"], captures.name("value").expect("it is in the pattern"));
        let word = captures.get(0).expect("the whole").start();
        let kept = value.as_str().trim_end_matches(['.', ',', ';', '!', '?', ')', ':']);
        // An exclamation mark may be the last character of a password: it goes as well.
        let end =
            if value.as_str()[kept.len()..].starts_with('!') { kept.len() + 1 } else { kept.len() };
        let said = value.start()..value.start() + end;
        if looks_secret(kept, sign, &text[word..value.start()]) {
            from = said.end;
            found.push(Finding { kind: Sensitive::Password, range: said });
        } else {
            // The value may be a word that introduces the real one.
            from = value.start();
        }
    }
    let named = |pattern: &Regex, kind, found: &mut Vec<Finding>| {
        found.extend(pattern.captures_iter(text).map(|captures| {
            let value = captures.name("value").expect("it is in the pattern");
            Finding { kind, range: value.range() }
        }));
    };
    named(&SECURITY_CODE, Sensitive::SecurityCode, found);
    named(&BEARER, Sensitive::Secret, found);
    let key = |found: regex::Match<'_>| Finding { kind: Sensitive::Secret, range: found.range() };
    found.extend(KEYS.find_iter(text).map(key));
}

/// Whether `value`, introduced by `words` and a sign or verb, is a secret and not the next word of a sentence.
fn looks_secret(value: &str, sign: &str, words: &str) -> bool {
    let length = value.chars().count();
    if length < 4 || value.starts_with('[') {
        return false;
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let symbols = value.chars().filter(|it| !it.is_alphanumeric()).count();
    let is_code = digits == length && (4..=8).contains(&length);
    let words = words.to_lowercase();
    let wants_code = ["pin", "code", "otp"].iter().any(|word| words.contains(word));
    if wants_code && !words.contains("passcode") {
        return is_code;
    }
    let has_letters = digits + symbols < length;
    let mixed =
        digits > 0 && (has_letters || is_code) || symbols > 0 && has_letters && !is_plain(value);
    match sign.trim() {
        ":" | "=" | "：" => digits < length || is_code,
        "" => digits > 0 && has_letters,
        _ => mixed,
    }
}

/// A word of a sentence: letters, perhaps with an apostrophe or one hyphen.
fn is_plain(value: &str) -> bool {
    value.chars().all(|it| it.is_alphabetic() || matches!(it, '\'' | '’' | '-' | '/' | '.' | ','))
        && value.matches(['-', '/', '.', ',']).count() < 2
}
