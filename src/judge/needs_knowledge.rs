//! Does a reply need knowledge, or is the customer booking, thanking, choosing?
//!
//! A logistic regression over frozen embeddings of the last two turns and a few marks of wording. It
//! sees nothing of the index, so it is the same for every company.

use crate::dialogue::{Role, Utterance};
use crate::judge::logistic::LogisticRegression;
use crate::model::encoder::EMBEDDING_SIZE;

/// Threshold on the probability.
pub const THRESHOLD: f32 = 0.5;

/// Words that a question begins with, in groups; each group is one feature.
const OPENINGS: &[&[&str]] = &[
    &["what", "whats", "which", "who", "where", "when", "why"],
    &["how"],
    &["do", "does", "did", "has", "have", "had"],
    &["is", "are", "was", "were"],
    &["can", "could", "may", "will", "would", "should"],
    &["yes", "yeah", "yep", "sure", "ok", "okay", "no", "nope"],
    &["thanks", "thank", "great", "perfect"],
];

/// A trained head.
#[derive(Debug, Clone)]
pub struct KnowledgeNeed {
    head: LogisticRegression,
}

impl KnowledgeNeed {
    /// From trained weights.
    pub fn new(head: LogisticRegression) -> KnowledgeNeed {
        KnowledgeNeed { head }
    }

    /// The probability, 0 to 1, that the reply needs knowledge; `features` of [`features`].
    pub fn probability(&self, features: &[f32]) -> f32 {
        self.head.probability(features)
    }
}

/// The turn before the customer's last message, if ours: the second text to embed beside it.
pub fn previous_turn(turns: &[Utterance]) -> &str {
    turns
        .iter()
        .rev()
        .skip_while(|turn| turn.role != Role::Customer)
        .nth(1)
        .map_or("", |turn| turn.text.as_str())
}

/// The features of a dialogue: `last` and `previous` are the embeddings of the customer's last
/// message and of [`previous_turn`] (zeros if there is none).
pub fn features(last_text: &str, last: &[f32], previous: &[f32]) -> Vec<f32> {
    let mut features = Vec::with_capacity(2 * EMBEDDING_SIZE + 24);
    features.extend_from_slice(last);
    features.extend_from_slice(previous);
    let lowercase = last_text.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> =
        lowercase.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // The last sentence is what is asked: "Great, thanks. Does it have parking?"
    let sentences = crate::retrieve::split::sentences(&lowercase);
    let last_sentence = sentences.last().copied().unwrap_or_default();
    let opening = last_sentence.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty());
    features.push(f32::from(last_text.contains('?')));
    features.push(f32::from(last_text.trim_end().ends_with('?')));
    features.push((1.0 + words.len() as f32).ln());
    features.push((sentences.len() as f32).ln_1p());
    let digits = words.iter().filter(|word| word.contains(|c: char| c.is_ascii_digit())).count();
    features.push((digits as f32).ln_1p());
    for group in OPENINGS {
        features.push(f32::from(opening.is_some_and(|opening| group.contains(&opening))));
        features.push(f32::from(words.first().is_some_and(|first| group.contains(first))));
    }
    features
}
