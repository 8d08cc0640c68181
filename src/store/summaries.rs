//! Summaries of conversations, made when a person is asked for and when one asks for them.

use serde::Serialize;
use sqlx::Row;

use super::{Store, now_ms};
use crate::Result;
use crate::error::Context;
use crate::turn::summary::Summary;

/// A summary as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredSummary {
    /// What was told.
    pub summary: Summary,
    /// The newest message that it knows of.
    pub through_seq: i64,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
}

impl Store {
    /// Keeps a summary in place of the one before; nothing is kept of a conversation that is gone.
    pub async fn put_summary(
        &self,
        conversation: &str,
        through_seq: i64,
        summary: Summary,
    ) -> Result<StoredSummary> {
        let made_ms = now_ms();
        let json = serde_json::to_string(&summary).internal("a summary")?;
        sqlx::query(
            "INSERT INTO summaries (conversation, through_seq, summary, made_ms)
             SELECT id, ?, ?, ? FROM conversations WHERE id = ?
             ON CONFLICT (conversation) DO UPDATE SET through_seq = excluded.through_seq,
                summary = excluded.summary, made_ms = excluded.made_ms",
        )
        .bind(through_seq)
        .bind(json)
        .bind(made_ms)
        .bind(conversation)
        .execute(&self.writer)
        .await
        .internal("cannot keep a summary")?;
        Ok(StoredSummary { summary, through_seq, made_ms })
    }

    /// The newest summary of a conversation.
    pub async fn summary(&self, conversation: &str) -> Result<Option<StoredSummary>> {
        let row = sqlx::query(
            "SELECT summary, through_seq, made_ms FROM summaries WHERE conversation = ?",
        )
        .bind(conversation)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read a summary")?;
        row.map(|row| {
            let json: String = row.try_get("summary").internal(BAD_ROW)?;
            Ok(StoredSummary {
                summary: serde_json::from_str(&json).internal(BAD_ROW)?,
                through_seq: row.try_get("through_seq").internal(BAD_ROW)?,
                made_ms: row.try_get("made_ms").internal(BAD_ROW)?,
            })
        })
        .transpose()
    }
}

const BAD_ROW: &str = "a stored summary has an unexpected shape";
