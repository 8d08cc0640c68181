//! Trains an intent head on utterances: calibrated, and with a threshold below which a message is none of
//! the intents, both by cross-validation.

use std::collections::BTreeMap;

use super::labelled::{Utterance, words_of_label};
use super::readings::Readings;
use crate::judge::calibrate::temperature;
use crate::judge::intent_head::{IntentExample, IntentHead};
use crate::judge::softmax::Training;
use crate::{Error, Result};

/// How a head is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntentTraining {
    /// Of the regression.
    pub training: Training,
    /// Parts of the cross-validation.
    pub folds: usize,
    /// Share of the utterances said rightly that the scope's threshold lets pass.
    pub passing: f64,
}

impl Default for IntentTraining {
    fn default() -> Self {
        Self { training: Training::default(), folds: 5, passing: 0.97 }
    }
}

/// An intent with fewer examples also learns from its name.
const NAME_BELOW: usize = 20;

/// The names of the intents with few examples, as examples of them.
pub fn names_as_examples<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<Utterance> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    let few = counts.into_iter().filter(|(_, count)| *count < NAME_BELOW);
    few.map(|(label, _)| Utterance { text: words_of_label(label), label: label.to_string() })
        .filter(|name| !name.text.is_empty())
        .collect()
}

/// What a head that had not seen an utterance said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOutIntent {
    /// Its place among the utterances; none for one that is none of the intents.
    pub utterance: Option<usize>,
    /// The intent said.
    pub said: String,
    /// The probability of each intent, in the order of their names.
    pub probabilities: Vec<f32>,
    /// The higher, the surer that the message is one of the intents.
    pub scope_score: f32,
}

/// Trains on the utterances, on the names of intents that have few, which must have been read, and on
/// those that are `none` of the intents. Also returns what heads said of
/// the parts that they were trained without; equal texts are in one part.
///
/// # Errors
/// As [`IntentHead::train`]; if a text was not read.
pub fn train(
    utterances: &[Utterance],
    none: &[String],
    readings: &Readings,
    settings: IntentTraining,
    mut progress: impl FnMut(usize, usize),
) -> Result<(IntentHead, Vec<HeldOutIntent>)> {
    if settings.folds < 2 {
        return Err(Error::input("cross-validation needs two parts or more"));
    }
    let examples: Vec<(&str, Option<&str>)> = utterances
        .iter()
        .map(|utterance| (utterance.text.as_str(), Some(utterance.label.as_str())))
        .chain(none.iter().map(|text| (text.as_str(), None)))
        .collect();
    let fold_of = |text: &str| super::folds::part_of(text, settings.folds);
    let names = names_as_examples(utterances.iter().map(|utterance| utterance.label.as_str()));
    let trained = |without: Option<usize>| -> Result<IntentHead> {
        let kept = examples.iter().filter(|(text, _)| Some(fold_of(text)) != without).copied();
        let names = names.iter().map(|name| (name.text.as_str(), Some(name.label.as_str())));
        let kept: Vec<IntentExample<'_>> = kept
            .chain(names)
            .map(|(text, label)| Ok((readings.get(text)?, label)))
            .collect::<Result<_>>()?;
        IntentHead::train(&kept, settings.training)
    };
    let whole = trained(None)?;
    let mut held_out = Vec::new();
    let mut logits = Vec::new();
    for fold in 0..settings.folds {
        let head = trained(Some(fold))?;
        for (place, (text, label)) in examples.iter().enumerate() {
            if fold_of(text) != fold {
                continue;
            }
            let reading = readings.get(text)?;
            let judged = head.judge(reading);
            let said = head.labels()[judged.intent].clone();
            // A rare intent may be wanting in a part's head; then there is nothing to calibrate on.
            if head.labels() == whole.labels()
                && let Some(class) = label.and_then(|label| place_of(whole.labels(), label))
            {
                logits.push((head.logits(reading), class));
            }
            held_out.push(HeldOutIntent {
                utterance: label.map(|_| place),
                said,
                probabilities: head.probabilities(reading),
                scope_score: judged.scope_score,
            });
        }
        progress(fold + 1, settings.folds);
    }
    let is_right = |one: &&HeldOutIntent| {
        one.utterance.is_some_and(|place| utterances[place].label == one.said)
    };
    let mut scores: Vec<f32> =
        held_out.iter().filter(is_right).map(|one| one.scope_score).collect();
    scores.sort_by(f32::total_cmp);
    let below = ((1.0 - settings.passing) * scores.len() as f64) as usize;
    let threshold = scores.get(below).copied().unwrap_or(f32::MIN);
    Ok((whole.calibrated(temperature(&logits), threshold), held_out))
}

fn place_of(labels: &[String], label: &str) -> Option<usize> {
    labels.binary_search_by(|one| one.as_str().cmp(label)).ok()
}
