//! Whose thing a message means: the customer's own, or one that the shop sells.

use crate::turn::words::Word;

/// What the words of a message say about whose thing is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leaning {
    /// "my", "I ordered", "did I pay".
    pub own: bool,
    /// "do you sell", "in stock", "how much is a".
    pub shop: bool,
}

/// Reads the leaning of a message.
pub fn leaning(text: &[Word]) -> Leaning {
    let says = |wanted: &[&str]| text.iter().any(|word| wanted.contains(&word.text.as_str()));
    let phrase = |wanted: &[&str]| {
        text.windows(wanted.len())
            .any(|run| run.iter().zip(wanted).all(|(word, wanted)| word.text == *wanted))
    };
    let own = says(&[
        "my",
        "mine",
        "our",
        "ordered",
        "bought",
        "purchased",
        "paid",
        "booked",
        "received",
        "got",
        "chose",
        "picked",
    ]) || phrase(&["did", "i"])
        || phrase(&["i", "order"])
        || phrase(&["have", "i"])
        || phrase(&["do", "i", "have"]);
    let shop = phrase(&["do", "you", "have"])
        || phrase(&["do", "you", "sell"])
        || phrase(&["do", "you", "carry"])
        || phrase(&["do", "you", "offer"])
        || phrase(&["you", "got"])
        || phrase(&["come", "in"])
        || phrase(&["comes", "in"])
        || phrase(&["how", "much", "is", "a"])
        || phrase(&["how", "much", "are"])
        || phrase(&["how", "much", "for"])
        || phrase(&["can", "i", "buy"])
        || phrase(&["can", "i", "get"])
        || phrase(&["can", "i", "order"])
        || phrase(&["can", "i", "still"])
        || phrase(&["sold", "out"])
        || phrase(&["do", "you", "charge"])
        || phrase(&["interested", "in"])
        || phrase(&["looking", "for"])
        || phrase(&["i", "want", "to", "buy"])
        || says(&[
            "stock",
            "available",
            "availability",
            "sell",
            "catalog",
            "catalogue",
            "buy",
            "purchase",
        ]);
    let speaks_of_past =
        says(&["my", "mine", "ordered", "bought", "purchased", "paid", "booked", "received"])
            || phrase(&["did", "i"])
            || phrase(&["have", "i"]);
    Leaning { own, shop: shop && !speaks_of_past }
}
