//! The sentence encoder behind a bounded queue, on a thread of its own.
//!
//! A call of many texts joins the queue pass by pass, so that an import does not hold up a customer's
//! question.

pub mod bert;
pub mod network;
mod queue;
pub mod tune;

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use serde::{Deserialize, Serialize};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::error::Context;
use crate::telemetry::counted::Counted;
use crate::{Error, ErrorKind, Result};
use bert::Bert;
use queue::{BATCH_TOKENS, QUEUE_LENGTH, Request, Wanted, serve};

/// Length of an embedding.
pub const EMBEDDING_SIZE: usize = 384;
/// Length of a [`Reading`].
pub const READING_SIZE: usize = 4 * EMBEDDING_SIZE;
/// Length of what tuned last layers add to a [`Reading`].
pub const TUNED_SIZE: usize = 2 * EMBEDDING_SIZE;
/// Tokens beyond this are not read.
pub const MAX_TOKENS: usize = 256;

/// How exactly the encoder computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Weights and activations in eight bits, a scale for each 32.
    #[default]
    Int8,
    /// Everything in f32: four times the work.
    F32,
}

/// What one pass reads out of a text: four unit vectors of [`EMBEDDING_SIZE`] f32 one after the other.
/// The embedding (the mean over the tokens after the last layer), the means after the fourth and the
/// second layer, where mood and form are plainer than in the embedding, and the greatest values after
/// the last. An encoder with tuned layers adds their mean and greatest values.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading(Vec<f32>);

impl Reading {
    /// A reading of its parts, as [`Reading::parts`] gave them; none if they are not [`READING_SIZE`] many.
    pub fn of_parts(parts: Vec<f32>) -> Option<Self> {
        (parts.len() == READING_SIZE).then_some(Self(parts))
    }

    /// All four parts: [`READING_SIZE`] f32.
    pub fn parts(&self) -> &[f32] {
        &self.0[..READING_SIZE]
    }

    /// The parts and, if the encoder has tuned layers, what they read.
    pub fn with_tuned(&self) -> &[f32] {
        &self.0
    }

    /// The embedding: [`EMBEDDING_SIZE`] f32, of length one.
    pub fn embedding(&self) -> &[f32] {
        &self.0[..EMBEDDING_SIZE]
    }
}

/// What the encoder makes of every token of a text, without the marks at its ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TokenStates {
    /// The tokens' numbers in the vocabulary.
    pub ids: Vec<u32>,
    /// Whether they are written with a digit.
    pub has_digit: Vec<bool>,
    /// Their states after the last layer, unit vectors of [`EMBEDDING_SIZE`] f32 one after the other.
    pub states: Vec<f32>,
}

/// The running encoder: one for a process, shared by reference. Its thread ends with it.
pub struct Encoder {
    requests: SyncSender<Request>,
    tokenizer: Tokenizer,
}

