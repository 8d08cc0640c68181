//! Fifth stage: every sentence of a draft is supported by the evidence, or it is dropped.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::grounding::is_said;
use super::words::{
    Word, content, copulas, denies, is_form_of, is_function_word, predicate, stems, words,
};
use crate::judge::support::Support;
use crate::model::literal::{AllowedLiterals, literals_in};

/// Why a sentence was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It holds a literal that is not in the evidence.
    Literal,
    /// It claims or promises an action that no event shows.
    Action,
    /// The evidence does not say it.
    Support,
    /// The evidence says otherwise.
    Contradiction,
    /// It says again what was said.
    Repetition,
}

/// Share of a sentence's content words that must stand in the evidence.
const LEAST_WORDS: f32 = 0.7;
/// Probability of support below which a sentence that the evidence does not say in its own words is dropped.
const LEAST_SUPPORT: f32 = 0.5;

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

/// What no reading of the evidence excuses: a literal that it does not have, an act that it does not tell of, a repetition.
pub fn exact_fault(sentence: &str, evidence: &[String], said: &[String]) -> Option<Fault> {
    let allowed = AllowedLiterals::from_texts(evidence.iter().map(String::as_str));
    if literals_in(sentence).iter().any(|literal| !allowed.contains(literal)) {
        return Some(Fault::Literal);
    }
    let in_evidence = evidence.iter().any(|text| text.contains(sentence.trim()));
    if !in_evidence && ACTION.as_ref().is_some_and(|action| action.is_match(sentence)) {
        return Some(Fault::Action);
    }
    let words = content(sentence);
    let repeats = said.iter().any(|earlier| {
        let earlier: HashSet<String> = stems(earlier).into_iter().collect();
        words.iter().all(|word| earlier.contains(word))
    });
    repeats.then_some(Fault::Repetition)
}

/// Whether the evidence says the sentence: in its own words ([`is_said`]), or by what the support head makes of both and most of the words.
pub fn support_fault(sentence: &str, evidence: &[String], support: &Support) -> Option<Fault> {
    let passes = is_said(sentence, evidence)
        || support.supported >= LEAST_SUPPORT && has_words(sentence, evidence);
    match passes {
        true => None,
        false if support.contradicted > support.absent => Some(Fault::Contradiction),
        false => Some(Fault::Support),
    }
}

/// True if most of the telling words of `sentence` stand in the evidence, and a denial is the evidence's own.
pub fn has_words(sentence: &str, evidence: &[String]) -> bool {
    let known: HashSet<String> = evidence.iter().flat_map(|text| stems(text)).collect();
    let content = content(sentence);
    let supported = content.iter().filter(|word| known.contains(*word)).count();
    let denied = |text: &str| stems(text).iter().any(|stem| denies(stem));
    let turned = denied(sentence) && !evidence.iter().any(|text| denied(text));
    !content.is_empty() && !turned && supported as f32 >= LEAST_WORDS * content.len() as f32
}

/// Share of the words of a value from which on it counts as said.
const SAID_FROM: f32 = 0.6;

/// The evidence sentences that the reply has not said yet: what it must still say. Literals must be there, and the names in what is
/// said of something ("Union One"); what is said of it in words ("shipped") must be there for the most part.
pub fn unsaid<'a>(required: &'a [String], said: &str) -> Vec<&'a String> {
    let spoken = AllowedLiterals::from_texts([said]);
    let spoken_words = stems(said);
    required
        .iter()
        .filter(|sentence| {
            let value = predicate(sentence);
            let is_in_words = literals_in(value).is_empty();
            literals_in(sentence).iter().any(|literal| !spoken.contains(literal))
                || names_in_value(sentence).iter().any(|name| !spoken_words.contains(name))
                || (is_in_words && share_said(value, &spoken_words) < SAID_FROM)
        })
        .collect()
}

