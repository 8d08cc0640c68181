//! The code that is printed on a card: three or four digits, told by the words around them.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{LINK, pattern};
use super::{Finding, Sensitive};

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "{}{LINK}{}",
        concat!(
            r"(?:\b(?:cvv2?|cvc2?|csc|cvn|cid|card (?:verification|security) (?:code|number|value)|sec(?:urity|\.)? (?:code|number|digits)|card code",
            r"|(?:three|3|four|4)[ -](?:digits?|numbers?|figures?)(?: security)?(?: code| number)? (?:on|from|at|in) (?:the |my )?(?:back|front|reverse)|(?:numbers?|code|digits|figures)(?: printed)? (?:on|at) the (?:back|front|reverse)",
            r"|(?:karten)?prüfnummer|(?:karten)?prüfziffer|sicherheitscode|código de (?:seguridad|segurança)|codigo de (?:seguridad|seguranca)|codice di sicurezza|code de sécurité|cryptogramme(?: visuel)?",
            r"|beveiligingscode|veiligheidscode|kod (?:zabezpieczający|cvv|cvc)|säkerhetskod|turvakoodi|güvenlik kodu)|安全码|安全碼|رمز الأمان|код безопасности|セキュリティコード|보안코드)",
            r"(?:[ -]?(?:code|number|nummer|kod))?",
        ),
        r"(?P<value>[0-9]{3,4})\b"
    ))
});
static NAMED_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?P<value>[0-9]{3,4})\b(?: is| as)?(?: the| my)?(?: number| code| digits)?(?: on| at)? (?:the back|the front|the reverse|cvv2?|cvc2?|security code)\b",
    )
});

/// Adds the codes in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    for pattern in [&NAMED, &NAMED_AFTER] {
        let values = pattern.captures_iter(text).filter_map(|captures| captures.name("value"));
        // Behind the digits of a date or an amount goes more of it.
        let whole = values.filter(|value| {
            let mut after = text[value.end()..].chars();
            let joined = after.next().is_some_and(|it| "/-.,:€$%".contains(it));
            !(joined && after.next().is_some_and(|it| it.is_ascii_digit()))
        });
        found.extend(
            whole.map(|value| Finding { kind: Sensitive::SecurityCode, range: value.range() }),
        );
    }
}
