//! Fifth stage: every sentence of a draft is supported by the evidence, or it is dropped.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::words::{is_function_word, stems};
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

/// The evidence sentences whose literals the reply has not said yet: what it must still say.
pub fn unsaid<'a>(required: &'a [String], said: &str) -> Vec<&'a String> {
    let spoken = AllowedLiterals::from_texts([said]);
    let lower = said.to_lowercase();
    required
        .iter()
        .filter(|sentence| {
            let literals = literals_in(sentence);
            if literals.is_empty() {
                return !lower.contains(sentence.trim_end_matches('.').to_lowercase().as_str());
            }
            literals.iter().any(|literal| !spoken.contains(literal))
        })
        .collect()
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
    }
}
