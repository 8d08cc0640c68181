//! The sentence encoder behind a bounded queue, on a thread of its own.
//!
//! Texts that wait are read together, up to 32 in one forward pass (the shape of
//! text-embeddings-inference's queue). A call of many texts joins the queue batch by batch, so that an
//! import does not hold up a customer's question. A full queue makes the caller wait: how many call at
//! once is bounded where turns begin.

mod bert;
pub mod network;
pub mod tune;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::telemetry::counted::Counted;
use crate::{Error, Result};
use bert::Bert;

/// Length of an embedding.
pub const EMBEDDING_SIZE: usize = 384;
/// Length of a [`Reading`].
pub const READING_SIZE: usize = 4 * EMBEDDING_SIZE;
/// Length of what tuned last layers add to a [`Reading`].
pub const TUNED_SIZE: usize = 2 * EMBEDDING_SIZE;
/// Tokens beyond this are not read.
pub const MAX_TOKENS: usize = 256;
/// Texts of one forward pass.
const BATCH_SIZE: usize = 32;
/// Calls that wait in the queue; further ones wait before it.
const QUEUE_LENGTH: usize = 64;

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
}

struct Request {
    texts: Vec<String>,
    answer: Answer,
    _waiting: Counted,
}

/// Who waits, and for what.
enum Answer {
    Readings(SyncSender<Result<Vec<Reading>>>),
    Tokens(SyncSender<Result<Vec<TokenStates>>>),
}

impl Encoder {
    /// Loads the weights (safetensors) and the tokenizer (`tokenizer.json`) and starts the thread.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub fn load(weights: &Path, tokenizer: &Path) -> Result<Self> {
        Self::load_tuned(weights, tokenizer, None)
    }

    /// The same with last layers that [`tune::tune`] wrote beside its own.
    ///
    /// # Errors
    /// As [`Encoder::load`].
    pub fn load_tuned(weights: &Path, tokenizer: &Path, tuned: Option<&Path>) -> Result<Self> {
        let bert = Bert::load(weights, tokenizer, tuned)?;
        let (requests, waiting) = sync_channel(QUEUE_LENGTH);
        std::thread::Builder::new()
            .name("encoder".to_string())
            .spawn(move || serve(&bert, &waiting))
            .map_err(|problem| {
                Error::internal(format!("cannot start the encoder's thread: {problem}"))
            })?;
        Ok(Self { requests })
    }

    /// Embeds `texts`: one unit vector of [`EMBEDDING_SIZE`] f32 for each, in the same order.
    ///
    /// Blocking: about 10 ms for one short text on one core, and the wait for texts before it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if the forward pass fails.
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
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|&index| texts[index].as_ref().len());
        let mut readings = vec![Reading(Vec::new()); texts.len()];
        for batch in by_length.chunks(BATCH_SIZE) {
            let inputs = batch.iter().map(|&index| texts[index].as_ref().to_string()).collect();
            for (&index, reading) in batch.iter().zip(self.read_batch(inputs)?) {
                readings[index] = reading;
            }
        }
        Ok(readings)
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
        let mut tokens = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH_SIZE) {
            let inputs = batch.iter().map(|text| text.as_ref().to_string()).collect();
            tokens.extend(self.ask(inputs, Answer::Tokens)?);
        }
        Ok(tokens)
    }

    fn read_batch(&self, texts: Vec<String>) -> Result<Vec<Reading>> {
        self.ask(texts, Answer::Readings)
    }

    fn ask<T>(
        &self,
        texts: Vec<String>,
        answer: impl FnOnce(SyncSender<Result<Vec<T>>>) -> Answer,
    ) -> Result<Vec<T>> {
        let ended = || Error::internal("the encoder's thread has ended");
        let (sender, receiver) = sync_channel(1);
        let _waiting = Counted::new("steward_encoder_waiting");
        let request = Request { texts, answer: answer(sender), _waiting };
        self.requests.send(request).map_err(|_| ended())?;
        receiver.recv().map_err(|_| ended())?
    }
}

/// The encoder's thread.
fn serve(bert: &Bert, waiting: &Receiver<Request>) {
    let mut held_over = None;
    while let Some(first) = held_over.take().or_else(|| waiting.recv().ok()) {
        let (batch, next) = take_batch(first, || waiting.try_recv().ok());
        held_over = next;
        answer(bert, batch);
    }
}

/// The requests of one batch, `first` among them, and the one that did not fit any more.
fn take_batch(
    first: Request,
    mut next_waiting: impl FnMut() -> Option<Request>,
) -> (Vec<Request>, Option<Request>) {
    let mut texts = first.texts.len();
    let mut batch = vec![first];
    while texts < BATCH_SIZE
        && let Some(request) = next_waiting()
    {
        if texts + request.texts.len() > BATCH_SIZE {
            return (batch, Some(request));
        }
        texts += request.texts.len();
        batch.push(request);
    }
    (batch, None)
}

fn answer(bert: &Bert, batch: Vec<Request>) {
    let mut readers = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    for request in batch {
        match request.answer {
            Answer::Readings(answer) => {
                readers.push((request.texts.len(), answer));
                texts.extend(request.texts);
            }
            // A caller who has gone takes no answer; nothing is lost by that.
            Answer::Tokens(answer) => {
                let _ = answer.send(unbroken(|| bert.tokens(&request.texts)));
            }
        }
    }
    if readers.is_empty() {
        return;
    }
    match unbroken(|| bert.read(&texts)) {
        Ok(readings) => {
            let mut readings = readings.into_iter().map(Reading);
            for (count, answer) in readers {
                let _ = answer.send(Ok(readings.by_ref().take(count).collect()));
            }
        }
        Err(problem) => {
            for (_, answer) in readers {
                let _ = answer.send(Err(Error::new(problem.kind(), problem.to_string())));
            }
        }
    }
}

/// What `compute` gives; a panic in it is an error.
fn unbroken<T>(compute: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(compute))
        .unwrap_or_else(|_| Err(Error::internal("the encoder's computation broke off")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(texts: usize) -> Request {
        let answer = Answer::Readings(sync_channel(1).0);
        Request { texts: vec!["text".to_string(); texts], answer, _waiting: Counted::new("") }
    }

    #[test]
    fn waiting_requests_are_read_together_up_to_a_batch() {
        let mut waiting = [1, 20, 10, 5, 32, 2].into_iter().map(request);
        let mut sizes = Vec::new();
        let mut held_over = None;
        while let Some(first) = held_over.take().or_else(|| waiting.next()) {
            let (batch, next) = take_batch(first, || waiting.next());
            held_over = next;
            sizes.push(batch.iter().map(|request| request.texts.len()).collect::<Vec<_>>());
        }
        assert_eq!(sizes, [vec![1, 20, 10], vec![5], vec![32], vec![2]]);
    }
}
