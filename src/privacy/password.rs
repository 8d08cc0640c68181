//! Passwords, PINs and codes that let somebody in once: told by the words around them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::context::{LINK, pattern};
use super::{Finding, Sensitive};

const NAME: &str = concat!(
    r"(?:(?:\b|_)pass[ -]?(?:words?|code|phrase|wort)|(?:\b|_)pas+w(?:or|ro|o|r)?d|(?:\b|_)(?:pass|pwd|passwd|pw|mdp)\b|\bkennwort|\bcontrase[ñn]a|\bclave|\bmot de passe|\bsenha|\bwachtwoord",
    r"|\bhasł[oa]|\blösenord\w*|\badgangskode|\bpassord|\bsalasana|\bşifre\w*|\bparola|\bheslo|\bjelszó|пароль|密码|口令|パスワード|비밀번호|كلمة (?:المرور|السر))",
);
const CODE_NAME: &str = concat!(
    r"(?:\bpin(?:[ -]?(?:code|number|nummer))?|\b(?:one|1)[ -]?time[ -]?(?:code|pass(?:word|code)?|pin)|\botp|\btan|\bpuk(?:[ -]?code)?|\b(?:verification|log[ -]?in|sign[ -]?in|access|auth\w*|2fa|mfa|sms|unlock)[ -]?(?:code|pin)",
    r"|\bbestätigungscode|\bcódigo de verificaci[oó]n|\bcode de vérification|\bcodice di verifica|\bverificatiecode|\bkod weryfikacyjny|验证码|校验码|رمز التحقق|الرقم السري|код подтверждения|認証コード|인증번호)",
);
/// Four to eight digits, perhaps in two halves.
const CODE: &str = r#"(?:[A-Z]-)?(?P<value>[0-9]{4,8}|[0-9]{3,4}[ -][0-9]{3,4})\b"#;

