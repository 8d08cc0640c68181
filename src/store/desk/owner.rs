//! What a conversation's customer brings along: other conversations, and the sources that replies rested on.

use serde::Serialize;
use sqlx::Row;

use super::super::{ConversationState, Store, from_word};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;
use crate::turn::Citation;

/// Another conversation of the same person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarlierConversation {
    /// Its id.
    pub conversation: String,
    /// How it stands.
    pub state: ConversationState,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// When its newest message came.
    pub last_ms: i64,
    /// The beginning of the newest words.
    pub preview: String,
    /// Probability that the customer was not dissatisfied, at the newest judged message.
    pub satisfaction: Option<f64>,
}

impl Store {
    /// Conversations of `owner` but `except` in which something was said, the newest first.
    pub async fn conversations_of(
        &self,
        owner: &str,
        except: &str,
        limit: u32,
    ) -> Result<Vec<EarlierConversation>> {
        let rows = sqlx::query(
            "SELECT id, state, created_ms, last_ms, preview, dissatisfied FROM conversations
             WHERE owner = ? AND id <> ? AND last_seq > 0 ORDER BY last_ms DESC LIMIT ?",
        )
        .bind(owner)
        .bind(except)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read a customer's conversations")?;
        rows.iter()
            .map(|row| {
                let dissatisfied: Option<f64> = row.try_get("dissatisfied").internal(BAD_ROW)?;
                Ok(EarlierConversation {
                    conversation: row.try_get("id").internal(BAD_ROW)?,
                    state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
                    created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
                    last_ms: row.try_get("last_ms").internal(BAD_ROW)?,
                    preview: row.try_get("preview").internal(BAD_ROW)?,
                    satisfaction: dissatisfied.map(|probability| 1.0 - probability),
                })
            })
            .collect()
    }

    /// What the replies of a conversation cite, with the replies' numbers, in order.
    pub async fn citations(&self, conversation: &str) -> Result<Vec<(i64, Citation)>> {
        let rows = sqlx::query(
            "SELECT seq, citations FROM messages WHERE conversation = ? AND citations <> '[]' ORDER BY seq",
        )
        .bind(conversation)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read what replies cite")?;
        let mut cited = Vec::new();
        for row in rows {
            let seq: i64 = row.try_get("seq").internal(BAD_ROW)?;
            let text: String = row.try_get("citations").internal(BAD_ROW)?;
            let citations: Vec<Citation> = serde_json::from_str(&text).internal(BAD_ROW)?;
            cited.extend(citations.into_iter().map(|citation| (seq, citation)));
        }
        Ok(cited)
    }
}
