//! Failed sign-ins: who has to wait ([`crate::team::lockout`] decides), kept over restarts.
//!
//! An attempt is counted as a failure before the password is looked at and taken back when it was right: however many come at once, no more
//! are let through than one after the other. Names are kept as salted hashes alone: somebody may have typed a password there.

use sqlx::{Row, Sqlite, Transaction};

use super::super::audit::{Actor, note};
use super::super::erase::hash_of;
use super::super::{Store, now_ms};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;
use crate::team::lockout::{Failures, Rules};

/// Whether somebody may try to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Yes; it is counted as a failure for now. The wait that begins if it stays one, in milliseconds.
    Allowed {
        /// 0 for none.
        wait_ms: i64,
    },
    /// Not for so many milliseconds.
    Wait(i64),
}

impl Store {
    /// Begins an attempt that counts for `keys`.
    pub async fn begin_attempt(&self, keys: &[String], rules: Rules) -> Result<Attempt> {
        let now_ms = now_ms();
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM team_failures WHERE last_ms < ?")
            .bind(rules.forgotten_before(now_ms))
            .execute(&mut *transaction)
            .await
            .internal("cannot forget failures")?;
        let mut counted = Vec::with_capacity(keys.len());
        let mut wait_ms = 0;
        for key in keys {
            let hash = hash_of(&mut transaction, key).await?;
            let failures = failures_in(&mut transaction, &hash).await?;
            wait_ms = wait_ms.max(rules.wait_ms(failures, now_ms));
            counted.push((hash, rules.after_failure(failures, now_ms)));
        }
        if wait_ms > 0 {
            return Ok(Attempt::Wait(wait_ms));
        }
        let mut next_wait_ms = 0;
        for (hash, failures) in counted {
            next_wait_ms = next_wait_ms.max(rules.wait_ms(failures, now_ms));
            sqlx::query(
                "INSERT OR REPLACE INTO team_failures (who_hash, count, last_ms) VALUES (?, ?, ?)",
            )
            .bind(hash)
            .bind(failures.count)
            .bind(failures.last_ms)
            .execute(&mut *transaction)
            .await
            .internal("cannot count an attempt")?;
        }
        transaction.commit().await.internal("cannot commit an attempt")?;
        Ok(Attempt::Allowed { wait_ms: next_wait_ms })
    }

    /// The attempt was right: the first of `keys` begins anew, the others are as they were before it.
    pub async fn attempt_succeeded(&self, keys: &[String]) -> Result<()> {
        let mut transaction = self.begin().await?;
        if let Some((own, shared)) = keys.split_first() {
            forget(&mut transaction, own).await?;
            take_back(&mut transaction, shared).await?;
        }
        transaction.commit().await.internal("cannot commit an attempt")
    }

    /// The password was never looked at: the attempt does not count.
    pub async fn attempt_came_to_nothing(&self, keys: &[String]) -> Result<()> {
        let mut transaction = self.begin().await?;
        take_back(&mut transaction, keys).await?;
        transaction.commit().await.internal("cannot commit an attempt")
    }

    /// Lets the holder of the count `key`, of the member `name`, try again at once.
    pub async fn unlock(&self, key: &str, name: &str, actor: &Actor<'_>) -> Result<()> {
        let mut transaction = self.begin().await?;
        forget(&mut transaction, key).await?;
        note(&mut transaction, actor, "unlock_member", name).await?;
        transaction.commit().await.internal("cannot commit an unlocking")
    }
}

async fn failures_in(
    transaction: &mut Transaction<'static, Sqlite>,
    hash: &str,
) -> Result<Failures> {
    let row = sqlx::query("SELECT count, last_ms FROM team_failures WHERE who_hash = ?")
        .bind(hash)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot read failures")?;
    let Some(row) = row else { return Ok(Failures::default()) };
    Ok(Failures {
        count: row.try_get("count").internal(BAD_ROW)?,
        last_ms: row.try_get("last_ms").internal(BAD_ROW)?,
    })
}

async fn forget(transaction: &mut Transaction<'static, Sqlite>, key: &str) -> Result<()> {
    let hash = hash_of(transaction, key).await?;
    sqlx::query("DELETE FROM team_failures WHERE who_hash = ?")
        .bind(hash)
        .execute(&mut **transaction)
        .await
        .internal("cannot forget failures")?;
    Ok(())
}

async fn take_back(transaction: &mut Transaction<'static, Sqlite>, keys: &[String]) -> Result<()> {
    for key in keys {
        let hash = hash_of(transaction, key).await?;
        sqlx::query("UPDATE team_failures SET count = max(count - 1, 0) WHERE who_hash = ?")
            .bind(hash)
            .execute(&mut **transaction)
            .await
            .internal("cannot take back an attempt")?;
    }
    Ok(())
}
