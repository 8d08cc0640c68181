//! Who of the company has what: for the list of colleagues and the supervisor's view.

use sqlx::Row;

use super::super::Store;
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;

impl Store {
    /// Names of the members who may sign in.
    pub async fn member_names(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT name FROM team_members WHERE NOT disabled ORDER BY name")
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the members")
    }

    /// How many conversations each person has who has any.
    pub async fn held_counts(&self) -> Result<Vec<(String, i64)>> {
        let rows = sqlx::query(
            "SELECT assignee, count(*) AS held FROM conversations
             WHERE state = 'agent' AND assignee IS NOT NULL GROUP BY assignee",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read who has what")?;
        rows.iter()
            .map(|row| {
                let name = row.try_get("assignee").internal(BAD_ROW)?;
                Ok((name, row.try_get("held").internal(BAD_ROW)?))
            })
            .collect()
    }
}
