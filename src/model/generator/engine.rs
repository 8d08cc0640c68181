//! The engine: reads a prompt, writes an answer token by token, and remembers the shared beginnings
//! of prompts so that each is read once.

use std::collections::VecDeque;
use std::time::Instant;

use candle_core::quantized::gguf_file::Content;
use tokenizers::Tokenizer;
use tokio::sync::mpsc;

use super::prompt::{Prompt, PromptWriter};
use super::text::{TokenBytes, WrittenText};
use super::weights::{self, Weights};
use super::{Finish, GenerateRequest, Piece, Summary};
use crate::model::chat_template::ChatTemplate;
use crate::model::constraint::{LiteralConstraint, WrittenEnd};
use crate::model::sampler::Sampler;
use crate::{Error, Result};

/// Beginnings of prompts that are remembered, the latest used first.
const REMEMBERED_PREFIXES: usize = 4;
/// Tokens read in one forward pass while a prompt is read: between two passes a reader who has gone
/// and a deadline that has passed are noticed.
const PREFILL_CHUNK: usize = 128;
/// Tokens that end an answer, by the names that the known families give them.
const END_TOKENS: [&str; 5] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "</s>"];

pub(super) struct Engine {
    fresh: Weights,
    tokenizer: Tokenizer,
    token_bytes: TokenBytes,
    prompts: PromptWriter,
    ends: Vec<u32>,
    positions: usize,
    prefixes: VecDeque<(Vec<u32>, Weights)>,
}

/// Who waits for an answer, and until when.
pub(super) struct Reader {
    pub(super) pieces: mpsc::Sender<Result<Piece>>,
    pub(super) deadline: Option<Instant>,
}

/// Why no more is to be computed for a reader.
enum Halt {
    Gone,
    Late,
}

impl Reader {
    fn halt(&self) -> Option<Halt> {
        if self.pieces.is_closed() {
            return Some(Halt::Gone);
        }
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        is_late.then_some(Halt::Late)
    }

    /// The queue has room for a whole answer, so that a slow reader holds up nobody.
    fn send(&self, piece: Piece) {
        let _ = self.pieces.try_send(Ok(piece));
    }
}

/// A prompt that was read.
struct ReadPrompt {
    model: Weights,
    logits: Vec<f32>,
}

impl Engine {
    pub(super) fn new(
        fresh: Weights,
        tokenizer: Tokenizer,
        template: ChatTemplate,
        content: &Content,
    ) -> Result<Self> {
        let id = |key: &str| weights::number(content, key);
        let text_of =
            |id: Option<u32>| id.and_then(|id| tokenizer.id_to_token(id)).unwrap_or_default();
        let bos = text_of(id("tokenizer.ggml.bos_token_id"));
        let eos = text_of(id("tokenizer.ggml.eos_token_id"));
        let mut ends: Vec<u32> = id("tokenizer.ggml.eos_token_id").into_iter().collect();
        ends.extend(END_TOKENS.iter().filter_map(|name| tokenizer.token_to_id(name)));
        if ends.is_empty() {
            return Err(Error::setup("the model file names no token that ends an answer"));
        }
        Ok(Self {
            positions: weights::positions(content),
            token_bytes: TokenBytes::of(&tokenizer),
            prompts: PromptWriter::new(template, &tokenizer, bos, eos),
            fresh,
            tokenizer,
            ends,
            prefixes: VecDeque::new(),
        })
    }

    /// Runs one request; returns early without error when the reader has gone.
    pub(super) fn run(&mut self, request: &GenerateRequest, reader: &Reader) -> Result<()> {
        let started = Instant::now();
        let prompt = self.prompts.write(&self.tokenizer, &request.messages)?;
        if prompt.tokens.len() + 1 >= self.positions {
            return Err(Error::input(format!(
                "the prompt has {} tokens; the model reads {} at most",
                prompt.tokens.len(),
                self.positions
            )));
        }
        let mut summary = Summary {
            finish: Finish::Deadline,
            prompt_tokens: prompt.tokens.len(),
            reused_tokens: 0,
            new_tokens: 0,
            prefill_ms: 0.0,
            decode_ms: 0.0,
        };
        let read = self.read(&prompt, reader, &mut summary.reused_tokens)?;
        summary.prefill_ms = milliseconds_since(started);
        match read {
            Ok(read) => {
                let decoding = Instant::now();
                let Some(finish) = self.write(request, reader, read, &mut summary)? else {
                    return Ok(());
                };
                summary.finish = finish;
                summary.decode_ms = milliseconds_since(decoding);
            }
            Err(Halt::Gone) => return Ok(()),
            Err(Halt::Late) => {}
        }
        reader.send(Piece::End(summary));
        Ok(())
    }

