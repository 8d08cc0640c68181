//! The list of conversations: which, in which order, page by page.
//!
//! A page ends at a place in the order (a [`Cursor`]: the sort key and id of its last entry, and the moment that the first page
//! was read at), not at a number of entries: whatever changes meanwhile, a conversation that does not change itself comes
//! exactly once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite};

use super::super::{Store, now_ms};
use super::BAD_ROW;
use super::entry::{Entry, columns, entry_of};
use super::urgency::{WAITING_SINCE, urgency_sql};
use crate::Result;
use crate::error::Context;

/// Which conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// In line, with a person, or unanswered by Steward; not snoozed.
    #[default]
    Open,
    /// In line for a person, not snoozed.
    Queued,
    /// With a person, not snoozed.
    Agent,
    /// With Steward, not snoozed.
    Bot,
    /// Over.
    Closed,
    /// Out of sight for a while.
    Snoozed,
    /// All of them.
    All,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Escalation risk, wait and value together.
    #[default]
    Urgency,
    /// Who has waited longest first.
    Waiting,
    /// The newest message first.
    Newest,
    /// The oldest message first.
    Oldest,
}

/// Characters of a random id that name it.
const FEWEST_OF_AN_ID: usize = 8;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Which conversations.
    pub state: ListState,
    /// Held by this person, or given to them; `Some(None)`: by nobody.
    pub assignee: Option<Option<String>>,
    /// With this tag.
    pub tag: Option<String>,
    /// With this intent.
    pub intent: Option<String>,
    /// As likely as this to need a person, or likelier.
    pub min_escalation: Option<f64>,
    /// Of a customer whose name or id holds these words, or with them in its newest words or tags.
    pub words: Option<String>,
}

/// A place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    sort: Sort,
    /// When the first page was read: urgency is counted as of then on every page.
    as_of_ms: i64,
    key: f64,
    id: String,
}

/// A text that is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCursor;

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In order.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// How many conversations there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In line for a person.
    pub queued: i64,
    /// With a person.
    pub agent: i64,
    /// Held by the person who asks, or given to them.
    pub mine: i64,
    /// With Steward.
    pub bot: i64,
    /// Out of sight for a while.
    pub snoozed: i64,
    /// Unread mentions of the person who asks.
    pub mentions: i64,
}

impl Cursor {
    /// As it is sent.
    pub fn written(&self) -> String {
        let Self { sort, as_of_ms, key, id } = self;
        let parts = serde_json::json!([sort, as_of_ms, key.to_bits(), id]);
        URL_SAFE_NO_PAD.encode(parts.to_string())
    }

    /// As it was sent, for a list in this order.
    ///
    /// # Errors
    /// If it is none, or of a list in another order.
    pub fn read(text: &str, sort: Sort) -> std::result::Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (of_sort, as_of_ms, bits, id): (Sort, i64, u64, String) =
            serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        let key = f64::from_bits(bits);
        if of_sort != sort || !key.is_finite() {
            return Err(BadCursor);
        }
        Ok(Self { sort, as_of_ms, key, id })
    }
}

impl Sort {
    /// What is sorted by, the greatest first.
    fn key_sql(self, as_of_ms: i64) -> String {
        match self {
            Self::Urgency => urgency_sql(as_of_ms),
            // Who waits for nothing comes last.
            Self::Waiting => format!("-coalesce({WAITING_SINCE}, {})", i64::MAX >> 12),
            Self::Newest => "last_ms".to_string(),
            Self::Oldest => "-last_ms".to_string(),
        }
    }
}

