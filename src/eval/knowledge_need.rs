//! `eval retrieval`, second part: is it known when knowledge is needed? Cross-validated.
//!
//! No test case shares its dialogue or its entity with a training case. The entity of a case that
//! needs knowledge is its label's; of another, the title that its dialogue mentions most surely.

use std::collections::HashSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::retrieval::{Dialogue, RetrievalData};
use crate::Result;
use crate::judge::logistic::LogisticRegression;
use crate::judge::needs_knowledge::{THRESHOLD, features, previous_turn};
use crate::model::embedding_file::EmbeddingFile;
use crate::model::encoder::{EMBEDDING_SIZE, Encoder};
use crate::retrieve::Index;
use crate::retrieve::conversation::ConversationQuery;

/// Penalty on the squared weights.
pub const L2: f32 = 0.01;
const FOLDS: u64 = 10;

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
    /// First part of the label's id (`hotel`, `restaurant`); empty if nothing is needed.
    pub domain: String,
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
    cache: &mut EmbeddingFile,
) -> Result<Vec<NeedExample>> {
    // All at once, so that the encoder gets batches of texts of like length.
    let mut texts: Vec<String> = Vec::new();
    for dialogue in &data.dialogues {
        texts.push(ConversationQuery::from_turns(&dialogue.turns).question().to_string());
        texts.push(previous_turn(&dialogue.turns).to_string());
    }
    cache.embed(encoder, &texts)?;
    data.dialogues.iter().map(|dialogue| example(dialogue, index, encoder, cache)).collect()
}

fn example(
    dialogue: &Dialogue,
    index: &Index,
    encoder: &Encoder,
    cache: &mut EmbeddingFile,
) -> Result<NeedExample> {
    let query = ConversationQuery::from_turns(&dialogue.turns);
    let last = cache.embed(encoder, &[query.question()])?.remove(0);
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
        features: features(query.question(), &last, &previous),
        needed: dialogue.needs_knowledge,
        dialogue_key: dialogue.turns.first().map(|turn| turn.text.clone()).unwrap_or_default(),
        entity,
        domain: dialogue
            .knowledge
            .first()
            .and_then(|knowledge| knowledge.id.split('/').next())
            .unwrap_or_default()
            .to_string(),
        question: query.question().to_string(),
    })
}

/// Trains and tests in ten folds by entity; returns the probability of each example, as said
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

/// For each domain of the labels, what a head says of it that was trained without it. Dialogues that
/// need nothing have no domain; half of them, by their first words, go with each side.
pub fn across_domains(examples: &[NeedExample], l2: f32) -> Vec<(String, NeedFigures)> {
    let mut domains: Vec<&str> = examples.iter().map(|e| e.domain.as_str()).collect();
    domains.sort_unstable();
    domains.dedup();
    domains.retain(|domain| !domain.is_empty());
    let in_test = |example: &NeedExample, domain: &str| {
        if example.needed {
            example.domain == domain
        } else {
            Sha256::digest(&example.dialogue_key)[1] % 2 == 0
        }
    };
    let figures_of = |domain: &str| {
        let test: Vec<&NeedExample> = examples.iter().filter(|e| in_test(e, domain)).collect();
        let seen: HashSet<&str> = test.iter().map(|e| e.dialogue_key.as_str()).collect();
        let training: Vec<&NeedExample> = examples
            .iter()
            .filter(|e| !in_test(e, domain) && !seen.contains(e.dialogue_key.as_str()))
            .collect();
        let head = train(&training, l2);
        let said: Vec<f32> = test.iter().map(|e| head.probability(&e.features)).collect();
        figures_of_pairs(test.iter().map(|e| e.needed).zip(said))
    };
    domains.iter().map(|domain| (domain.to_string(), figures_of(domain))).collect()
}

/// Trains a head on all the examples given.
pub fn train(examples: &[&NeedExample], l2: f32) -> LogisticRegression {
    let rows: Vec<&[f32]> = examples.iter().map(|example| example.features.as_slice()).collect();
    let needed: Vec<bool> = examples.iter().map(|example| example.needed).collect();
    LogisticRegression::train(&rows, &needed, l2)
}

/// Precision, recall and F1 of "knowledge is needed".
pub fn figures(examples: &[NeedExample], probabilities: &[f32]) -> NeedFigures {
    figures_of_pairs(examples.iter().map(|e| e.needed).zip(probabilities.iter().copied()))
}

fn figures_of_pairs(pairs: impl Iterator<Item = (bool, f32)>) -> NeedFigures {
    let mut counts = NeedFigures::default();
    for (needed, probability) in pairs {
        counts.cases += 1;
        match (needed, probability > THRESHOLD) {
            (true, true) => counts.true_positives += 1,
            (false, true) => counts.false_positives += 1,
            (true, false) => counts.false_negatives += 1,
            (false, false) => {}
        }
    }
    let right = counts.true_positives as f64;
    counts.precision = right / (counts.true_positives + counts.false_positives).max(1) as f64;
    counts.recall = right / (counts.true_positives + counts.false_negatives).max(1) as f64;
    let sum = counts.precision + counts.recall;
    counts.f1 = 2.0 * counts.precision * counts.recall / sum.max(f64::EPSILON);
    counts
}
