//! What people of the company do in a conversation: take it, give it back, write, close; and the line
//! of those that wait for one.

use sqlx::{Row, Sqlite, Transaction};
use uuid::Uuid;

use super::super::audit::{Actor, note};
use super::super::files::{agent_key, are_waiting, attach};
use super::super::outbox::tell_change;
use super::super::takeover::{AfterChange, Change, Holding, NotYours};
use super::super::write::{insert, message, next_seq};
use super::super::{Author, Store, StoredMessage, from_word, now_ms, word_of};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;
use crate::privacy::CleanText;

/// What became of a change of who answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Moved {
    /// It was made; this event was stored with it.
    Now(StoredMessage),
    /// It stood like that already.
    AsBefore,
    /// It was not made.
    Refused(NotYours),
    /// There is no such conversation.
    Unknown,
}

/// What became of a message that a person wrote to the customer.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentAppended {
    /// Stored.
    New(StoredMessage),
    /// It had been stored before, under this number.
    Known(i64),
    /// Refused.
    Refused(NotYours),
    /// There is no such conversation.
    Unknown,
    /// Refused: one of its files is not there, or came with another message.
    UnknownFile,
}

impl Store {
    /// Makes `change`, if it is allowed as things stand, and stores the event that tells of it.
    pub async fn change(&self, conversation: &str, change: Change<'_>) -> Result<Moved> {
        let mut transaction = self.begin().await?;
        let Some(holding) = holding(&mut transaction, conversation).await? else {
            return Ok(Moved::Unknown);
        };
        let (next, event) = match holding.after(change) {
            AfterChange::Changed(next, event) => (next, event),
            AfterChange::AsBefore => return Ok(Moved::AsBefore),
            AfterChange::Refused(why) => return Ok(Moved::Refused(why)),
        };
        set_holding(&mut transaction, conversation, &next).await?;
        let seq = next_seq(&mut transaction, conversation).await?;
        let mut stored = message(seq, Author::Event, &Uuid::now_v7().to_string(), event.name());
        stored.agent = agent_of(change).map(str::to_string);
        insert(&mut transaction, conversation, &stored).await?;
        let actor = agent_of(change).map_or(Actor::Steward, Actor::Agent);
        note(&mut transaction, &actor, change.name(), conversation).await?;
        let agent = agent_of(change);
        tell_change(&mut transaction, &self.telling.load_full(), conversation, event, agent)
            .await?;
        transaction.commit().await.internal("cannot commit a change of state")?;
        Ok(Moved::Now(stored))
    }

    /// Stores what the person `agent`, who has the conversation, writes to the customer; once for each
    /// `client_id`. Everything that the customer wrote so far counts as answered by it.
    ///
    /// # Cancel safety
    /// Dropped before it is done, the message is either stored whole or not at all.
    pub async fn append_agent_message(
        &self,
        conversation: &str,
        agent: &str,
        client_id: &str,
        text: &CleanText,
    ) -> Result<AgentAppended> {
        self.append_agent_message_with_files(conversation, agent, client_id, text, &[]).await
    }

