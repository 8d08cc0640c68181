//! Fifth stage: every sentence of a draft is supported by the evidence, or it is dropped.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::words::{is_form_of, is_function_word, predicate, stems};
use crate::model::literal::{AllowedLiterals, literals_in};

/// Why a sentence was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It holds a literal that is not in the evidence.
    Literal,
    /// It claims or promises an action that no event shows.
    Action,
    /// Its words are not those of the evidence.
    Support,
    /// It says again what was said.
    Repetition,
}

/// Share of a sentence's content words that must stand in the evidence.
const LEAST_SUPPORT: f32 = 0.7;

/// "I've refunded", "we will send", "your order has been cancelled by me": what only an event shows.
static ACTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)\b(?:i|we|i've|we've|i\ have|we\ have|i'll|we'll|i\ will|we\ will|i\ am|i'm|let\ me|i\ can|we\ can)\b
        [^.!?]{0,30}
        \b(?:cancel|refund|return|chang|updat|send|sent|ship|replac|issu|process|credit|escalat|contact|forward|call|email|e-mail|
        reset|remov|add|apply|appli|schedul|book|order|transfer|check|look|investigat|fix|arrang)\w*",
    )
    .ok()
});

/// Checks a sentence against the evidence and against what was said before it.
pub fn fault_of(sentence: &str, evidence: &[String], said: &[String]) -> Option<Fault> {
    let allowed = AllowedLiterals::from_texts(evidence.iter().map(String::as_str));
    if literals_in(sentence).iter().any(|literal| !allowed.contains(literal)) {
        return Some(Fault::Literal);
    }
    let in_evidence = evidence.iter().any(|text| text.contains(sentence.trim()));
    if !in_evidence && ACTION.as_ref().is_some_and(|action| action.is_match(sentence)) {
        return Some(Fault::Action);
    }
    let known: HashSet<String> = evidence.iter().flat_map(|text| stems(text)).collect();
    let content: Vec<String> =
        stems(sentence).into_iter().filter(|word| !is_function_word(word)).collect();
    let supported = content.iter().filter(|word| known.contains(*word)).count();
    // A denial or an affirmation must be the evidence's own.
    let negates = |text: &str| {
        stems(text).iter().any(|word| {
            matches!(
                word.as_str(),
                "not" | "no" | "never" | "cannot" | "can't" | "isn't" | "don't" | "won't"
            )
        })
    };
    let turned = negates(sentence) && !evidence.iter().any(|text| negates(text));
    if content.is_empty() || turned || (supported as f32) < LEAST_SUPPORT * content.len() as f32 {
        return Some(Fault::Support);
    }
    let words: HashSet<&String> = content.iter().collect();
    let repeats = said.iter().any(|earlier| {
        let earlier: HashSet<String> = stems(earlier).into_iter().collect();
        words.iter().all(|word| earlier.contains(*word))
    });
    repeats.then_some(Fault::Repetition)
}

/// Share of the words of a value from which on it counts as said.
const SAID_FROM: f32 = 0.6;

/// The evidence sentences that the reply has not said yet: what it must still say. Literals must be there; what is said of
/// something in words ("shipped") must be there for the most part.
pub fn unsaid<'a>(required: &'a [String], said: &str) -> Vec<&'a String> {
    let spoken = AllowedLiterals::from_texts([said]);
    let words = stems(said);
    required
        .iter()
        .filter(|sentence| {
            let value = predicate(sentence);
            let is_in_words = literals_in(value).is_empty();
            literals_in(sentence).iter().any(|literal| !spoken.contains(literal))
                || (is_in_words && share_said(value, &words) < SAID_FROM)
        })
        .collect()
}

/// Share of the telling words of `text` that are among `words` in some form.
fn share_said(text: &str, words: &[String]) -> f32 {
    let telling: Vec<String> =
        stems(text).into_iter().filter(|word| !is_function_word(word)).collect();
    let is_said = |word: &&String| words.iter().any(|said| said == *word || is_form_of(said, word));
    telling.iter().filter(is_said).count() as f32 / telling.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_supported_sentences_pass() {
        let evidence = vec![
            "Order FH-1 is shipped.".to_string(),
            "Standard shipping costs $6.95.".to_string(),
        ];
        let fault = |sentence: &str| fault_of(sentence, &evidence, &[]);
        assert_eq!(fault("Your order FH-1 is shipped."), None);
        assert_eq!(fault("Your order FH-2 is shipped."), Some(Fault::Literal));
        assert_eq!(fault("I've refunded order FH-1."), Some(Fault::Action));
        assert_eq!(fault("I will send it to you today."), Some(Fault::Action));
        assert_eq!(fault("Tents are wonderful in the mountains."), Some(Fault::Support));
        assert_eq!(fault("Order FH-1 is not shipped."), Some(Fault::Support));
        assert_eq!(
            fault_of(
                "Order FH-1 is shipped.",
                &evidence,
                &["The order FH-1 is shipped.".to_string()]
            ),
            Some(Fault::Repetition)
        );
    }

    #[test]
    fn what_a_draft_leaves_out_is_found() {
        let required =
            vec!["The total is $47.84.".to_string(), "Order FH-1 is shipped.".to_string()];
        assert_eq!(unsaid(&required, "It was $47.84 in all."), [&required[1]]);
        let only_the_number = "Order FH-1 came to $47.84.";
        assert_eq!(unsaid(&required, only_the_number), [&required[1]], "it was sent: not said");
        assert!(unsaid(&required, "Order FH-1 has shipped, for $47.84.").is_empty());
        let policy = vec!["You can return an item by mail or in any of our stores.".to_string()];
        assert!(unsaid(&policy, "Returns work by mail and in all our stores.").is_empty());
        assert_eq!(unsaid(&policy, "We're happy to help with returns."), [&policy[0]]);
    }
}
