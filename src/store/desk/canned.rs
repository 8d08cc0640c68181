//! Prepared replies of the company: words with variables, called by a short name.

use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;

/// A prepared reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CannedReply {
    /// UUID v7.
    pub id: String,
    /// What an agent types to get it. Upper and lower case are the same.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The words, with variables as `{{customer.name}}`.
    pub text: String,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_ms: i64,
    /// By whom.
    pub by: String,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannedChanged {
    /// It is so now.
    Done(CannedReply),
    /// Refused: another reply has this shortcut.
    ShortcutTaken,
    /// There is no such reply.
    Unknown,
}

impl Store {
    /// All prepared replies, by shortcut.
    pub async fn canned_replies(&self) -> Result<Vec<CannedReply>> {
        let rows = sqlx::query("SELECT * FROM canned_replies ORDER BY shortcut")
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the prepared replies")?;
        rows.iter().map(canned_of).collect()
    }

    /// The prepared reply of this id.
    pub async fn canned_reply(&self, id: &str) -> Result<Option<CannedReply>> {
        let row = sqlx::query("SELECT * FROM canned_replies WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a prepared reply")?;
        row.as_ref().map(canned_of).transpose()
    }

    /// Adds a prepared reply, or puts it in place of the one of the same id if `is_new` is false.
    pub async fn put_canned_reply(
        &self,
        reply: &CannedReply,
        is_new: bool,
    ) -> Result<CannedChanged> {
        let mut transaction = self.begin().await?;
        let taken: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM canned_replies WHERE shortcut = ? AND id <> ?")
                .bind(&reply.shortcut)
                .bind(&reply.id)
                .fetch_optional(&mut *transaction)
                .await
                .internal("cannot look for a shortcut")?;
        if taken.is_some() {
            return Ok(CannedChanged::ShortcutTaken);
        }
        let sql = if is_new {
            "INSERT INTO canned_replies (shortcut, title, text, updated_ms, updated_by, id) VALUES (?, ?, ?, ?, ?, ?)"
        } else {
            "UPDATE canned_replies SET shortcut = ?, title = ?, text = ?, updated_ms = ?, updated_by = ? WHERE id = ?"
        };
        let stored = CannedReply { updated_ms: now_ms(), ..reply.clone() };
        let written = sqlx::query(sql)
            .bind(&stored.shortcut)
            .bind(&stored.title)
            .bind(&stored.text)
            .bind(stored.updated_ms)
            .bind(&stored.by)
            .bind(&stored.id)
            .execute(&mut *transaction)
            .await
            .internal("cannot keep a prepared reply")?;
        if written.rows_affected() == 0 {
            return Ok(CannedChanged::Unknown);
        }
        let action = if is_new { "add_canned_reply" } else { "change_canned_reply" };
        note(&mut transaction, &Actor::Agent(&stored.by), action, &stored.shortcut).await?;
        transaction.commit().await.internal("cannot commit a prepared reply")?;
        Ok(CannedChanged::Done(stored))
    }

    /// Removes a prepared reply. False if there is none of this id.
    pub async fn remove_canned_reply(&self, id: &str, actor: &Actor<'_>) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let shortcut: Option<String> =
            sqlx::query_scalar("DELETE FROM canned_replies WHERE id = ? RETURNING shortcut")
                .bind(id)
                .fetch_optional(&mut *transaction)
                .await
                .internal("cannot remove a prepared reply")?;
        let Some(shortcut) = shortcut else { return Ok(false) };
        note(&mut transaction, actor, "remove_canned_reply", &shortcut).await?;
        transaction.commit().await.internal("cannot commit a removal")?;
        Ok(true)
    }
}

fn canned_of(row: &SqliteRow) -> Result<CannedReply> {
    Ok(CannedReply {
        id: row.try_get("id").internal(BAD_ROW)?,
        shortcut: row.try_get("shortcut").internal(BAD_ROW)?,
        title: row.try_get("title").internal(BAD_ROW)?,
        text: row.try_get("text").internal(BAD_ROW)?,
        updated_ms: row.try_get("updated_ms").internal(BAD_ROW)?,
        by: row.try_get("updated_by").internal(BAD_ROW)?,
    })
}