impl Encoder {
    /// Loads the weights (safetensors) and the tokenizer (`tokenizer.json`) and starts the thread.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub fn load(weights: &Path, tokenizer: &Path) -> Result<Self> {
        Self::load_tuned(weights, tokenizer, None)
    }

    /// The same with last layers that [`tune::tune`] wrote beside its own.
    ///
    /// # Errors
    /// As [`Encoder::load`].
    pub fn load_tuned(weights: &Path, tokenizer: &Path, tuned: Option<&Path>) -> Result<Self> {
        Self::load_as(weights, tokenizer, tuned, Precision::default())
    }

    /// The same, computed as exactly as `precision` says.
    ///
    /// # Errors
    /// As [`Encoder::load`].
    pub fn load_as(
        weights: &Path,
        tokenizer: &Path,
        tuned: Option<&Path>,
        precision: Precision,
    ) -> Result<Self> {
        let mut bert = Bert::load(weights, tuned, precision)?;
        let tokenizer = tokenizer_of(tokenizer)?;
        let (requests, waiting) = sync_channel(QUEUE_LENGTH);
        std::thread::Builder::new()
            .name("encoder".to_string())
            .spawn(move || serve(&mut bert, &waiting))
            .map_err(|problem| {
                Error::internal(format!("cannot start the encoder's thread: {problem}"))
            })?;
        Ok(Self { requests, tokenizer })
    }

    /// Embeds `texts`: one unit vector of [`EMBEDDING_SIZE`] f32 for each, in the same order.
    ///
    /// Blocking: a few milliseconds for one short text on one core, and the wait for texts before it.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the forward pass fails.
    pub fn embed<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Vec<f32>>> {
        let shortened = |mut reading: Reading| {
            reading.0.truncate(EMBEDDING_SIZE);
            reading.0
        };
        Ok(self.read(texts)?.into_iter().map(shortened).collect())
    }

    /// Reads `texts`, in the same order, at the cost of [`Encoder::embed`].
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub fn read<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Reading>> {
        let encodings = self.encode(texts)?;
        Ok(self.ask(&encodings, Wanted::Readings)?.into_iter().map(Reading).collect())
    }

    /// Embeds one text.
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub fn embed_one(&self, text: &str) -> Result<Vec<f32>> {
        let mut embeddings = self.embed(&[text])?;
        embeddings.pop().ok_or_else(|| Error::internal("the encoder returned nothing"))
    }

    /// Every token of `texts`, in the same order, at the cost of [`Encoder::embed`].
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub fn tokens<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<TokenStates>> {
        let encodings = self.encode(texts)?;
        let states = self.ask(&encodings, Wanted::Tokens)?;
        Ok(encodings.iter().zip(states).map(|(text, states)| own_tokens(text, states)).collect())
    }

    fn encode<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Encoding>> {
        let encode = |text: &T| self.tokenizer.encode(text.as_ref(), true);
        let encodings: std::result::Result<_, _> = texts.iter().map(encode).collect();
        encodings.internal("the encoder's tokenizer failed")
    }

    /// What is `wanted` of each text, in the same order.
    fn ask(&self, texts: &[Encoding], wanted: Wanted) -> Result<Vec<Vec<f32>>> {
        let ended = || Error::internal("the encoder's thread has ended");
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in passes(texts) {
            let (answer, receiver) = sync_channel(1);
            let waiting = Counted::new("steward_encoder_waiting");
            let texts = texts.iter().map(|text| text.get_ids().to_vec()).collect();
            let request = Request { texts, wanted, answer, waiting };
            self.requests.send(request).map_err(|_| ended())?;
            vectors.extend(receiver.recv().map_err(|_| ended())??);
        }
        Ok(vectors)
    }
}

/// Divides texts so that each part fits into a pass.
fn passes(texts: &[Encoding]) -> impl Iterator<Item = &[Encoding]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut tokens = 0;
        let fits = |text: &&Encoding| {
            tokens += text.len();
            tokens <= BATCH_TOKENS
        };
        let count = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (now, later) = rest.split_at(count);
        rest = later;
        (!now.is_empty()).then_some(now)
    })
}

/// A text's own tokens: the marks at the beginning and at the end are none.
fn own_tokens(text: &Encoding, mut states: Vec<f32>) -> TokenStates {
    let own = 1..text.len().saturating_sub(1).max(1);
    let written = |token: &String| token.contains(|c: char| c.is_ascii_digit());
    states.truncate(own.end * EMBEDDING_SIZE);
    states.drain(..own.start * EMBEDDING_SIZE);
    TokenStates {
        ids: text.get_ids()[own.clone()].to_vec(),
        has_digit: text.get_tokens()[own].iter().map(written).collect(),
        states,
    }
}

/// The tokenizer, truncating as the encoder does.
fn tokenizer_of(path: &Path) -> Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_file(path).context(ErrorKind::Setup, || {
        format!("cannot read the encoder's tokenizer {}", path.display())
    })?;
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..Default::default() }))
        .internal("the tokenizer refused its truncation")?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}
