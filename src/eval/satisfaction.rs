//! Satisfaction on the User Satisfaction Simulation sets (Sun et al., 2021), cross-validated by dialogue.
//!
//! The label of a customer's turn is what most annotators gave it, 1 to 5; heads learn from the shares of
//! the ratings. These sets are for evaluation only: heads trained here are thrown away.

use serde::Serialize;

use crate::Result;
use crate::judge::satisfaction::{NEUTRAL, RATINGS, SatisfactionHead};
use crate::judge::softmax::{Training, into_probabilities};
use crate::judge::training::examples::{Example, Rows, examples};
use crate::judge::training::labelled::LabelledConversation;
use crate::judge::training::moods::Moods;
use crate::judge::training::readings::Readings;

const FOLDS: usize = 10;
/// How the heads are trained.
const TRAINING: Training = Training { l2: 3e-4, balance: 0.0, steps: 100 };
/// The rating said is the one whose probability over its frequency to this power is greatest: 0 says the
/// likeliest, 1 treats all ratings as equally frequent.
const PRIOR_POWER: f64 = 0.5;
/// A rating counts as at least so frequent.
const LEAST_FREQUENCY: f64 = 0.002;

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

/// The probabilities of the ratings of a message, and the rating it was given, counted from 0.
pub type Rated = ([f64; RATINGS], usize);

/// Trains on nine tenths of the conversations and tests on the tenth, ten times.
///
/// # Errors
/// If a text was not read.
pub fn cross_validated(
    conversations: &[LabelledConversation],
    readings: &Readings,
    moods: &Moods,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Rated>> {
    let examples = examples(conversations, readings, moods, |turn| turn.satisfaction.is_some())?;
    let mut rows = Rows::new(RATINGS);
    for example in &examples {
        rows.push(&example.features, &given(conversations, example), 1.0);
    }
    let fold_of: Vec<usize> = examples.iter().map(|example| example.conversation % FOLDS).collect();
    let logits = rows.held_out_logits(&fold_of, TRAINING, progress)?;
    let rated = examples.iter().zip(logits).map(|(example, mut logits)| {
        into_probabilities(&mut logits);
        let mut shares = [0.0; RATINGS];
        shares.iter_mut().zip(logits).for_each(|(share, said)| *share = f64::from(said));
        (shares, most_given(&given(conversations, example)))
    });
    Ok(rated.collect())
}

/// Trains on the conversations of one set and tests on another's.
///
/// # Errors
/// As [`cross_validated`].
pub fn transferred(
    from: &[LabelledConversation],
    to: &[LabelledConversation],
    readings: &Readings,
    moods: &Moods,
) -> Result<Vec<Rated>> {
    let trained = examples(from, readings, moods, |turn| turn.satisfaction.is_some())?;
    let mut rows = Rows::new(RATINGS);
    trained.iter().for_each(|one| rows.push(&one.features, &given(from, one), 1.0));
    let head = SatisfactionHead::new(rows.train(TRAINING)?, 1.0)?;
    told_by(&head, to, readings, moods)
}

/// What a head says of the rated messages.
///
/// # Errors
/// As [`cross_validated`].
pub fn told_by(
    head: &SatisfactionHead,
    conversations: &[LabelledConversation],
    readings: &Readings,
    moods: &Moods,
) -> Result<Vec<Rated>> {
    let examples = examples(conversations, readings, moods, |turn| turn.satisfaction.is_some())?;
    let told = |example: &Example| {
        let said = head.judge(&example.features).ratings.map(f64::from);
        (said, most_given(&given(conversations, example)))
    };
    Ok(examples.iter().map(told).collect())
}

fn given(conversations: &[LabelledConversation], example: &Example) -> [f32; RATINGS] {
    conversations[example.conversation].turns[example.turn].satisfaction.unwrap_or_default()
}

/// The rating given most often, the lowest of several, counted from 0.
pub fn most_given(shares: &[f32; RATINGS]) -> usize {
    (0..RATINGS).rev().max_by(|&l, &r| shares[l].total_cmp(&shares[r])).unwrap_or_default()
}

/// The figures of held-out probabilities.
pub fn figures(rated: &[Rated]) -> SatisfactionFigures {
    let count = rated.len() as f64;
    let mut frequency = [0.0; RATINGS];
    rated.iter().for_each(|(_, rating)| frequency[*rating] += 1.0 / count);
    let mut table = [[0.0f64; RATINGS]; RATINGS];
    for (shares, rating) in rated {
        let weighed = |rating: usize| {
            shares[rating] / frequency[rating].max(LEAST_FREQUENCY).powf(PRIOR_POWER)
        };
        let said = (0..RATINGS).max_by(|&l, &r| weighed(l).total_cmp(&weighed(r))).unwrap_or(0);
        table[*rating][said] += 1.0;
    }
    let given = |rating: usize| table[rating].iter().sum::<f64>();
    let said = |rating: usize| table.iter().map(|row| row[rating]).sum::<f64>();
    let recalls: Vec<f64> = (0..RATINGS)
        .filter(|&rating| given(rating) > 0.0)
        .map(|rating| table[rating][rating] / given(rating))
        .collect();
    let agreement = (0..RATINGS).map(|rating| table[rating][rating]).sum::<f64>() / count;
    let chance = (0..RATINGS).map(|r| given(r) * said(r)).sum::<f64>() / (count * count);
    let dissatisfied: Vec<(f64, bool)> = rated
        .iter()
        .map(|(shares, rating)| (shares[..NEUTRAL - 1].iter().sum(), *rating < NEUTRAL - 1))
        .collect();
    SatisfactionFigures {
        messages: rated.len(),
        unweighted_average_recall: recalls.iter().sum::<f64>() / recalls.len().max(1) as f64,
        kappa: (agreement - chance) / (1.0 - chance),
        dissatisfied_auc: super::calibration::roc_auc(&dissatisfied),
        calibration_error: super::calibration::expected_calibration_error(&dissatisfied, 10),
    }
}
