//! Words before a number that say what it is.

use std::sync::LazyLock;

use regex::Regex;

/// How far back a word still speaks for a number, in bytes.
const REACH: usize = 40;

/// Numbers of the business: after these words nothing is taken for a card or an id.
static BUSINESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:orders?|order (?:id|no|number)|tracking|parcel|package|shipment|invoice|receipt|reference|ref|ticket|case|booking|reservation|contract|meter|serial|imei|isbn|ean|upc|sku|lot|batch|voucher|coupon|gift card|customer|member(?:ship)?|policy|claim|article|item|model|auftrags?\w*|bestell\w*|rechnungs?\w*|sendungs?\w*|kundennummer|pedido|factura|seguimiento|commande|facture|colis|bestelling|factuur|ordine|fattura|zamówienie)\b|订单|快递|运单|发票",
    )
});
static CARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:credit|debit|card|cards|visa|mastercard|master card|amex|american express|maestro|discover|diners|jcb|unionpay|kreditkarte\w*|karten?\w*|tarjeta|carte|carta|kaart|cartão|karta)\b|银行卡|信用卡",
    )
});

/// The words that stand before `at`, in the same sentence.
pub fn before(text: &str, at: usize) -> &str {
    let mut from = at.saturating_sub(REACH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let reach = &text[from..at];
    let sentence = reach.rfind(['\n', '?', '!', ';']).map_or(0, |end| end + 1);
    &reach[sentence..]
}

/// True if the last word that speaks for the number at `at` says that it is the business's own.
pub fn is_business(text: &str, at: usize) -> bool {
    let words = before(text, at);
    let last = |pattern: &Regex| pattern.find_iter(words).last().map(|found| found.start());
    match (last(&BUSINESS), last(&CARD)) {
        (Some(business), Some(card)) => business >= card,
        (business, _) => business.is_some(),
    }
}

/// True if words before `at` speak of a card.
pub fn is_card(text: &str, at: usize) -> bool {
    CARD.is_match(before(text, at))
}

/// What may stand between the name of a secret and the secret: signs, quotes, and words that only join, in the languages that
/// customers write most.
pub const LINK: &str = concat!(
    r#"(?:[\s"'“”„«»`=:：#,，(\[>\-–|]|\b(?:is|are|was|were|be|the|my|our|on|of|in|from|for|to|it|its|it's|this|that|here|called|now|as|set|reads|says|number|no|code|key|id|value|back|front|card|new|old|current|latest"#,
    r"|ist|sind|war|lautet|der|die|das|mein|meine|auf|karte|rückseite|es|son|era|la|el|mi|de|del|tarjeta|est|était|le|mon|ma|sur|carte|du|é|è|era|il|mio|mia|della|carta|um|o|a|meu|minha|do|da|cartão|het|van|mijn|kaart|jest|to|är|on|kart",
    r"|i (?:use|used|got|have|had|set|chose|received)|we (?:use|used|have)|i'm using|by sms|sms|api|secret|token)\b|是|为|為|هي|هو|=>|->){0,16}",
);

/// A pattern that was written here and is known to be right; cases are alike.
pub fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("the pattern is well formed")
}

/// True if neither letters nor digits touch `range` in `text`.
pub fn stands_alone(text: &str, range: &std::ops::Range<usize>) -> bool {
    let touches = |character: Option<char>| character.is_some_and(|it| it.is_ascii_alphanumeric());
    !touches(text[..range.start].chars().next_back()) && !touches(text[range.end..].chars().next())
}
