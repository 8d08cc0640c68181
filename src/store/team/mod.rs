//! The team on disk: members, their sessions, keys of programs, failed sign-ins.
//!
//! Each change is one transaction with its entry in the audit log, and raises the generation, by which every process sees that
//! it has to read the team again: the server, and the commands that work beside it.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::{Store, from_word};
use crate::Result;
use crate::error::Context;
use crate::team::{Key, Member, Session, Snapshot};

mod attempts;
mod keys;
mod members;
mod sessions;
pub use attempts::Attempt;
pub use members::{Credential, MemberChange, MemberChanged};

impl Store {
    /// The generation of the team: it grows with every change, whichever process made it.
    pub async fn team_generation(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT number FROM team_generation")
            .fetch_one(&self.readers)
            .await
            .internal("cannot read the team's generation")
    }

    /// The team as of one moment; keys that were revoked are left out.
    pub async fn team(&self) -> Result<Snapshot> {
        let mut moment = self.readers.begin().await.internal("cannot begin to read the team")?;
        let generation = sqlx::query_scalar("SELECT number FROM team_generation")
            .fetch_one(&mut *moment)
            .await
            .internal("cannot read the team's generation")?;
        let members = sqlx::query("SELECT * FROM team_members ORDER BY name")
            .fetch_all(&mut *moment)
            .await
            .internal("cannot read the members")?;
        let sessions = sqlx::query("SELECT * FROM team_sessions")
            .fetch_all(&mut *moment)
            .await
            .internal("cannot read the sessions")?;
        let keys = sqlx::query("SELECT * FROM team_keys WHERE revoked_ms IS NULL ORDER BY id")
            .fetch_all(&mut *moment)
            .await
            .internal("cannot read the keys")?;
        Ok(Snapshot {
            generation,
            members: members.iter().map(member_of).collect::<Result<_>>()?,
            sessions: sessions.iter().map(session_of).collect::<Result<_>>()?,
            keys: keys.iter().map(key_of).collect::<Result<_>>()?,
        })
    }
}

/// Raises the generation in the transaction of a change.
async fn changed(transaction: &mut Transaction<'static, Sqlite>) -> Result<()> {
    sqlx::query("UPDATE team_generation SET number = number + 1")
        .execute(&mut **transaction)
        .await
        .internal("cannot raise the team's generation")?;
    Ok(())
}

fn member_of(row: &SqliteRow) -> Result<Member> {
    Ok(Member {
        name: row.try_get("name").internal(BAD_ROW)?,
        role: from_word(row.try_get("role").internal(BAD_ROW)?)?,
        disabled: row.try_get("disabled").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
    })
}

fn session_of(row: &SqliteRow) -> Result<Session> {
    Ok(Session {
        id: row.try_get("id").internal(BAD_ROW)?,
        secret_hash: row.try_get("secret_hash").internal(BAD_ROW)?,
        member: row.try_get("member").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        seen_ms: row.try_get("seen_ms").internal(BAD_ROW)?,
    })
}

fn key_of(row: &SqliteRow) -> Result<Key> {
    Ok(Key {
        id: row.try_get("id").internal(BAD_ROW)?,
        secret_hash: row.try_get("secret_hash").internal(BAD_ROW)?,
        name: row.try_get("name").internal(BAD_ROW)?,
        role: from_word(row.try_get("role").internal(BAD_ROW)?)?,
        created_by: row.try_get("created_by").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        expires_ms: row.try_get("expires_ms").internal(BAD_ROW)?,
        used_ms: row.try_get("used_ms").internal(BAD_ROW)?,
        revoked_ms: row.try_get("revoked_ms").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a row of the team has an unexpected shape";
