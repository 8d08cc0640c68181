//! What people set on a conversation without changing who answers it: tags, who is asked to take it, when it comes back, how far
//! it was read; and what the account says of its customer at a glance.

use sqlx::Row;
use sqlx::{Sqlite, Transaction};

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;

/// Who has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The customer.
    Customer,
    /// A person of the company.
    Agent,
}

/// A tag and how many conversations have it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TagCount {
    /// The tag.
    pub name: String,
    /// Conversations that have it.
    pub count: i64,
}

/// What the records of a customer say at a glance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// The customer's name.
    pub name: Option<String>,
    /// What the records are worth together.
    pub value: Option<f64>,
}

impl Store {
    /// Puts `tags` in place of those that the conversation has. False if there is no such conversation.
    pub async fn set_tags(
        &self,
        conversation: &str,
        tags: &[String],
        actor: &Actor<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        if !is_there(&mut transaction, conversation).await? {
            return Ok(false);
        }
        sqlx::query("DELETE FROM conversation_tags WHERE conversation = ?")
            .bind(conversation)
            .execute(&mut *transaction)
            .await
            .internal("cannot remove tags")?;
        for tag in tags {
            sqlx::query(
                "INSERT OR IGNORE INTO conversation_tags (conversation, tag) VALUES (?, ?)",
            )
            .bind(conversation)
            .bind(tag)
            .execute(&mut *transaction)
            .await
            .internal("cannot add a tag")?;
        }
        note(&mut transaction, actor, "set_tags", conversation).await?;
        transaction.commit().await.internal("cannot commit tags")?;
        Ok(true)
    }

    /// All tags that any conversation has, by name.
    pub async fn tags(&self) -> Result<Vec<TagCount>> {
        let rows = sqlx::query(
            "SELECT tag, count(*) AS count FROM conversation_tags GROUP BY tag ORDER BY tag",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read the tags")?;
        rows.iter()
            .map(|row| {
                Ok(TagCount {
                    name: row.try_get("tag").internal(BAD_ROW)?,
                    count: row.try_get("count").internal(BAD_ROW)?,
                })
            })
            .collect()
    }

    /// Asks `to` to take the conversation, or nobody any more. False if there is no such conversation, or it is over.
    pub async fn assign(
        &self,
        conversation: &str,
        to: Option<&str>,
        actor: &Actor<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let updated = sqlx::query(
            "UPDATE conversations SET assigned_to = ? WHERE id = ? AND state <> 'closed'",
        )
        .bind(to)
        .bind(conversation)
        .execute(&mut *transaction)
        .await
        .internal("cannot assign a conversation")?;
        if updated.rows_affected() == 0 {
            return Ok(false);
        }
        let subject = format!("{conversation} to {}", to.unwrap_or("nobody"));
        note(&mut transaction, actor, "assign", &subject).await?;
        transaction.commit().await.internal("cannot commit an assignment")?;
        Ok(true)
    }

    /// Takes the conversation out of sight until then, or brings it back. False if there is no such conversation, or it is
    /// over.
    pub async fn snooze(
        &self,
        conversation: &str,
        until_ms: Option<i64>,
        actor: &Actor<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let updated = sqlx::query(
            "UPDATE conversations SET snoozed_until_ms = ? WHERE id = ? AND state <> 'closed'",
        )
        .bind(until_ms)
        .bind(conversation)
        .execute(&mut *transaction)
        .await
        .internal("cannot snooze a conversation")?;
        if updated.rows_affected() == 0 {
            return Ok(false);
        }
        let action = if until_ms.is_some() { "snooze" } else { "wake" };
        note(&mut transaction, actor, action, conversation).await?;
        transaction.commit().await.internal("cannot commit a snooze")?;
        Ok(true)
    }

    /// Brings back what was out of sight until now. Returns which.
    pub async fn wake_snoozed(&self) -> Result<Vec<String>> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM conversations WHERE snoozed_until_ms IS NOT NULL AND snoozed_until_ms <= ? LIMIT 1",
        )
        .bind(now_ms())
        .fetch_optional(&self.readers)
        .await
        .internal("cannot look for what is to come back")?;
        if due.is_none() {
            return Ok(Vec::new());
        }
        sqlx::query_scalar(
            "UPDATE conversations SET snoozed_until_ms = NULL
             WHERE snoozed_until_ms IS NOT NULL AND snoozed_until_ms <= ? RETURNING id",
        )
        .bind(now_ms())
        .fetch_all(&self.writer)
        .await
        .internal("cannot bring conversations back")
    }

    /// Notes that everything up to number `seq` was read. `None` if that was known, else how far it is read now.
    pub async fn mark_read(
        &self,
        conversation: &str,
        reader: Reader,
        seq: i64,
    ) -> Result<Option<i64>> {
        let sql = match reader {
            Reader::Customer => {
                "UPDATE conversations SET customer_read_seq = min(?1, last_seq)
                 WHERE id = ?2 AND customer_read_seq < min(?1, last_seq) RETURNING customer_read_seq"
            }
            Reader::Agent => {
                "UPDATE conversations SET read_seq = min(?1, last_seq)
                 WHERE id = ?2 AND read_seq < min(?1, last_seq) RETURNING read_seq"
            }
        };
        sqlx::query_scalar(sql)
            .bind(seq)
            .bind(conversation)
            .fetch_optional(&self.writer)
            .await
            .internal("cannot note what was read")
    }

    /// Signed-in owners of conversations whose profile was made from other records than those of `index`.
    pub async fn owners_without_profile(&self, index: &str, limit: u32) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT DISTINCT owner FROM conversations
             WHERE owner >= 'customer:' AND owner < 'customer;' AND profile IS NOT ? LIMIT ?",
        )
        .bind(index)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot look for customers without a profile")
    }

    /// Keeps the profiles of owners, made from the records of `index`. Returns the conversations that look different now.
    pub async fn put_profiles(
        &self,
        index: &str,
        profiles: &[(String, Profile)],
    ) -> Result<Vec<String>> {
        let mut transaction = self.begin().await?;
        let mut changed = Vec::new();
        for (owner, profile) in profiles {
            let differs: Vec<String> = sqlx::query_scalar(
                "UPDATE conversations SET owner_name = ?1, owner_value = ?2
                 WHERE owner = ?3 AND (owner_name IS NOT ?1 OR owner_value IS NOT ?2) RETURNING id",
            )
            .bind(&profile.name)
            .bind(profile.value)
            .bind(owner)
            .fetch_all(&mut *transaction)
            .await
            .internal("cannot keep a profile")?;
            changed.extend(differs);
            sqlx::query("UPDATE conversations SET profile = ? WHERE owner = ?")
                .bind(index)
                .bind(owner)
                .execute(&mut *transaction)
                .await
                .internal("cannot keep a profile")?;
        }
        transaction.commit().await.internal("cannot commit profiles")?;
        Ok(changed)
    }
}

pub(super) async fn is_there(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM conversations WHERE id = ?")
        .bind(conversation)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot look for a conversation")?;
    Ok(found.is_some())
}
