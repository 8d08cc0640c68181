//! Sessions: begun, ended, kept; and when they and keys were last used.

use uuid::Uuid;

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms};
use super::{Credential, changed};
use crate::Result;
use crate::error::Context;
use crate::team::Session;
use crate::team::roster::{SessionLimits, Uses};

impl Store {
    /// Begins a session of the member whose password was just verified; `None` if the member was disabled or has another
    /// password since. The session whose secret's hash is `replaced` ends with it.
    pub async fn begin_session(
        &self,
        verified: &Credential,
        secret_hash: &str,
        replaced: Option<&str>,
    ) -> Result<Option<Session>> {
        let now_ms = now_ms();
        let session = Session {
            id: Uuid::new_v4().to_string(),
            secret_hash: secret_hash.to_string(),
            member: verified.member.name.clone(),
            created_ms: now_ms,
            seen_ms: now_ms,
        };
        let mut transaction = self.begin().await?;
        let begun = sqlx::query(
            "INSERT INTO team_sessions (id, secret_hash, member, created_ms, seen_ms)
             SELECT ?, ?, name, ?, ? FROM team_members
             WHERE name = ? AND password_hash = ? AND NOT disabled",
        )
        .bind(&session.id)
        .bind(secret_hash)
        .bind(now_ms)
        .bind(now_ms)
        .bind(&session.member)
        .bind(&verified.password_hash)
        .execute(&mut *transaction)
        .await
        .internal("cannot begin a session")?;
        if begun.rows_affected() == 0 {
            return Ok(None);
        }
        sqlx::query("DELETE FROM team_sessions WHERE secret_hash = ?")
            .bind(replaced.unwrap_or_default())
            .execute(&mut *transaction)
            .await
            .internal("cannot end the earlier session")?;
        note(&mut transaction, &Actor::Agent(&session.member), "sign_in", &session.id).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit a session")?;
        Ok(Some(session))
    }

    /// Ends a session of `member`.
    pub async fn end_session(&self, id: &str, member: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM team_sessions WHERE id = ?")
            .bind(id)
            .execute(&mut *transaction)
            .await
            .internal("cannot end a session")?;
        note(&mut transaction, &Actor::Agent(member), "sign_out", id).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit the end of a session")
    }

    /// Ends all sessions, as in a store that was restored: some of them may have been ended since it was copied.
    pub async fn end_every_session(&self) -> Result<()> {
        let mut transaction = self.begin().await?;
        let ended = sqlx::query("DELETE FROM team_sessions")
            .execute(&mut *transaction)
            .await
            .internal("cannot end the sessions")?
            .rows_affected();
        if ended > 0 {
            let subject = format!("{ended} sessions");
            note(&mut transaction, &Actor::Operator, "end_sessions", &subject).await?;
        }
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit the end of the sessions")
    }

    /// Keeps when sessions and keys were last used, and removes sessions that are over.
    pub async fn keep_uses(&self, uses: &Uses, limits: SessionLimits) -> Result<()> {
        let mut transaction = self.begin().await?;
        for (id, seen_ms) in &uses.sessions {
            sqlx::query("UPDATE team_sessions SET seen_ms = max(seen_ms, ?) WHERE id = ?")
                .bind(seen_ms)
                .bind(id)
                .execute(&mut *transaction)
                .await
                .internal("cannot keep when a session was used")?;
        }
        for (id, used_ms) in &uses.keys {
            sqlx::query("UPDATE team_keys SET used_ms = max(coalesce(used_ms, 0), ?) WHERE id = ?")
                .bind(used_ms)
                .bind(id)
                .execute(&mut *transaction)
                .await
                .internal("cannot keep when a key was used")?;
        }
        let now_ms = now_ms();
        sqlx::query("DELETE FROM team_sessions WHERE seen_ms <= ? OR created_ms <= ?")
            .bind(now_ms.saturating_sub(limits.idle_ms))
            .bind(now_ms.saturating_sub(limits.absolute_ms))
            .execute(&mut *transaction)
            .await
            .internal("cannot remove sessions that are over")?;
        transaction.commit().await.internal("cannot commit uses")
    }
}
