//! Group commit: messages of customers that arrive together share one transaction, and so one wait for the disk.
//!
//! While one batch is on its way to the disk the next one gathers; nobody waits for company.

use sqlx::{Row, Sqlite, SqlitePool, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::fault::LastWrite;
use super::files::{are_waiting, attach};
use super::write::{insert, message, state_of};
use super::{Appended, Author, ConversationState};
use crate::error::Context;
use crate::privacy::CleanText;
use crate::{Error, Result};

/// Messages in one transaction.
const MOST_IN_A_BATCH: usize = 256;
/// Messages that may wait for theirs; further senders wait before they are let in.
const QUEUE: usize = 4096;

/// A customer's message on its way to the disk.
pub(super) struct NewMessage {
    pub conversation: String,
    pub client_id: String,
    pub text: CleanText,
    pub files: Vec<String>,
    pub waiting_limit: u32,
}

struct Job {
    message: NewMessage,
    answer: oneshot::Sender<Result<Appended>>,
}

/// Stores messages in batches. Cloning shares it; the last clone to go ends it.
#[derive(Debug, Clone)]
pub(super) struct Committer {
    jobs: mpsc::Sender<Job>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Job").finish_non_exhaustive()
    }
}

impl Committer {
    /// Writes over the one connection of `writer`.
    pub fn start(writer: SqlitePool, last_write: LastWrite) -> Self {
        let (jobs, mut waiting) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, MOST_IN_A_BATCH).await > 0 {
                metrics::histogram!("steward_commit_batch_messages").record(batch.len() as f64);
                store_all(&writer, std::mem::take(&mut batch), &last_write).await;
            }
        });
        Self { jobs }
    }

    /// Stores `message`; done once it is on disk.
    pub async fn append(&self, message: NewMessage) -> Result<Appended> {
        let (answer, answered) = oneshot::channel();
        let closed = || Error::internal("the store is closed");
        self.jobs.send(Job { message, answer }).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

/// Stores a batch; if anything in it fails, each message by itself, so that one cannot spoil the others.
async fn store_all(writer: &SqlitePool, batch: Vec<Job>, last_write: &LastWrite) {
    match try_to_store(writer, batch.iter().map(|job| &job.message)).await {
        Ok(results) => {
            last_write.ended(None);
            for (job, result) in batch.into_iter().zip(results) {
                // Whoever asked may be gone; the message is stored all the same.
                let _ = job.answer.send(Ok(result));
            }
        }
        Err(error) if batch.len() == 1 => {
            last_write.ended(Some(&error));
            let job = batch.into_iter().next();
            drop(job.map(|job| job.answer.send(Err(error))));
        }
        Err(_) => {
            for job in batch {
                let result = try_to_store(writer, std::iter::once(&job.message)).await;
                last_write.ended(result.as_ref().err());
                let _ = job.answer.send(result.map(|mut results| results.remove(0)));
            }
        }
    }
}

async fn try_to_store(
    writer: &SqlitePool,
    messages: impl Iterator<Item = &NewMessage>,
) -> Result<Vec<Appended>> {
    let mut transaction =
        writer.begin_with("BEGIN IMMEDIATE").await.internal("cannot begin a transaction")?;
    let mut results = Vec::new();
    for message in messages {
        results.push(append(&mut transaction, message).await?);
    }
    transaction.commit().await.internal("cannot commit a message")?;
    Ok(results)
}

async fn append(
    transaction: &mut Transaction<'static, Sqlite>,
    NewMessage { conversation, client_id, text, files, waiting_limit }: &NewMessage,
) -> Result<Appended> {
    let row = sqlx::query(
        "SELECT state, owner,
            (SELECT seq FROM messages WHERE conversation = id
                AND author = 'customer' AND message_id = ?) AS known,
            (SELECT count(*) FROM messages WHERE conversation = id
                AND author = 'customer' AND seq > answered_seq) AS waiting
         FROM conversations WHERE id = ?",
    )
    .bind(client_id)
    .bind(conversation)
    .fetch_optional(&mut **transaction)
    .await
    .internal("cannot read a conversation")?;
    // One that is gone, erased or grown too old, is over.
    let Some(row) = row else { return Ok(Appended::Closed) };
    if let Some(seq) = row.try_get("known").internal("no number")? {
        return Ok(Appended::Known(seq));
    }
    let waiting: i64 = row.try_get("waiting").internal("no count")?;
    match state_of(&row)? {
        ConversationState::Closed => return Ok(Appended::Closed),
        ConversationState::Bot if waiting >= i64::from(*waiting_limit) => {
            return Ok(Appended::TooManyWaiting);
        }
        _ => {}
    }
    let owner: String = row.try_get("owner").internal("no owner")?;
    // Before anything is written: what is refused must leave nothing in the batch.
    if !are_waiting(transaction, conversation, &owner, files).await? {
        return Ok(Appended::UnknownFile);
    }
    let seq: i64 = sqlx::query_scalar(
        "UPDATE conversations SET last_seq = last_seq + 1, last_customer_seq = last_seq + 1
         WHERE id = ? RETURNING last_seq",
    )
    .bind(conversation)
    .fetch_one(&mut **transaction)
    .await
    .internal("cannot number a message")?;
    let mut stored = message(seq, Author::Customer, client_id, text.as_str());
    stored.files = attach(transaction, files, seq).await?;
    insert(transaction, conversation, &stored).await?;
    Ok(Appended::New(seq))
}
