//! Trains the emotion head on comments of GoEmotions and on labelled customers' turns.

use super::examples::Rows;
use super::goemotions::Comment;
use super::labelled::LabelledConversation;
use super::readings::Readings;
use crate::Result;
use crate::judge::emotion::{EMOTIONS, Emotion, EmotionHead};
use crate::judge::softmax::Training;

/// How the head is trained.
const TRAINING: Training = Training { l2: 1e-5, balance: 0.0, steps: 80 };
/// A customer's turn counts as so many comments: there are few of them, and they are what it is for.
const TURN_WEIGHT: f32 = 5.0;

/// Trains on the comments and on the turns with an emotion of the conversations that `takes`.
///
/// # Errors
/// If a text was not read, or there is nothing to train on.
pub fn train(
    comments: &[Comment],
    conversations: &[LabelledConversation],
    takes: impl Fn(usize) -> bool,
    readings: &Readings,
) -> Result<EmotionHead> {
    let mut rows = Rows::new(EMOTIONS);
    for (text, emotion) in comments {
        rows.push_class(readings.get(text)?.parts(), class_of(*emotion), 1.0);
    }
    for (number, conversation) in conversations.iter().enumerate() {
        for turn in conversation.turns.iter().filter(|_| takes(number)) {
            if let Some(emotion) = turn.emotion {
                rows.push_class(readings.get(&turn.text)?.parts(), class_of(emotion), TURN_WEIGHT);
            }
        }
    }
    EmotionHead::new(rows.train(TRAINING)?, 1.0)
}

/// The head's class of an emotion.
pub fn class_of(emotion: Emotion) -> usize {
    emotion as usize
}
