//! Questions that nothing answered, and what agents wrote after them.

use std::collections::HashMap;

use sqlx::Row;

use super::{Store, now_ms};
use crate::Result;
use crate::error::Context;
use crate::outcomes::DISSATISFIED_FROM;

/// A question without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The conversation.
    pub conversation: String,
    /// Whose it is.
    pub owner: String,
    /// The customer's message.
    pub seq: i64,
    /// What was asked.
    pub text: String,
    /// When.
    pub at_ms: i64,
    /// Sources of the answer that left the customer dissatisfied; none where there was no answer.
    pub cited: Vec<String>,
    /// It was put aside.
    pub is_dismissed: bool,
}

/// What an agent wrote in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenReply {
    /// The conversation.
    pub conversation: String,
    /// The message.
    pub seq: i64,
    /// What was written.
    pub text: String,
}

const QUESTION_COLUMNS: &str = "q.conversation, c.owner, q.seq, q.text, q.created_ms,
    EXISTS (SELECT 1 FROM dismissed_gaps d WHERE d.conversation = q.conversation AND d.seq = q.seq) AS dismissed";

impl Store {
    /// Questions answered from `from_ms` until before `to_ms` with a reply that says one of `phrases` (that nothing was found), and those
    /// whose answer left a content customer dissatisfied: the newest `most`, oldest first.
    pub async fn open_questions(
        &self,
        from_ms: i64,
        to_ms: i64,
        phrases: &[String],
        most: u32,
    ) -> Result<Vec<OpenQuestion>> {
        let phrases = serde_json::to_string(phrases).internal("phrases cannot be written")?;
        let sql = format!(
            "SELECT * FROM (
                SELECT {QUESTION_COLUMNS}, '[]' AS cited
                FROM messages r INDEXED BY replies_told JOIN messages q ON q.conversation = r.conversation AND q.seq = r.answers_seq
                JOIN conversations c ON c.id = q.conversation
                WHERE r.author = 'steward' AND r.created_ms >= ?1 AND r.created_ms < ?2 AND NOT (r.citations <> '[]')
                    AND q.author = 'customer' AND q.text <> ''
                    AND EXISTS (SELECT 1 FROM json_each(?3) AS phrase WHERE instr(r.text, phrase.value) > 0)
                UNION ALL
                SELECT {QUESTION_COLUMNS}, r.citations AS cited
                FROM messages r INDEXED BY replies_told JOIN messages q ON q.conversation = r.conversation AND q.seq = r.answers_seq
                JOIN conversations c ON c.id = q.conversation
                JOIN judgements before ON before.conversation = q.conversation AND before.seq = q.seq
                JOIN judgements after ON after.conversation = q.conversation AND after.seq =
                    (SELECT min(seq) FROM messages WHERE conversation = r.conversation AND author = 'customer' AND seq > r.seq)
                WHERE r.author = 'steward' AND r.created_ms >= ?1 AND r.created_ms < ?2 AND (r.citations <> '[]')
                    AND r.decision = 'answer' AND q.author = 'customer' AND q.text <> ''
                    AND json_extract(before.judgement, '$.satisfaction.dissatisfied') < ?4
                    AND json_extract(after.judgement, '$.satisfaction.dissatisfied') >= ?4
             ) ORDER BY created_ms DESC LIMIT ?5"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(from_ms)
            .bind(to_ms)
            .bind(phrases)
            .bind(DISSATISFIED_FROM)
            .bind(most)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read questions without an answer")?;
        let mut questions = Vec::with_capacity(rows.len());
        for row in rows.iter().rev() {
            let question = question_of(row)?;
            let is_there = |other: &OpenQuestion| {
                other.conversation == question.conversation && other.seq == question.seq
            };
            if !questions.iter().any(is_there) {
                questions.push(question);
            }
        }
        Ok(questions)
    }

