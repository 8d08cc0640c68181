//! What other systems are told: written in the transaction of what happened, delivered afterwards.
//!
//! So nothing is told that did not happen, and nothing that happened goes untold because the process ended.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Row, Sqlite, Transaction};
use uuid::Uuid;

use super::takeover::HoldingEvent;
use super::{Store, from_word, now_ms, word_of};
use crate::Result;
use crate::config::Config;
use crate::error::Context;

/// What happened, by the name that a webhook carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A conversation waits for a person.
    HandedOff,
    /// A person has it.
    TakenOver,
    /// Steward answers again.
    Released,
    /// It is over.
    Closed,
    /// A message was judged likely to need a person.
    EscalationRisk,
    /// The customer answered the survey.
    SurveyAnswered,
    /// Sent by `steward webhooks test`.
    Test,
}

impl EventKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HandedOff => "conversation.handed_off",
            Self::TakenOver => "conversation.taken_over",
            Self::Released => "conversation.released",
            Self::Closed => "conversation.closed",
            Self::EscalationRisk => "conversation.escalation_risk",
            Self::SurveyAnswered => "survey.answered",
            Self::Test => "test",
        }
    }
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, for the first time or again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// Given up; `steward webhooks replay` sends it again.
    Dead,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// The event's id, the same for every endpoint and attempt.
    pub id: String,
    /// The endpoint's name in the settings.
    pub endpoint: String,
    /// [`EventKind::name`].
    pub kind: String,
    /// What is sent: the same bytes each time.
    pub body: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent next, in milliseconds since 1970.
    pub next_ms: i64,
    /// Why the last attempt failed.
    pub error: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempted {
    /// The endpoint took it.
    Delivered,
    /// To be sent again then, in milliseconds since 1970.
    Again(i64, String),
    /// Given up.
    Dead(String),
}

/// Who is told, and what counts as a risk.
#[derive(Debug, Default)]
pub struct Telling {
    /// Names of the endpoints in the settings.
    pub endpoints: Vec<String>,
    /// From this probability on a message is told as one that may need a person.
    pub escalation_from: f64,
}

impl Telling {
    /// As the settings say.
    pub fn of(config: &Config) -> Self {
        Self {
            endpoints: config.webhooks.endpoints.keys().cloned().collect(),
            escalation_from: f64::from(config.agent.policy.hand_off_from),
        }
    }
}

impl Store {
    /// Tells others what happens from now on.
    pub fn telling(self, telling: Telling) -> Self {
        self.telling.store(telling.into());
        self
    }

    /// Tells others than before from now on.
    pub(crate) fn tell_instead(&self, telling: Telling) {
        self.telling.store(telling.into());
    }

    /// Puts an event in line that nothing in the store happened for.
    pub async fn tell(&self, kind: EventKind, data: Value) -> Result<String> {
        let mut transaction = self.begin().await?;
        let id = tell(&mut transaction, &self.telling.load_full(), kind, data).await?;
        transaction.commit().await.internal("cannot commit an event")?;
        Ok(id)
    }

    /// Deliveries that are due, the oldest first.
    pub async fn due_deliveries(&self, now_ms: i64, limit: u32) -> Result<Vec<Delivery>> {
        let rows = sqlx::query(
            "SELECT * FROM deliveries WHERE state = 'waiting' AND next_ms <= ? ORDER BY next_ms LIMIT ?",
        )
        .bind(now_ms)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read what is to be delivered")?;
        rows.iter().map(delivery_of).collect()
    }

    /// The newest deliveries, at most `limit`, newest first.
    pub async fn deliveries(&self, limit: u32) -> Result<Vec<Delivery>> {
        let rows = sqlx::query("SELECT * FROM deliveries ORDER BY id DESC, endpoint LIMIT ?")
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read the deliveries")?;
        rows.iter().map(delivery_of).collect()
    }

    /// Writes how an attempt ended.
    pub async fn attempted(&self, delivery: &Delivery, outcome: &Attempted) -> Result<()> {
        let (state, next, error) = match outcome {
            Attempted::Delivered => (DeliveryState::Delivered, delivery.next_ms, ""),
            Attempted::Again(next, error) => (DeliveryState::Waiting, *next, error.as_str()),
            Attempted::Dead(error) => (DeliveryState::Dead, delivery.next_ms, error.as_str()),
        };
        sqlx::query(
            "UPDATE deliveries SET state = ?, attempts = attempts + 1, next_ms = ?, error = ?
             WHERE id = ? AND endpoint = ?",
        )
        .bind(word_of(&state)?)
        .bind(next)
        .bind(error)
        .bind(&delivery.id)
        .bind(&delivery.endpoint)
        .execute(&self.writer)
        .await
        .internal("cannot write how a delivery ended")?;
        Ok(())
    }

