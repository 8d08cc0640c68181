//! What a customer feels, as one message shows it: a head over its reading.

use serde::{Deserialize, Serialize};

use super::softmax::SoftmaxRegression;
use crate::Result;
use crate::model::encoder::Reading;

/// How many emotions there are.
pub const EMOTIONS: usize = 8;

/// An emotion that matters to whoever answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emotion {
    /// Businesslike.
    Neutral,
    /// Glad, amused, relieved, full of praise.
    Pleased,
    /// Thankful.
    Grateful,
    /// Does not understand.
    Confused,
    /// Afraid of what may come.
    Worried,
    /// Sad, let down.
    Disappointed,
    /// Irritated, disapproving.
    Annoyed,
    /// Angry, disgusted.
    Angry,
}

impl Emotion {
    /// All, in the order of the head's classes.
    pub const ALL: [Self; EMOTIONS] = [
        Self::Neutral,
        Self::Pleased,
        Self::Grateful,
        Self::Confused,
        Self::Worried,
        Self::Disappointed,
        Self::Annoyed,
        Self::Angry,
    ];

    /// Its name, as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Pleased => "pleased",
            Self::Grateful => "grateful",
            Self::Confused => "confused",
            Self::Worried => "worried",
            Self::Disappointed => "disappointed",
            Self::Annoyed => "annoyed",
            Self::Angry => "angry",
        }
    }

    /// The emotion of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|emotion| emotion.name() == name)
    }

    /// How pleasant it is: -1, 0 or 1.
    pub fn sign(self) -> i8 {
        match self {
            Self::Pleased | Self::Grateful => 1,
            Self::Neutral | Self::Confused => 0,
            Self::Worried | Self::Disappointed | Self::Annoyed | Self::Angry => -1,
        }
    }
}

/// A trained head.
#[derive(Debug, Clone, PartialEq)]
pub struct EmotionHead {
    pub(super) regression: SoftmaxRegression,
    /// Divides the logits, so that the probabilities mean what they say.
    pub(super) temperature: f32,
}

impl EmotionHead {
    /// The head of a regression with one class for each emotion.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if it has another number of classes or features.
    pub fn new(regression: SoftmaxRegression, temperature: f32) -> Result<Self> {
        super::head_file::check_shape(
            "emotion",
            &regression,
            EMOTIONS,
            crate::model::encoder::READING_SIZE,
        )?;
        Ok(Self { regression, temperature })
    }

    /// The probability of each emotion.
    pub fn judge(&self, reading: &Reading) -> [f32; EMOTIONS] {
        let said = self.regression.probabilities(reading.parts(), self.temperature);
        let mut shares = [0.0; EMOTIONS];
        shares.iter_mut().zip(said).for_each(|(share, said)| *share = said);
        shares
    }
}
