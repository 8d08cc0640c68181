//! Judgements of customers' messages, and the labels that people give.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, Sqlite, Transaction};

use super::outbox::{EventKind, tell, tell_judgement};
use super::{Store, StoredMessage, from_word, now_ms, read, word_of};
use crate::Result;
use crate::error::Context;

/// The number of a label that is for the whole conversation; messages count from 1.
pub const WHOLE_CONVERSATION: i64 = 0;

/// What a label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// A rating, `1` to `5`.
    Satisfaction,
    /// The name of an emotion.
    Emotion,
    /// `none`, `person_needed` or the name of a reason.
    Escalation,
    /// The name of an intent.
    Intent,
    /// The customer's own words beside a rating.
    Comment,
    /// `true` or `false`: whether the customer says that the matter is solved.
    Solved,
}

/// Who gave a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelSource {
    /// A person of the company.
    Agent,
    /// The customer.
    Survey,
}

/// What somebody said of a message or a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The customer's message, or [`WHOLE_CONVERSATION`].
    pub seq: i64,
    /// What it says.
    pub kind: LabelKind,
    /// Who gave it.
    pub source: LabelSource,
    /// The agent's name, or the owner's key.
    pub author: String,
    /// The label.
    pub value: String,
}

/// A stored judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJudgement {
    /// The customer's message.
    pub seq: i64,
    /// [`crate::judge::judgement::Judgement`] as it was written.
    pub judgement: serde_json::Value,
}

/// A conversation with what is known of it, for training and comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptConversation {
    /// Its id.
    pub id: String,
    /// Its messages, oldest first, no events.
    pub messages: Vec<StoredMessage>,
    /// Labels that people gave.
    pub labels: Vec<Label>,
}

impl Store {
    /// The judgements of messages after number `seq` up to `through`, oldest first.
    pub async fn judgements(
        &self,
        conversation: &str,
        seq: i64,
        through: i64,
    ) -> Result<Vec<StoredJudgement>> {
        let rows = sqlx::query(
            "SELECT seq, judgement FROM judgements
             WHERE conversation = ? AND seq > ? AND seq <= ? ORDER BY seq",
        )
        .bind(conversation)
        .bind(seq)
        .bind(through)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read judgements")?;
        rows.iter()
            .map(|row| {
                let text: String = row.try_get("judgement").internal("no judgement")?;
                Ok(StoredJudgement {
                    seq: row.try_get("seq").internal("no number")?,
                    judgement: serde_json::from_str(&text).internal("a judgement is not JSON")?,
                })
            })
            .collect()
    }

    /// The newest customer's messages that were not judged, at most `limit`, oldest first.
    pub async fn unjudged_messages(&self, conversation: &str, limit: u32) -> Result<Vec<i64>> {
        let mut numbers: Vec<i64> = sqlx::query_scalar(
            "SELECT seq FROM messages WHERE conversation = ?1 AND author = 'customer'
               AND seq NOT IN (SELECT seq FROM judgements WHERE conversation = ?1)
             ORDER BY seq DESC LIMIT ?2",
        )
        .bind(conversation)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot look for messages without a judgement")?;
        numbers.reverse();
        Ok(numbers)
    }

    /// Stores the judgement of a message.
    pub async fn put_judgement(
        &self,
        conversation: &str,
        seq: i64,
        judgement: &serde_json::Value,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        insert_judgement(&mut transaction, conversation, seq, judgement).await?;
        tell_judgement(&mut transaction, &self.telling.load_full(), conversation, seq, judgement)
            .await?;
        transaction.commit().await.internal("cannot commit a judgement")
    }

    /// Stores a label; the author's earlier one of the same kind and message is replaced.
    pub async fn put_labels(&self, conversation: &str, labels: &[Label]) -> Result<()> {
        let mut transaction = self.begin().await?;
        for label in labels {
            sqlx::query(
                "INSERT INTO labels (conversation, seq, kind, source, author, value, created_ms)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET value = excluded.value, created_ms = excluded.created_ms",
            )
            .bind(conversation)
            .bind(label.seq)
            .bind(word_of(&label.kind)?)
            .bind(word_of(&label.source)?)
            .bind(&label.author)
            .bind(&label.value)
            .bind(now_ms())
            .execute(&mut *transaction)
            .await
            .internal("cannot store a label")?;
        }
        let of_survey = |label: &&Label| {
            label.source == LabelSource::Survey && label.kind == LabelKind::Satisfaction
        };
        if let Some(rating) = labels.iter().find(of_survey) {
            let data = json!({ "conversation": conversation, "rating": rating.value });
            tell(&mut transaction, &self.telling.load_full(), EventKind::SurveyAnswered, data)
                .await?;
        }
        transaction.commit().await.internal("cannot commit labels")
    }

    /// What people said of a conversation, the oldest first.
    pub async fn labels(&self, conversation: &str) -> Result<Vec<Label>> {
        let rows = sqlx::query(
            "SELECT seq, kind, source, author, value FROM labels
             WHERE conversation = ? ORDER BY created_ms, seq",
        )
        .bind(conversation)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read labels")?;
        rows.iter()
            .map(|row| {
                Ok(Label {
                    seq: row.try_get("seq").internal("no number")?,
                    kind: from_word(row.try_get("kind").internal("no kind")?)?,
                    source: from_word(row.try_get("source").internal("no source")?)?,
                    author: row.try_get("author").internal("no author")?,
                    value: row.try_get("value").internal("no value")?,
                })
            })
            .collect()
    }

    /// True if `seq` is a customer's message of the conversation.
    pub async fn is_customer_message(&self, conversation: &str, seq: i64) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM messages WHERE conversation = ? AND seq = ? AND author = 'customer'",
        )
        .bind(conversation)
        .bind(seq)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot look for a message")?;
        Ok(found.is_some())
    }

    /// The newest conversations in which a customer wrote, with their labels; only those with a label
    /// if `labelled`. The newest first.
    pub async fn kept_conversations(
        &self,
        labelled: bool,
        limit: u32,
    ) -> Result<Vec<KeptConversation>> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM conversations WHERE last_customer_seq > 0
               AND (NOT ?1 OR id IN (SELECT conversation FROM labels))
             ORDER BY created_ms DESC, id DESC LIMIT ?2",
        )
        .bind(labelled)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot list conversations")?;
        let mut kept = Vec::with_capacity(ids.len());
        for id in ids {
            let messages = self.newest_messages(&id, read::MOST_MESSAGES).await?;
            let labels = self.labels(&id).await?;
            kept.push(KeptConversation { id, messages, labels });
        }
        Ok(kept)
    }
}

pub(super) async fn insert_judgement(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    seq: i64,
    judgement: &serde_json::Value,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO judgements (conversation, seq, judgement, created_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET judgement = excluded.judgement, created_ms = excluded.created_ms",
    )
    .bind(conversation)
    .bind(seq)
    .bind(judgement.to_string())
    .bind(now_ms())
    .execute(&mut **transaction)
    .await
    .internal("cannot store a judgement")?;
    Ok(())
}
