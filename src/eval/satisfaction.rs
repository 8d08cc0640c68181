//! Satisfaction on the User Satisfaction Simulation sets (Sun et al., 2021), cross-validated by dialogue.
//!
//! The label of a customer's turn is what most annotators gave it, 1 to 5. These sets are for evaluation
//! only: heads trained here are thrown away.

use std::path::Path;

use serde::Serialize;

use crate::dialogue::Role;
use crate::error::Context;
use crate::judge::softmax::{SoftmaxRegression, Training, into_probabilities};
use crate::judge::trajectory::{ReadTurn, Trajectory};
use crate::model::encoder::{Encoder, Reading};
use crate::{Error, ErrorKind, Result};

const FOLDS: usize = 10;
const RATINGS: usize = 5;
/// Below this rating a customer is dissatisfied.
const NEUTRAL: usize = 3;
/// The rating said is the one whose probability over its frequency to this power is greatest: 0 says the
/// likeliest, 1 treats all ratings as equally frequent.
const PRIOR_POWER: f64 = 0.8;
/// A rating counts as at least so frequent.
const LEAST_FREQUENCY: f64 = 0.002;

struct Turn {
    role: Role,
    text: String,
    /// 0 for rating 1; none if it was not rated.
    rating: Option<usize>,
}

/// A rated message as features.
struct Example {
    features: Vec<f32>,
    rating: usize,
    dialogue: usize,
}

/// How well the ratings are told.
#[derive(Debug, Clone, Serialize)]
pub struct SatisfactionFigures {
    /// Rated messages.
    pub messages: usize,
    /// Mean recall of the ratings.
    pub unweighted_average_recall: f64,
    /// Cohen's kappa.
    pub kappa: f64,
    /// Area under the ROC curve of P(rating below 3).
    pub dissatisfied_auc: f64,
    /// Expected calibration error of P(rating below 3), ten bins.
    pub calibration_error: f64,
}

/// Reads the dialogues of `file`, embeds them, trains on nine tenths and tests on the tenth, ten times.
///
/// # Errors
/// [`ErrorKind::Input`] if the file is not in the sets' form; those of the encoder.
pub fn measure(encoder: &Encoder, file: &Path) -> Result<SatisfactionFigures> {
    let dialogues = dialogues_in(file)?;
    let texts: Vec<&str> = dialogues.iter().flatten().map(|turn| turn.text.as_str()).collect();
    let readings = encoder.read(&texts)?;
    let examples = examples(&dialogues, &readings);
    let mut probabilities = vec![[0.0f64; RATINGS]; examples.len()];
    for fold in 0..FOLDS {
        let (test, train): (Vec<usize>, Vec<usize>) =
            (0..examples.len()).partition(|&place| examples[place].dialogue % FOLDS == fold);
        let rows: Vec<&[f32]> =
            train.iter().map(|&place| examples[place].features.as_slice()).collect();
        let ratings: Vec<usize> = train.iter().map(|&place| examples[place].rating).collect();
        let training = Training { l2: 3e-4, ..Training::default() };
        let head = SoftmaxRegression::train(&rows, &ratings, RATINGS, training)?;
        for place in test {
            let mut logits = head.logits(&examples[place].features);
            into_probabilities(&mut logits);
            for (share, logit) in probabilities[place].iter_mut().zip(logits) {
                *share = f64::from(logit);
            }
        }
    }
    Ok(figures(&examples, &probabilities))
}

