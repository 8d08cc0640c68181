//! The encoder behind a bounded queue, on a thread of its own.
//!
//! Requests that wait are read together, up to [`MAX_BATCH_TEXTS`] texts in one forward pass (the
//! shape of text-embeddings-inference's queue). A request whose caller has gone is dropped unread.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::encoder::Encoder;
use crate::{Error, ErrorKind, Result};

/// Texts of one forward pass. A request of more is split by the encoder itself.
const MAX_BATCH_TEXTS: usize = 32;

/// The running encoder. Clones share its thread, which ends with the last of them.
#[derive(Clone)]
pub struct EncoderHandle {
    requests: SyncSender<Request>,
    encoder: Arc<Encoder>,
}

struct Request {
    texts: Vec<String>,
    answer: oneshot::Sender<Result<Vec<Vec<f32>>>>,
}

impl EncoderHandle {
    /// Starts the thread; `queue_len` requests may wait.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if no thread can be started.
    pub fn start(encoder: Arc<Encoder>, queue_len: usize) -> Result<Self> {
        let (requests, waiting) = sync_channel(queue_len.max(1));
        let worker = encoder.clone();
        std::thread::Builder::new()
            .name("encoder".to_string())
            .spawn(move || serve(&worker, &waiting))
            .map_err(|problem| {
                Error::internal(format!("cannot start the encoder's thread: {problem}"))
            })?;
        Ok(Self { requests, encoder })
    }

    /// Embeds `texts`: `[texts.len(), 384] f32`, unit vectors in the same order.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if too many requests wait; [`ErrorKind::Internal`] if the forward pass
    /// fails.
    ///
    /// # Cancel safety
    /// If the future is dropped, the request is not computed, or its result is dropped.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let (answer, embeddings) = oneshot::channel();
        self.requests.try_send(Request { texts, answer }).map_err(|problem| match problem {
            TrySendError::Full(_) => Error::new(
                ErrorKind::Busy,
                "the encoder has too many requests waiting; try again shortly",
            ),
            TrySendError::Disconnected(_) => Error::internal("the encoder's thread has ended"),
        })?;
        embeddings.await.map_err(|_| Error::internal("the encoder's thread has ended"))?
    }

    /// Embeds on this thread, past the queue: for imports and other commands that no customer
    /// waits for. Blocking.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the forward pass fails.
    pub fn embed_blocking<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Vec<f32>>> {
        self.encoder.embed(texts)
    }
}

fn serve(encoder: &Encoder, waiting: &Receiver<Request>) {
    let mut held_over = None;
    while let Some(first) = held_over.take().or_else(|| waiting.recv().ok()) {
        let (batch, next) = take_batch(first, || waiting.try_recv().ok());
        held_over = next;
        answer(encoder, batch);
    }
}

/// The requests of one batch, `first` among them, and the one that did not fit any more.
fn take_batch(
    first: Request,
    mut next_waiting: impl FnMut() -> Option<Request>,
) -> (Vec<Request>, Option<Request>) {
    let mut batch = Vec::new();
    let mut texts = 0;
    let mut next = Some(first);
    while let Some(request) = next.take().or_else(&mut next_waiting) {
        if request.answer.is_closed() {
            continue;
        }
        if texts > 0 && texts + request.texts.len() > MAX_BATCH_TEXTS {
            return (batch, Some(request));
        }
        texts += request.texts.len();
        batch.push(request);
        if texts >= MAX_BATCH_TEXTS {
            break;
        }
    }
    (batch, None)
}

fn answer(encoder: &Encoder, batch: Vec<Request>) {
    let texts: Vec<&str> =
        batch.iter().flat_map(|request| request.texts.iter().map(String::as_str)).collect();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| encoder.embed(&texts)))
        .unwrap_or_else(|_| Err(Error::internal("the encoder's computation broke off")));
    match outcome {
        Ok(embeddings) => {
            let mut embeddings = embeddings.into_iter();
            for Request { texts, answer } in batch {
                let own = embeddings.by_ref().take(texts.len()).collect();
                let _ = answer.send(Ok(own));
            }
        }
        Err(problem) => {
            for Request { answer, .. } in batch {
                let _ = answer.send(Err(Error::new(problem.kind(), problem.to_string())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<Vec<Vec<f32>>>>;

    fn request(texts: usize) -> (Request, Answer) {
        let (answer, embeddings) = oneshot::channel();
        (Request { texts: vec!["text".to_string(); texts], answer }, embeddings)
    }

    #[test]
    fn waiting_requests_are_read_together_up_to_a_batch() {
        let (requests, answers): (Vec<Request>, Vec<Answer>) =
            [1, 20, 10, 5, 40].into_iter().map(request).unzip();
        let mut waiting = requests.into_iter();
        let mut sizes = Vec::new();
        let mut held_over = None;
        while let Some(first) = held_over.take().or_else(|| waiting.next()) {
            let (batch, next) = take_batch(first, || waiting.next());
            held_over = next;
            sizes.push(batch.iter().map(|request| request.texts.len()).collect::<Vec<_>>());
        }
        assert_eq!(sizes, [vec![1, 20, 10], vec![5], vec![40]]);
        drop(answers);
    }

    #[test]
    fn requests_whose_caller_has_gone_are_dropped() {
        let (gone, answer) = request(3);
        drop(answer);
        let (here, _answer) = request(2);
        let mut waiting = std::iter::once(here);
        let (batch, next) = take_batch(gone, || waiting.next());
        assert_eq!(batch.iter().map(|request| request.texts.len()).collect::<Vec<_>>(), [2]);
        assert!(next.is_none());
    }
}