impl Filter {
    fn push(&self, query: &mut QueryBuilder<Sqlite>, now_ms: i64) {
        query.push(" last_seq > 0");
        let is_state = match self.state {
            ListState::Open => {
                " AND (state IN ('queued', 'agent') OR (state = 'bot' AND waiting_ms IS NOT NULL))"
            }
            ListState::Queued => " AND state = 'queued'",
            ListState::Agent => " AND state = 'agent'",
            ListState::Bot => " AND state = 'bot'",
            ListState::Closed => " AND state = 'closed'",
            ListState::Snoozed => " AND state <> 'closed'",
            ListState::All => "",
        };
        query.push(is_state);
        match self.state {
            ListState::Snoozed => query.push(" AND snoozed_until_ms > ").push_bind(now_ms),
            ListState::Closed | ListState::All => query,
            _ => query
                .push(" AND (snoozed_until_ms IS NULL OR snoozed_until_ms <= ")
                .push_bind(now_ms)
                .push(")"),
        };
        match &self.assignee {
            None => {}
            Some(None) => drop(query.push(" AND assignee IS NULL AND assigned_to IS NULL")),
            Some(Some(name)) => {
                query.push(" AND (assignee = ").push_bind(name.clone());
                query.push(" OR assigned_to = ").push_bind(name.clone()).push(")");
            }
        }
        if let Some(tag) = &self.tag {
            query.push(" AND id IN (SELECT conversation FROM conversation_tags WHERE tag = ");
            query.push_bind(tag.clone()).push(")");
        }
        if let Some(intent) = &self.intent {
            query.push(" AND intent = ").push_bind(intent.clone());
        }
        if let Some(least) = self.min_escalation {
            query.push(" AND escalation >= ").push_bind(least);
        }
        if let Some(words) = &self.words {
            let within = format!("%{}%", like_pattern(words));
            query.push(" AND (owner_name LIKE ").push_bind(within.clone());
            query.push(" ESCAPE '\\' OR preview LIKE ").push_bind(within.clone());
            query.push(" ESCAPE '\\' OR owner LIKE ");
            query.push_bind(format!("customer:{within}")).push(" ESCAPE '\\'");
            // Ids that are random hold any few letters somewhere: what is meant is their beginning.
            if words.trim().len() >= FEWEST_OF_AN_ID {
                let beginning = format!("{}%", like_pattern(words));
                query.push(" OR id LIKE ").push_bind(beginning.clone());
                query.push(" ESCAPE '\\' OR owner LIKE ");
                query.push_bind(format!("visitor:{beginning}")).push(" ESCAPE '\\'");
            }
            query.push(" OR id IN (SELECT conversation FROM conversation_tags WHERE tag LIKE ");
            query.push_bind(within).push(" ESCAPE '\\'))");
        }
    }
}

/// `words` as a pattern that means them as they stand.
fn like_pattern(words: &str) -> String {
    let mut pattern = String::new();
    for character in words.trim().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

impl Store {
    /// Up to `limit` conversations after `cursor`.
    pub async fn list(
        &self,
        filter: &Filter,
        sort: Sort,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page> {
        let now_ms = now_ms();
        let as_of_ms = cursor.map_or(now_ms, |cursor| cursor.as_of_ms);
        let key = sort.key_sql(as_of_ms);
        // The page's ids first, so that the rest is read for them alone.
        let mut query = QueryBuilder::<Sqlite>::new("SELECT sort_key, ");
        query.push(columns()).push(" FROM (SELECT id AS chosen, ").push(&key);
        query.push(" AS sort_key FROM conversations WHERE");
        filter.push(&mut query, now_ms);
        if let Some(cursor) = cursor {
            query.push(" AND ").push(&key).push(" <= ").push_bind(cursor.key);
            query.push(" AND (").push(&key).push(" < ").push_bind(cursor.key);
            query.push(" OR id < ").push_bind(cursor.id.clone()).push(")");
        }
        query.push(" ORDER BY sort_key DESC, id DESC LIMIT ").push_bind(i64::from(limit) + 1);
        query.push(") JOIN conversations ON id = chosen ORDER BY sort_key DESC, id DESC");
        let mut rows =
            query.build().fetch_all(&self.readers).await.internal("cannot list conversations")?;
        let is_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = match rows.last().filter(|_| is_more) {
            None => None,
            Some(last) => Some(Cursor {
                sort,
                as_of_ms,
                key: last.try_get_unchecked("sort_key").internal(BAD_ROW)?,
                id: last.try_get("id").internal(BAD_ROW)?,
            }),
        };
        let entries = rows.iter().map(|row| entry_of(row, now_ms)).collect::<Result<_>>()?;
        Ok(Page { entries, next })
    }

    /// How many conversations there are of each kind, for `person`.
    pub async fn counts(&self, person: &str) -> Result<Counts> {
        let row = sqlx::query(
            "SELECT
                coalesce(sum(awake AND state = 'queued'), 0) AS queued,
                coalesce(sum(awake AND state = 'agent'), 0) AS agent,
                coalesce(sum(awake AND (assignee = ?1 OR assigned_to = ?1)), 0) AS mine,
                coalesce(sum(awake AND state = 'bot'), 0) AS bot,
                coalesce(sum(NOT awake), 0) AS snoozed,
                (SELECT count(*) FROM mentions WHERE member = ?1 AND read_ms IS NULL) AS mentions
             FROM (SELECT state, assignee, assigned_to, coalesce(snoozed_until_ms, 0) <= ?2 AS awake
                   FROM conversations WHERE state <> 'closed' AND last_seq > 0)",
        )
        .bind(person)
        .bind(now_ms())
        .fetch_one(&self.readers)
        .await
        .internal("cannot count conversations")?;
        let count = |name: &str| row.try_get::<i64, _>(name).internal(BAD_ROW);
        Ok(Counts {
            queued: count("queued")?,
            agent: count("agent")?,
            mine: count("mine")?,
            bot: count("bot")?,
            snoozed: count("snoozed")?,
            mentions: count("mentions")?,
        })
    }
}
