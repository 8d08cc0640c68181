//! Who of the company has what, and how the line stands: for the list of colleagues and the supervisor's view.

use std::collections::BTreeMap;

use sqlx::Row;

use super::super::{Store, from_word};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;
use crate::team::Role;

/// First replies that are looked at, the newest.
const MOST_FIRST_REPLIES: u32 = 5000;

/// A member, and when they were last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMember {
    /// Who.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When a session of theirs was last used, to a minute.
    pub last_seen_ms: Option<i64>,
}

/// A conversation that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub name: String,
    /// The conversation.
    pub conversation: String,
    /// Its customer waits for an answer.
    pub waits: bool,
}

/// The line of those that wait for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub length: i64,
    /// Since when the one that waits longest does.
    pub since_ms: Option<i64>,
}

impl Store {
    /// Names of the members who may sign in.
    pub async fn member_names(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT name FROM team_members WHERE NOT disabled ORDER BY name")
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the members")
    }

    /// The members who may sign in.
    pub async fn known_members(&self) -> Result<Vec<KnownMember>> {
        let rows = sqlx::query(
            "SELECT name, role, (SELECT max(seen_ms) FROM team_sessions WHERE member = name) AS seen_ms
             FROM team_members WHERE NOT disabled ORDER BY name",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read the members")?;
        rows.iter()
            .map(|row| {
                Ok(KnownMember {
                    name: row.try_get("name").internal(BAD_ROW)?,
                    role: from_word(row.try_get("role").internal(BAD_ROW)?)?,
                    last_seen_ms: row.try_get("seen_ms").internal(BAD_ROW)?,
                })
            })
            .collect()
    }

    /// How many conversations each person has who has any.
    pub async fn held_counts(&self) -> Result<Vec<(String, i64)>> {
        sqlx::query_as(
            "SELECT assignee, count(*) FROM conversations
             WHERE state = 'agent' AND assignee IS NOT NULL GROUP BY assignee",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read who has what")
    }

    /// Every conversation that somebody has, those that wait longest first.
    pub async fn held(&self) -> Result<Vec<Held>> {
        let rows = sqlx::query(
            "SELECT assignee, id, last_customer_seq > answered_seq AS waits FROM conversations
             WHERE state = 'agent' AND assignee IS NOT NULL ORDER BY coalesce(waiting_ms, last_ms), id",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read who has what")?;
        rows.iter()
            .map(|row| {
                Ok(Held {
                    name: row.try_get("assignee").internal(BAD_ROW)?,
                    conversation: row.try_get("id").internal(BAD_ROW)?,
                    waits: row.try_get("waits").internal(BAD_ROW)?,
                })
            })
            .collect()
    }

    /// How the line stands.
    pub async fn line(&self) -> Result<Line> {
        let row = sqlx::query(
            "SELECT count(*) AS length, min(state_ms) AS since_ms FROM conversations WHERE state = 'queued'",
        )
        .fetch_one(&self.readers)
        .await
        .internal("cannot read the line")?;
        Ok(Line {
            length: row.try_get("length").internal(BAD_ROW)?,
            since_ms: row.try_get("since_ms").internal(BAD_ROW)?,
        })
    }

    /// How long customers waited for each person's first words since `since_ms`, in milliseconds, in order: from the hand-off, or from
    /// the take-over where there was none, to the first message that a person wrote in the conversation.
    pub async fn first_responses(&self, since_ms: i64) -> Result<BTreeMap<String, Vec<i64>>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT agent, took FROM (
                SELECT own.agent AS agent, own.created_ms - (
                    SELECT min(created_ms) FROM messages AS event
                    WHERE event.conversation = own.conversation AND event.author = 'event'
                      AND event.text IN ('handed_off', 'agent_joined') AND event.seq < own.seq) AS took
                FROM messages AS own
                WHERE own.author = 'agent' AND own.agent IS NOT NULL AND own.created_ms >= ?
                  AND NOT EXISTS (SELECT 1 FROM messages AS earlier
                    WHERE earlier.conversation = own.conversation AND earlier.author = 'agent' AND earlier.seq < own.seq)
                ORDER BY own.created_ms DESC LIMIT ?)
             WHERE took IS NOT NULL",
        )
        .bind(since_ms)
        .bind(MOST_FIRST_REPLIES)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read first replies")?;
        let mut by_name: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (name, took) in rows {
            by_name.entry(name).or_default().push(took);
        }
        by_name.values_mut().for_each(|times| times.sort_unstable());
        Ok(by_name)
    }
}