    /// Puts dead deliveries in line again: that of the event `id`, or all. Returns how many.
    pub async fn replay(&self, id: Option<&str>) -> Result<u64> {
        let replayed = sqlx::query(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, next_ms = ?1
             WHERE (?2 IS NULL AND state = 'dead') OR id = ?2",
        )
        .bind(now_ms())
        .bind(id)
        .execute(&self.writer)
        .await
        .internal("cannot put deliveries in line again")?;
        Ok(replayed.rows_affected())
    }

    /// Removes what was delivered before `before_ms`.
    pub async fn forget_delivered(&self, before_ms: i64) -> Result<u64> {
        let removed =
            sqlx::query("DELETE FROM deliveries WHERE state = 'delivered' AND created_ms < ?")
                .bind(before_ms)
                .execute(&self.writer)
                .await
                .internal("cannot remove what was delivered")?;
        Ok(removed.rows_affected())
    }
}

/// Puts an event in line for each of `endpoints`, in the transaction of what happened. Returns its id.
pub(super) async fn tell(
    transaction: &mut Transaction<'static, Sqlite>,
    telling: &Telling,
    kind: EventKind,
    data: Value,
) -> Result<String> {
    let id = format!("msg_{}", Uuid::now_v7().simple());
    let now = now_ms();
    let timestamp = jiff::Timestamp::from_millisecond(now).internal("a time out of range")?;
    let body = json!({ "type": kind.name(), "timestamp": timestamp.to_string(), "data": data });
    for endpoint in &telling.endpoints {
        sqlx::query(
            "INSERT INTO deliveries (id, endpoint, kind, body, next_ms, created_ms)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&id)
        .bind(endpoint)
        .bind(kind.name())
        .bind(body.to_string())
        .bind(now)
        .bind(now)
        .execute(&mut **transaction)
        .await
        .internal("cannot put an event in line")?;
    }
    Ok(id)
}

/// Tells that somebody else has a conversation.
pub(super) async fn tell_change(
    transaction: &mut Transaction<'static, Sqlite>,
    telling: &Telling,
    conversation: &str,
    event: HoldingEvent,
    agent: Option<&str>,
) -> Result<()> {
    let kind = match event {
        HoldingEvent::HandedOff => EventKind::HandedOff,
        HoldingEvent::AgentJoined => EventKind::TakenOver,
        HoldingEvent::AgentLeft | HoldingEvent::NobodyCame => EventKind::Released,
        HoldingEvent::Closed => EventKind::Closed,
    };
    tell(transaction, telling, kind, json!({ "conversation": conversation, "agent": agent }))
        .await?;
    Ok(())
}

/// Tells of a message that was judged likely to need a person.
pub(super) async fn tell_judgement(
    transaction: &mut Transaction<'static, Sqlite>,
    telling: &Telling,
    conversation: &str,
    seq: i64,
    judgement: &Value,
) -> Result<()> {
    let escalation = &judgement["escalation"];
    let probability = escalation["probability"].as_f64().unwrap_or(0.0);
    if !telling.endpoints.is_empty() && probability >= telling.escalation_from {
        let data = json!({
            "conversation": conversation,
            "seq": seq,
            "probability": probability,
            "reason": escalation["reason"],
        });
        tell(transaction, telling, EventKind::EscalationRisk, data).await?;
    }
    Ok(())
}

fn delivery_of(row: &sqlx::sqlite::SqliteRow) -> Result<Delivery> {
    Ok(Delivery {
        id: row.try_get("id").internal(BAD_ROW)?,
        endpoint: row.try_get("endpoint").internal(BAD_ROW)?,
        kind: row.try_get("kind").internal(BAD_ROW)?,
        body: row.try_get("body").internal(BAD_ROW)?,
        state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
        attempts: row.try_get("attempts").internal(BAD_ROW)?,
        next_ms: row.try_get("next_ms").internal(BAD_ROW)?,
        error: row.try_get("error").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a delivery has an unexpected shape";