    /// The customer's message, as a question; none if it is not one.
    pub async fn question(&self, conversation: &str, seq: i64) -> Result<Option<OpenQuestion>> {
        let sql = format!(
            "SELECT {QUESTION_COLUMNS}, '[]' AS cited FROM messages q JOIN conversations c ON c.id = q.conversation
             WHERE q.conversation = ? AND q.seq = ? AND q.author = 'customer'"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(conversation)
            .bind(seq)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a question")?;
        row.map(|row| question_of(&row)).transpose()
    }

    /// Puts the questions aside.
    pub async fn dismiss_questions(&self, questions: &[(String, i64)], by: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        for (conversation, seq) in questions {
            sqlx::query(
                "INSERT INTO dismissed_gaps (conversation, seq, dismissed_by, dismissed_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(conversation)
            .bind(seq)
            .bind(by)
            .bind(now_ms())
            .execute(&mut *transaction)
            .await
            .internal("cannot put a question aside")?;
        }
        transaction.commit().await.internal("cannot commit what was put aside")
    }

    /// Vectors that this encoder made of questions before, by conversation and number.
    pub async fn question_vectors(
        &self,
        conversations: &[&str],
        encoder: &str,
    ) -> Result<HashMap<(String, i64), Vec<f32>>> {
        let conversations =
            serde_json::to_string(conversations).internal("ids cannot be written")?;
        let rows = sqlx::query(
            "SELECT v.conversation, seq, vector FROM json_each(?) AS wanted JOIN question_vectors v ON v.conversation = wanted.value
             WHERE encoder = ?",
        )
        .bind(conversations)
        .bind(encoder)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read vectors")?;
        rows.iter()
            .map(|row| {
                let bytes: Vec<u8> = row.try_get("vector").internal(BAD_ROW)?;
                let floats = bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four));
                let key = (
                    row.try_get("conversation").internal(BAD_ROW)?,
                    row.try_get("seq").internal(BAD_ROW)?,
                );
                Ok((key, floats.collect()))
            })
            .collect()
    }

    /// Keeps vectors of questions, which go with them.
    pub async fn put_question_vectors(
        &self,
        vectors: &[((String, i64), Vec<f32>)],
        encoder: &str,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        for ((conversation, seq), vector) in vectors {
            let bytes: Vec<u8> = vector.iter().flat_map(|part| part.to_le_bytes()).collect();
            // A conversation may have been erased meanwhile.
            sqlx::query(
                "INSERT OR REPLACE INTO question_vectors (conversation, seq, encoder, vector)
                 SELECT conversation, seq, ?3, ?4 FROM messages WHERE conversation = ?1 AND seq = ?2",
            )
            .bind(conversation)
            .bind(seq)
            .bind(encoder)
            .bind(bytes)
            .execute(&mut *transaction)
            .await
            .internal("cannot keep a vector")?;
        }
        transaction.commit().await.internal("cannot commit vectors")
    }

    /// What agents wrote after message `seq`, the first `most`.
    pub async fn written_after(
        &self,
        conversation: &str,
        seq: i64,
        most: u32,
    ) -> Result<Vec<WrittenReply>> {
        let rows = sqlx::query(
            "SELECT conversation, seq, text FROM messages
             WHERE conversation = ? AND seq > ? AND author = 'agent' AND text <> '' ORDER BY seq LIMIT ?",
        )
        .bind(conversation)
        .bind(seq)
        .bind(most)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read agents' replies")?;
        rows.iter()
            .map(|row| {
                Ok(WrittenReply {
                    conversation: row.try_get("conversation").internal(BAD_ROW)?,
                    seq: row.try_get("seq").internal(BAD_ROW)?,
                    text: row.try_get("text").internal(BAD_ROW)?,
                })
            })
            .collect()
    }

    /// What the customer wrote in the conversation.
    pub async fn customer_texts(&self, conversation: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT text FROM messages WHERE conversation = ? AND author = 'customer' ORDER BY seq",
        )
        .bind(conversation)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read a customer's messages")
    }
}

fn question_of(row: &sqlx::sqlite::SqliteRow) -> Result<OpenQuestion> {
    let cited: String = row.try_get("cited").internal(BAD_ROW)?;
    let cited: Vec<crate::turn::Citation> = serde_json::from_str(&cited).internal(BAD_ROW)?;
    Ok(OpenQuestion {
        conversation: row.try_get("conversation").internal(BAD_ROW)?,
        owner: row.try_get("owner").internal(BAD_ROW)?,
        seq: row.try_get("seq").internal(BAD_ROW)?,
        text: row.try_get("text").internal(BAD_ROW)?,
        at_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        cited: cited.into_iter().map(|citation| citation.source).collect(),
        is_dismissed: row.try_get("dismissed").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a row of the questions has an unexpected shape";
