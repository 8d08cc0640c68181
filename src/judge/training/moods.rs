//! Emotion heads for conversations that an emotion head was trained on.
//!
//! Its say on its own training examples is surer than on anything else, and a head that learns beside it
//! would trust it too much. So such conversations are read with heads that were trained without them.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::emotion;
use super::goemotions::Comment;
use super::labelled::LabelledConversation;
use super::readings::Readings;
use crate::Result;
use crate::judge::emotion::EmotionHead;
use crate::judge::head_file::{Description, HeadFile};
use crate::judge::heads::{EMOTION, emotion_of};

/// Parts into which the conversations fall.
pub const FOLDS: usize = 5;

/// The part of a conversation, by its id: the same in every run.
pub fn fold_of(conversation: &LabelledConversation) -> usize {
    usize::from(Sha256::digest(&conversation.id)[0]) % FOLDS
}

/// The emotion head for each conversation.
#[derive(Debug, Clone)]
pub enum Moods {
    /// One head that has seen none of them.
    One(EmotionHead),
    /// A head for each part, trained without it.
    Folds(Vec<EmotionHead>),
}

impl Moods {
    /// Trains a head for each part.
    ///
    /// # Errors
    /// As [`emotion::train`].
    pub fn train(
        comments: &[Comment],
        conversations: &[LabelledConversation],
        readings: &Readings,
        mut progress: impl FnMut(usize),
    ) -> Result<Self> {
        let heads = (0..FOLDS).map(|fold| {
            progress(fold);
            let takes = |number: usize| fold_of(&conversations[number]) != fold;
            emotion::train(comments, conversations, takes, readings)
        });
        Ok(Self::Folds(heads.collect::<Result<_>>()?))
    }

    /// Writes the heads of the parts into `directory`.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, directory: &Path, description: &Description) -> Result<()> {
        if let Self::Folds(heads) = self {
            for (fold, head) in heads.iter().enumerate() {
                head.to_file(description.clone())?.write(&file_of(directory, fold))?;
            }
        }
        Ok(())
    }

    /// Reads the heads of the parts from `directory`.
    ///
    /// # Errors
    /// If one is missing.
    pub fn read(directory: &Path) -> Result<Self> {
        let heads =
            (0..FOLDS).map(|fold| emotion_of(&HeadFile::read(&file_of(directory, fold), EMOTION)?));
        Ok(Self::Folds(heads.collect::<Result<_>>()?))
    }

    /// The head for a conversation.
    pub fn of(&self, conversation: &LabelledConversation) -> &EmotionHead {
        match self {
            Self::One(head) => head,
            Self::Folds(heads) => &heads[fold_of(conversation) % heads.len()],
        }
    }
}

fn file_of(directory: &Path, fold: usize) -> std::path::PathBuf {
    directory.join(format!("without-part-{fold}.safetensors"))
}
