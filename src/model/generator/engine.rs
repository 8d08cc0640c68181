//! The engine's thread: in each pass it reads on in prompts and writes a token of each answer, as the schedule says.
//!
//! Requests come in through [`Desk`], which callers and the thread share. What a pass has computed is
//! remembered page by page, so that no beginning of a prompt is read twice.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use steward_engine::decoder::{Decoder, DecoderScratch, Segment};
use steward_engine::prefixes::Prefixes;

use super::schedule::{Limits, Pass, Refusal, RequestId, Schedule};
use super::text::TokenBytes;
use super::writing::{Reader, Writing};
use super::{GenerateRequest, LONGEST_ANSWER};
use crate::model::compute::Compute;
use crate::model::compute::share::Work;
use crate::telemetry::counted::Counted;
use crate::{Error, Result};

/// A request with its prompt.
pub(super) struct Job {
    pub(super) request: GenerateRequest,
    pub(super) prompt: Vec<u32>,
    pub(super) reader: Reader,
    pub(super) arrived: Instant,
    pub(super) counted: Counted,
}

/// Where requests are handed in.
pub(super) struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    schedule: Schedule,
    jobs: HashMap<RequestId, Job>,
    next_id: RequestId,
    is_closed: bool,
}

impl Desk {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State {
            schedule: Schedule::new(limits),
            jobs: HashMap::new(),
            next_id: 0,
            is_closed: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Hands a request in.
    ///
    /// # Errors
    /// As [`Schedule::offer`].
    pub(super) fn offer(&self, job: Job) -> std::result::Result<(), Refusal> {
        let mut state = self.lock();
        // Those whose readers have gone do not take anybody's place.
        let gone: Vec<RequestId> =
            state.jobs.iter().filter(|(_, job)| job.reader.is_gone()).map(|(id, _)| *id).collect();
        for id in gone {
            state.schedule.remove(id);
            state.jobs.remove(&id);
        }
        let id = state.next_id;
        let left = job.reader.deadline.map(|by| by.saturating_duration_since(Instant::now()));
        state.schedule.offer(id, job.prompt.len(), left)?;
        state.next_id += 1;
        state.jobs.insert(id, job);
        self.changed.notify_one();
        Ok(())
    }

    /// Ends the thread once it has nothing left to do.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// State that a panicking thread leaves is whole: nothing in here computes.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Engine {
    pub(super) decoder: Decoder,
    pub(super) compute: &'static Compute,
    pub(super) token_bytes: TokenBytes,
    pub(super) ends: Vec<u32>,
    pub(super) prefixes: Prefixes,
    pub(super) scratch: DecoderScratch,
    pub(super) writings: HashMap<RequestId, Writing>,
}

impl Engine {
    /// Works until the desk is closed and nothing waits.
    pub(super) fn serve(&mut self, desk: &Arc<Desk>) {
        loop {
            let mut state = desk.lock();
            while state.jobs.is_empty() && self.writings.is_empty() {
                self.compute.generator_rests();
                if state.is_closed {
                    return;
                }
                state = desk.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            while let Some(id) = state.schedule.admit() {
                match state.jobs.remove(&id) {
                    Some(job) => {
                        let known = self.begin(id, job);
                        state.schedule.is_known(id, known);
                    }
                    None => state.schedule.remove(id),
                }
            }
            for id in self.over() {
                state.schedule.remove(id);
                self.writings.remove(&id);
            }
            let pass = state.schedule.next_pass();
            drop(state);
            if pass.is_empty() {
                continue;
            }
            let started = Instant::now();
            let ended = self.compute(&pass);
            let mut state = desk.lock();
            state.schedule.computed(&pass, started.elapsed());
            for id in ended {
                state.schedule.remove(id);
                self.writings.remove(&id);
            }
        }
    }

    /// Begins an answer; how many tokens of its prompt are known already.
    fn begin(&mut self, id: RequestId, job: Job) -> usize {
        let Job { request, prompt, reader, arrived, counted } = job;
        drop(counted);
        let cache = self.prefixes.begin(&prompt);
        let known = cache.len();
        metrics::counter!("steward_generator_prompt_tokens_total").increment(prompt.len() as u64);
        metrics::counter!("steward_generator_reused_tokens_total").increment(known as u64);
        let left = self.decoder.positions().saturating_sub(prompt.len() + 1);
        let room = request.max_new_tokens.min(LONGEST_ANSWER).min(left);
        self.writings.insert(id, Writing::new(request, prompt, room, cache, reader, arrived));
        known
    }

    /// Answers that nobody waits for any more, or that are late.
    fn over(&mut self) -> Vec<RequestId> {
        let over = self.writings.iter_mut().filter_map(|(id, one)| one.is_over().then_some(*id));
        over.collect()
    }

    /// Computes a pass; the requests that have ended with it.
    fn compute(&mut self, pass: &Pass) -> Vec<RequestId> {
        let ids: Vec<RequestId> =
            pass.write.iter().copied().chain(pass.read.iter().map(|(id, _)| *id)).collect();
        // A panic of a kernel costs the requests of this pass, not the thread.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.forward(pass)))
            .unwrap_or_else(|_| Err(Error::internal("the generator's computation broke off")));
        match outcome {
            Ok(ended) => ended,
            Err(problem) => {
                tracing::warn!(%problem, "a pass of the generator failed");
                self.prefixes.clear();
                self.scratch = DecoderScratch::default();
                for writing in ids.iter().filter_map(|id| self.writings.get(id)) {
                    let problem = Error::new(problem.kind(), problem.to_string());
                    let _ = writing.reader().pieces.try_send(Err(problem));
                }
                ids
            }
        }
    }

    fn forward(&mut self, pass: &Pass) -> Result<Vec<RequestId>> {
        let counts: HashMap<RequestId, usize> =
            pass.write.iter().map(|id| (*id, 1)).chain(pass.read.iter().copied()).collect();
        let mut wanting = Vec::new();
        let mut segments = Vec::new();
        for (id, writing) in &mut self.writings {
            let Some(&count) = counts.get(id) else { continue };
            let wants_logits = writing.ends_with(count);
            if wants_logits {
                wanting.push(*id);
            }
            let (cache, tokens) = writing.next(count);
            segments.push(Segment { cache, tokens, wants_logits });
        }
        let logits = self
            .decoder
            .forward(self.compute.turn(Work::Generator).on(), &mut segments, &mut self.scratch)
            .map_err(Error::internal)?;
        drop(segments);
        let mut ended = Vec::new();
        for (id, mut logits) in wanting.into_iter().zip(logits) {
            let Some(writing) = self.writings.get_mut(&id) else { continue };
            let goes_on = writing.choose(&mut logits, &self.ends, &self.token_bytes);
            if !goes_on || pass.read.iter().any(|(reading, _)| *reading == id) {
                self.prefixes.remember(writing.read_tokens(), &writing.cache);
            }
            if !goes_on {
                ended.push(id);
            }
        }
        metrics::gauge!("steward_generator_prefix_bytes").set(self.prefixes.bytes() as f64);
        Ok(ended)
    }
}
