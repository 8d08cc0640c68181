//! Keys of programs: made, listed, revoked.

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms, word_of};
use super::{changed, key_of};
use crate::Result;
use crate::error::Context;
use crate::team::Key;

impl Store {
    /// Keeps a new key.
    pub async fn add_key(&self, key: &Key, actor: &Actor<'_>) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO team_keys (id, secret_hash, name, role, created_by, created_ms, expires_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&key.id)
        .bind(&key.secret_hash)
        .bind(&key.name)
        .bind(word_of(&key.role)?)
        .bind(&key.created_by)
        .bind(key.created_ms)
        .bind(key.expires_ms)
        .execute(&mut *transaction)
        .await
        .internal("cannot keep a key")?;
        let subject = format!("{} {} as {}", key.id, key.name, key.role);
        note(&mut transaction, actor, "add_key", &subject).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit a key")
    }

    /// All keys, oldest first, those that are over or revoked as well.
    pub async fn keys(&self) -> Result<Vec<Key>> {
        let rows = sqlx::query("SELECT * FROM team_keys ORDER BY created_ms, id")
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the keys")?;
        rows.iter().map(key_of).collect()
    }

    /// Revokes a key; once more does no harm. False if there is none of this id.
    pub async fn revoke_key(&self, id: &str, actor: &Actor<'_>) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let revoked =
            sqlx::query("UPDATE team_keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL")
                .bind(now_ms())
                .bind(id)
                .execute(&mut *transaction)
                .await
                .internal("cannot revoke a key")?;
        if revoked.rows_affected() == 0 {
            return sqlx::query_scalar("SELECT count(*) > 0 FROM team_keys WHERE id = ?")
                .bind(id)
                .fetch_one(&mut *transaction)
                .await
                .internal("cannot look for a key");
        }
        note(&mut transaction, actor, "revoke_key", id).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit the end of a key")?;
        Ok(true)
    }
}
