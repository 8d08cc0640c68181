//! Intents: heads trained on the public sets' training halves, held against their test halves.
//!
//! Banking77 (Casanueva et al., 2020), CLINC150 with its out-of-scope questions (Larson et al., 2019) and
//! Bitext's customer support intents. Thresholds are chosen on validation data, never on the test half.

use std::collections::BTreeMap;
use std::path::Path;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::judge::intent_head::IntentHead;
use crate::judge::softmax::Training;
use crate::judge::training::intents::names_as_examples;
use crate::judge::training::labelled::Utterance;
use crate::model::encoder::{Encoder, Reading};
use crate::{ErrorKind, Result};

/// The name that CLINC150 gives to what is out of scope.
const OUT_OF_SCOPE: &str = "oos";
/// Share of validation questions that are to be answered rightly, when CLINC150's threshold is chosen.
const ANSWERED_RIGHTLY: f64 = 0.962;

/// Utterances with their intents, as CLINC150 writes them.
type Labelled = Vec<(String, String)>;

/// Shares of a test half.
#[derive(Debug, Clone, Serialize)]
pub struct IntentFigures {
    /// The set and the way it was used.
    pub set: String,
    /// Test utterances.
    pub tested: usize,
    /// Share with the right intent.
    pub accuracy: f64,
    /// Mean F1 of the intents.
    pub macro_f1: f64,
}

/// CLINC150 at one threshold.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeFigures {
    /// Share of in-scope questions with the right intent and above the threshold.
    pub in_scope_accuracy: f64,
    /// Share of out-of-scope questions below the threshold.
    pub out_of_scope_recall: f64,
}

#[derive(Deserialize)]
struct Clinc {
    train: Labelled,
    val: Labelled,
    test: Labelled,
    oos_train: Labelled,
    oos_val: Labelled,
    oos_test: Labelled,
}

/// Trains on `train` and tests on `test`.
///
/// # Errors
/// If the encoder fails or the examples cannot be trained on.
pub fn measure(
    set: &str,
    encoder: &Encoder,
    train: &[Utterance],
    test: &[Utterance],
) -> Result<IntentFigures> {
    let (train, test) = (&pairs_of(train), &pairs_of(test));
    let (train_readings, test_readings) = (read(encoder, train)?, read(encoder, test)?);
    let head = trained(train, &train_readings, &[], Training::default())?;
    Ok(figures(set, &head, test, &test_readings))
}

/// As [`measure`] with `shots` examples of each intent, the mean over `draws` seeded draws.
///
/// # Errors
/// As [`measure`].
pub fn measure_few(
    set: &str,
    encoder: &Encoder,
    train: &[Utterance],
    test: &[Utterance],
    shots: usize,
    draws: u64,
) -> Result<IntentFigures> {
    let (train, test) = (&pairs_of(train), &pairs_of(test));
    let (train_readings, test_readings) = (read(encoder, train)?, read(encoder, test)?);
    let mut by_intent: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, (_, label)) in train.iter().enumerate() {
        by_intent.entry(label).or_default().push(place);
    }
    // As in `judge::training::intents`: with few examples the names of the intents are examples too.
    let names = by_intent
        .iter()
        .flat_map(|(label, places)| std::iter::repeat_n(*label, places.len().min(shots)));
    let names = pairs_of(&names_as_examples(names));
    let name_readings = read(encoder, &names)?;
    let mut mean =
        IntentFigures { set: set.to_string(), tested: test.len(), accuracy: 0.0, macro_f1: 0.0 };
    for seed in 0..draws {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut chosen = Vec::new();
        for places in by_intent.values() {
            let mut places = places.clone();
            places.shuffle(&mut random);
            chosen.extend(places.into_iter().take(shots));
        }
        let mut drawn: Labelled = chosen.iter().map(|&place| train[place].clone()).collect();
        let mut readings: Vec<Reading> =
            chosen.iter().map(|&place| train_readings[place].clone()).collect();
        drawn.extend(names.iter().cloned());
        readings.extend(name_readings.iter().cloned());
        let head = trained(&drawn, &readings, &[], Training::default())?;
        let one = figures(set, &head, test, &test_readings);
        mean.accuracy += one.accuracy / draws as f64;
        mean.macro_f1 += one.macro_f1 / draws as f64;
    }
    Ok(mean)
}

/// A head that `steward train intents` wrote, on utterances.
///
/// # Errors
/// If the encoder fails.
pub fn measure_head(
    set: &str,
    encoder: &Encoder,
    head: &IntentHead,
    test: &[Utterance],
) -> Result<IntentFigures> {
    let test = pairs_of(test);
    Ok(figures(set, head, &test, &read(encoder, &test)?))
}

