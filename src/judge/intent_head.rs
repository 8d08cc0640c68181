//! What a customer wants, as a trained head says it, and whether it is anything the head knows.
//!
//! A softmax regression over the reading, and the mean embedding of each intent's examples. A message is
//! in scope if its best logit and its nearness to the nearest mean are high together: the logit says how
//! clearly one intent beats the others, the nearness whether anything like it was ever seen.

use serde::{Deserialize, Serialize};

use super::softmax::{SoftmaxRegression, Training};
use crate::model::encoder::{EMBEDDING_SIZE, Reading};
use crate::retrieve::dense::dot;
use crate::{Error, Result};

/// Weight of the nearness (a cosine) against the best logit.
const NEARNESS_WEIGHT: f32 = 10.0;

/// A trained head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentHead {
    labels: Vec<String>,
    regression: SoftmaxRegression,
    /// True if the last class of the regression is "none of these".
    knows_none: bool,
    /// `[labels, 384]`: unit vectors.
    means: Vec<f32>,
}

/// What the head says of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentJudgement {
    /// Index of the likeliest intent among [`IntentHead::labels`].
    pub intent: usize,
    /// The higher, the surer that the message is one of the intents; no probability.
    pub scope_score: f32,
}

/// An example: a reading and its intent; none if it is out of scope.
pub type IntentExample<'a> = (&'a Reading, Option<&'a str>);

impl IntentHead {
    /// Trains on `examples`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if fewer than two intents have examples.
    pub fn train(examples: &[IntentExample<'_>], training: Training) -> Result<Self> {
        let mut labels: Vec<String> =
            examples.iter().filter_map(|(_, label)| label.map(str::to_string)).collect();
        labels.sort_unstable();
        labels.dedup();
        if labels.len() < 2 {
            return Err(Error::input("an intent head needs examples of two intents or more"));
        }
        let none = labels.len();
        let class_of = |label: Option<&str>| {
            label.and_then(|label| labels.binary_search_by(|l| l.as_str().cmp(label)).ok())
        };
        let classes: Vec<usize> =
            examples.iter().map(|(_, label)| class_of(*label).unwrap_or(none)).collect();
        let knows_none = classes.contains(&none);
        let rows: Vec<&[f32]> = examples.iter().map(|(reading, _)| reading.parts()).collect();
        let regression =
            SoftmaxRegression::train(&rows, &classes, none + usize::from(knows_none), training)?;
        let mut means = vec![0.0f32; none * EMBEDDING_SIZE];
        for ((reading, _), &class) in examples.iter().zip(&classes).filter(|(_, c)| **c < none) {
            let mean = &mut means[class * EMBEDDING_SIZE..(class + 1) * EMBEDDING_SIZE];
            mean.iter_mut().zip(reading.embedding()).for_each(|(sum, value)| *sum += value);
        }
        for mean in means.chunks_exact_mut(EMBEDDING_SIZE) {
            let length = dot(mean, mean).sqrt().max(f32::MIN_POSITIVE);
            mean.iter_mut().for_each(|value| *value /= length);
        }
        Ok(Self { labels, regression, knows_none, means })
    }

    /// Judges a message.
    pub fn judge(&self, reading: &Reading) -> IntentJudgement {
        let mut logits = self.regression.logits(reading.parts());
        let none = if self.knows_none { logits.pop() } else { None };
        let (intent, best) = logits
            .iter()
            .copied()
            .enumerate()
            .max_by(|left, right| left.1.total_cmp(&right.1))
            .unwrap_or_default();
        let nearness = self
            .means
            .chunks_exact(EMBEDDING_SIZE)
            .map(|mean| dot(mean, reading.embedding()))
            .fold(-1.0, f32::max);
        let against_none = none.map_or(0.0, |none| best - none);
        IntentJudgement { intent, scope_score: best + against_none + NEARNESS_WEIGHT * nearness }
    }

    /// The intents, in order.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }
}
