//! The encoder's queue and its thread.
//!
//! Texts that wait are read together, up to [`BATCH_TOKENS`] in one pass (the shape of
//! text-embeddings-inference's queue). A full queue makes the caller wait: how many call at once is bounded
//! where turns begin.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender};

use super::bert::Bert;
use crate::telemetry::counted::Counted;
use crate::{Error, Result};

/// Tokens of one pass: some tens of milliseconds, which is how long the next question waits at most.
pub(super) const BATCH_TOKENS: usize = 512;
/// Calls that wait in the queue; further ones wait before it.
pub(super) const QUEUE_LENGTH: usize = 64;

/// Texts to be read, no more than fit into a pass.
pub(super) struct Request {
    /// The tokens of each.
    pub(super) texts: Vec<Vec<u32>>,
    pub(super) wanted: Wanted,
    pub(super) answer: SyncSender<Result<Vec<Vec<f32>>>>,
    pub(super) waiting: Counted,
}

/// What is read out of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The parts of a reading.
    Readings,
    /// The states of all tokens.
    Tokens,
}

impl Request {
    fn tokens(&self) -> usize {
        self.texts.iter().map(Vec::len).sum()
    }
}

/// The encoder's thread.
pub(super) fn serve(bert: &mut Bert, waiting: &Receiver<Request>) {
    let mut held_over = None;
    while let Some(first) = held_over.take().or_else(|| waiting.recv().ok()) {
        let (batch, next) = take_batch(first, || waiting.try_recv().ok());
        held_over = next;
        answer(bert, batch);
    }
}

/// The requests of one pass, `first` among them, and the one that did not go with them.
fn take_batch(
    first: Request,
    mut next_waiting: impl FnMut() -> Option<Request>,
) -> (Vec<Request>, Option<Request>) {
    let wanted = first.wanted;
    let mut tokens = first.tokens();
    let mut batch = vec![first];
    while tokens < BATCH_TOKENS
        && let Some(request) = next_waiting()
    {
        tokens += request.tokens();
        if tokens > BATCH_TOKENS || request.wanted != wanted {
            return (batch, Some(request));
        }
        batch.push(request);
    }
    (batch, None)
}

fn answer(bert: &mut Bert, batch: Vec<Request>) {
    let texts: Vec<&[u32]> =
        batch.iter().flat_map(|request| request.texts.iter().map(Vec::as_slice)).collect();
    let wanted = batch[0].wanted;
    let read = AssertUnwindSafe(|| match wanted {
        Wanted::Readings => bert.read(&texts),
        Wanted::Tokens => bert.tokens(&texts),
    });
    // A panic costs this batch, not the thread: the next pass begins anew.
    let read = catch_unwind(read)
        .unwrap_or_else(|_| Err(Error::internal("the encoder's computation broke off")));
    // A caller who has gone takes no answer; nothing is lost by that.
    match read {
        Ok(vectors) => {
            let mut vectors = vectors.into_iter();
            for Request { texts, answer, waiting, .. } in batch {
                drop(waiting);
                let _ = answer.send(Ok(vectors.by_ref().take(texts.len()).collect()));
            }
        }
        Err(problem) => {
            for request in batch {
                let problem = Error::new(problem.kind(), problem.to_string());
                let _ = request.answer.send(Err(problem));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn request(tokens: usize, wanted: Wanted) -> Request {
        let answer = sync_channel(1).0;
        Request { texts: vec![vec![0; tokens]], wanted, answer, waiting: Counted::new("") }
    }

    #[test]
    fn waiting_requests_are_read_together_up_to_the_tokens_of_a_pass() {
        use Wanted::{Readings, Tokens};
        let waiting = [
            (10, Readings),
            (500, Readings),
            (2, Readings),
            (1, Readings),
            (512, Readings),
            (5, Tokens),
            (6, Tokens),
        ];
        let mut waiting = waiting.into_iter().map(|(tokens, wanted)| request(tokens, wanted));
        let mut sizes = Vec::new();
        let mut held_over = None;
        while let Some(first) = held_over.take().or_else(|| waiting.next()) {
            let (batch, next) = take_batch(first, || waiting.next());
            held_over = next;
            sizes.push(batch.iter().map(Request::tokens).collect::<Vec<_>>());
        }
        assert_eq!(sizes, [vec![10, 500, 2], vec![1], vec![512], vec![5, 6]]);
    }
}
