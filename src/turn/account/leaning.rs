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

/// Signs that the customer speaks of what was ordered: then nothing of the shop's is meant.
const PAST_WORDS: &[&str] =
    &["my", "mine", "ordered", "bought", "purchased", "paid", "booked", "received"];
const PAST_PHRASES: &[&str] = &["did i", "have i"];
/// Signs of the customer's own things that may stand in a question to the shop as well.
const OWN_WORDS: &[&str] = &["our", "got", "chose", "picked"];
const OWN_PHRASES: &[&str] = &["i order", "do i have"];
const SHOP_WORDS: &[&str] =
    &["stock", "available", "availability", "sell", "catalog", "catalogue", "buy", "purchase"];
const SHOP_PHRASES: &[&str] = &[
    "do you have",
    "do you sell",
    "do you carry",
    "do you offer",
    "do you charge",
    "you got",
    "come in",
    "comes in",
    "how much is a",
    "how much are",
    "how much for",
    "can i buy",
    "can i get",
    "can i order",
    "can i still",
    "i want to buy",
    "sold out",
    "interested in",
    "looking for",
];

/// Reads the leaning of a message.
pub fn leaning(text: &[Word]) -> Leaning {
    let speaks_of_past = says(text, PAST_WORDS, PAST_PHRASES);
    let own = speaks_of_past || says(text, OWN_WORDS, OWN_PHRASES);
    let shop = !speaks_of_past && says(text, SHOP_WORDS, SHOP_PHRASES);
    Leaning { own, shop }
}

fn says(text: &[Word], wanted_words: &[&str], wanted_phrases: &[&str]) -> bool {
    let has_word = text.iter().any(|word| wanted_words.contains(&word.text.as_str()));
    has_word || wanted_phrases.iter().any(|phrase| says_phrase(text, phrase))
}

fn says_phrase(text: &[Word], phrase: &str) -> bool {
    let wanted: Vec<&str> = phrase.split(' ').collect();
    text.windows(wanted.len())
        .any(|run| run.iter().zip(&wanted).all(|(word, wanted)| word.text == *wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::words::words;

    #[test]
    fn what_was_ordered_is_the_customers_and_what_is_sold_the_shops() {
        let of = |text: &str| leaning(&words(text));
        assert_eq!(of("when did i order the lamp?"), Leaning { own: true, shop: false });
        assert_eq!(of("is my lamp available yet?"), Leaning { own: true, shop: false });
        assert_eq!(of("how much is a lamp?"), Leaning { own: false, shop: true });
        assert_eq!(of("how long does it last?"), Leaning::default());
    }
}
