//! Sentences that are only polite: they state nothing, and so need no evidence.

use super::words::{is_function_word, stems};
use crate::model::literal::literals_in;

/// Words of courtesy, as stems.
const WORDS: &[&str] = &[
    "sorry",
    "apologise",
    "apologize",
    "apology",
    "trouble",
    "inconvenience",
    "patience",
    "wait",
    "waiting",
    "welcome",
    "regard",
    "kind",
    "best",
    "help",
    "helping",
    "glad",
    "happy",
    "hope",
    "day",
    "week",
    "weekend",
    "nice",
    "great",
    "good",
    "lovely",
    "morning",
    "afternoon",
    "evening",
    "understand",
    "frustrating",
    "frustration",
    "appreciate",
    "reaching",
    "writing",
    "contacting",
    "touch",
    "message",
    "anything",
    "else",
    "question",
    "further",
    "everyone",
    "team",
    "dear",
    "very",
    "much",
    "really",
    "all",
    "take",
    "care",
    "goodbye",
    "bye",
    "let",
    "yours",
    "sincerely",
    "warm",
    "always",
    "again",
    "more",
    "moment",
    "hear",
    "hearing",
];

/// True if the sentence has no literal and no word but courtesies and `names`, the words of the customer's name.
pub fn is_courtesy(sentence: &str, names: &[String]) -> bool {
    let is_polite = |word: &String| {
        is_function_word(word)
            || WORDS.contains(&word.as_str())
            || names.iter().any(|name| name == word)
    };
    // "Feel free to ask" is polite; "it is free" is a price.
    let bare = sentence.to_lowercase().replace("feel free", "");
    literals_in(sentence).is_empty() && stems(&bare).iter().all(is_polite)
}

/// Words with which a polite sentence still answers something: "Sorry, you can't", "Yes, they are great".
const ANSWERING: &[&str] = &[
    "yes", "no", "not", "never", "cannot", "none", "nor", "can", "could", "will", "would", "may",
    "might", "must", "should", "shall", "do", "does", "did", "is", "are", "was", "were", "be",
    "been", "has", "have", "had",
];

/// True if the sentence is polite and answers nothing: it may be written without evidence.
pub fn needs_no_evidence(sentence: &str) -> bool {
    let words = stems(sentence);
    let answers = |word: &String| ANSWERING.contains(&word.as_str()) || word.ends_with("n't");
    is_courtesy(sentence, &[])
        && words.iter().any(|word| WORDS.contains(&word.as_str()))
        && !words.iter().any(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_polite_states_nothing() {
        for polite in [
            "I'm sorry about the trouble.",
            "Thank you for waiting!",
            "Hi Jo, happy to help.",
            "Feel free to message us again.",
        ] {
            assert!(is_courtesy(polite, &["jo".to_string()]), "{polite}");
        }
        for stating in [
            "I'm sorry about order 7.",
            "Sorry, it is lost.",
            "It is free.",
            "Thank you, it's free of charge.",
        ] {
            assert!(!is_courtesy(stating, &[]), "{stating}");
        }
    }

    #[test]
    fn a_polite_answer_still_needs_evidence() {
        for polite in ["I'm sorry about the trouble.", "Happy to help!"] {
            assert!(needs_no_evidence(polite), "{polite}");
        }
        for answer in
            ["Yes, you can.", "Sorry, you can't.", "No.", "They are great.", "I'm sorry, no."]
        {
            assert!(!needs_no_evidence(answer), "{answer}");
        }
    }
}
