//! What was suggested to people of the company, and what they made of it; and their own earlier replies, from which
//! suggestions learn.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::{Store, from_word, now_ms, word_of};
use crate::Result;
use crate::error::Context;
use crate::turn::suggest::closeness::{Closeness, SuggestionOutcome};
use crate::turn::suggest::{Suggested, SuggestionKind, Wish};

/// A suggestion to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSuggestion {
    /// UUID v7.
    pub id: String,
    /// The newest message of the customer that it knows of.
    pub through_seq: i64,
    /// Its place among those that were made together, from 0.
    pub place: u32,
    /// What was wished, if it was made on a wish.
    pub wish: Option<Wish>,
    /// The suggestion that it rewords.
    pub of: Option<String>,
    /// Who asked for it; none if Steward made it by itself.
    pub made_for: Option<String>,
    /// What is suggested.
    pub suggested: Suggested,
}

/// What became of a suggestion.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOutcome {
    /// What was done.
    pub outcome: SuggestionOutcome,
    /// By whom.
    pub by: String,
    /// What was sent.
    pub sent_text: Option<String>,
    /// The number under which it was sent.
    pub message_seq: Option<i64>,
    /// How long the person was at it.
    pub composing_ms: Option<i64>,
    /// As measured.
    pub closeness: Closeness,
}

/// A suggestion as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredSuggestion {
    /// UUID v7.
    pub id: String,
    /// The conversation.
    pub conversation: String,
    /// The newest message of the customer that it knows of.
    pub through_seq: i64,
    /// Its place among those that were made together, from 0.
    pub index: u32,
    /// What was wished, if it was made on a wish.
    pub wish: Option<Wish>,
    /// The suggestion that it rewords.
    pub of: Option<String>,
    /// Who asked for it; none if Steward made it by itself.
    pub made_for: Option<String>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// What is suggested.
    #[serde(flatten)]
    pub suggested: Suggested,
    /// What became of it.
    pub outcome: Option<SuggestionOutcome>,
    /// By whom.
    pub outcome_by: Option<String>,
    /// When.
    pub outcome_ms: Option<i64>,
    /// What was sent.
    pub sent_text: Option<String>,
    /// The number under which it was sent.
    pub message_seq: Option<i64>,
    /// Characters changed.
    pub edit_distance: Option<i64>,
    /// 1 for the same text.
    pub similarity: Option<f64>,
    /// Milliseconds saved.
    pub saved_ms: Option<i64>,
}

/// A reply of a person, found by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReply {
    /// The conversation.
    pub conversation: String,
    /// Whose it is.
    pub owner: String,
    /// The reply's number.
    pub seq: i64,
    /// What the customer had asked: the message before it.
    pub asked: String,
    /// What the person wrote.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub created_ms: i64,
}

impl Store {
    /// Keeps what was suggested. Nothing is kept of a conversation that is gone.
    pub async fn put_suggestions(
        &self,
        conversation: &str,
        suggestions: &[NewSuggestion],
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        insert_suggestions(&mut transaction, conversation, suggestions).await?;
        transaction.commit().await.internal("cannot commit suggestions")
    }

    /// What was suggested in a conversation, the newest last; at most `limit`, the newest ones.
    pub async fn suggestions(
        &self,
        conversation: &str,
        limit: u32,
    ) -> Result<Vec<StoredSuggestion>> {
        let rows = sqlx::query(
            "SELECT * FROM suggestions WHERE conversation = ?
             ORDER BY created_ms DESC, place DESC LIMIT ?",
        )
        .bind(conversation)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read suggestions")?;
        rows.iter().rev().map(suggestion_of).collect()
    }

    /// The suggestion of this id.
    pub async fn suggestion(&self, id: &str) -> Result<Option<StoredSuggestion>> {
        let row = sqlx::query("SELECT * FROM suggestions WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a suggestion")?;
        row.map(|row| suggestion_of(&row)).transpose()
    }

    /// Keeps what became of a suggestion; what is said later replaces it. False if there is no such suggestion.
    pub async fn put_suggestion_outcome(&self, id: &str, outcome: &NewOutcome) -> Result<bool> {
        let NewOutcome { outcome, by, sent_text, message_seq, composing_ms, closeness } = outcome;
        let updated = sqlx::query(
            "UPDATE suggestions SET outcome = ?, outcome_by = ?, outcome_ms = ?, sent_text = ?,
                message_seq = ?, composing_ms = ?, edit_distance = ?, similarity = ?, saved_ms = ?
             WHERE id = ?",
        )
        .bind(word_of(outcome)?)
        .bind(by)
        .bind(now_ms())
        .bind(sent_text)
        .bind(message_seq)
        .bind(composing_ms)
        .bind(closeness.edit_distance)
        .bind(f64::from(closeness.similarity))
        .bind(closeness.saved_ms)
        .bind(id)
        .execute(&self.writer)
        .await
        .internal("cannot keep what became of a suggestion")?;
        Ok(updated.rows_affected() > 0)
    }

    /// What a person wrote under this number.
    pub async fn agent_message_text(&self, conversation: &str, seq: i64) -> Result<Option<String>> {
        sqlx::query_scalar(
            "SELECT text FROM messages WHERE conversation = ? AND seq = ? AND author = 'agent'",
        )
        .bind(conversation)
        .bind(seq)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read a message")
    }

