//! Multinomial logistic regression: a linear head over readings, one row of weights for each class.
//!
//! The loss is convex, so the same data give the same head, whatever the order. An example has one class,
//! or a share of each where several people judged it: the shares say more than the majority. Products run
//! through candle's matrix product; ten thousand readings and a hundred classes take seconds.

use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::lbfgs::{Stop, minimise};
use crate::error::Context;
use crate::retrieve::dense::dot;
use crate::{Error, Result};

/// How a head is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Penalty on the squared weights, against the mean loss of an example.
    pub l2: f64,
    /// Weight of an example is its class's frequency to minus this power: 0 leaves the classes as they
    /// are, 1 makes them equal.
    pub balance: f64,
    /// Steps at most.
    pub steps: usize,
}

impl Default for Training {
    fn default() -> Self {
        Self { l2: 1e-5, balance: 0.0, steps: 150 }
    }
}

/// A trained head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftmaxRegression {
    /// Features of an example.
    features: usize,
    /// `[classes, features]`, row by row.
    weights: Vec<f32>,
    /// One for each class.
    biases: Vec<f32>,
}

impl SoftmaxRegression {
    /// Trains on `rows`, all of one length, and the class of each, below `classes`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if there are no rows, or rows and labels do not fit each other.
    pub fn train(
        rows: &[&[f32]],
        labels: &[usize],
        classes: usize,
        training: Training,
    ) -> Result<Self> {
        if labels.iter().any(|&label| label >= classes) {
            return Err(Error::input(format!("a class is not below {classes}")));
        }
        let weights = example_weights(labels, classes, training.balance);
        let mut shares = vec![0.0; labels.len() * classes];
        for (row, &label) in shares.chunks_exact_mut(classes.max(1)).zip(labels) {
            row[label] = 1.0;
        }
        Self::train_weighted(rows, &shares, &weights, classes, training)
    }

    /// Trains on `rows` with the shares of the classes of each, `[rows, classes]`, and a weight each;
    /// [`Training::balance`] is not used.
    ///
    /// # Errors
    /// As [`SoftmaxRegression::train`].
    pub fn train_weighted(
        rows: &[&[f32]],
        shares: &[f32],
        weights: &[f32],
        classes: usize,
        training: Training,
    ) -> Result<Self> {
        let features = rows.first().map_or(0, |row| row.len());
        let fits = rows.len() * classes == shares.len()
            && rows.len() == weights.len()
            && rows.iter().all(|row| row.len() == features);
        if rows.is_empty() || !fits {
            return Err(Error::input(
                "a head needs examples, all of one length, with a class each",
            ));
        }
        Self::fit(rows, shares, weights, (classes, features), training)
            .internal("a head cannot be trained")
    }

    fn fit(
        rows: &[&[f32]],
        shares: &[f32],
        weight_of: &[f32],
        (classes, features): (usize, usize),
        training: Training,
    ) -> candle_core::Result<Self> {
        let device = Device::Cpu;
        let inputs = Tensor::from_vec(rows.concat(), (rows.len(), features), &device)?;
        let transposed = inputs.t()?;
        let total: f64 = weight_of.iter().map(|&weight| f64::from(weight)).sum();
        let loss = |parameters: &[f32]| -> candle_core::Result<(f64, Vec<f32>)> {
            let (weights, biases) = parameters.split_at(features * classes);
            let matrix = Tensor::from_slice(weights, (features, classes), &device)?;
            let logits = inputs.matmul(&matrix)?.flatten_all()?.to_vec1::<f32>()?;
            let mut errors = logits;
            let mut value = 0.0;
            let mut bias_slopes = vec![0.0f64; classes];
            for ((row, given), &weight) in
                errors.chunks_exact_mut(classes).zip(shares.chunks_exact(classes)).zip(weight_of)
            {
                row.iter_mut().zip(biases).for_each(|(logit, bias)| *logit += bias);
                into_probabilities(row);
                for ((error, slope), &share) in row.iter_mut().zip(&mut bias_slopes).zip(given) {
                    if share > 0.0 {
                        value -= f64::from(weight * share) * f64::from(error.max(1e-30).ln());
                    }
                    *error = (*error - share) * weight;
                    *slope += f64::from(*error);
                }
            }
            let errors = Tensor::from_vec(errors, (rows.len(), classes), &device)?;
            let slopes = transposed.matmul(&errors)?.to_dtype(DType::F32)?.flatten_all()?;
            let mut gradient = slopes.to_vec1::<f32>()?;
            let mut penalty = 0.0;
            for (slope, weight) in gradient.iter_mut().zip(weights) {
                let weight = f64::from(*weight);
                penalty += weight * weight;
                *slope = (f64::from(*slope) / total + 2.0 * training.l2 * weight) as f32;
            }
            gradient.extend(bias_slopes.iter().map(|slope| (slope / total) as f32));
            Ok((value / total + training.l2 * penalty, gradient))
        };
        let stop = Stop { steps: training.steps, relative_decrease: 1e-6 };
        let (parameters, _) = minimise(vec![0.0; (features + 1) * classes], stop, loss)?;
        let (by_feature, biases) = parameters.split_at(features * classes);
        let weights = (0..classes)
            .flat_map(|class| (0..features).map(move |feature| feature * classes + class))
            .map(|place| by_feature[place])
            .collect();
        Ok(Self { features, weights, biases: biases.to_vec() })
    }

