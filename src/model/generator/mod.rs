//! The generator: a prompt in, text out as it is written, on a thread of its own.
//!
//! [`Generator::generate`] hands a request in, or is refused; the engine's thread writes all answers at
//! once, a token of each in a pass, and sends pieces of text. Whoever drops the stream stops the work.

pub mod adapter;
mod engine;
mod prompt;
pub mod requantise;
pub mod schedule;
pub mod text;
pub mod weights;
mod writing;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use steward_engine::decoder::DecoderScratch;
use steward_engine::prefixes::Prefixes;
use tokenizers::Tokenizer;
use tokio::sync::mpsc;

use super::chat_template::{ChatTemplate, PromptMessage};
use super::compute::Compute;
use super::gguf_tokenizer::tokenizer_of;
use super::sampler::SamplingSettings;
use crate::telemetry::counted::Counted;
use crate::{Error, Result};
use engine::{Desk, Engine, Job};
use prompt::PromptWriter;
use requantise::Changes;
use schedule::Limits;
use text::TokenBytes;
use weights::Precision;
use writing::Reader;

/// Pieces of an answer at most: its reader may be slow, the engine waits for none.
const LONGEST_ANSWER: usize = 8192;

/// What is to be written.
#[derive(Debug, Clone)]
pub struct GenerateRequest {
    /// The prompt. What it begins with in common with earlier ones is not read again.
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

/// The running generator. Clones share the engine, which ends with the last of them.
#[derive(Clone)]
pub struct Generator {
    front: Arc<Front>,
}

/// What callers use: prompts are written on their threads.
struct Front {
    desk: Arc<Desk>,
    tokenizer: Tokenizer,
    prompts: PromptWriter,
    positions: usize,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.desk.close();
    }
}

/// Tokens that end an answer, by the names that the known families give them.
const END_TOKENS: [&str; 5] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "</s>"];

impl Generator {
    /// Loads the weights as `changes` wants them and starts the engine; `queue` requests may wait, and beginnings of
    /// prompts are remembered in up to `prefix_bytes` of memory. Blocking.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the weights cannot be used, or the adapter was not trained over them.
    pub fn start(
        weights: &Path,
        changes: &Changes,
        cache: &Path,
        queue: usize,
        prefix_bytes: usize,
    ) -> Result<Self> {
        let fast = requantise::fast_copy(weights, changes, cache)?;
        let (decoder, content) = weights::read(&fast, Precision::AsStored)?;
        let tokenizer = tokenizer_of(&content)?;
        let template = weights::text(&content, "tokenizer.chat_template")
            .ok_or_else(|| Error::setup(format!("{} has no chat template", weights.display())))?;
        let template = ChatTemplate::new(&template)?;
        let id = |key: &str| weights::number(&content, key);
        let text_of =
            |id: Option<u32>| id.and_then(|id| tokenizer.id_to_token(id)).unwrap_or_default();
        let bos = text_of(id("tokenizer.ggml.bos_token_id"));
        let eos = text_of(id("tokenizer.ggml.eos_token_id"));
        let mut ends: Vec<u32> = id("tokenizer.ggml.eos_token_id").into_iter().collect();
        ends.extend(END_TOKENS.iter().filter_map(|name| tokenizer.token_to_id(name)));
        if ends.is_empty() {
            return Err(Error::setup("the model file names no token that ends an answer"));
        }
        let desk = Arc::new(Desk::new(Limits::with_waiting(queue)));
        let front = Front {
            desk: desk.clone(),
            prompts: PromptWriter::new(template, &tokenizer, bos, eos),
            positions: decoder.positions(),
            tokenizer,
        };
        let mut engine = Engine {
            compute: Compute::of_process()?,
            token_bytes: TokenBytes::of(&front.tokenizer),
            prefixes: Prefixes::new(decoder.cache_shape(), prefix_bytes),
            decoder,
            ends,
            scratch: DecoderScratch::default(),
            writings: HashMap::new(),
        };
        std::thread::Builder::new()
            .name("generator".to_string())
            .spawn(move || engine.serve(&desk))
            .map_err(|problem| {
                Error::internal(format!("cannot start the generator's thread: {problem}"))
            })?;
        Ok(Self { front: Arc::new(front) })
    }

    /// Asks for an answer.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Busy`] if too many requests wait; [`crate::ErrorKind::Input`] if the prompt is too long.
    pub fn generate(&self, request: GenerateRequest) -> Result<GenerateStream> {
        self.queue(request, None)
    }

    /// Asks for an answer that is of no use after `deadline`: writing ends there with
    /// [`Finish::Deadline`], also while the request waits or its prompt is read.
    ///
    /// # Errors
    /// As [`Generator::generate`]; also [`crate::ErrorKind::Busy`] if the prompt cannot be read by then.
    pub fn generate_by(
        &self,
        request: GenerateRequest,
        deadline: Instant,
    ) -> Result<GenerateStream> {
        self.queue(request, Some(deadline))
    }

    fn queue(&self, request: GenerateRequest, deadline: Option<Instant>) -> Result<GenerateStream> {
        let Front { desk, tokenizer, prompts, positions } = &*self.front;
        let arrived = Instant::now();
        let prompt = prompts.write(tokenizer, &request.messages)?;
        if prompt.len() + 1 >= *positions {
            return Err(Error::input(format!(
                "the prompt has {} tokens; the model reads {positions} at most",
                prompt.len()
            )));
        }
        // At most a piece for each token, the rest, and the end.
        let most_pieces = request.max_new_tokens.min(LONGEST_ANSWER) + 2;
        let (sender, pieces) = mpsc::channel(most_pieces);
        let reader = Reader { pieces: sender, deadline };
        let counted = Counted::new("steward_generator_waiting");
        let job = Job { request, prompt, reader, arrived, counted };
        desk.offer(job).map_err(|refusal| {
            let message = "the generator has too much to write just now; try again in a moment";
            Error::busy(message, refusal.retry_after)
        })?;
        Ok(GenerateStream { pieces })
    }
}
