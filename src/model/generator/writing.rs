//! One answer on its way: what was read of its prompt, what was written, and to whom it goes.

use std::time::Instant;

use steward_engine::cache::Cache;
use tokio::sync::mpsc;

use super::text::{TokenBytes, WrittenText};
use super::{Finish, GenerateRequest, Piece, Summary};
use crate::Result;
use crate::model::constraint::{LiteralConstraint, WrittenEnd};
use crate::model::sampler::Sampler;

/// Who waits for an answer, and until when.
pub(super) struct Reader {
    pub(super) pieces: mpsc::Sender<Result<Piece>>,
    pub(super) deadline: Option<Instant>,
}

impl Reader {
    pub(super) fn is_gone(&self) -> bool {
        self.pieces.is_closed()
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The queue has room for a whole answer, so that a slow reader holds up nobody.
    fn send(&self, piece: Piece) {
        let _ = self.pieces.try_send(Ok(piece));
    }
}

/// An answer on its way.
pub(super) struct Writing {
    pub(super) cache: Cache,
    /// The prompt, and what was written after it.
    tokens: Vec<u32>,
    prompt: usize,
    reader: Reader,
    constraint: Option<LiteralConstraint>,
    sampler: Sampler,
    stop: Vec<String>,
    room: usize,
    written: WrittenText,
    sent: usize,
    begun: Instant,
    reused: usize,
    prefill_ms: f64,
}

impl Writing {
    /// An answer of at most `room` tokens to a prompt, of which `cache` holds what is known of it.
    pub(super) fn new(
        request: GenerateRequest,
        prompt: Vec<u32>,
        room: usize,
        cache: Cache,
        reader: Reader,
        begun: Instant,
    ) -> Self {
        let evidence = request.evidence.as_ref();
        Self {
            reused: cache.len(),
            cache,
            prompt: prompt.len(),
            tokens: prompt,
            reader,
            constraint: evidence
                .map(|texts| LiteralConstraint::new(texts.iter().map(String::as_str))),
            sampler: Sampler::new(request.sampling),
            stop: request.stop,
            room,
            written: WrittenText::default(),
            sent: 0,
            begun,
            prefill_ms: 0.0,
        }
    }

    /// The `count` tokens that come next, read or written, and the cache to add them to.
    pub(super) fn next(&mut self, count: usize) -> (&mut Cache, &[u32]) {
        let from = self.cache.len();
        (&mut self.cache, &self.tokens[from..from + count])
    }

    /// True if the next `count` tokens are the last that are known: what follows is to be chosen.
    pub(super) fn ends_with(&self, count: usize) -> bool {
        self.cache.len() + count == self.tokens.len()
    }

    /// What the cache holds.
    pub(super) fn read_tokens(&self) -> &[u32] {
        &self.tokens[..self.cache.len()]
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Ends the answer if its deadline has passed. True if it is over, also because its reader has gone.
    pub(super) fn is_over(&mut self) -> bool {
        if self.reader.is_gone() {
            return true;
        }
        if self.reader.is_late() {
            if self.prefill_ms == 0.0 {
                self.prefill_ms = milliseconds_since(self.begun);
            }
            self.end(Finish::Deadline);
            return true;
        }
        false
    }

    /// Chooses the next token and sends what may be shown. False if the answer has ended with it.
    pub(super) fn choose(&mut self, logits: &mut [f32], ends: &[u32], bytes: &TokenBytes) -> bool {
        if self.tokens.len() == self.prompt {
            self.prefill_ms = milliseconds_since(self.begun);
        }
        if self.tokens.len() - self.prompt >= self.room {
            self.end(Finish::Length);
            return false;
        }
        let (constraint, written) = (&self.constraint, &self.written);
        let end = WrittenEnd::of(written.as_str());
        let is_allowed = |token: u32| match constraint {
            None => true,
            Some(constraint) if ends.contains(&token) => constraint.may_end(&end),
            Some(constraint) => constraint.allows(&end, &written.piece(bytes.of_token(token))),
        };
        let chosen = self.sampler.next(logits, &self.tokens[self.prompt..], is_allowed);
        let Some(token) = chosen else {
            self.end(Finish::Constraint);
            return false;
        };
        if ends.contains(&token) {
            self.end(Finish::Stop);
            return false;
        }
        self.tokens.push(token);
        self.written.push(bytes.of_token(token));
        let text = self.written.as_str();
        if let Some(stop) = self.stop.iter().filter_map(|stop| text.find(stop)).min() {
            self.written.truncate(stop);
            self.end(Finish::Stop);
            return false;
        }
        let safe = whole_to(text, self.constraint.as_ref());
        let safe = safe.min(text.len() - held_back(text, &self.stop));
        if safe > self.sent {
            self.reader.send(Piece::Text(text[self.sent..safe].to_string()));
            self.sent = safe;
        }
        if self.tokens.len() - self.prompt >= self.room {
            self.end(Finish::Length);
            return false;
        }
        true
    }

    /// Sends the rest of the text and how it went.
    fn end(&mut self, finish: Finish) {
        let text = self.written.as_str();
        let last = whole_to(text, self.constraint.as_ref());
        if last > self.sent {
            self.reader.send(Piece::Text(text[self.sent..last].to_string()));
        }
        let all_ms = milliseconds_since(self.begun);
        self.reader.send(Piece::End(Summary {
            finish,
            prompt_tokens: self.prompt,
            reused_tokens: self.reused,
            new_tokens: self.tokens.len() - self.prompt,
            prefill_ms: self.prefill_ms,
            decode_ms: all_ms - self.prefill_ms,
        }));
    }
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
