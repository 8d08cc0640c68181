//! What is known of one customer: given out, or taken away for good.
//!
//! An erased customer leaves a tombstone, the salted hash of who it was, so that a backup from before can be
//! restored without bringing the customer back.

use sha2::{Digest, Sha256};
use sqlx::{Row, Sqlite, Transaction};

use super::attributes::Attributes;
use super::audit::{Actor, note};
use super::desk::Note;
use super::files::StoredFile;
use super::{
    Label, Store, StoredJudgement, StoredMessage, StoredSuggestion, StoredSummary, now_ms,
};
use crate::Result;
use crate::error::Context;

/// Everything that the store knows of one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeConversation {
    /// Its id.
    pub id: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// All messages.
    pub messages: Vec<StoredMessage>,
    /// How they were judged.
    pub judgements: Vec<StoredJudgement>,
    /// What people said of them.
    pub labels: Vec<Label>,
    /// Private notes of the company beside it.
    pub notes: Vec<Note>,
    /// Tags that people gave it.
    pub tags: Vec<String>,
    /// What the customer said of themselves.
    pub attributes: Attributes,
    /// What was sent with them, or was about to be.
    pub files: Vec<StoredFile>,
    /// What was suggested to people of the company.
    pub suggestions: Vec<StoredSuggestion>,
    /// The newest summary.
    pub summary: Option<StoredSummary>,
}

impl Store {
    /// All conversations of `owner`, oldest first. Notes who asked.
    pub async fn export_owner(
        &self,
        owner: &str,
        actor: &Actor<'_>,
    ) -> Result<Vec<WholeConversation>> {
        let mut transaction = self.begin().await?;
        let subject = hash_of(&mut transaction, owner).await?;
        note(&mut transaction, actor, "export_customer", &subject).await?;
        transaction.commit().await.internal("cannot commit an export")?;
        let rows =
            sqlx::query("SELECT id, created_ms FROM conversations WHERE owner = ? ORDER BY id")
                .bind(owner)
                .fetch_all(&self.readers)
                .await
                .internal("cannot read a customer's conversations")?;
        let mut conversations = Vec::with_capacity(rows.len());
        for row in rows {
            let id: String = row.try_get("id").internal("a conversation has no id")?;
            conversations.push(WholeConversation {
                created_ms: row.try_get("created_ms").internal("a conversation has no time")?,
                messages: self.messages_after(&id, 0, u32::MAX).await?,
                judgements: self.judgements(&id, 0, i64::MAX).await?,
                labels: self.labels(&id).await?,
                notes: self.notes(&id).await?,
                tags: self.entry(&id).await?.map(|entry| entry.tags).unwrap_or_default(),
                attributes: self.attributes(&id).await?,
                files: self.files(&id).await?,
                suggestions: self.suggestions(&id, u32::MAX).await?,
                summary: self.summary(&id).await?,
                id,
            });
        }
        Ok(conversations)
    }

    /// Erases all conversations of `owner`, and everything that hangs on them, and leaves a tombstone. Returns the
    /// ids of the conversations that are gone.
    pub async fn erase_owner(&self, owner: &str, actor: &Actor<'_>) -> Result<Vec<String>> {
        let mut transaction = self.begin().await?;
        let gone = delete_of(&mut transaction, owner).await?;
        let subject = hash_of(&mut transaction, owner).await?;
        sqlx::query("INSERT OR REPLACE INTO tombstones (owner_hash, erased_ms) VALUES (?, ?)")
            .bind(&subject)
            .bind(now_ms())
            .execute(&mut *transaction)
            .await
            .internal("cannot write a tombstone")?;
        note(&mut transaction, actor, "erase_customer", &subject).await?;
        transaction.commit().await.internal("cannot commit an erasure")?;
        self.forget_pages().await?;
        Ok(gone)
    }

