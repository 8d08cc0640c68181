//! Writing conversations: one writer, every change one transaction.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};
use uuid::Uuid;

use super::committer::NewMessage;
use super::desk::{holding, index, set_holding};
use super::judgements::insert_judgement;
use super::outbox::{tell_change, tell_judgement};
use super::suggestions::insert_suggestions;
use super::takeover::{AfterChange, Change};
use super::{
    Appended, Author, ConversationState, NewReply, Store, StoredMessage, TurnTicket, from_word,
    now_ms, word_of,
};
use crate::Result;
use crate::error::Context;
use crate::privacy::CleanText;
use crate::turn::DecisionKind;

impl Store {
    /// A new conversation of `owner`; returns its id.
    pub async fn create_conversation(&self, owner: &str) -> Result<String> {
        let id = Uuid::now_v7().to_string();
        sqlx::query("INSERT INTO conversations (id, owner, created_ms) VALUES (?, ?, ?)")
            .bind(&id)
            .bind(owner)
            .bind(now_ms())
            .execute(&self.writer)
            .await
            .internal("cannot create a conversation")?;
        Ok(id)
    }

    /// Stores a customer's message once: the same `client_id` gives the same number again.
    /// Refuses it when `waiting_limit` messages wait for Steward's answer.
    ///
    /// # Cancel safety
    /// Dropped before it is done, the message is either stored whole or not at all.
    pub async fn append_customer_message(
        &self,
        conversation: &str,
        client_id: &str,
        text: &CleanText,
        waiting_limit: u32,
    ) -> Result<Appended> {
        self.append_customer_message_with_files(conversation, client_id, text, &[], waiting_limit)
            .await
    }

    /// The same, with files that the customer brought before.
    ///
    /// # Cancel safety
    /// As above.
    pub async fn append_customer_message_with_files(
        &self,
        conversation: &str,
        client_id: &str,
        text: &CleanText,
        files: &[String],
        waiting_limit: u32,
    ) -> Result<Appended> {
        let message = NewMessage {
            conversation: conversation.to_string(),
            client_id: client_id.to_string(),
            text: text.clone(),
            files: files.to_vec(),
            waiting_limit,
        };
        self.committer.append(message).await
    }