    /// The same, with files that this person brought before.
    ///
    /// # Cancel safety
    /// As above.
    pub async fn append_agent_message_with_files(
        &self,
        conversation: &str,
        agent: &str,
        client_id: &str,
        text: &CleanText,
        files: &[String],
    ) -> Result<AgentAppended> {
        let mut transaction = self.begin().await?;
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT seq FROM messages
             WHERE conversation = ? AND author = 'agent' AND message_id = ?",
        )
        .bind(conversation)
        .bind(client_id)
        .fetch_optional(&mut *transaction)
        .await
        .internal("cannot look for a message")?;
        if let Some(seq) = known {
            return Ok(AgentAppended::Known(seq));
        }
        let Some(holding) = holding(&mut transaction, conversation).await? else {
            return Ok(AgentAppended::Unknown);
        };
        if let Err(why) = holding.may_write(agent) {
            return Ok(AgentAppended::Refused(why));
        }
        if !are_waiting(&mut transaction, conversation, &agent_key(agent), files).await? {
            return Ok(AgentAppended::UnknownFile);
        }
        let seq = next_seq(&mut transaction, conversation).await?;
        let mut stored = message(seq, Author::Agent, client_id, text.as_str());
        stored.files = attach(&mut transaction, files, seq).await?;
        stored.agent = Some(agent.to_string());
        insert(&mut transaction, conversation, &stored).await?;
        sqlx::query(
            "UPDATE conversations SET answered_seq = last_customer_seq, attempts = 0 WHERE id = ?",
        )
        .bind(conversation)
        .execute(&mut *transaction)
        .await
        .internal("cannot update a conversation")?;
        transaction.commit().await.internal("cannot commit a person's message")?;
        Ok(AgentAppended::New(stored))
    }

    /// Who has the conversation.
    pub async fn holding(&self, conversation: &str) -> Result<Option<Holding>> {
        let row = sqlx::query("SELECT state, assignee, epoch FROM conversations WHERE id = ?")
            .bind(conversation)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a conversation")?;
        row.map(|row| holding_of(&row)).transpose()
    }

    /// Conversations that have waited in line since before `since_ms` and whose customer was not told yet.
    pub async fn waited_since(&self, since_ms: i64) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT id FROM conversations WHERE state = 'queued' AND waited_out = 0 AND state_ms < ?
             ORDER BY state_ms",
        )
        .bind(since_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read the line")
    }

    /// The people whose customers wait for an answer.
    pub async fn agents_waited_for(&self) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT DISTINCT assignee FROM conversations WHERE state = 'agent'
             AND assignee IS NOT NULL AND last_customer_seq > answered_seq",
        )
        .fetch_all(&self.readers)
        .await
        .internal("cannot read who is waited for")
    }

    /// Conversations that the person `agent` has and whose customer waits for an answer.
    pub async fn waiting_for(&self, agent: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT id FROM conversations WHERE state = 'agent'
             AND assignee = ? AND last_customer_seq > answered_seq",
        )
        .bind(agent)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read who waits")
    }

    /// Tells the customer in Steward's words that nobody came in time; the conversation stays in line.
    /// `None` if it is not in line any more, or the customer was told.
    pub async fn tell_waited_out(
        &self,
        conversation: &str,
        reply_id: &str,
        text: &str,
    ) -> Result<Option<StoredMessage>> {
        let mut transaction = self.begin().await?;
        let updated = sqlx::query(
            "UPDATE conversations SET waited_out = 1
             WHERE id = ? AND state = 'queued' AND waited_out = 0",
        )
        .bind(conversation)
        .execute(&mut *transaction)
        .await
        .internal("cannot update a conversation")?;
        if updated.rows_affected() == 0 {
            return Ok(None);
        }
        let seq = next_seq(&mut transaction, conversation).await?;
        let stored = message(seq, Author::Steward, reply_id, text);
        insert(&mut transaction, conversation, &stored).await?;
        transaction.commit().await.internal("cannot commit a message")?;
        Ok(Some(stored))
    }
}

/// Writes who has a conversation.
pub(in crate::store) async fn set_holding(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    holding: &Holding,
) -> Result<()> {
    sqlx::query(
        "UPDATE conversations SET state = ?1, assignee = ?2, epoch = ?3, state_ms = ?4, acknowledged = 0,
            waited_out = 0, attempts = 0, snoozed_until_ms = NULL,
            assigned_to = CASE WHEN ?1 IN ('agent', 'closed') THEN NULL ELSE assigned_to END WHERE id = ?5",
    )
    .bind(word_of(&holding.state)?)
    .bind(&holding.assignee)
    .bind(holding.epoch)
    .bind(now_ms())
    .bind(conversation)
    .execute(&mut **transaction)
    .await
    .internal("cannot change who has a conversation")?;
    Ok(())
}

/// Reads who has a conversation.
pub(in crate::store) async fn holding(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
) -> Result<Option<Holding>> {
    let row = sqlx::query("SELECT state, assignee, epoch FROM conversations WHERE id = ?")
        .bind(conversation)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot read a conversation")?;
    row.map(|row| holding_of(&row)).transpose()
}

fn holding_of(row: &sqlx::sqlite::SqliteRow) -> Result<Holding> {
    Ok(Holding {
        state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
        assignee: row.try_get("assignee").internal(BAD_ROW)?,
        epoch: row.try_get("epoch").internal(BAD_ROW)?,
    })
}

fn agent_of(change: Change<'_>) -> Option<&str> {
    match change {
        Change::TakeOver { agent, .. }
        | Change::GiveBack { agent }
        | Change::Requeue { agent }
        | Change::Close { agent } => Some(agent),
        Change::HandOff | Change::AgentLost | Change::NobodyCame => None,
    }
}