    /// Removes conversations whose newest message is older than `age_ms`, but for those that wait for a person or
    /// that one has. Returns their ids.
    pub async fn remove_older(&self, age_ms: i64) -> Result<Vec<String>> {
        let mut transaction = self.begin().await?;
        let removed: Vec<String> = sqlx::query_scalar(
            "DELETE FROM conversations WHERE state IN ('bot', 'closed') AND coalesce(
                (SELECT created_ms FROM messages WHERE conversation = id ORDER BY seq DESC LIMIT 1),
                created_ms) < ? RETURNING id",
        )
        .bind(now_ms() - age_ms)
        .fetch_all(&mut *transaction)
        .await
        .internal("cannot remove old conversations")?;
        if !removed.is_empty() {
            let subject = format!("{} conversations", removed.len());
            note(&mut transaction, &Actor::Steward, "retention", &subject).await?;
        }
        transaction.commit().await.internal("cannot commit a removal")?;
        if !removed.is_empty() {
            self.forget_pages().await?;
        }
        Ok(removed)
    }

    /// The tombstones, to be carried over to a restored store: salt first.
    pub async fn tombstones(&self) -> Result<(String, Vec<(String, i64)>)> {
        let salt = sqlx::query_scalar("SELECT value FROM installation WHERE name = 'salt'")
            .fetch_one(&self.readers)
            .await
            .internal("cannot read the salt")?;
        let stones = sqlx::query_as("SELECT owner_hash, erased_ms FROM tombstones")
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the tombstones")?;
        Ok((salt, stones))
    }

    /// Erases again whom `stones` of a store with the same salt tell of. Returns how many conversations went.
    pub async fn bury_again(&self, stones: &[(String, i64)]) -> Result<usize> {
        let mut transaction = self.begin().await?;
        let owners: Vec<String> = sqlx::query_scalar("SELECT DISTINCT owner FROM conversations")
            .fetch_all(&mut *transaction)
            .await
            .internal("cannot read the owners")?;
        let mut gone = 0;
        for owner in owners {
            let hash = hash_of(&mut transaction, &owner).await?;
            if stones.iter().any(|(stone, _)| *stone == hash) {
                gone += delete_of(&mut transaction, &owner).await?.len();
                note(&mut transaction, &Actor::Operator, "erase_restored_customer", &hash).await?;
            }
        }
        for (stone, erased_ms) in stones {
            sqlx::query("INSERT OR REPLACE INTO tombstones (owner_hash, erased_ms) VALUES (?, ?)")
                .bind(stone)
                .bind(erased_ms)
                .execute(&mut *transaction)
                .await
                .internal("cannot write a tombstone")?;
        }
        transaction.commit().await.internal("cannot commit an erasure")?;
        self.forget_pages().await?;
        Ok(gone)
    }

    /// Deleted rows are overwritten (`secure_delete`); this takes them out of the write-ahead log as well, and the bytes of
    /// their files off the disk.
    async fn forget_pages(&self) -> Result<()> {
        self.remove_bytes_of_gone_files().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.writer)
            .await
            .internal("cannot empty the write-ahead log")?;
        Ok(())
    }
}

/// The salted hash that stands for an owner where the id itself must not.
pub(super) async fn hash_of(
    transaction: &mut Transaction<'static, Sqlite>,
    owner: &str,
) -> Result<String> {
    let salt: String = sqlx::query_scalar("SELECT value FROM installation WHERE name = 'salt'")
        .fetch_one(&mut **transaction)
        .await
        .internal("cannot read the salt")?;
    Ok(owner_hash(&salt, owner))
}

/// The hash that stands for `owner` in an installation with this salt.
pub fn owner_hash(salt: &str, owner: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(":").chain_update(owner).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn delete_of(
    transaction: &mut Transaction<'static, Sqlite>,
    owner: &str,
) -> Result<Vec<String>> {
    sqlx::query_scalar("DELETE FROM conversations WHERE owner = ? RETURNING id")
        .bind(owner)
        .fetch_all(&mut **transaction)
        .await
        .internal("cannot erase a customer's conversations")
}
