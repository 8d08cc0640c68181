//! A conversation as the desk lists it, read from the columns that triggers keep (`migrations/0007_desk.sql`).

use std::collections::HashMap;

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::super::{Author, ConversationState, Store, from_word, now_ms};
use super::BAD_ROW;
use super::urgency::{Standing, WAITING_SINCE, urgency};
use crate::Result;
use crate::error::Context;

/// One conversation in the desk's list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its id.
    pub conversation: String,
    /// The customer's name, if their records or they themselves say one.
    pub owner_name: Option<String>,
    /// `customer:<id>` or `visitor:<uuid>`.
    pub owner: String,
    /// True if the site vouched for who it is.
    pub signed_in: bool,
    /// `bot`, `queued`, `agent` or `closed`.
    pub state: ConversationState,
    /// The person who has it.
    pub assignee: Option<String>,
    /// Since when it stands so, in milliseconds since 1970, as everywhere below.
    pub since_ms: i64,
    /// When it began.
    pub created_ms: i64,
    /// When its newest message came.
    pub last_ms: i64,
    /// Number of its newest message.
    pub last_seq: i64,
    /// The beginning of the newest words, 140 characters.
    pub preview: String,
    /// Whose they are: `customer`, `steward` or `agent`.
    pub preview_from: Option<Author>,
    /// True if the customer wrote something that nobody has answered.
    pub customer_waits: bool,
    /// Since when somebody is waited for.
    pub waiting_since_ms: Option<i64>,
    /// True if the customer was told that nobody came in time.
    pub waited_out: bool,
    /// Probability that the matter needs a person, as its newest message was judged.
    pub escalation: Option<f64>,
    /// The likeliest reason, should it.
    pub escalation_reason: Option<String>,
    /// Probability that the customer is not dissatisfied, at the newest judged message.
    pub satisfaction: Option<f64>,
    /// What the customer wants; `out_of_scope` if none of the intents.
    pub intent: Option<String>,
    /// What the customer's records are worth together.
    pub value: Option<f64>,
    /// By name.
    pub tags: Vec<String>,
    /// Out of sight until then, or until the customer writes.
    pub snoozed_until_ms: Option<i64>,
    /// The person who was asked to take it.
    pub assigned_to: Option<String>,
    /// Risk, wait and value together, 0 to 1.
    pub urgency: f64,
}

/// An entry that changed, and for whom unread mentions are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// As it stands now.
    pub entry: Entry,
    /// Unread mentions by lower-case name.
    pub unread: HashMap<String, i64>,
}

/// The columns of an entry; `tags` as a JSON list.
pub(super) fn columns() -> String {
    format!(
        "id, owner, owner_name, state, assignee, state_ms, created_ms, last_ms, last_seq, preview, preview_from,
         last_customer_seq > answered_seq AS customer_waits, {WAITING_SINCE} AS waiting_since_ms, waited_out, escalation,
         escalation_reason, dissatisfied, intent, owner_value, snoozed_until_ms, assigned_to,
         (SELECT json_group_array(tag) FROM conversation_tags WHERE conversation = id) AS tags"
    )
}

pub(super) fn entry_of(row: &SqliteRow, now_ms: i64) -> Result<Entry> {
    let owner: String = row.try_get("owner").internal(BAD_ROW)?;
    let preview_from: Option<String> = row.try_get("preview_from").internal(BAD_ROW)?;
    let tags: String = row.try_get("tags").internal(BAD_ROW)?;
    let dissatisfied: Option<f64> = row.try_get("dissatisfied").internal(BAD_ROW)?;
    let snoozed_until_ms: Option<i64> = row.try_get("snoozed_until_ms").internal(BAD_ROW)?;
    let mut entry = Entry {
        conversation: row.try_get("id").internal(BAD_ROW)?,
        owner_name: row.try_get("owner_name").internal(BAD_ROW)?,
        signed_in: owner.starts_with("customer:"),
        owner,
        state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
        assignee: row.try_get("assignee").internal(BAD_ROW)?,
        since_ms: row.try_get("state_ms").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        last_ms: row.try_get("last_ms").internal(BAD_ROW)?,
        last_seq: row.try_get("last_seq").internal(BAD_ROW)?,
        preview: row.try_get("preview").internal(BAD_ROW)?,
        preview_from: preview_from.map(from_word).transpose()?,
        customer_waits: row.try_get("customer_waits").internal(BAD_ROW)?,
        waiting_since_ms: row.try_get("waiting_since_ms").internal(BAD_ROW)?,
        waited_out: row.try_get("waited_out").internal(BAD_ROW)?,
        escalation: row.try_get("escalation").internal(BAD_ROW)?,
        escalation_reason: row.try_get("escalation_reason").internal(BAD_ROW)?,
        satisfaction: dissatisfied.map(|probability| 1.0 - probability),
        intent: row.try_get("intent").internal(BAD_ROW)?,
        value: row.try_get("owner_value").internal(BAD_ROW)?,
        tags: serde_json::from_str(&tags).internal(BAD_ROW)?,
        snoozed_until_ms: snoozed_until_ms.filter(|until_ms| *until_ms > now_ms),
        assigned_to: row.try_get("assigned_to").internal(BAD_ROW)?,
        urgency: 0.0,
    };
    let Entry { escalation, waiting_since_ms, value, .. } = entry;
    entry.urgency = urgency(&Standing { escalation, waiting_since_ms, value }, now_ms);
    Ok(entry)
}

impl Store {
    /// The entry of one conversation.
    pub async fn entry(&self, conversation: &str) -> Result<Option<Entry>> {
        let sql = format!("SELECT {} FROM conversations WHERE id = ?", columns());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(conversation)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a conversation")?;
        row.map(|row| entry_of(&row, now_ms())).transpose()
    }

    /// The entries of `conversations` in which something was said, with whom unread mentions in them are for.
    pub async fn changed_entries(&self, conversations: &[String]) -> Result<Vec<Changed>> {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT {} FROM conversations", columns()));
        query.push(" WHERE last_seq > 0 AND id IN (");
        push_all(&mut query, conversations);
        let rows = query
            .push(")")
            .build()
            .fetch_all(&self.readers)
            .await
            .internal("cannot read conversations")?;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT conversation, lower(member) AS member, count(*) AS unread FROM mentions
             WHERE read_ms IS NULL AND conversation IN (",
        );
        push_all(&mut query, conversations);
        let unread = query
            .push(") GROUP BY 1, 2")
            .build()
            .fetch_all(&self.readers)
            .await
            .internal("cannot read mentions")?;
        let mut changed = Vec::with_capacity(rows.len());
        for row in &rows {
            changed.push(Changed { entry: entry_of(row, now_ms())?, unread: HashMap::new() });
        }
        for row in unread {
            let conversation: String = row.try_get("conversation").internal(BAD_ROW)?;
            let of_it = |one: &&mut Changed| one.entry.conversation == conversation;
            if let Some(one) = changed.iter_mut().find(of_it) {
                let member = row.try_get("member").internal(BAD_ROW)?;
                one.unread.insert(member, row.try_get("unread").internal(BAD_ROW)?);
            }
        }
        Ok(changed)
    }
}

pub(super) fn push_all(query: &mut QueryBuilder<Sqlite>, values: &[String]) {
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value.clone());
    }
}