    /// The right to answer what waits in `conversation`; `None` if nothing waits for Steward.
    /// Counts the attempt first, so that a message which ends the process is not tried for ever.
    pub async fn begin_turn(&self, conversation: &str) -> Result<Option<TurnTicket>> {
        let row = sqlx::query(
            "UPDATE conversations SET attempts = attempts + 1
             WHERE id = ? AND last_customer_seq > answered_seq
               AND (state = 'bot' OR (state = 'queued' AND acknowledged = 0))
             RETURNING owner, state, epoch, last_customer_seq, attempts",
        )
        .bind(conversation)
        .fetch_optional(&self.writer)
        .await
        .internal("cannot begin a turn")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(TurnTicket {
            conversation: conversation.to_string(),
            owner: row.try_get("owner").internal("no owner")?,
            state: state_of(&row)?,
            epoch: row.try_get("epoch").internal("no epoch")?,
            through_seq: row.try_get("last_customer_seq").internal("no number")?,
            attempt: row.try_get("attempts").internal("no attempts")?,
        }))
    }

    /// Takes back the attempt of a turn that was stopped through no fault of its message.
    pub async fn give_back_turn(&self, ticket: &TurnTicket) -> Result<()> {
        sqlx::query("UPDATE conversations SET attempts = max(attempts - 1, 0) WHERE id = ?")
            .bind(&ticket.conversation)
            .execute(&self.writer)
            .await
            .internal("cannot give a turn back")?;
        Ok(())
    }

    /// Stores Steward's reply and what follows from it (a hand-off queues the conversation and
    /// adds its event). `None` if the conversation's epoch has moved since the turn began: then
    /// nothing is stored and nothing may be shown.
    pub async fn append_reply(
        &self,
        ticket: &TurnTicket,
        reply: &NewReply,
    ) -> Result<Option<Vec<StoredMessage>>> {
        let conversation = ticket.conversation.as_str();
        let mut transaction = self.begin().await?;
        let was_queued = ticket.state == ConversationState::Queued;
        let updated = sqlx::query(
            "UPDATE conversations SET answered_seq = max(answered_seq, ?), attempts = 0,
                acknowledged = max(acknowledged, ?) WHERE id = ? AND epoch = ?",
        )
        .bind(ticket.through_seq)
        .bind(was_queued)
        .bind(conversation)
        .bind(ticket.epoch)
        .execute(&mut *transaction)
        .await
        .internal("cannot update a conversation")?;
        if updated.rows_affected() == 0 {
            return Ok(None);
        }
        let seq = next_seq(&mut transaction, conversation).await?;
        let mut stored = vec![StoredMessage {
            citations: reply.citations.clone(),
            decision: Some(reply.decision),
            answers_seq: Some(ticket.through_seq),
            ..message(seq, Author::Steward, &reply.reply_id, &reply.text)
        }];
        if reply.decision == DecisionKind::HandOff
            && let Some(holding) = holding(&mut transaction, conversation).await?
            && let AfterChange::Changed(next, event) = holding.after(Change::HandOff)
        {
            set_holding(&mut transaction, conversation, &next).await?;
            let event_seq = next_seq(&mut transaction, conversation).await?;
            let event_id = Uuid::now_v7().to_string();
            stored.push(message(event_seq, Author::Event, &event_id, event.name()));
            tell_change(&mut transaction, &self.telling.load_full(), conversation, event, None)
                .await?;
        }
        for message in &stored {
            insert(&mut transaction, conversation, message).await?;
        }
        sqlx::query(
            "INSERT INTO decision_records (reply_id, conversation, record, created_ms)
             VALUES (?, ?, ?, ?)",
        )
        .bind(&reply.reply_id)
        .bind(conversation)
        .bind(reply.record.to_string())
        .bind(stored[0].created_ms)
        .execute(&mut *transaction)
        .await
        .internal("cannot store a decision record")?;
        if let Some(judgement) = &reply.judgement {
            let seq = ticket.through_seq;
            insert_judgement(&mut transaction, conversation, seq, judgement).await?;
            tell_judgement(
                &mut transaction,
                &self.telling.load_full(),
                conversation,
                seq,
                judgement,
            )
            .await?;
        }
        insert_suggestions(&mut transaction, conversation, &reply.suggestions).await?;
        transaction.commit().await.internal("cannot commit a reply")?;
        Ok(Some(stored))
    }

    /// Removes conversations older than `age_ms` in which nothing was ever said.
    pub async fn remove_empty_conversations(&self, age_ms: i64) -> Result<u64> {
        let removed =
            sqlx::query("DELETE FROM conversations WHERE last_seq = 0 AND created_ms < ?")
                .bind(now_ms() - age_ms)
                .execute(&self.writer)
                .await
                .internal("cannot remove empty conversations")?;
        Ok(removed.rows_affected())
    }

    /// A transaction that holds the write lock from its start, so that it never has to be retried.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.internal("cannot begin a transaction")
    }
}

pub(super) fn state_of(row: &SqliteRow) -> Result<ConversationState> {
    from_word(row.try_get("state").internal("no state")?)
}

pub(super) async fn next_seq(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
) -> Result<i64> {
    sqlx::query_scalar(
        "UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq",
    )
    .bind(conversation)
    .fetch_one(&mut **transaction)
    .await
    .internal("cannot number a message")
}

pub(super) fn message(seq: i64, author: Author, message_id: &str, text: &str) -> StoredMessage {
    StoredMessage {
        seq,
        author,
        message_id: message_id.to_string(),
        text: text.to_string(),
        citations: Vec::new(),
        decision: None,
        answers_seq: None,
        agent: None,
        files: Vec::new(),
        created_ms: now_ms(),
    }
}

pub(super) async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    message: &StoredMessage,
) -> Result<()> {
    let citations = serde_json::to_string(&message.citations).internal("citations")?;
    let files = serde_json::to_string(&message.files).internal("files")?;
    sqlx::query(
        "INSERT INTO messages (conversation, seq, author, message_id, text, citations, decision,
            answers_seq, agent, files, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(conversation)
    .bind(message.seq)
    .bind(word_of(&message.author)?)
    .bind(&message.message_id)
    .bind(&message.text)
    .bind(citations)
    .bind(message.decision.as_ref().map(word_of).transpose()?)
    .bind(message.answers_seq)
    .bind(&message.agent)
    .bind(files)
    .bind(message.created_ms)
    .execute(&mut **transaction)
    .await
    .internal("cannot store a message")?;
    index(transaction, conversation, message).await
}
