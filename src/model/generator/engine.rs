//! The engine: reads a prompt, writes an answer token by token, and remembers the shared beginning
//! of prompts so that it is read once.

use std::collections::VecDeque;
use std::time::Instant;

use candle_core::quantized::gguf_file::Content;
use tokenizers::Tokenizer;
use tokio::sync::mpsc;

use super::weights::Weights;
use super::{Finish, GenerateRequest, Piece, Summary};
use crate::error::Context;
use crate::model::chat_template::ChatTemplate;
use crate::model::constraint::LiteralConstraint;
use crate::model::sampler::Sampler;
use crate::{Error, Result};

/// Beginnings of prompts that are remembered, the latest used first.
const REMEMBERED_PREFIXES: usize = 4;
/// Tokens read in one forward pass while a prompt is read: between two passes a reader who has gone
/// is noticed.
const PREFILL_CHUNK: usize = 128;

pub(super) struct Engine {
    fresh: Weights,
    tokenizer: Tokenizer,
    template: ChatTemplate,
    /// The text of each token by itself.
    token_texts: Vec<String>,
    ends: Vec<u32>,
    bos: String,
    eos: String,
    context: usize,
    prefixes: VecDeque<(Vec<u32>, Weights)>,
}

impl Engine {
    pub(super) fn new(
        fresh: Weights,
        tokenizer: Tokenizer,
        template: ChatTemplate,
        content: &Content,
    ) -> Result<Self> {
        let id = |key: &str| content.metadata.get(key).and_then(|value| value.to_u32().ok());
        let token_text =
            |id: Option<u32>| id.and_then(|id| tokenizer.id_to_token(id)).unwrap_or_default();
        let bos = token_text(id("tokenizer.ggml.bos_token_id"));
        let eos = token_text(id("tokenizer.ggml.eos_token_id"));
        let mut ends: Vec<u32> = id("tokenizer.ggml.eos_token_id").into_iter().collect();
        for name in ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "</s>"] {
            ends.extend(tokenizer.token_to_id(name));
        }
        if ends.is_empty() {
            return Err(Error::setup("the model file names no token that ends an answer"));
        }
        let token_texts = (0..tokenizer.get_vocab_size(true) as u32)
            .map(|token| tokenizer.decode(&[token], false).unwrap_or_default())
            .collect();
        let architecture =
            super::weights::text(content, "general.architecture").unwrap_or_default();
        let context = id(&format!("{architecture}.context_length")).unwrap_or(2048) as usize;
        Ok(Self {
            fresh,
            tokenizer,
            template,
            token_texts,
            ends,
            bos,
            eos,
            context,
            prefixes: VecDeque::new(),
        })
    }

    /// Runs one request; returns early without error when the reader has gone.
    pub(super) fn run(
        &mut self,
        request: &GenerateRequest,
        pieces: &mpsc::Sender<Result<Piece>>,
    ) -> Result<()> {
        let started = Instant::now();
        let prompt = self.template.render(&request.messages, &self.bos, &self.eos)?;
        let tokens = self.tokens_of(&prompt)?;
        if tokens.len() + 1 >= self.context {
            return Err(Error::input(format!(
                "the prompt has {} tokens; the model reads {} at most",
                tokens.len(),
                self.context
            )));
        }
        let shared = self.shared_length(request, &tokens)?;
        let Some((mut model, reused, mut logits)) = self.prefill(&tokens, shared, pieces)? else {
            return Ok(());
        };
        let prefill_ms = started.elapsed().as_secs_f64() * 1000.0;
        let decoding = Instant::now();
        let constraint = request
            .evidence
            .as_ref()
            .map(|evidence| LiteralConstraint::new(evidence.iter().map(String::as_str)));
        let mut sampler = Sampler::new(request.sampling.clone());
        let mut written: Vec<u32> = Vec::new();
        let mut text = String::new();
        let mut sent = 0;
        let room = request.max_new_tokens.min(self.context - tokens.len() - 1);
        let finish = loop {
            if pieces.is_closed() {
                return Ok(());
            }
            if written.len() >= room {
                break Finish::Length;
            }
            let is_allowed = |token: u32| self.is_allowed(token, &text, constraint.as_ref());
            let Some(token) = sampler.next(&mut logits, &written, is_allowed) else {
                break Finish::Constraint;
            };
            if self.ends.contains(&token) {
                break Finish::Stop;
            }
            written.push(token);
            text = self
                .tokenizer
                .decode(&written, true)
                .internal("the generator's tokens are no text")?;
            if let Some(end) = request.stop.iter().filter_map(|stop| text.find(stop.as_str())).min()
            {
                text.truncate(end);
                break Finish::Stop;
            }
            // A character cut in two shows as U+FFFD until its other bytes come; a stop text may be
            // half there.
            let whole = text.trim_end_matches('\u{FFFD}').len();
            let safe = whole.saturating_sub(held_back(&text[..whole], &request.stop)).max(sent);
            if safe > sent && text.is_char_boundary(safe) {
                let piece = Piece::Text(text[sent..safe].to_string());
                if pieces.blocking_send(Ok(piece)).is_err() {
                    return Ok(());
                }
                sent = safe;
            }
            logits = model.forward(&[token], tokens.len() + written.len() - 1)?;
        };
        if text.len() > sent && text.is_char_boundary(sent) {
            let rest = text[sent..].trim_end_matches('\u{FFFD}').to_string();
            let _ = pieces.blocking_send(Ok(Piece::Text(rest)));
        }
        let summary = Summary {
            finish,
            prompt_tokens: tokens.len(),
            reused_tokens: reused,
            new_tokens: written.len(),
            prefill_ms,
            decode_ms: decoding.elapsed().as_secs_f64() * 1000.0,
        };
        let _ = pieces.blocking_send(Ok(Piece::End(summary)));
        Ok(())
    }

    fn tokens_of(&self, prompt: &str) -> Result<Vec<u32>> {
        let encoding =
            self.tokenizer.encode(prompt, false).internal("the generator's tokenizer failed")?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Tokens at the beginning of the prompt that come from its first message alone.
    fn shared_length(&self, request: &GenerateRequest, tokens: &[u32]) -> Result<usize> {
        let Some(first) = request
            .messages
            .first()
            .filter(|message| message.role == "system" && self.fresh.can_be_forked())
        else {
            return Ok(0);
        };
        let alone = self.tokens_of(&self.template.render(
            std::slice::from_ref(first),
            &self.bos,
            &self.eos,
        )?)?;
        let same = alone.iter().zip(tokens).take_while(|(left, right)| left == right).count();
        Ok(same.min(tokens.len().saturating_sub(1)))
    }

    /// Reads the prompt: the model after it, how many tokens were known already, and the logits.
    /// None if the reader has gone.
    fn prefill(
        &mut self,
        tokens: &[u32],
        shared: usize,
        pieces: &mpsc::Sender<Result<Piece>>,
    ) -> Result<Option<(Weights, usize, Vec<f32>)>> {
        let place =
            self.prefixes.iter().position(|(prefix, _)| shared > 0 && prefix == &tokens[..shared]);
        let (mut model, reused) = match place.and_then(|place| self.prefixes.remove(place)) {
            Some(known) => {
                let model = known.1.clone();
                self.prefixes.push_front(known);
                (model, shared)
            }
            None if shared > 0 => {
                let mut model = self.fresh.clone();
                for chunk in starts(0, shared) {
                    model.forward(&tokens[chunk.clone()], chunk.start)?;
                }
                self.prefixes.push_front((tokens[..shared].to_vec(), model.clone()));
                self.prefixes.truncate(REMEMBERED_PREFIXES);
                (model, 0)
            }
            None => (self.fresh.clone(), 0),
        };
        let mut logits = Vec::new();
        for chunk in starts(shared, tokens.len()) {
            if pieces.is_closed() {
                return Ok(None);
            }
            logits = model.forward(&tokens[chunk.clone()], chunk.start)?;
        }
        Ok(Some((model, reused, logits)))
    }

    /// True if the constraint lets `token` follow `text`.
    fn is_allowed(&self, token: u32, text: &str, constraint: Option<&LiteralConstraint>) -> bool {
        let Some(constraint) = constraint else { return true };
        if self.ends.contains(&token) {
            return constraint.allows(text, "", true);
        }
        self.token_texts
            .get(token as usize)
            .is_some_and(|piece| constraint.allows(text, piece, false))
    }
}

/// The tokens from `from` to `to` in chunks.
fn starts(from: usize, to: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (from..to).step_by(PREFILL_CHUNK).map(move |start| start..(start + PREFILL_CHUNK).min(to))
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
