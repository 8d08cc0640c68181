//! Labelled customers' turns as rows of features, and heads cross-validated over them.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::labelled::{LabelledConversation, LabelledTurn};
use super::moods::Moods;
use super::readings::Readings;
use crate::dialogue::Role;
use crate::judge::emotion::EMOTIONS;
use crate::judge::softmax::{SoftmaxRegression, Training};
use crate::judge::trajectory::{ReadTurn, Trajectory};
use crate::model::compute::compute_threads;
use crate::{Error, Result};

/// A customer's turn as features.
#[derive(Debug, Clone)]
pub struct Example {
    /// Index of its conversation.
    pub conversation: usize,
    /// Index of the turn in it.
    pub turn: usize,
    /// [`crate::judge::trajectory::FEATURES`] f32.
    pub features: Vec<f32>,
}

/// The customers' turns that `wanted` takes.
///
/// # Errors
/// If a text was not read.
pub fn examples(
    conversations: &[LabelledConversation],
    readings: &Readings,
    moods: &Moods,
    wanted: impl Fn(&LabelledTurn) -> bool,
) -> Result<Vec<Example>> {
    let mut found = Vec::new();
    for (number, conversation) in conversations.iter().enumerate() {
        let head = moods.of(conversation);
        let mut trajectory = Trajectory::default();
        for (place, turn) in conversation.turns.iter().enumerate() {
            let reading = readings.get(&turn.text)?;
            let mood = match turn.role {
                Role::Customer => head.judge(reading),
                Role::Agent => [0.0; EMOTIONS],
            };
            let read = ReadTurn { role: turn.role, text: &turn.text, reading, mood };
            if turn.role == Role::Customer && wanted(turn) {
                let features = trajectory.features(&read);
                found.push(Example { conversation: number, turn: place, features });
            }
            trajectory.push(read);
        }
    }
    Ok(found)
}

/// Rows with the shares of their classes and their weights.
#[derive(Debug, Clone, Default)]
pub struct Rows<'a> {
    /// Features of each row.
    pub features: Vec<&'a [f32]>,
    /// `[rows, classes]`.
    pub shares: Vec<f32>,
    /// How much each row counts.
    pub weights: Vec<f32>,
    /// How many classes there are.
    pub classes: usize,
}

impl<'a> Rows<'a> {
    /// No rows yet.
    pub fn new(classes: usize) -> Self {
        Self { classes, ..Self::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, features: &'a [f32], shares: &[f32], weight: f32) {
        self.features.push(features);
        self.shares.extend_from_slice(shares);
        self.weights.push(weight);
    }

    /// Adds a row of one class.
    pub fn push_class(&mut self, features: &'a [f32], class: usize, weight: f32) {
        let start = self.shares.len();
        self.shares.resize(start + self.classes, 0.0);
        self.shares[start + class] = 1.0;
        self.features.push(features);
        self.weights.push(weight);
    }

    /// Weighs each class by its frequency to minus `power`: 0 leaves them as they are, 1 makes them equal.
    /// The weights' sum stays.
    pub fn balance(&mut self, power: f32) {
        if power == 0.0 {
            return;
        }
        let mut frequency = vec![0.0f32; self.classes];
        for (shares, weight) in self.shares.chunks_exact(self.classes.max(1)).zip(&self.weights) {
            frequency.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share * weight);
        }
        let before: f32 = self.weights.iter().sum();
        let rows = self.shares.chunks_exact(self.classes.max(1)).zip(&mut self.weights);
        for (shares, weight) in rows {
            let seen = shares.iter().zip(&frequency).filter(|(share, _)| **share > 0.0);
            *weight *= seen.map(|(share, sum)| share * sum.powf(-power)).sum::<f32>();
        }
        let after: f32 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight *= before / after.max(f32::MIN_POSITIVE));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// A head trained on all of them.
    ///
    /// # Errors
    /// As [`SoftmaxRegression::train_weighted`].
    pub fn train(&self, training: Training) -> Result<SoftmaxRegression> {
        SoftmaxRegression::train_weighted(
            &self.features,
            &self.shares,
            &self.weights,
            self.classes,
            training,
        )
    }

    fn without(&self, fold: usize, fold_of: &[usize]) -> Self {
        let mut rest = Self::new(self.classes);
        for (place, shares) in self.shares.chunks_exact(self.classes).enumerate() {
            if fold_of[place] != fold {
                rest.push(self.features[place], shares, self.weights[place]);
            }
        }
        rest
    }

    /// The logits of each row from a head that was trained without the row's fold. Folds run side by
    /// side; `progress` is told how many of them are done.
    ///
    /// # Errors
    /// As [`Rows::train`]; [`crate::ErrorKind::Input`] if the folds do not fit the rows.
    pub fn held_out_logits(
        &self,
        fold_of: &[usize],
        training: Training,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Vec<Vec<f32>>> {
        if fold_of.len() != self.len() {
            return Err(Error::input("every row needs a fold"));
        }
        let folds = fold_of.iter().max().map_or(0, |last| last + 1);
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let logits = Mutex::new(vec![Vec::new(); self.len()]);
        let problem = Mutex::new(None);
        let work = || {
            loop {
                let fold = next.fetch_add(1, Ordering::Relaxed);
                if fold >= folds {
                    return;
                }
                match self.without(fold, fold_of).train(training) {
                    Ok(head) => {
                        let places = (0..self.len()).filter(|&place| fold_of[place] == fold);
                        let said: Vec<(usize, Vec<f32>)> =
                            places.map(|p| (p, head.logits(self.features[p]))).collect();
                        let mut logits = logits.lock().unwrap_or_else(PoisonError::into_inner);
                        said.into_iter().for_each(|(place, said)| logits[place] = said);
                    }
                    Err(error) => {
                        *problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                }
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, folds);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..compute_threads().min(folds) {
                scope.spawn(work);
            }
        });
        match problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(logits.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_classes_weigh_the_same_together() {
        let mut rows = Rows::new(2);
        for row in 0..10 {
            rows.push_class(&[1.0], usize::from(row < 2), 1.0);
        }
        let plain = rows.clone();
        rows.balance(0.0);
        assert_eq!(rows.weights, plain.weights);
        rows.balance(1.0);
        let rare: f32 = rows.weights[..2].iter().sum();
        assert!(
            (rare - 5.0).abs() < 1e-4 && (rows.weights.iter().sum::<f32>() - 10.0).abs() < 1e-4
        );
    }
}
