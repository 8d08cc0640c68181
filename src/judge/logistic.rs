//! Logistic regression with an L2 penalty, trained full-batch with Adam.
//!
//! Small enough to train in seconds on a few thousand examples, convex, and so the same from every
//! start: weights begin at zero and no random numbers are used.

use serde::{Deserialize, Serialize};

use crate::retrieve::dense::dot;

/// Steps of [`LogisticRegression::train`].
const STEPS: usize = 400;
const LEARNING_RATE: f32 = 0.05;
/// Adam's decay rates (Kingma & Ba, 2015).
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;

/// A trained head: the probability that an example is positive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogisticRegression {
    /// Mean of each feature over the training examples.
    mean: Vec<f32>,
    /// One over the standard deviation of each feature.
    scale: Vec<f32>,
    /// Weight of each standardised feature.
    weights: Vec<f32>,
    /// Added to the weighted sum.
    bias: f32,
}

impl LogisticRegression {
    /// Trains on rows of equal length; `l2` is the penalty on the squared weights, per example.
    /// Without examples the head says one half to everything.
    pub fn train(rows: &[&[f32]], positive: &[bool], l2: f32) -> LogisticRegression {
        let columns = rows.first().map_or(0, |row| row.len());
        let (mean, scale) = mean_and_scale(rows, columns);
        let standardised: Vec<Vec<f32>> =
            rows.iter().map(|row| standardise(row, &mean, &scale)).collect();
        let count = rows.len().max(1) as f32;
        let mut parameters = vec![0.0f32; columns + 1];
        let mut first_moment = vec![0.0f32; columns + 1];
        let mut second_moment = vec![0.0f32; columns + 1];
        for step in 1..=STEPS {
            let mut gradient = vec![0.0f32; columns + 1];
            for (row, &is_positive) in standardised.iter().zip(positive) {
                let target = if is_positive { 1.0 } else { 0.0 };
                let probability = sigmoid(dot(row, &parameters[..columns]) + parameters[columns]);
                let error = probability - target;
                for (sum, value) in gradient.iter_mut().zip(row) {
                    *sum += error * value;
                }
                gradient[columns] += error;
            }
            let (correction_1, correction_2) =
                (1.0 - BETA_1.powi(step as i32), 1.0 - BETA_2.powi(step as i32));
            // Falling to a tenth, so that the last steps settle.
            let rate = LEARNING_RATE * (1.0 - 0.9 * step as f32 / STEPS as f32);
            for place in 0..=columns {
                let penalty = if place < columns { l2 * parameters[place] } else { 0.0 };
                let slope = gradient[place] / count + penalty;
                first_moment[place] = BETA_1 * first_moment[place] + (1.0 - BETA_1) * slope;
                second_moment[place] =
                    BETA_2 * second_moment[place] + (1.0 - BETA_2) * slope * slope;
                let direction = (first_moment[place] / correction_1)
                    / ((second_moment[place] / correction_2).sqrt() + 1e-8);
                parameters[place] -= rate * direction;
            }
        }
        let bias = parameters.pop().unwrap_or_default();
        LogisticRegression { mean, scale, weights: parameters, bias }
    }

    /// The probability, 0 to 1, that an example is positive.
    pub fn probability(&self, row: &[f32]) -> f32 {
        let standardised = standardise(row, &self.mean, &self.scale);
        sigmoid(dot(&standardised, &self.weights) + self.bias)
    }

    /// How many features a row has.
    pub fn features(&self) -> usize {
        self.weights.len()
    }
}

fn mean_and_scale(rows: &[&[f32]], columns: usize) -> (Vec<f32>, Vec<f32>) {
    let count = rows.len().max(1) as f32;
    let mut mean = vec![0.0f32; columns];
    for row in rows {
        mean.iter_mut().zip(*row).for_each(|(sum, value)| *sum += value / count);
    }
    let mut variance = vec![0.0f32; columns];
    for row in rows {
        for ((sum, value), mean) in variance.iter_mut().zip(*row).zip(&mean) {
            *sum += (value - mean) * (value - mean) / count;
        }
    }
    let scale = variance.iter().map(|v| if *v > 1e-12 { 1.0 / v.sqrt() } else { 0.0 }).collect();
    (mean, scale)
}

fn standardise(row: &[f32], mean: &[f32], scale: &[f32]) -> Vec<f32> {
    row.iter().zip(mean).zip(scale).map(|((value, mean), scale)| (value - mean) * scale).collect()
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_the_plane_is_learned() {
        let rows: Vec<Vec<f32>> =
            (0..200).map(|i| vec![(i % 20) as f32, (i * 7 % 13) as f32 - 6.0, 3.0]).collect();
        let positive: Vec<bool> = rows.iter().map(|row| row[0] + row[1] > 10.0).collect();
        let borrowed: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let head = LogisticRegression::train(&borrowed, &positive, 1e-5);
        let right = rows
            .iter()
            .zip(&positive)
            .filter(|(row, positive)| (head.probability(row) > 0.5) == **positive)
            .count();
        assert!(right >= 196, "{right} of 200");
    }

    #[test]
    fn without_examples_everything_is_even() {
        assert_eq!(LogisticRegression::train(&[], &[], 0.1).probability(&[]), 0.5);
    }
}