    /// The logit of each class.
    pub fn logits(&self, row: &[f32]) -> Vec<f32> {
        let weights = self.weights.chunks_exact(self.features.max(1));
        weights.zip(&self.biases).map(|(weights, bias)| dot(weights, row) + bias).collect()
    }

    /// What each feature adds to the logit of `class`: exact, since the head is linear.
    pub fn contributions(&self, row: &[f32], class: usize) -> Vec<f32> {
        let start = class * self.features;
        let weights = self.weights.get(start..start + self.features).unwrap_or_default();
        weights.iter().zip(row).map(|(weight, value)| weight * value).collect()
    }

    /// The probability of each class, once the logits were divided by `temperature`.
    pub fn probabilities(&self, row: &[f32], temperature: f32) -> Vec<f32> {
        let mut logits = self.logits(row);
        logits.iter_mut().for_each(|logit| *logit /= temperature);
        into_probabilities(&mut logits);
        logits
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.biases.len()
    }

    /// How many features an example has.
    pub fn features(&self) -> usize {
        self.features
    }

    /// `[classes, features]` and `[classes]`, as they are written to a file.
    pub fn into_parts(self) -> (Vec<f32>, Vec<f32>) {
        (self.weights, self.biases)
    }

    /// The head of these `[classes, features]` weights and `[classes]` biases.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if they do not fit each other.
    pub fn from_parts(weights: Vec<f32>, biases: Vec<f32>) -> Result<Self> {
        let features = weights.len() / biases.len().max(1);
        if biases.is_empty() || weights.len() != features * biases.len() {
            return Err(Error::input("the weights of a head do not fit its biases"));
        }
        Ok(Self { features, weights, biases })
    }
}

/// Logits become probabilities in place.
pub fn into_probabilities(logits: &mut [f32]) {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - greatest).exp();
        sum += *logit;
    }
    logits.iter_mut().for_each(|share| *share /= sum);
}

fn example_weights(labels: &[usize], classes: usize, balance: f64) -> Vec<f32> {
    let mut counts = vec![0usize; classes];
    labels.iter().for_each(|&label| counts[label] += 1);
    // A class of a handful of examples must not outweigh the rest.
    let weight = |&label: &usize| (counts[label].max(20) as f64).powf(-balance) as f32;
    labels.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three fields of the plane, and a feature that says nothing.
    fn examples() -> (Vec<Vec<f32>>, Vec<usize>) {
        (0..300)
            .map(|i| {
                let (x, y) = ((i % 17) as f32 / 8.0 - 1.0, (i * 7 % 19) as f32 / 9.0 - 1.0);
                let class = if x + y > 0.4 {
                    0
                } else if x > y {
                    1
                } else {
                    2
                };
                (vec![x, y, 0.5], class)
            })
            .unzip()
    }

    #[test]
    fn linear_classes_are_learned_and_explained() {
        let (rows, labels) = examples();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let training = Training { l2: 1e-6, steps: 300, ..Training::default() };
        let head = SoftmaxRegression::train(&rows, &labels, 3, training).expect("trains");
        let mut right = 0;
        for (row, &label) in rows.iter().zip(&labels) {
            let logits = head.logits(row);
            right += usize::from((0..3).all(|class| logits[class] <= logits[label]));
            let explained: f32 = head.contributions(row, label).iter().sum();
            assert!((explained + head.biases[label] - logits[label]).abs() < 1e-4);
        }
        assert!(right >= 294, "{right} of 300");
    }

    #[test]
    fn shares_are_learned_as_probabilities() {
        let rows: Vec<&[f32]> = vec![&[1.0], &[-1.0]];
        let training = Training { l2: 1e-9, steps: 300, ..Training::default() };
        let shares = [0.7, 0.3, 0.2, 0.8];
        let head = SoftmaxRegression::train_weighted(&rows, &shares, &[1.0, 5.0], 2, training);
        let head = head.expect("trains");
        for (row, given) in rows.iter().zip(shares.chunks_exact(2)) {
            let said = head.probabilities(row, 1.0);
            assert!((said[0] - given[0]).abs() < 1e-2, "{said:?} for {given:?}");
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let training = Training::default();
        assert!(SoftmaxRegression::train(&[], &[], 2, training).is_err());
        assert!(SoftmaxRegression::train(&[&[1.0], &[1.0, 2.0]], &[0, 1], 2, training).is_err());
        assert!(SoftmaxRegression::train(&[&[1.0]], &[2], 2, training).is_err());
    }
}
