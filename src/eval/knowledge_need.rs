//! `eval retrieval`, second part: is it known when knowledge is needed? Cross-validated.
//!
//! No test case shares its dialogue or its entity with a training case. The entity of a case that
//! needs knowledge is its label's; of another, the title that its dialogue mentions most surely.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::embedding_cache::EmbeddingCache;
use super::retrieval::{Dialogue, RetrievalData};
use crate::Result;
use crate::judge::logistic::LogisticRegression;
use crate::judge::needs_knowledge::{THRESHOLD, features, previous_turn};
use crate::model::encoder::{EMBEDDING_SIZE, Encoder};
use crate::retrieve::Index;
use crate::retrieve::conversation::ConversationQuery;

/// Penalty on the squared weights.
pub const L2: f32 = 0.02;
const FOLDS: u64 = 10;
/// Passages that the features look at.
const HITS: usize = 20;

/// A dialogue as features.
pub struct NeedExample {
    /// Row of [`features`].
    pub features: Vec<f32>,
    /// The label.
    pub needed: bool,
    /// The customer's first words: contexts cut from one dialogue share them.
    pub dialogue_key: String,
    /// What it is about, lower case; empty if nothing is mentioned.
    pub entity: String,
    /// The customer's last message, for the list of errors.
    pub question: String,
}

/// Counts over all folds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NeedFigures {
    /// Cases.
    pub cases: usize,
    /// Needed, and said so.
    pub true_positives: usize,
    /// Not needed, but said so.
    pub false_positives: usize,
    /// Needed, but not said so.
    pub false_negatives: usize,
    /// Share of those said to need it that do.
    pub precision: f64,
    /// Share of those that need it that were said to.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

/// The features of every dialogue.
///
/// # Errors
/// Those of the index and the encoder.
pub fn examples(
    data: &RetrievalData,
    index: &Index,
    encoder: &Encoder,
    cache: &mut EmbeddingCache,
) -> Result<Vec<NeedExample>> {
    // All at once, so that the encoder gets batches of texts of like length.
    let mut texts: Vec<String> = Vec::new();
    for dialogue in &data.dialogues {
        texts.extend(index.texts_to_embed(&ConversationQuery::from_turns(&dialogue.turns))?);
        texts.push(previous_turn(&dialogue.turns).to_string());
    }
    cache.embed(encoder, &texts)?;
    data.dialogues.iter().map(|dialogue| example(dialogue, index, encoder, cache)).collect()
}

fn example(
    dialogue: &Dialogue,
    index: &Index,
    encoder: &Encoder,
    cache: &mut EmbeddingCache,
) -> Result<NeedExample> {
    let query = ConversationQuery::from_turns(&dialogue.turns);
    let embeddings = cache.embed(encoder, &index.texts_to_embed(&query)?)?;
    let hits = index.search_conversation(&query, &embeddings, HITS)?;
    let previous = match previous_turn(&dialogue.turns) {
        "" => vec![0.0; EMBEDDING_SIZE],
        text => cache.embed(encoder, &[text])?.remove(0),
    };
    let entity = match dialogue.knowledge.first() {
        Some(knowledge) => knowledge.entity.to_lowercase(),
        None => index
            .mentioned_titles(&query)?
            .first()
            .map(|mention| mention.title.to_lowercase())
            .unwrap_or_default(),
    };
    Ok(NeedExample {
        features: features(query.question(), &embeddings[0], &previous, &hits),
        needed: dialogue.needs_knowledge,
        dialogue_key: dialogue.turns.first().map(|turn| turn.text.clone()).unwrap_or_default(),
        entity,
        question: query.question().to_string(),
    })
}

/// Trains and tests in [`FOLDS`] folds by entity; returns the probability of each example, as said
/// by the head that had seen neither its dialogue nor its entity.
pub fn cross_validate(examples: &[NeedExample], l2: f32) -> Vec<f32> {
    let fold_of = |example: &NeedExample| {
        let group = if example.entity.is_empty() { &example.dialogue_key } else { &example.entity };
        u64::from(Sha256::digest(group)[0]) % FOLDS
    };
    let mut probabilities = vec![0.5; examples.len()];
    for fold in 0..FOLDS {
        let test: Vec<usize> =
            (0..examples.len()).filter(|&i| fold_of(&examples[i]) == fold).collect();
        let seen: HashSet<&str> = test.iter().map(|&i| examples[i].dialogue_key.as_str()).collect();
        let training: Vec<&NeedExample> = examples
            .iter()
            .filter(|e| fold_of(e) != fold && !seen.contains(e.dialogue_key.as_str()))
            .collect();
        let head = train(&training, l2);
        for place in test {
            probabilities[place] = head.probability(&examples[place].features);
        }
    }
    probabilities
}

/// Trains a head on all the examples given.
pub fn train(examples: &[&NeedExample], l2: f32) -> LogisticRegression {
    let rows: Vec<&[f32]> = examples.iter().map(|example| example.features.as_slice()).collect();
    let needed: Vec<bool> = examples.iter().map(|example| example.needed).collect();
    LogisticRegression::train(&rows, &needed, l2)
}

/// Precision, recall and F1 of "knowledge is needed".
pub fn figures(examples: &[NeedExample], probabilities: &[f32]) -> NeedFigures {
    let mut counts: HashMap<(bool, bool), usize> = HashMap::new();
    for (example, &probability) in examples.iter().zip(probabilities) {
        *counts.entry((example.needed, probability > THRESHOLD)).or_default() += 1;
    }
    let count = |needed, said| counts.get(&(needed, said)).copied().unwrap_or(0);
    let (true_positives, false_positives) = (count(true, true), count(false, true));
    let false_negatives = count(true, false);
    let precision = true_positives as f64 / (true_positives + false_positives).max(1) as f64;
    let recall = true_positives as f64 / (true_positives + false_negatives).max(1) as f64;
    let f1 = 2.0 * precision * recall / (precision + recall).max(f64::EPSILON);
    NeedFigures {
        cases: examples.len(),
        true_positives,
        false_positives,
        false_negatives,
        precision,
        recall,
        f1,
    }
}