static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"{NAME}(?:[ ]for [\p{{L}}]+)?(?P<link>{LINK})["'“„`]?(?P<value>[^\s"'“”`，。、]+)"#
    ))
});
/// What makes the word after it the password.
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:is|was|are|were|be|to|ist|sind|war|lautet|es|son|era|est|était|é|è|jest|är|use|used|set|had|have|got|chose)\b|是|为|هي|هو",
    )
});
static CODES: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("{CODE_NAME}{LINK}{CODE}")));
/// Any code, if the message speaks of signing in.
static SENT_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?P<what>\w*)[ -]?\b(?:code|código|codigo|codice|kod|kode)\b[^0-9\n.!?;]{{0,40}}?(?:\b(?:is|was|says|ist|war|lautet|es|era|est|était|é|è|jest|är)\b(?: le| el| la| o| il)?|[:=：])\s*["'“]?{CODE}"#
    ))
});
static CODE_THEN_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"{CODE}["'”]?,? (?:is|was|ist|war|es|est)(?: the| my| your| der| die| mein| el| mi| le| mon)?(?: \w+)? (?P<name>code|pin|otp|pass(?:code|word)|código)\b"#
    ))
});
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bpin ?code\b.*\b(?:deliver\w*|address|ship\w*|courier|area|city|serviceable)\b|\b(?:deliver\w*|address|ship\w*|courier|area|city|serviceable)\b.*\bpin ?code\b",
    )
});
static SIGNING_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:sms|texts?|texted|otp|2fa|mfa|verif\w+|log(?:ging|ged)? ?(?:in|on)|sign(?:ing|ed)? ?in|authenticat\w+|one[ -]time|bank|sent me|received|reçu|llegó|lleg[oó]|recib[ií]|erhalten|bekommen|ricevuto|recebi)\b|短信|登录",
    )
});
/// Codes of the business.
static BUSINESS_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:booking|discount|promo\w*|coupon|voucher|gift|zip|post\w*|area|error|fault|product|item|country|dial\w*|reservation|flight|swift|sort|bar|qr|status|colou?r|tracking|order|ref\w*|confirmation|room|rate|tax|hs|branch|model)$",
    )
});
/// What was tried or set, where the message speaks of a password.
static TRIED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\b(?:tried|typed|entered|used|using|put in|(?:changed|set|reset) (?:it |this |that |them |mine )?(?:to|into|from|as))\s+["'“]?(?P<value>[^\s"'“”,]+)["'”]?(?:,? (?:and|or|then|also) ["'“]?(?P<second>[^\s"'“”,]+))?"#,
    )
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(NAME));
/// A name to sign in with and, behind a stroke, what goes with it.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:log[ -]?in|logon|credentials?|creds|user(?:name)?|account|zugang\w*|acceso|identifiants?)\b[^\n]{0,16}?\S+@\S+\s*(?:/|\||,|;|:)\s*(?P<value>[^\s,;]{6,})",
    )
});
static IN_URL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"://[^\s:/@]+:(?P<value>[^\s@/]+)@[\w.-]+"));

/// Adds the passwords and codes in `text`.
pub fn find(text: &str, found: &mut Vec<Finding>) {
    introduced(text, found);
    let mut add = |range: Range<usize>| {
        found.push(Finding { kind: Sensitive::Password, range });
    };
    let value = |captures: &Captures<'_>| captures.name("value").map(|value| value.range());
    // In India a PIN code is where a parcel goes.
    let to_a_place = ADDRESS.is_match(text);
    CODES
        .captures_iter(text)
        .filter(|captures| !(to_a_place && captures["value"].len() == 6))
        .filter_map(|captures| value(&captures))
        .for_each(&mut add);
    IN_URL.captures_iter(text).filter_map(|captures| value(&captures)).for_each(&mut add);
    PAIR.captures_iter(text)
        .filter(|captures| is_mixed(&captures["value"]))
        .filter_map(|captures| value(&captures))
        .for_each(&mut add);
    let signing_in = SIGNING_IN.is_match(text);
    SENT_CODE
        .captures_iter(text)
        .filter(|captures| signing_in && !BUSINESS_CODE.is_match(&captures["what"]))
        .filter_map(|captures| value(&captures))
        .for_each(&mut add);
    CODE_THEN_NAME
        .captures_iter(text)
        .filter(|captures| {
            signing_in || !["code", "código"].contains(&captures["name"].to_lowercase().as_str())
        })
        .filter_map(|captures| value(&captures))
        .for_each(&mut add);
    if NAMED.is_match(text) {
        for captures in TRIED.captures_iter(text) {
            for tried in ["value", "second"].iter().filter_map(|name| captures.name(name)) {
                let kept = without_stop(tried.as_str());
                if is_mixed(kept) && kept.chars().count() >= 6 && !is_identifier(kept) {
                    add(tried.start()..tried.start() + kept.len());
                }
            }
        }
    }
}

/// What follows the word "password" or the like.
fn introduced(text: &str, found: &mut Vec<Finding>) {
    let mut from = 0;
    while let Some(captures) = PASSWORD.captures_at(text, from) {
        let (Some(whole), Some(value)) = (captures.get(0), captures.name("value")) else { break };
        let kept = without_stop(value.as_str());
        let rest = text[value.start() + kept.len()..].trim_start_matches([' ', '"', '\'']);
        let is_last = rest.is_empty() || rest.starts_with([',', ';', '\n', '.', '/', '|', ')']);
        if looks_secret(kept, &captures["link"], is_last) {
            let range = value.start()..value.start() + kept.len();
            from = range.end;
            found.push(Finding { kind: Sensitive::Password, range });
        } else {
            // The value may be a word that introduces the real one.
            from = value.start().max(whole.start() + 1);
        }
    }
}

/// The value without the signs that end a sentence. An exclamation mark may be the last character of a password.
fn without_stop(value: &str) -> &str {
    let kept = value.trim_end_matches(['.', ',', ';', '!', '?', ')', ':', ']', '，', '。']);
    if value[kept.len()..].starts_with('!') { &value[..kept.len() + 1] } else { kept }
}

/// Whether `value`, introduced as a password by `link`, is one and not the next word of a sentence.
fn looks_secret(value: &str, link: &str, is_last: bool) -> bool {
    let length = value.chars().count();
    if length < 4 || value.starts_with(['[', '*', '<', '$', '{', '•']) || value.contains("://") {
        return false;
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_code = digits == length && (4..=8).contains(&length);
    if link.contains([':', '=', '：']) {
        // A plain word is one if it ends the line: else a sentence goes on.
        return is_code || digits < length && (!is_plain(value) || is_last);
    }
    if VERB.is_match(link) {
        return is_mixed(value) || is_code;
    }
    // With nothing between, a word of letters and digits; with other words between, it is about something else.
    link.trim().is_empty() && digits > 0 && is_mixed(value) && !is_identifier(value)
}

/// Letters with digits or with signs that words do not have.
fn is_mixed(value: &str) -> bool {
    let letters = value.chars().filter(|it| it.is_alphabetic()).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let symbols = value.chars().count() - letters - digits;
    let is_address =
        value.contains('@') && value.rsplit('@').next().is_some_and(|host| host.contains('.'));
    letters > 0 && (digits > 0 || symbols > 0 && !is_plain(value)) && !is_address
}

/// A word of a sentence: letters, perhaps with an apostrophe or one hyphen.
fn is_plain(value: &str) -> bool {
    value.chars().all(|it| it.is_alphabetic() || matches!(it, '\'' | '’' | '-' | '/' | '.' | ','))
        && value.matches(['-', '/', '.', ',']).count() < 2
}

/// Capitals and digits, as orders and bookings have.
fn is_identifier(value: &str) -> bool {
    value
        .chars()
        .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || matches!(it, '-' | '#' | '/'))
}
