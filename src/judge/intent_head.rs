//! What a customer wants, as a trained head says it, and whether it is anything the head knows.
//!
//! A softmax regression over the reading, and the mean embedding of each intent's examples. A message is
//! in scope if its best logit and its nearness to the nearest mean are high together: the logit says how
//! clearly one intent beats the others, the nearness whether anything like it was ever seen.

use serde::{Deserialize, Serialize};

use super::softmax::{SoftmaxRegression, Training, into_probabilities};
use crate::model::encoder::{EMBEDDING_SIZE, READING_SIZE, Reading, TUNED_SIZE};
use crate::retrieve::dense::dot;
use crate::{Error, Result};

/// Weight of the nearness (a cosine) against the best logit.
const NEARNESS_WEIGHT: f32 = 10.0;

/// A trained head.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentHead {
    settings: IntentSettings,
    regression: SoftmaxRegression,
    /// `[labels, 384]`: unit vectors.
    means: Vec<f32>,
}

/// What a head is besides its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentSettings {
    /// The intents, in the order of the regression's classes.
    pub labels: Vec<String>,
    /// True if the regression has one class more: "none of these".
    pub knows_none: bool,
    /// Divides the logits, so that the probabilities mean what they say.
    pub temperature: f32,
    /// A message whose [`IntentJudgement::scope_score`] is below this is none of the intents.
    pub scope_threshold: f32,
}

/// What the head says of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentJudgement {
    /// Index of the likeliest intent among [`IntentHead::labels`].
    pub intent: usize,
    /// The probability of that intent, 0 to 1.
    pub probability: f32,
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
        let rows: Vec<&[f32]> = examples.iter().map(|(reading, _)| reading.with_tuned()).collect();
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
        let settings =
            IntentSettings { labels, knows_none, temperature: 1.0, scope_threshold: f32::MIN };
        Ok(Self { settings, regression, means })
    }

    /// The head of its parts, as [`IntentHead::parts`] gave them.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if they do not fit each other.
    pub fn from_parts(
        settings: IntentSettings,
        regression: SoftmaxRegression,
        means: Vec<f32>,
    ) -> Result<Self> {
        let intents = settings.labels.len();
        let classes = intents + usize::from(settings.knows_none);
        let is_tuned = regression.features() == READING_SIZE + TUNED_SIZE;
        let features = READING_SIZE + if is_tuned { TUNED_SIZE } else { 0 };
        super::head_file::check_shape("intents", &regression, classes, features)?;
        if intents == 0 || means.len() != intents * EMBEDDING_SIZE {
            return Err(Error::input("the means of the intents do not fit their labels"));
        }
        Ok(Self { settings, regression, means })
    }

    /// True if it reads what tuned layers of the encoder say.
    pub fn is_tuned(&self) -> bool {
        self.regression.features() > READING_SIZE
    }

    /// What the regression sees of a reading; the encoder may have tuned layers that the head does not know.
    fn features_of<'a>(&self, reading: &'a Reading) -> &'a [f32] {
        let all = reading.with_tuned();
        all.get(..self.regression.features()).unwrap_or(all)
    }

    /// What it is made of.
    pub fn parts(&self) -> (&IntentSettings, &SoftmaxRegression, &[f32]) {
        (&self.settings, &self.regression, &self.means)
    }

    /// The head with this calibration and scope.
    #[must_use]
    pub fn calibrated(mut self, temperature: f32, scope_threshold: f32) -> Self {
        self.settings.temperature = temperature;
        self.settings.scope_threshold = scope_threshold;
        self
    }

    /// Judges a message.
    pub fn judge(&self, reading: &Reading) -> IntentJudgement {
        let mut logits = self.regression.logits(self.features_of(reading));
        let none = if self.settings.knows_none { logits.pop() } else { None };
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
        IntentJudgement {
            intent,
            probability: self.probabilities(reading)[intent],
            scope_score: best + against_none + NEARNESS_WEIGHT * nearness,
        }
    }

    /// The logit of each intent, before calibration.
    pub fn logits(&self, reading: &Reading) -> Vec<f32> {
        let mut logits = self.regression.logits(self.features_of(reading));
        logits.truncate(self.settings.labels.len());
        logits
    }

    /// The probability of each intent, should the message be one of them.
    pub fn probabilities(&self, reading: &Reading) -> Vec<f32> {
        let logits = self.logits(reading);
        let mut shares: Vec<f32> =
            logits.into_iter().map(|logit| logit / self.settings.temperature).collect();
        into_probabilities(&mut shares);
        shares
    }

    /// A message whose [`IntentJudgement::scope_score`] is below this is none of the intents.
    pub fn scope_threshold(&self) -> f32 {
        self.settings.scope_threshold
    }

    /// True if the message is one of the intents.
    pub fn is_in_scope(&self, judgement: &IntentJudgement) -> bool {
        judgement.scope_score >= self.settings.scope_threshold
    }

    /// The intents, in order.
    pub fn labels(&self) -> &[String] {
        &self.settings.labels
    }
}
