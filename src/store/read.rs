//! Reading conversations.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Conversation, Store, StoredMessage, from_word};
use crate::Result;
use crate::error::Context;

/// Messages of a conversation that training and comparison look at.
pub(super) const MOST_MESSAGES: u32 = 400;
const MESSAGE_COLUMNS: &str =
    "seq, author, message_id, text, citations, decision, answers_seq, agent, files, created_ms";

impl Store {
    /// The conversation, if there is one of this id.
    pub async fn conversation(&self, id: &str) -> Result<Option<Conversation>> {
        let row = sqlx::query(
            "SELECT id, owner, state, assignee, epoch, last_seq, read_seq, customer_read_seq
             FROM conversations WHERE id = ?",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read a conversation")?;
        row.map(|row| conversation_of(&row)).transpose()
    }

    /// Up to `limit` messages after number `seq`, oldest first.
    pub async fn messages_after(
        &self,
        conversation: &str,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<StoredMessage>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages
             WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?"
        ));
        let rows = sqlx::query(sql)
            .bind(conversation)
            .bind(seq)
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read messages")?;
        rows.iter().map(message_of).collect()
    }

    /// The newest of the messages up to number `through`, at most `limit`, oldest first.
    pub async fn messages_through(
        &self,
        conversation: &str,
        through: i64,
        limit: u32,
    ) -> Result<Vec<StoredMessage>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages
             WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT ?"
        ));
        let rows = sqlx::query(sql)
            .bind(conversation)
            .bind(through)
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read messages")?;
        rows.iter().rev().map(message_of).collect()
    }

    /// The newest messages, at most `limit`, oldest first; no events.
    pub async fn newest_messages(
        &self,
        conversation: &str,
        limit: u32,
    ) -> Result<Vec<StoredMessage>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages
             WHERE conversation = ? AND author <> 'event' ORDER BY seq DESC LIMIT ?"
        ));
        let rows = sqlx::query(sql)
            .bind(conversation)
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read messages")?;
        rows.iter().rev().map(message_of).collect()
    }

    /// The number of a customer's message that was stored before, by its client's id.
    pub async fn seq_of_customer_message(
        &self,
        conversation: &str,
        client_id: &str,
    ) -> Result<Option<i64>> {
        sqlx::query_scalar(
            "SELECT seq FROM messages
             WHERE conversation = ? AND author = 'customer' AND message_id = ?",
        )
        .bind(conversation)
        .bind(client_id)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot look for a message")
    }

    /// Conversations in which a customer's message was acknowledged and waits for Steward.
    pub async fn unanswered_conversations(&self) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT id FROM conversations WHERE last_customer_seq > answered_seq
             AND (state = 'bot' OR (state = 'queued' AND acknowledged = 0)) ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot look for unanswered messages")
    }

    /// What a reply rests on, as it was recorded with it.
    pub async fn decision_record(&self, reply_id: &str) -> Result<Option<serde_json::Value>> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM decision_records WHERE reply_id = ?")
                .bind(reply_id)
                .fetch_optional(&self.readers)
                .await
                .internal("cannot read a decision record")?;
        let parsed = record.map(|text| serde_json::from_str(&text)).transpose();
        parsed.internal("a decision record is not JSON")
    }

    /// Answers if the store can be read.
    pub async fn check(&self) -> Result<()> {
        sqlx::query("SELECT 1").fetch_one(&self.readers).await.internal("cannot read the store")?;
        Ok(())
    }
}

pub(super) fn conversation_of(row: &SqliteRow) -> Result<Conversation> {
    Ok(Conversation {
        id: row.try_get("id").internal(BAD_ROW)?,
        owner: row.try_get("owner").internal(BAD_ROW)?,
        state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
        assignee: row.try_get("assignee").internal(BAD_ROW)?,
        epoch: row.try_get("epoch").internal(BAD_ROW)?,
        last_seq: row.try_get("last_seq").internal(BAD_ROW)?,
        read_seq: row.try_get("read_seq").internal(BAD_ROW)?,
        customer_read_seq: row.try_get("customer_read_seq").internal(BAD_ROW)?,
    })
}

fn message_of(row: &SqliteRow) -> Result<StoredMessage> {
    let citations: String = row.try_get("citations").internal(BAD_ROW)?;
    let decision: Option<String> = row.try_get("decision").internal(BAD_ROW)?;
    let files: String = row.try_get("files").internal(BAD_ROW)?;
    Ok(StoredMessage {
        seq: row.try_get("seq").internal(BAD_ROW)?,
        author: from_word(row.try_get("author").internal(BAD_ROW)?)?,
        message_id: row.try_get("message_id").internal(BAD_ROW)?,
        text: row.try_get("text").internal(BAD_ROW)?,
        citations: serde_json::from_str(&citations).internal(BAD_ROW)?,
        decision: decision.map(from_word).transpose()?,
        answers_seq: row.try_get("answers_seq").internal(BAD_ROW)?,
        agent: row.try_get("agent").internal(BAD_ROW)?,
        files: serde_json::from_str(&files).internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a row of the store has an unexpected shape";
