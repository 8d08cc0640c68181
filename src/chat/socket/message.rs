//! A customer's message: checked, stored, acknowledged, and told to the conversation's other sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Session;
use crate::Result;
use crate::bus::Notice;
use crate::chat::close::Ends;
use crate::chat::frames::{ErrorCode, Fault};
use crate::privacy::CleanText;
use crate::store::{Appended, Author, StoredMessage};

/// Waits for a full queue of unanswered messages to move on.
const RETRY_WHEN_WAITING: Duration = Duration::from_secs(5);

impl Session<'_> {
    pub(super) async fn take_message(
        &mut self,
        id: &str,
        text: &str,
        files: &[String],
    ) -> Ends<()> {
        let came = Instant::now();
        let text = self.chat.masker().clean(text);
        let stored = self.check_and_store(id, &text, files).await;
        let appended = match stored {
            Ok(Ok(appended)) => appended,
            Ok(Err(fault)) => return self.line.send(fault.of_message(id).into()).await,
            Err(error) => return self.line.not_stored(id, &error).await,
        };
        let fault = match appended {
            Appended::New(seq) | Appended::Known(seq) => {
                self.acknowledge(id, seq, &text).await?;
                metrics::histogram!("steward_acknowledge_seconds").record(came.elapsed());
                if let Appended::New(seq) = appended {
                    self.tell_others(seq, id, text.as_str(), files).await?;
                }
                self.chat.runner.wake_in_trace(&self.conversation, self.trace);
                return Ok(());
            }
            Appended::TooManyWaiting => {
                let message = "several messages wait for an answer; please wait for it";
                Fault::new(ErrorCode::TooManyWaiting, message).retry_after(RETRY_WHEN_WAITING)
            }
            Appended::UnknownFile => unknown_file(),
            Appended::Closed => {
                let message = "this conversation is over; please begin a new one";
                Fault::new(ErrorCode::ConversationClosed, message)
            }
        };
        self.line.send(fault.of_message(id).into()).await
    }

    async fn check_and_store(
        &mut self,
        id: &str,
        text: &CleanText,
        files: &[String],
    ) -> Result<std::result::Result<Appended, Fault>> {
        if let Err(fault) = self.check_text(text.as_str(), files) {
            return Ok(Err(fault));
        }
        let store = &self.chat.store;
        if let Err(wait) = self.chat.messages.take(&self.conversation, Instant::now()) {
            // A repeated message is not a new one: it gets its acknowledgement whatever the rate.
            let known = store.seq_of_customer_message(&self.conversation, id).await?;
            return Ok(known.map(Appended::Known).ok_or_else(|| too_fast(wait)));
        }
        let waiting_limit = self.chat.config.now().limits.waiting_messages;
        store
            .append_customer_message_with_files(&self.conversation, id, text, files, waiting_limit)
            .await
            .map(Ok)
    }

    /// Whether `text` can be stored as a message. It may say nothing if files come with it.
    pub(in crate::chat) fn check_text(
        &self,
        text: &str,
        files: &[String],
    ) -> std::result::Result<(), Fault> {
        let limit = self.chat.config.now().server.max_message_chars;
        let length = text.chars().count();
        if length > limit {
            let message = format!("the message has {length} characters; the limit is {limit}");
            return Err(Fault::new(ErrorCode::MessageTooLong, message));
        }
        if text.trim().is_empty() && files.is_empty() {
            return Err(Fault::new(ErrorCode::EmptyMessage, "the message has no text"));
        }
        Ok(())
    }

    async fn tell_others(&mut self, seq: i64, id: &str, text: &str, files: &[String]) -> Ends<()> {
        metrics::counter!("steward_messages_total").increment(1);
        let files = match files {
            [] => Vec::new(),
            _ => match self.chat.store.files_of_message(&self.conversation, seq).await {
                Ok(files) => files,
                Err(error) => return Err(self.line.internal_fault(&error).await?),
            },
        };
        let message = StoredMessage {
            seq,
            author: Author::Customer,
            message_id: id.to_string(),
            text: text.to_string(),
            citations: Vec::new(),
            decision: None,
            answers_seq: None,
            agent: None,
            files,
            created_ms: 0,
        };
        self.chat.bus.publish(&self.conversation, &Notice::Stored(Arc::new(message)));
        Ok(())
    }
}

/// The fault of a message whose files are not there.
pub(in crate::chat) fn unknown_file() -> Fault {
    let message =
        "a file of the message is not there, or came with another message; upload it again";
    Fault::new(ErrorCode::UnknownFile, message)
}

/// The fault of a client that sends too many messages.
pub(in crate::chat) fn too_fast(wait: Duration) -> Fault {
    let message = "too many messages in a short time; please wait a moment";
    Fault::new(ErrorCode::RateLimited, message).retry_after(wait)
}