/// The stems of the capitalised words after "is" or a colon; what a sentence without either begins with is no value.
fn names_in_value(sentence: &str) -> Vec<String> {
    let value = match copulas(sentence) {
        Some([_, (_, end)]) => &sentence[end..],
        None => sentence.split_once(": ").map_or("", |(_, value)| value),
    };
    let literals = literals_in(value);
    let is_name = |word: &Word| {
        value[word.start..].starts_with(char::is_uppercase)
            && !is_function_word(&word.stem)
            && !literals.iter().any(|one| one.start <= word.start && word.end <= one.end)
    };
    words(value).into_iter().filter(is_name).map(|word| word.stem).collect()
}

/// Share of the telling words of `text` that are among `words` in some form.
fn share_said(text: &str, words: &[String]) -> f32 {
    let telling = content(text);
    let is_said = |word: &&String| words.iter().any(|said| said == *word || is_form_of(said, word));
    telling.iter().filter(is_said).count() as f32 / telling.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURE: Support = Support { supported: 0.95, contradicted: 0.02, absent: 0.03 };
    const LIKELY: Support = Support { supported: 0.6, contradicted: 0.2, absent: 0.2 };
    const UNLIKELY: Support = Support { supported: 0.3, contradicted: 0.3, absent: 0.4 };
    const CONTRADICTED: Support = Support { supported: 0.05, contradicted: 0.9, absent: 0.05 };

    #[test]
    fn no_reading_excuses_a_foreign_literal_an_act_or_a_repetition() {
        let evidence = vec!["Order FH-1 is shipped.".to_string()];
        let fault = |sentence: &str, said: &[String]| exact_fault(sentence, &evidence, said);
        assert_eq!(fault("Your order FH-1 is shipped.", &[]), None);
        assert_eq!(fault("Your order FH-2 is shipped.", &[]), Some(Fault::Literal));
        assert_eq!(fault("I've refunded order FH-1.", &[]), Some(Fault::Action));
        assert_eq!(fault("I will send it to you today.", &[]), Some(Fault::Action));
        let said = ["The order FH-1 is shipped.".to_string()];
        assert_eq!(fault("Order FH-1 is shipped.", &said), Some(Fault::Repetition));
    }

    #[test]
    fn only_supported_sentences_pass() {
        let evidence = vec!["Order FH-1 is shipped.".to_string()];
        let fault = |sentence: &str, support| support_fault(sentence, &evidence, support);
        assert_eq!(fault("Your order FH-1 is shipped.", &UNLIKELY), None, "its own words");
        let reworded = "We have shipped your order FH-1 today.";
        assert_eq!(fault(reworded, &LIKELY), None);
        assert_eq!(fault(reworded, &UNLIKELY), Some(Fault::Support));
        assert_eq!(fault(reworded, &CONTRADICTED), Some(Fault::Contradiction));
        let foreign = "Order FH-1 left our warehouse.";
        assert_eq!(fault(foreign, &SURE), Some(Fault::Support), "surety excuses no foreign words");
        assert_eq!(fault("Tents are wonderful in the mountains.", &SURE), Some(Fault::Support));
        assert_eq!(fault("Order FH-1 is not shipped.", &SURE), Some(Fault::Support));
    }

    #[test]
    fn what_a_draft_leaves_out_is_found() {
        let required =
            vec!["The total is $47.84.".to_string(), "Order FH-1 is shipped.".to_string()];
        assert_eq!(unsaid(&required, "It was $47.84 in all."), [&required[1]]);
        let only_the_number = "Order FH-1 came to $47.84.";
        assert_eq!(unsaid(&required, only_the_number), [&required[1]], "it was sent: not said");
        assert!(unsaid(&required, "Order FH-1 has shipped, for $47.84.").is_empty());
        let card = vec!["Payment of order FH-1: Union One card ending in 5334.".to_string()];
        assert_eq!(unsaid(&card, "Order FH-1 was paid by a card ending in 5334."), [&card[0]]);
        assert!(unsaid(&card, "Order FH-1: your Union One card ending in 5334.").is_empty());
        let policy = vec!["You can return an item by mail or in any of our stores.".to_string()];
        assert!(unsaid(&policy, "Returns work by mail and in all our stores.").is_empty());
        assert_eq!(unsaid(&policy, "We're happy to help with returns."), [&policy[0]]);
    }
}
