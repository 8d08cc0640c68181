//! The heads that judge: those that ship with Steward, and in their place those that a team trained.

use std::path::Path;

use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::emotion::EmotionHead;
use super::escalation::{EscalationHead, RiskCalibration};
use super::head_file::{Description, HeadFile};
use super::intent_head::IntentHead;
use super::satisfaction::SatisfactionHead;
use crate::model::encoder::tune::LAYERS_FILE;
use crate::{Error, Result};

/// The file of a head in its directory.
pub const HEAD_FILE: &str = "head.safetensors";
/// The name of the regression in the files of heads that have one.
const REGRESSION: &str = "regression";

#[derive(RustEmbed)]
#[folder = "models/heads"]
struct ShippedHeads;

/// All heads.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    /// What the customer wants.
    pub intents: IntentHead,
    /// What the customer feels; always the shipped one, for the other heads were trained beside it.
    pub emotion: EmotionHead,
    /// How satisfied the customer is.
    pub satisfaction: SatisfactionHead,
    /// Whether a person must take over.
    pub escalation: EscalationHead,
    /// What tells these heads from others: 16 hex digits.
    pub hash: String,
}

/// The settings of a head that is one regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tempered {
    temperature: f32,
    /// [`mood_hash`] of the emotion head beside which it was trained; empty for the emotion head.
    #[serde(default)]
    mood: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Risk {
    calibration: RiskCalibration,
    mood: String,
}

impl Heads {
    /// The shipped heads, but for those that `directory` holds: `intents`, `satisfaction` or `escalation`,
    /// each as `steward train` wrote it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if a head is missing or of another version.
    pub fn load(directory: Option<&Path>) -> Result<Self> {
        let mut hasher = Sha256::new();
        let mut read = |kind: &str| -> Result<HeadFile> {
            let own = directory.map(|directory| directory.join(kind).join(HEAD_FILE));
            let file = match own.filter(|own| own.exists()) {
                Some(own) => HeadFile::read(&own, kind)?,
                None => shipped(kind)?,
            };
            hasher.update(file.hash()?);
            Ok(file)
        };
        let emotion = emotion_of(&shipped(EMOTION)?)?;
        let mood = mood_hash(&emotion);
        let intents = intents_of(&read(INTENTS)?)?;
        let layers = directory.map(|directory| directory.join(INTENTS).join(LAYERS_FILE));
        if intents.is_tuned() && !layers.is_some_and(|layers| layers.exists()) {
            return Err(Error::setup(format!(
                "the intent head was trained over tuned layers, but {LAYERS_FILE} is not beside it"
            )));
        }
        let satisfaction = satisfaction_of(&read(SATISFACTION)?, &mood)?;
        let escalation = escalation_of(&read(ESCALATION)?, &mood)?;
        let hash = hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { intents, emotion, satisfaction, escalation, hash })
    }
}

/// The kinds of head, which are also the names of their directories.
pub const INTENTS: &str = "intents";
/// See [`INTENTS`].
pub const EMOTION: &str = "emotion";
/// See [`INTENTS`].
pub const SATISFACTION: &str = "satisfaction";
/// See [`INTENTS`].
pub const ESCALATION: &str = "escalation";

/// The head of a kind that ships with Steward.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] if it does not.
pub fn shipped(kind: &str) -> Result<HeadFile> {
    let name = format!("{kind}/{HEAD_FILE}");
    let file = ShippedHeads::get(&name)
        .ok_or_else(|| Error::setup(format!("models/heads/{name} was not there at the build")))?;
    HeadFile::parse(&file.data, kind)
        .map_err(|problem| Error::setup(format!("models/heads/{name} cannot be used: {problem}")))
}

/// What tells an emotion head from others: 16 hex digits.
pub fn mood_hash(emotion: &EmotionHead) -> String {
    let (weights, biases) = emotion.regression.clone().into_parts();
    let mut hasher = Sha256::new();
    weights.iter().chain(&biases).for_each(|value| hasher.update(value.to_le_bytes()));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The emotion head of a file.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if the file holds none.
pub fn emotion_of(file: &HeadFile) -> Result<EmotionHead> {
    let settings: Tempered = file.settings()?;
    EmotionHead::new(file.regression(REGRESSION)?, settings.temperature)
}

/// The satisfaction head of a file, for use beside the emotion head of this hash.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if the file holds none, or one that was trained beside another.
pub fn satisfaction_of(file: &HeadFile, mood: &str) -> Result<SatisfactionHead> {
    let settings: Tempered = file.settings()?;
    check_mood(&settings.mood, mood)?;
    SatisfactionHead::new(file.regression(REGRESSION)?, settings.temperature)
}

/// The escalation head of a file, for use beside the emotion head of this hash.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if the file holds none, or one that was trained beside another.
pub fn escalation_of(file: &HeadFile, mood: &str) -> Result<EscalationHead> {
    let settings: Risk = file.settings()?;
    check_mood(&settings.mood, mood)?;
    EscalationHead::new(file.regression("risk")?, file.regression("reasons")?, settings.calibration)
}

fn check_mood(trained_beside: &str, mood: &str) -> Result<()> {
    if trained_beside == mood {
        return Ok(());
    }
    Err(Error::input(
        "it was trained beside another emotion head; train it again with this version",
    ))
}

/// The intent head of a file.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if the file holds none.
pub fn intents_of(file: &HeadFile) -> Result<IntentHead> {
    IntentHead::from_parts(file.settings()?, file.regression(REGRESSION)?, file.rows("means")?)
}

impl EmotionHead {
    /// The head as a file.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_file(&self, description: Description) -> Result<HeadFile> {
        let settings = Tempered { temperature: self.temperature, mood: String::new() };
        Ok(HeadFile::new(description, &settings)?.with(REGRESSION, &self.regression))
    }
}

impl SatisfactionHead {
    /// The head as a file; `mood` is the hash of the emotion head beside which it was trained.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_file(&self, description: Description, mood: String) -> Result<HeadFile> {
        let settings = Tempered { temperature: self.temperature, mood };
        Ok(HeadFile::new(description, &settings)?.with(REGRESSION, &self.regression))
    }
}

impl EscalationHead {
    /// The head as a file; `mood` is the hash of the emotion head beside which it was trained.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_file(&self, description: Description, mood: String) -> Result<HeadFile> {
        let settings = Risk { calibration: self.calibration, mood };
        let file = HeadFile::new(description, &settings)?;
        Ok(file.with("risk", &self.risk).with("reasons", &self.reasons))
    }
}

impl IntentHead {
    /// The head as a file.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_file(&self, description: Description) -> Result<HeadFile> {
        let (settings, regression, means) = self.parts();
        let file = HeadFile::new(description, &settings)?.with(REGRESSION, regression);
        Ok(file.with_rows("means", means, crate::model::encoder::EMBEDDING_SIZE))
    }
}
