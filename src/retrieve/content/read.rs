//! Reading the content: what is known, what changed since, what another encoder made.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Content, ContentContext, number, wait};
use crate::Result;
use crate::model::encoder::EMBEDDING_SIZE;
use crate::retrieve::document::Document;
use crate::retrieve::item::{CONTENT_VERSION, DOCUMENT_KEYS, Item, document_key};
use crate::retrieve::snapshot::hash_of;

/// What an import has to know of an item that came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its place in the order of first import.
    pub position: u64,
    /// See [`Item::hash`]; `None` once it was removed.
    pub hash: Option<u64>,
}

/// One row of the content.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in the order of first import.
    pub position: u64,
    /// See [`Item::key`].
    pub key: String,
    /// `None` once it was removed.
    pub kept: Option<Kept>,
}

/// An item as it was imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// See [`Item::hash`].
    pub hash: u64,
    /// What was imported.
    pub item: Item,
    /// Little-endian f32 of each of [`Item::texts_to_embed`].
    pub embeddings: Vec<u8>,
}

impl Content {
    /// Every key that was ever imported and not erased.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn known(&mut self) -> Result<HashMap<String, Known>> {
        let rows = self.rows("SELECT position, key, hash FROM items", &[])?;
        rows.iter().map(|row| Ok((row.try_get("key").context_content()?, known_in(row)?))).collect()
    }

    /// What is known of one key; none if it never came or was erased.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn known_of(&mut self, key: &str) -> Result<Option<Known>> {
        let row = self.row("SELECT position, hash FROM items WHERE key = ?", key)?;
        row.as_ref().map(known_in).transpose()
    }

    /// The place in the order of import of what comes next.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn next_position(&mut self) -> Result<u64> {
        let rows = self.rows("SELECT ifnull(max(position) + 1, 0) AS next FROM items", &[])?;
        rows.first().map_or(Ok(0), |row| number(row, "next"))
    }

    /// Up to `limit` of what changed after the change `after`, in the order of first import from `from_position` on.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn changed_after(
        &mut self,
        after: u64,
        from_position: u64,
        limit: u64,
    ) -> Result<Vec<Entry>> {
        let rows = self.rows(
            "SELECT position, key, hash, content, embeddings FROM items
             WHERE change > ? AND position >= ? ORDER BY position LIMIT ?",
            &[after, from_position, limit],
        )?;
        rows.iter().map(entry_of).collect()
    }

    /// How much changed after the change `after`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn count_changed_after(&mut self, after: u64) -> Result<usize> {
        let rows = self.rows("SELECT count(*) AS n FROM items WHERE change > ?", &[after])?;
        let count = rows.first().map_or(Ok(0), |row| number(row, "n"))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Up to `limit` items whose embeddings are not those of [`CONTENT_VERSION`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn made_by_others(&mut self, limit: u64) -> Result<Vec<Entry>> {
        let connection = &mut self.connection;
        let rows = wait(async || {
            // Two halves, so that the index over the makers is used.
            sqlx::query(
                "SELECT position, key, hash, content, embeddings FROM items
                 WHERE made_by < ?1 OR made_by > ?1 ORDER BY position LIMIT ?2",
            )
            .bind(CONTENT_VERSION)
            .bind(limit.cast_signed())
            .fetch_all(connection)
            .await
            .context_content()
        })?;
        rows.iter().map(entry_of).collect()
    }

    /// How many items [`Content::made_by_others`] has in all.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn count_made_by_others(&mut self) -> Result<usize> {
        let connection = &mut self.connection;
        let count: i64 = wait(async || {
            sqlx::query_scalar("SELECT count(*) FROM items WHERE made_by < ?1 OR made_by > ?1")
                .bind(CONTENT_VERSION)
                .fetch_one(connection)
                .await
                .context_content()
        })?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// What [`crate::retrieve::Index::content_hash`] of an index with this content is.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn content_hash(&mut self) -> Result<String> {
        let rows = self.rows(
            "SELECT key, hash, length(embeddings) AS bytes FROM items WHERE hash IS NOT NULL",
            &[],
        )?;
        let mut hashes = Vec::with_capacity(rows.len());
        for row in &rows {
            let (key, hash): (String, u64) =
                (row.try_get("key").context_content()?, number(row, "hash")?);
            let embeddings = usize::try_from(number(row, "bytes")?).unwrap_or(0);
            // In the index each passage of a document bears the document's hash.
            let times = match key.starts_with(DOCUMENT_KEYS) {
                true => embeddings / (EMBEDDING_SIZE * size_of::<f32>()),
                false => 1,
            };
            hashes.extend(std::iter::repeat_n(hash, times));
        }
        Ok(hash_of(hashes))
    }

    /// The customers who have records.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn customers(&mut self) -> Result<Vec<String>> {
        let rows =
            self.rows("SELECT DISTINCT customer FROM items WHERE customer IS NOT NULL", &[])?;
        rows.iter().map(|row| row.try_get("customer").context_content()).collect()
    }

    /// Every article, in the order of first import, and when it last changed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn documents(&mut self) -> Result<Vec<(Document, Option<i64>)>> {
        let rows = self.rows(
            "SELECT * FROM items WHERE key >= 'd/' AND key < 'd0' AND content IS NOT NULL
             ORDER BY position",
            &[],
        )?;
        rows.iter().map(document_of).collect()
    }

    /// The article of this id, and when it last changed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn document(&mut self, id: &str) -> Result<Option<(Document, Option<i64>)>> {
        let statement = "SELECT * FROM items WHERE key = ? AND content IS NOT NULL";
        let row = self.row(statement, &document_key(id))?;
        row.as_ref().map(document_of).transpose()
    }

    fn row(&mut self, statement: &'static str, key: &str) -> Result<Option<SqliteRow>> {
        let connection = &mut self.connection;
        wait(async || {
            sqlx::query(statement).bind(key).fetch_optional(connection).await.context_content()
        })
    }

    fn rows(&mut self, statement: &'static str, bound: &[u64]) -> Result<Vec<SqliteRow>> {
        let connection = &mut self.connection;
        wait(async || {
            let mut query = sqlx::query(statement);
            for value in bound {
                query = query.bind(value.cast_signed());
            }
            query.fetch_all(connection).await.context_content()
        })
    }
}

fn known_in(row: &SqliteRow) -> Result<Known> {
    let hash: Option<i64> = row.try_get("hash").context_content()?;
    Ok(Known { position: number(row, "position")?, hash: hash.map(i64::cast_unsigned) })
}

fn document_of(row: &SqliteRow) -> Result<(Document, Option<i64>)> {
    let content: String = row.try_get("content").context_content()?;
    // Absent from a file that nobody has written to since it was made.
    let updated_ms = row.try_get("updated_ms").ok().flatten();
    Ok((serde_json::from_str(&content).context_content()?, updated_ms))
}

fn entry_of(row: &SqliteRow) -> Result<Entry> {
    let key: String = row.try_get("key").context_content()?;
    let hash: Option<i64> = row.try_get("hash").context_content()?;
    let kept = match hash {
        None => None,
        Some(hash) => {
            let content: String = row.try_get("content").context_content()?;
            Some(Kept {
                hash: hash.cast_unsigned(),
                item: Item::from_json(&key, &content).context_content()?,
                embeddings: row.try_get("embeddings").context_content()?,
            })
        }
    };
    Ok(Entry { position: number(row, "position")?, key, kept })
}
