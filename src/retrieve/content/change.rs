//! Changes of the content: each is one transaction with the next number.

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use super::{Content, Kept, wait};
use crate::error::Context;
use crate::retrieve::item::CONTENT_VERSION;
use crate::{Error, ErrorKind, Result};

/// One step of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The item is there from now on, in place of one with its key.
    Put {
        /// Its place in the order of first import.
        position: u64,
        /// The item.
        kept: Kept,
    },
    /// The item of this key is gone.
    Remove(String),
}

impl Content {
    /// Makes all of `steps` so, or nothing of it, and returns the change's number.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be written, as on a full disk.
    pub fn change(&mut self, steps: &[Change]) -> Result<u64> {
        self.change_made_by(steps, CONTENT_VERSION)
    }

    /// As [`Content::change`], with embeddings of another encoder or splitter.
    ///
    /// # Errors
    /// As [`Content::change`].
    pub fn change_made_by(&mut self, steps: &[Change], made_by: &str) -> Result<u64> {
        let connection = &mut self.connection;
        self.state.change = wait(async || {
            let mut transaction =
                connection.begin_with("BEGIN IMMEDIATE").await.internal(CANNOT_WRITE)?;
            let change = next_change(&mut transaction).await?;
            for step in steps {
                take_step(&mut transaction, change, made_by, step).await?;
            }
            transaction.commit().await.internal(CANNOT_WRITE)?;
            Ok(change.cast_unsigned())
        })?;
        Ok(self.state.change)
    }

    /// Takes away every record of one customer, without a trace on the disk. An index that does not reflect this has
    /// to be made anew from now on.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be written; [`ErrorKind::Busy`] if somebody reads so long that traces stay
    /// in the write-ahead log: to be done again.
    pub fn erase_customer(&mut self, customer_id: &str) -> Result<()> {
        let connection = &mut self.connection;
        let (change, still_read) = wait(async || {
            let mut transaction =
                connection.begin_with("BEGIN IMMEDIATE").await.internal(CANNOT_WRITE)?;
            let change = next_change(&mut transaction).await?;
            sqlx::query("DELETE FROM items WHERE customer = ?")
                .bind(customer_id)
                .execute(&mut *transaction)
                .await
                .internal(CANNOT_WRITE)?;
            sqlx::query("UPDATE state SET rebuild_before = change")
                .execute(&mut *transaction)
                .await
                .internal(CANNOT_WRITE)?;
            transaction.commit().await.internal(CANNOT_WRITE)?;
            let still_read: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(connection)
                .await
                .internal("cannot empty the write-ahead log")?;
            Ok((change.cast_unsigned(), still_read != 0))
        })?;
        self.state.change = change;
        self.state.rebuild_before = change;
        if still_read {
            let message =
                "the records were read while they were erased, so a trace may be left; erase again";
            return Err(Error::new(ErrorKind::Busy, message));
        }
        Ok(())
    }
}

const CANNOT_WRITE: &str = "cannot write to content.sqlite; is the disk full?";

async fn next_change(connection: &mut SqliteConnection) -> Result<i64> {
    sqlx::query_scalar("UPDATE state SET change = change + 1 RETURNING change")
        .fetch_one(connection)
        .await
        .internal(CANNOT_WRITE)
}

async fn take_step(
    connection: &mut SqliteConnection,
    change: i64,
    made_by: &str,
    step: &Change,
) -> Result<()> {
    let statement = match step {
        Change::Put { position, kept: Kept { hash, item, embeddings } } => sqlx::query(
            "INSERT INTO items (position, key, change, customer, hash, made_by, content, embeddings,
                updated_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (key) DO UPDATE SET change = excluded.change, customer = excluded.customer,
                hash = excluded.hash, made_by = excluded.made_by, content = excluded.content,
                embeddings = excluded.embeddings, updated_ms = excluded.updated_ms",
        )
        .bind(position.cast_signed())
        .bind(item.key())
        .bind(change)
        .bind(item.customer().map(str::to_string))
        .bind(hash.cast_signed())
        .bind(made_by)
        .bind(item.to_json()?)
        .bind(embeddings)
        .bind(jiff::Timestamp::now().as_millisecond()),
        Change::Remove(key) => sqlx::query(
            "UPDATE items SET change = ?, customer = NULL, hash = NULL, made_by = NULL, content = NULL,
                embeddings = NULL
             WHERE key = ?",
        )
        .bind(change)
        .bind(key),
    };
    statement.execute(connection).await.internal(CANNOT_WRITE).map(drop)
}
