//! The generator: a prompt in, text out as it is written, on a thread of its own.
//!
//! [`Generator::generate`] puts a request into a bounded queue; the engine's thread runs one after
//! the other and sends pieces of text. Whoever drops the stream stops the work.

pub mod adapter;
mod engine;
mod prompt;
pub mod requantise;
pub mod text;
pub mod weights;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant;

use tokio::sync::mpsc;

use super::chat_template::{ChatTemplate, PromptMessage};
use super::gguf_tokenizer::tokenizer_of;
use super::sampler::SamplingSettings;
use crate::telemetry::counted::Counted;
use crate::{Error, ErrorKind, Result};
use engine::{Engine, Reader};
use requantise::Changes;
use weights::Weights;

/// Pieces of an answer at most: its reader may be slow, the engine waits for none.
const LONGEST_ANSWER: usize = 8192;

/// What is to be written.
#[derive(Debug, Clone)]
pub struct GenerateRequest {
    /// The prompt. The first message is shared by many requests and read once.
    pub messages: Vec<PromptMessage>,
    /// How tokens are chosen.
    pub sampling: SamplingSettings,
    /// Only literals of these texts may be written; any, if none are given.
    pub evidence: Option<Vec<String>>,
    /// Writing ends before any of these.
    pub stop: Vec<String>,
    /// Tokens to write at most (and 8,192 in any case).
    pub max_new_tokens: usize,
}

/// Why writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended its answer, or a stop text came.
    Stop,
    /// As many tokens as were asked for, or as fit.
    Length,
    /// No token was allowed any more.
    Constraint,
    /// The deadline passed; what was written until then was sent.
    Deadline,
}

/// How a request went.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Why writing ended.
    pub finish: Finish,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Of these, tokens whose keys and values were there already.
    pub reused_tokens: usize,
    /// Tokens written.
    pub new_tokens: usize,
    /// Milliseconds for reading the prompt.
    pub prefill_ms: f64,
    /// Milliseconds for writing.
    pub decode_ms: f64,
}

/// A part of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text, whole characters only.
    Text(String),
    /// The end.
    End(Summary),
}

/// The answer as it is written. Dropping it stops the work.
pub struct GenerateStream {
    pieces: mpsc::Receiver<Result<Piece>>,
}

impl GenerateStream {
    /// The next piece; none after the end.
    ///
    /// # Cancel safety
    /// No piece is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Piece>> {
        self.pieces.recv().await
    }
}

struct Job {
    request: GenerateRequest,
    reader: Reader,
    counted: Counted,
}

/// The running generator. Clones share the engine, which ends with the last of them.
#[derive(Clone)]
pub struct Generator {
    jobs: SyncSender<Job>,
}

impl Generator {
    /// Loads the weights as `changes` wants them and starts the engine; `queue` requests may wait. Blocking.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the weights cannot be used, or the adapter was not trained over them.
    pub fn start(weights: &Path, changes: &Changes, cache: &Path, queue: usize) -> Result<Self> {
        let fast = requantise::fast_copy(weights, changes, cache)?;
        let (model, content) = Weights::read(&fast)?;
        let tokenizer = tokenizer_of(&content)?;
        let template = weights::text(&content, "tokenizer.chat_template")
            .ok_or_else(|| Error::setup(format!("{} has no chat template", weights.display())))?;
        let mut engine = Engine::new(model, tokenizer, ChatTemplate::new(&template)?, &content)?;
        let (jobs, waiting) = sync_channel::<Job>(queue.max(1));
        std::thread::Builder::new()
            .name("generator".to_string())
            .spawn(move || serve(&mut engine, &waiting))
            .map_err(|problem| {
                Error::internal(format!("cannot start the generator's thread: {problem}"))
            })?;
        Ok(Self { jobs })
    }

    /// Asks for an answer.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if too many requests wait.
    pub fn generate(&self, request: GenerateRequest) -> Result<GenerateStream> {
        self.queue(request, None)
    }

    /// Asks for an answer that is of no use after `deadline`: writing ends there with
    /// [`Finish::Deadline`], also while the request waits or its prompt is read.
    ///
    /// # Errors
    /// As [`Generator::generate`].
    pub fn generate_by(
        &self,
        request: GenerateRequest,
        deadline: Instant,
    ) -> Result<GenerateStream> {
        self.queue(request, Some(deadline))
    }

    fn queue(&self, request: GenerateRequest, deadline: Option<Instant>) -> Result<GenerateStream> {
        // At most a piece for each token, the rest, and the end.
        let most_pieces = request.max_new_tokens.min(LONGEST_ANSWER) + 2;
        let (sender, pieces) = mpsc::channel(most_pieces);
        let reader = Reader { pieces: sender, deadline };
        let job = Job { request, reader, counted: Counted::new("steward_generator_waiting") };
        self.jobs.try_send(job).map_err(|problem| match problem {
            TrySendError::Full(_) => Error::new(
                ErrorKind::Busy,
                "the generator has too many requests waiting; try again shortly",
            ),
            TrySendError::Disconnected(_) => Error::internal("the generator's thread has ended"),
        })?;
        Ok(GenerateStream { pieces })
    }
}

/// The engine's thread: one request after the other, until the last [`Generator`] is gone.
fn serve(engine: &mut Engine, waiting: &Receiver<Job>) {
    while let Ok(Job { request, reader, counted }) = waiting.recv() {
        drop(counted);
        if reader.pieces.is_closed() {
            continue;
        }
        // A panic of a kernel costs this request, not the thread: each request reads its prompt into
        // a clone of the weights' cache, so that nothing half done is left behind.
        let outcome = catch_unwind(AssertUnwindSafe(|| engine.run(&request, &reader)))
            .unwrap_or_else(|_| Err(Error::internal("the generator's computation broke off")));
        if let Err(problem) = outcome {
            tracing::warn!(%problem, "a request to the generator failed");
            let _ = reader.pieces.try_send(Err(problem));
        }
    }
}