    /// Replies of people that are the first after a message of the customer: up to `limit` after the one that `after`
    /// tells (when, conversation, number), oldest first.
    pub async fn agent_replies_after(
        &self,
        after: &(i64, String, i64),
        limit: u32,
    ) -> Result<Vec<AgentReply>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{AGENT_REPLIES} AND (reply.created_ms, reply.conversation, reply.seq) > (?, ?, ?)
             ORDER BY reply.created_ms, reply.conversation, reply.seq LIMIT ?"
        )))
        .bind(after.0)
        .bind(&after.1)
        .bind(after.2)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read people's replies")?;
        rows.iter().map(reply_of).collect()
    }

    /// When the `count` newest replies of people begin, in milliseconds since 1970; 0 if there are fewer.
    pub async fn agent_replies_begin(&self, count: u32) -> Result<i64> {
        let begin: Option<i64> = sqlx::query_scalar(
            "SELECT created_ms FROM messages WHERE author = 'agent'
             ORDER BY created_ms DESC LIMIT 1 OFFSET ?",
        )
        .bind(count)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read people's replies")?;
        Ok(begin.unwrap_or(0))
    }

    /// The reply of a person under this number, if it is still there.
    pub async fn agent_reply(&self, conversation: &str, seq: i64) -> Result<Option<AgentReply>> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{AGENT_REPLIES} AND reply.conversation = ? AND reply.seq = ?"
        )))
        .bind(conversation)
        .bind(seq)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read a person's reply")?;
        row.map(|row| reply_of(&row)).transpose()
    }
}

/// The first reply of a person after a message of the customer, with that message.
const AGENT_REPLIES: &str =
    "SELECT reply.conversation, owner, reply.seq, reply.text, reply.created_ms,
        asked.text AS asked
     FROM messages AS reply
     JOIN conversations ON conversations.id = reply.conversation
     JOIN messages AS asked ON asked.conversation = reply.conversation AND asked.seq = (
        SELECT max(seq) FROM messages WHERE conversation = reply.conversation AND seq < reply.seq
            AND author IN ('customer', 'agent'))
     WHERE reply.author = 'agent' AND asked.author = 'customer'";

/// Adds suggestions in the transaction of what they belong to.
pub(super) async fn insert_suggestions(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    suggestions: &[NewSuggestion],
) -> Result<()> {
    for suggestion in suggestions {
        let record = serde_json::to_string(&suggestion.suggested).internal("a suggestion")?;
        sqlx::query(
            "INSERT INTO suggestions (id, conversation, through_seq, place, kind, wish,
                of_suggestion, text, record, confidence, made_for, created_ms)
             SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM conversations WHERE id = ?",
        )
        .bind(&suggestion.id)
        .bind(suggestion.through_seq)
        .bind(suggestion.place)
        .bind(word_of::<SuggestionKind>(&suggestion.suggested.kind)?)
        .bind(suggestion.wish.as_ref().map(word_of).transpose()?)
        .bind(&suggestion.of)
        .bind(&suggestion.suggested.text)
        .bind(record)
        .bind(f64::from(suggestion.suggested.confidence))
        .bind(&suggestion.made_for)
        .bind(now_ms())
        .bind(conversation)
        .execute(&mut **transaction)
        .await
        .internal("cannot keep a suggestion")?;
    }
    Ok(())
}

fn suggestion_of(row: &SqliteRow) -> Result<StoredSuggestion> {
    let record: String = row.try_get("record").internal(BAD_ROW)?;
    let outcome: Option<String> = row.try_get("outcome").internal(BAD_ROW)?;
    let wish: Option<String> = row.try_get("wish").internal(BAD_ROW)?;
    Ok(StoredSuggestion {
        id: row.try_get("id").internal(BAD_ROW)?,
        conversation: row.try_get("conversation").internal(BAD_ROW)?,
        through_seq: row.try_get("through_seq").internal(BAD_ROW)?,
        index: row.try_get("place").internal(BAD_ROW)?,
        wish: wish.map(from_word).transpose()?,
        of: row.try_get("of_suggestion").internal(BAD_ROW)?,
        made_for: row.try_get("made_for").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        suggested: serde_json::from_str(&record).internal(BAD_ROW)?,
        outcome: outcome.map(from_word).transpose()?,
        outcome_by: row.try_get("outcome_by").internal(BAD_ROW)?,
        outcome_ms: row.try_get("outcome_ms").internal(BAD_ROW)?,
        sent_text: row.try_get("sent_text").internal(BAD_ROW)?,
        message_seq: row.try_get("message_seq").internal(BAD_ROW)?,
        edit_distance: row.try_get("edit_distance").internal(BAD_ROW)?,
        similarity: row.try_get("similarity").internal(BAD_ROW)?,
        saved_ms: row.try_get("saved_ms").internal(BAD_ROW)?,
    })
}

fn reply_of(row: &SqliteRow) -> Result<AgentReply> {
    Ok(AgentReply {
        conversation: row.try_get("conversation").internal(BAD_ROW)?,
        owner: row.try_get("owner").internal(BAD_ROW)?,
        seq: row.try_get("seq").internal(BAD_ROW)?,
        asked: row.try_get("asked").internal(BAD_ROW)?,
        text: row.try_get("text").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a stored suggestion has an unexpected shape";
