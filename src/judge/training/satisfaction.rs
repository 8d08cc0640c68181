//! Trains the satisfaction head on rated customers' turns.

use super::examples::{Example, Rows};
use super::labelled::LabelledConversation;
use crate::Result;
use crate::judge::satisfaction::{RATINGS, SatisfactionHead};
use crate::judge::softmax::Training;

/// How the head is trained.
pub const TRAINING: Training = Training { l2: 3e-4, balance: 0.0, steps: 100 };

/// The rated examples as rows; `weight_of` gives each conversation's weight.
pub fn rows<'a>(
    conversations: &[LabelledConversation],
    examples: &'a [Example],
    weight_of: impl Fn(usize) -> f32,
) -> Rows<'a> {
    let mut rows = Rows::new(RATINGS);
    for example in examples {
        let turn = &conversations[example.conversation].turns[example.turn];
        if let Some(shares) = turn.satisfaction {
            rows.push(&example.features, &shares, weight_of(example.conversation));
        }
    }
    rows
}

/// Trains on the rows.
///
/// # Errors
/// As [`Rows::train`].
pub fn train(rows: &Rows<'_>, temperature: f32) -> Result<SatisfactionHead> {
    SatisfactionHead::new(rows.train(TRAINING)?, temperature)
}