    /// Writes the answer; none if the reader has gone.
    fn write(
        &self,
        request: &GenerateRequest,
        reader: &Reader,
        read: ReadPrompt,
        summary: &mut Summary,
    ) -> Result<Option<Finish>> {
        let ReadPrompt { mut model, mut logits } = read;
        let constraint = request
            .evidence
            .as_ref()
            .map(|evidence| LiteralConstraint::new(evidence.iter().map(String::as_str)));
        let mut sampler = Sampler::new(request.sampling.clone());
        let mut tokens: Vec<u32> = Vec::new();
        let mut written = WrittenText::default();
        let mut sent = 0;
        let room = request
            .max_new_tokens
            .min(super::LONGEST_ANSWER)
            .min(self.positions - summary.prompt_tokens - 1);
        let finish = loop {
            match reader.halt() {
                Some(Halt::Gone) => return Ok(None),
                Some(Halt::Late) => break Finish::Deadline,
                None if tokens.len() >= room => break Finish::Length,
                None => {}
            }
            let end = WrittenEnd::of(written.as_str());
            let is_allowed = |token: u32| match &constraint {
                None => true,
                Some(constraint) if self.ends.contains(&token) => constraint.may_end(&end),
                Some(constraint) => {
                    let piece = written.piece(self.token_bytes.of_token(token));
                    constraint.allows(&end, &piece)
                }
            };
            let Some(token) = sampler.next(&mut logits, &tokens, is_allowed) else {
                break Finish::Constraint;
            };
            if self.ends.contains(&token) {
                break Finish::Stop;
            }
            tokens.push(token);
            written.push(self.token_bytes.of_token(token));
            let text = written.as_str();
            if let Some(stop) = request.stop.iter().filter_map(|stop| text.find(stop)).min() {
                written.truncate(stop);
                break Finish::Stop;
            }
            let safe = whole_to(text, constraint.as_ref());
            let safe = safe.min(text.len() - held_back(text, &request.stop));
            if safe > sent {
                reader.send(Piece::Text(text[sent..safe].to_string()));
                sent = safe;
            }
            logits = model.forward(&[token], summary.prompt_tokens + tokens.len() - 1)?;
        };
        summary.new_tokens = tokens.len();
        let text = written.as_str();
        let last = whole_to(text, constraint.as_ref());
        if last > sent {
            reader.send(Piece::Text(text[sent..last].to_string()));
        }
        Ok(Some(finish))
    }

    /// Reads the prompt, its shared beginning only if it is not remembered.
    fn read(
        &mut self,
        prompt: &Prompt,
        reader: &Reader,
        reused: &mut usize,
    ) -> Result<std::result::Result<ReadPrompt, Halt>> {
        let tokens = &prompt.tokens;
        let shared = if self.fresh.can_be_forked() { prompt.shared } else { 0 };
        let place =
            self.prefixes.iter().position(|(prefix, _)| shared > 0 && prefix == &tokens[..shared]);
        let mut model = match place.and_then(|place| self.prefixes.remove(place)) {
            Some(known) => {
                let model = known.1.clone();
                self.prefixes.push_front(known);
                *reused = shared;
                model
            }
            None => {
                let mut model = self.fresh.clone();
                if let Err(halt) = read_tokens(&mut model, &tokens[..shared], 0, reader)? {
                    return Ok(Err(halt));
                }
                if shared > 0 {
                    self.prefixes.push_front((tokens[..shared].to_vec(), model.clone()));
                    self.prefixes.truncate(REMEMBERED_PREFIXES);
                }
                model
            }
        };
        let logits = read_tokens(&mut model, &tokens[shared..], shared, reader)?;
        Ok(logits.map(|logits| ReadPrompt { model, logits }))
    }
}

/// Reads `tokens`, which follow `position` tokens already read; the logits after the last.
fn read_tokens(
    model: &mut Weights,
    tokens: &[u32],
    position: usize,
    reader: &Reader,
) -> Result<std::result::Result<Vec<f32>, Halt>> {
    let mut logits = Vec::new();
    let mut read = 0;
    while read < tokens.len() {
        if let Some(halt) = reader.halt() {
            return Ok(Err(halt));
        }
        // No chunk of one token before others: candle's Qwen3 keeps those in another cache.
        let rest = tokens.len() - read;
        let chunk = if rest == PREFILL_CHUNK + 1 { rest } else { rest.min(PREFILL_CHUNK) };
        logits = model.forward(&tokens[read..read + chunk], position + read)?;
        read += chunk;
    }
    Ok(Ok(logits))
}

/// How much of `text` may be shown: a literal that is not whole yet may not.
fn whole_to(text: &str, constraint: Option<&LiteralConstraint>) -> usize {
    constraint.map_or(text.len(), |constraint| constraint.open_from(&WrittenEnd::of(text)))
}

/// Bytes at the end of `text` that may be the beginning of a stop text.
fn held_back(text: &str, stop: &[String]) -> usize {
    stop.iter()
        .flat_map(|stop| {
            (1..stop.len())
                .rev()
                .filter(move |&length| stop.is_char_boundary(length))
                .map(move |length| &stop[..length])
        })
        .filter(|beginning| text.ends_with(*beginning))
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