/// One turn a line, `ROLE<tab>text<tab>act<tab>ratings`; an empty line between dialogues.
fn dialogues_in(file: &Path) -> Result<Vec<Vec<Turn>>> {
    let text = std::fs::read_to_string(file)
        .context(ErrorKind::Input, || format!("cannot read {}", file.display()))?;
    let mut dialogues: Vec<Vec<Turn>> = vec![Vec::new()];
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            dialogues.push(Vec::new());
            continue;
        }
        let mut fields = line.split('\t');
        let (role, text) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let role = match role {
            "USER" => Role::Customer,
            "SYSTEM" => Role::Agent,
            other => {
                return Err(Error::input(format!(
                    "{} line {}: expected USER or SYSTEM, found `{other}`",
                    file.display(),
                    number + 1
                )));
            }
        };
        // The last line of a dialogue rates it as a whole.
        if text != "OVERALL"
            && let Some(dialogue) = dialogues.last_mut()
        {
            let rating = fields.nth(1).and_then(most_given);
            dialogue.push(Turn { role, text: text.to_string(), rating });
        }
    }
    dialogues.retain(|dialogue| !dialogue.is_empty());
    Ok(dialogues)
}

/// The rating given most often, the first of several, counted from 0.
fn most_given(ratings: &str) -> Option<usize> {
    let given: Vec<usize> =
        ratings.split(',').filter_map(|rating| rating.trim().parse().ok()).collect();
    let times = |rating: &usize| given.iter().filter(|other| *other == rating).count();
    let most = given.iter().map(times).max()?;
    given.iter().find(|rating| times(rating) == most)?.checked_sub(1).filter(|r| *r < RATINGS)
}

fn examples(dialogues: &[Vec<Turn>], readings: &[Reading]) -> Vec<Example> {
    let mut readings = readings.iter();
    let mut examples = Vec::new();
    for (number, dialogue) in dialogues.iter().enumerate() {
        let mut trajectory = Trajectory::default();
        for (turn, reading) in dialogue.iter().zip(readings.by_ref()) {
            if let (Role::Customer, Some(rating)) = (turn.role, turn.rating) {
                let features = trajectory.features(&turn.text, reading);
                examples.push(Example { features, rating, dialogue: number });
            }
            trajectory.push(ReadTurn { role: turn.role, text: &turn.text, reading });
        }
    }
    examples
}

fn figures(examples: &[Example], probabilities: &[[f64; RATINGS]]) -> SatisfactionFigures {
    let count = examples.len() as f64;
    let mut frequency = [0.0; RATINGS];
    examples.iter().for_each(|example| frequency[example.rating] += 1.0 / count);
    let mut table = [[0.0f64; RATINGS]; RATINGS];
    for (example, shares) in examples.iter().zip(probabilities) {
        let weighed = |rating: usize| {
            shares[rating] / frequency[rating].max(LEAST_FREQUENCY).powf(PRIOR_POWER)
        };
        let said = (0..RATINGS).max_by(|&l, &r| weighed(l).total_cmp(&weighed(r))).unwrap_or(0);
        table[example.rating][said] += 1.0;
    }
    let given = |rating: usize| table[rating].iter().sum::<f64>();
    let said = |rating: usize| table.iter().map(|row| row[rating]).sum::<f64>();
    let recalls: Vec<f64> = (0..RATINGS)
        .filter(|&rating| given(rating) > 0.0)
        .map(|rating| table[rating][rating] / given(rating))
        .collect();
    let agreement = (0..RATINGS).map(|rating| table[rating][rating]).sum::<f64>() / count;
    let chance = (0..RATINGS).map(|r| given(r) * said(r)).sum::<f64>() / (count * count);
    let dissatisfied: Vec<(f64, bool)> = examples
        .iter()
        .zip(probabilities)
        .map(|(example, shares)| (shares[..NEUTRAL - 1].iter().sum(), example.rating < NEUTRAL - 1))
        .collect();
    SatisfactionFigures {
        messages: examples.len(),
        unweighted_average_recall: recalls.iter().sum::<f64>() / recalls.len().max(1) as f64,
        kappa: (agreement - chance) / (1.0 - chance),
        dissatisfied_auc: super::calibration::roc_auc(&dissatisfied),
        calibration_error: super::calibration::expected_calibration_error(&dissatisfied, 10),
    }
}