fn pairs_of(utterances: &[Utterance]) -> Labelled {
    utterances.iter().map(|one| (one.text.clone(), one.label.clone())).collect()
}

/// CLINC150: the threshold is chosen on its validation half.
///
/// # Errors
/// As [`measure`], and if the file is not CLINC150's.
pub fn measure_scope(encoder: &Encoder, file: &Path) -> Result<ScopeFigures> {
    let named = || format!("cannot read {}", file.display());
    let text = std::fs::read_to_string(file).context(ErrorKind::Input, named)?;
    let clinc: Clinc = serde_json::from_str(&text).context(ErrorKind::Input, named)?;
    let readings = read(encoder, &clinc.train)?;
    let outside = read(encoder, &clinc.oos_train)?;
    let training = Training { l2: 3e-6, ..Training::default() };
    let head = trained(&clinc.train, &readings, &outside, training)?;
    let mut right: Vec<f32> = judged(&head, &clinc.val, &read(encoder, &clinc.val)?)
        .into_iter()
        .filter_map(|(is_right, score)| is_right.then_some(score))
        .collect();
    right.sort_by(f32::total_cmp);
    let needed = (ANSWERED_RIGHTLY * clinc.val.len() as f64).ceil() as usize;
    let threshold = right[right.len().saturating_sub(needed)];
    let of = |labelled: &Labelled| -> Result<Vec<(bool, f32)>> {
        Ok(judged(&head, labelled, &read(encoder, labelled)?))
    };
    let inside = of(&clinc.test)?;
    let outside = of(&clinc.oos_test)?;
    let validated = of(&clinc.oos_val)?;
    tracing::info!(threshold, recall = below(&validated, threshold), "validated out of scope");
    let answered = inside.iter().filter(|(is_right, score)| *is_right && *score >= threshold);
    Ok(ScopeFigures {
        in_scope_accuracy: answered.count() as f64 / inside.len() as f64,
        out_of_scope_recall: below(&outside, threshold),
    })
}

fn below(judged: &[(bool, f32)], threshold: f32) -> f64 {
    let below = judged.iter().filter(|(_, score)| *score < threshold).count();
    below as f64 / judged.len().max(1) as f64
}

fn read(encoder: &Encoder, labelled: &Labelled) -> Result<Vec<Reading>> {
    let texts: Vec<&str> = labelled.iter().map(|(text, _)| text.as_str()).collect();
    encoder.read(&texts)
}

fn trained(
    labelled: &Labelled,
    readings: &[Reading],
    out_of_scope: &[Reading],
    training: Training,
) -> Result<IntentHead> {
    let inside = readings.iter().zip(labelled).map(|(r, (_, label))| (r, Some(label.as_str())));
    let examples: Vec<_> = inside.chain(out_of_scope.iter().map(|r| (r, None))).collect();
    IntentHead::train(&examples, training)
}

/// Whether the intent is right, and the scope's score, for each utterance.
fn judged(head: &IntentHead, labelled: &Labelled, readings: &[Reading]) -> Vec<(bool, f32)> {
    let judge = |(reading, (_, label)): (&Reading, &(String, String))| {
        let judgement = head.judge(reading);
        let is_right = label != OUT_OF_SCOPE && head.labels()[judgement.intent] == *label;
        (is_right, judgement.scope_score)
    };
    readings.iter().zip(labelled).map(judge).collect()
}

fn figures(set: &str, head: &IntentHead, test: &Labelled, readings: &[Reading]) -> IntentFigures {
    let said = |reading: &Reading| head.labels()[head.judge(reading).intent].as_str();
    let pairs: Vec<(&str, &str)> = test
        .iter()
        .zip(readings)
        .map(|((_, label), reading)| (label.as_str(), said(reading)))
        .collect();
    IntentFigures::of(set, &pairs)
}

impl IntentFigures {
    /// The figures of pairs of the right intent and the one said.
    pub fn of(set: &str, pairs: &[(&str, &str)]) -> Self {
        let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for (given, said) in pairs {
            counts.entry(given).or_default()[1] += 1;
            counts.entry(said).or_default()[2] += 1;
            counts.entry(given).or_default()[0] += usize::from(given == said);
        }
        let right: usize = counts.values().map(|[both, ..]| both).sum();
        let f1 =
            |[both, asked, said]: &[usize; 3]| 2.0 * *both as f64 / (asked + said).max(1) as f64;
        Self {
            set: set.to_string(),
            tested: pairs.len(),
            accuracy: right as f64 / pairs.len().max(1) as f64,
            macro_f1: counts.values().map(f1).sum::<f64>() / counts.len().max(1) as f64,
        }
    }
}
