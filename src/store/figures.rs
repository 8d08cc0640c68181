//! How much there is, for the operator.

use sqlx::Row;

use super::Store;
use crate::Result;
use crate::error::Context;

/// Counts over all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Conversations in line for a person.
    pub queued: u32,
    /// Conversations that a person has.
    pub with_people: u32,
    /// Webhooks that are still to be delivered.
    pub webhooks_waiting: u32,
    /// Webhooks that were given up.
    pub webhooks_dead: u32,
    /// Bytes of the database.
    pub bytes: u64,
}

impl Store {
    /// Counts.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if they cannot be read.
    pub async fn figures(&self) -> Result<Figures> {
        let row = sqlx::query(
            "SELECT
                (SELECT count(*) FROM conversations WHERE state = 'queued') AS queued,
                (SELECT count(*) FROM conversations WHERE state = 'agent') AS with_people,
                (SELECT count(*) FROM deliveries WHERE state = 'waiting') AS webhooks_waiting,
                (SELECT count(*) FROM deliveries WHERE state = 'dead') AS webhooks_dead,
                (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) AS bytes",
        )
        .fetch_one(&self.readers)
        .await
        .internal("cannot count")?;
        let count = |name: &str| row.try_get::<u32, _>(name).internal("no count");
        let bytes: i64 = row.try_get("bytes").internal("no size")?;
        Ok(Figures {
            queued: count("queued")?,
            with_people: count("with_people")?,
            webhooks_waiting: count("webhooks_waiting")?,
            webhooks_dead: count("webhooks_dead")?,
            bytes: u64::try_from(bytes).unwrap_or(0),
        })
    }
}
