//! Keys and tokens of programs: told by how they begin, or by a name before them.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{LINK, pattern};
use super::{Finding, Sensitive};

/// Forms that vendors gave to their keys.
static FORMS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[0-9A-Za-z_]{20,}",
        r"|glpat-[0-9A-Za-z_-]{16,}|xox[abeprs]-[0-9A-Za-z_-]{10,}|xapp-[0-9A-Za-z_-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{20,}",
        r"|npm_[A-Za-z0-9]{30,}|pypi-[0-9A-Za-z_-]{30,}|hf_[A-Za-z0-9]{25,}|dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}",
        r"|whsec_[A-Za-z0-9+/=]{20,}|SG\.[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}|key-[0-9a-f]{32}|[0-9]{8,10}:AA[0-9A-Za-z_-]{30,}|sq0[a-z]{3}-[0-9A-Za-z_-]{20,}",
        r"|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,})",
        r"|hooks\.slack\.com/services/[0-9A-Za-z_/]{20,}",
        r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    ))
    .expect("the pattern is well formed")
});
/// A name for a key, what may stand between, and a long value.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "{}{LINK}{}",
        concat!(
            r"(?:api[ _-]?(?:key|secret|token)|(?:access|auth|authorization|authentication|signing|encryption|service|account|licen[cs]e server|sendgrid|stripe|aws|shared|private|webhook)[ _-]?(?:key|secret|token)",
            r"|key[ _-]?id|(?:client|app|consumer|setup|webhook|totp|2fa)[ _-]?secret|secret(?:[ _-]?(?:access)?[ _-]?key)?|(?:refresh|access|bearer|session|id|bot|personal access|deploy)[ _-]?token|token|bearer|credential",
            r"|api[ -]?schlüssel|schlüssel|zugriffsschlüssel|geheimnis|jeton|clé(?: api| secrète)?|clave(?: de)?(?: la)? api|clave secreta|chave(?: de)? api|chiave(?: api| segreta)?|sleutel|klucz(?: api)?|密钥|令牌|秘钥|مفتاح|رمز)",
            r"[a-z0-9_]{0,20}",
        ),
        r#"(?P<value>[A-Za-z0-9_./+=:~-]{16,})"#
    ))
});

/// Adds what has the form of a key, and what is named as one and looks like it.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    let secret = |range| Finding { kind: Sensitive::Secret, range };
    found.extend(FORMS.find_iter(text).map(|form| secret(form.range())));
    let mut from = 0;
    while let Some(captures) = NAMED.captures_at(text, from) {
        let (Some(whole), Some(value)) = (captures.get(0), captures.name("value")) else { break };
        let kept = value.as_str().trim_end_matches(['.', ':', '-', '/']);
        if is_random(kept) {
            found.push(secret(value.start()..value.start() + kept.len()));
            from = value.end();
        } else {
            // The value may hold the name of the real one.
            from = whole.start() + text[whole.start()..].chars().next().map_or(1, char::len_utf8);
        }
    }
}

/// Letters and digits in no order that a word, a path or a placeholder has.
fn is_random(value: &str) -> bool {
    if value.contains("://") || value.chars().count() < 16 {
        return false;
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let lower = value.chars().filter(char::is_ascii_lowercase).count();
    let upper = value.chars().filter(char::is_ascii_uppercase).count();
    let different = value.chars().collect::<std::collections::HashSet<_>>().len();
    let mixed = digits > 0 && lower + upper > 0 && lower + upper + digits > value.len() / 2;
    let cases = lower > 3 && upper > 3 && !value.contains(['.', '/', '_', '-']);
    different >= 8 && (mixed && digits * 12 >= value.len() || cases || is_base32(value))
}

/// As setup secrets of authenticators are written.
fn is_base32(value: &str) -> bool {
    value.len() >= 16 && value.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}
