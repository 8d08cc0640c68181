//! How satisfied a customer is at a turn: a distribution over 1 to 5 from the conversation's trajectory.

use serde::{Deserialize, Serialize};

use super::softmax::SoftmaxRegression;
use super::trajectory::FEATURES;
use crate::Result;

/// Ratings: 1 furious, 2 dissatisfied, 3 neutral, 4 satisfied, 5 delighted.
pub const RATINGS: usize = 5;
/// Below this rating a customer is dissatisfied.
pub const NEUTRAL: usize = 3;
/// Weight of a turn against the one after it, in the satisfaction of the conversation.
const FADING: f32 = 0.6;

/// A distribution over the ratings 1 to 5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Satisfaction {
    /// The probability of each rating.
    pub ratings: [f32; RATINGS],
}

impl Satisfaction {
    /// The mean rating, 1 to 5.
    pub fn mean(&self) -> f32 {
        self.ratings.iter().zip(1u8..).map(|(share, rating)| share * f32::from(rating)).sum()
    }

    /// The probability of a rating below 3.
    pub fn dissatisfied(&self) -> f32 {
        self.ratings[..NEUTRAL - 1].iter().sum()
    }

    /// The conversation's, from its turns', oldest first: the newer counts more.
    pub fn of_conversation(turns: &[Self]) -> Self {
        let mut all = Self::default();
        let mut total = 0.0;
        let mut weight = 1.0;
        for turn in turns.iter().rev() {
            all.ratings
                .iter_mut()
                .zip(turn.ratings)
                .for_each(|(sum, share)| *sum += weight * share);
            total += weight;
            weight *= FADING;
        }
        all.ratings.iter_mut().for_each(|share| *share /= f32::max(total, f32::MIN_POSITIVE));
        all
    }
}

/// A trained head.
#[derive(Debug, Clone, PartialEq)]
pub struct SatisfactionHead {
    pub(super) regression: SoftmaxRegression,
    /// Divides the logits, so that the probabilities mean what they say.
    pub(super) temperature: f32,
}

impl SatisfactionHead {
    /// The head of a regression with one class for each rating.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if it has another number of classes or features.
    pub fn new(regression: SoftmaxRegression, temperature: f32) -> Result<Self> {
        super::head_file::check_shape("satisfaction", &regression, RATINGS, FEATURES)?;
        Ok(Self { regression, temperature })
    }

    /// Judges a message by the features of its conversation.
    pub fn judge(&self, features: &[f32]) -> Satisfaction {
        let said = self.regression.probabilities(features, self.temperature);
        let mut satisfaction = Satisfaction::default();
        satisfaction.ratings.iter_mut().zip(said).for_each(|(share, said)| *share = said);
        satisfaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_turns_count_most() {
        let sure = |rating: usize| {
            let mut ratings = [0.0; RATINGS];
            ratings[rating - 1] = 1.0;
            Satisfaction { ratings }
        };
        let falling = Satisfaction::of_conversation(&[sure(5), sure(3), sure(1)]);
        let rising = Satisfaction::of_conversation(&[sure(1), sure(3), sure(5)]);
        assert!(falling.mean() < 3.0 && rising.mean() > 3.0);
        assert!((falling.ratings.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(falling.dissatisfied() > 0.5);
        assert_eq!(Satisfaction::of_conversation(&[sure(4)]), sure(4));
        assert_eq!(Satisfaction::of_conversation(&[]), Satisfaction::default());
    }
}
