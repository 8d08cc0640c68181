//! Who did what: a log that only grows, each entry sealed with the hash of the one before.
//!
//! An entry is written in the transaction of what it tells of. Changing or removing one breaks every hash
//! behind it; that the newest ones are still there is seen by holding the log against a head that was noted before.

use std::fmt;
use std::str::FromStr;

use futures_util::TryStreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{Row, Sqlite, Transaction};

use super::{Store, now_ms};
use crate::error::Context;
use crate::{Error, Result};

/// What the first entry has in place of a hash before it.
const BEGINNING: &str = "";

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor<'a> {
    /// A person of the company.
    Agent(&'a str),
    /// Whoever has the terminal.
    Operator,
    /// Steward by itself, after its settings.
    Steward,
}

impl fmt::Display for Actor<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(name) => write!(formatter, "agent:{name}"),
            Self::Operator => formatter.write_str("operator"),
            Self::Steward => formatter.write_str("steward"),
        }
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who: `agent:<name>`, `operator` or `steward`.
    pub actor: String,
    /// What: `take_over`, `erase_customer` and so on.
    pub action: String,
    /// To what: a conversation's id, or the salted hash of a customer's.
    pub subject: String,
    /// Hash of the entry before.
    pub previous: String,
    /// SHA-256 over all of the above, as hex.
    pub hash: String,
}

/// The newest entry of a log: what there is to note down elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Its number; 0 for an empty log.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl fmt::Display for AuditHead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for AuditHead {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text
            .split_once(':')
            .and_then(|(seq, hash)| Some(Self { seq: seq.parse().ok()?, hash: hash.to_string() }));
        parsed
            .ok_or_else(|| Error::input(format!("{text:?} is no head of a log, such as 12:9f3c…")))
    }
}

impl AuditEntry {
    fn sealed(seq: i64, at_ms: i64, [actor, action, subject, previous]: [String; 4]) -> Self {
        let mut entry = Self { seq, at_ms, actor, action, subject, previous, hash: String::new() };
        entry.hash = entry.right_hash();
        entry
    }

    /// Each field with its length before it, so that no two entries have the same bytes.
    fn right_hash(&self) -> String {
        let mut digest = Sha256::new();
        let numbers = [self.seq.to_string(), self.at_ms.to_string()];
        let words = [&self.actor, &self.action, &self.subject, &self.previous];
        for field in numbers.iter().chain(words) {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field.as_bytes());
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Store {
    /// Notes something that has no transaction of its own.
    pub async fn note(&self, actor: &Actor<'_>, action: &str, subject: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        note(&mut transaction, actor, action, subject).await?;
        transaction.commit().await.internal("cannot commit an entry of the audit log")
    }

    /// The newest entries, at most `limit`, oldest first.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<AuditEntry>> {
        let rows = sqlx::query("SELECT * FROM audit ORDER BY seq DESC LIMIT ?")
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the audit log")?;
        rows.iter().rev().map(entry_of).collect()
    }

    /// Recomputes every hash, and holds the log against `noted`, a head that was noted before.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the first entry that is not as it was written.
    pub async fn verify_audit(&self, noted: Option<&AuditHead>) -> Result<AuditHead> {
        let mut rows = sqlx::query("SELECT * FROM audit ORDER BY seq").fetch(&self.readers);
        let mut head = AuditHead { seq: 0, hash: BEGINNING.to_string() };
        let mut is_noted = noted.is_none_or(|noted| *noted == head);
        while let Some(row) = rows.try_next().await.internal("cannot read the audit log")? {
            let entry = entry_of(&row)?;
            if entry.seq != head.seq + 1 {
                let message = format!("the audit log lacks entry {}", head.seq + 1);
                return Err(Error::input(message));
            }
            if entry.previous != head.hash || entry.hash != entry.right_hash() {
                let message = format!("entry {} of the audit log was changed", entry.seq);
                return Err(Error::input(message));
            }
            head = AuditHead { seq: entry.seq, hash: entry.hash };
            is_noted |= noted == Some(&head);
        }
        if !is_noted {
            let message = "the audit log does not hold the head that was noted: it was shortened or \
                rewritten since";
            return Err(Error::input(message));
        }
        Ok(head)
    }
}

/// Adds an entry in the transaction of what it tells of.
pub(super) async fn note(
    transaction: &mut Transaction<'static, Sqlite>,
    actor: &Actor<'_>,
    action: &str,
    subject: &str,
) -> Result<()> {
    let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot read the audit log")?;
    let (seq, previous) = match last {
        Some(row) => (
            row.try_get::<i64, _>("seq").internal(BAD_ROW)?,
            row.try_get("hash").internal(BAD_ROW)?,
        ),
        None => (0, BEGINNING.to_string()),
    };
    let words = [actor.to_string(), action.to_string(), subject.to_string(), previous];
    let entry = AuditEntry::sealed(seq + 1, now_ms(), words);
    sqlx::query(
        "INSERT INTO audit (seq, at_ms, actor, action, subject, previous, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.seq)
    .bind(entry.at_ms)
    .bind(&entry.actor)
    .bind(&entry.action)
    .bind(&entry.subject)
    .bind(&entry.previous)
    .bind(&entry.hash)
    .execute(&mut **transaction)
    .await
    .internal("cannot write to the audit log")?;
    Ok(())
}

fn entry_of(row: &sqlx::sqlite::SqliteRow) -> Result<AuditEntry> {
    Ok(AuditEntry {
        seq: row.try_get("seq").internal(BAD_ROW)?,
        at_ms: row.try_get("at_ms").internal(BAD_ROW)?,
        actor: row.try_get("actor").internal(BAD_ROW)?,
        action: row.try_get("action").internal(BAD_ROW)?,
        subject: row.try_get("subject").internal(BAD_ROW)?,
        previous: row.try_get("previous").internal(BAD_ROW)?,
        hash: row.try_get("hash").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "an entry of the audit log has an unexpected shape";
