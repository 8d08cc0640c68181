//! What people of the company do in conversations, and the line of those that wait for one.
//!
//! A hand-off is a state with an owner: [`Chat::change`] moves it, [`watch`] sees to it that nobody waits
//! in silence. A conversation in line longer than `hand_off.wait_seconds` gets the fallback; one whose person
//! has been away for `hand_off.away_seconds` while the customer waits goes back into line.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use uuid::Uuid;

use super::Chat;
use crate::Result;
use crate::bus::Notice;
use crate::config::Fallback;
use crate::privacy::CleanText;
use crate::store::takeover::Change;
use crate::store::{AgentAppended, Moved};

/// How often the line is looked at.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often what is too old is removed.
const CLEAN_EVERY: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 86_400_000;

impl Chat {
    /// Changes who has `conversation`, tells everybody who listens, and lets Steward answer what now waits
    /// for it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn change(&self, conversation: &str, change: Change<'_>) -> Result<Moved> {
        // One at a time, so that changes are told in the order in which they were made.
        let _one_at_a_time = self.changing.lock().await;
        let moved = self.store.change(conversation, change).await?;
        if let Moved::Now(event) = &moved {
            metrics::counter!("steward_holding_changes_total", "event" => event.text.clone())
                .increment(1);
            self.bus.publish(conversation, &Notice::Stored(Arc::new(event.clone())));
            self.runner.wake(conversation);
        }
        Ok(moved)
    }

    /// Stores and tells what the person `agent` writes to the customer.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn agent_says(
        &self,
        conversation: &str,
        agent: &str,
        client_id: &str,
        text: &CleanText,
        files: &[String],
    ) -> Result<AgentAppended> {
        let store = &self.store;
        let appended = store
            .append_agent_message_with_files(conversation, agent, client_id, text, files)
            .await?;
        if let AgentAppended::New(message) = &appended {
            self.bus.publish(conversation, &Notice::Stored(Arc::new(message.clone())));
        }
        Ok(appended)
    }

    /// Whether a person of the company is there.
    pub fn people_online(&self) -> bool {
        self.presence.is_anybody_there()
    }

    async fn tend_the_line(&self) -> Result<()> {
        let config = self.config.now();
        let settings = &config.hand_off;
        let wait_ms = i64::try_from(settings.wait_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        let before = Timestamp::now().as_millisecond().saturating_sub(wait_ms);
        for conversation in self.store.waited_since(before).await? {
            match settings.fallback {
                Fallback::Keep => {
                    let id = Uuid::now_v7().to_string();
                    let text = &settings.waited_out;
                    if let Some(told) = self.store.tell_waited_out(&conversation, &id, text).await?
                    {
                        self.bus.publish(&conversation, &Notice::Stored(Arc::new(told)));
                    }
                }
                Fallback::Steward => drop(self.change(&conversation, Change::NobodyCame).await?),
            }
            metrics::counter!("steward_waited_out_total").increment(1);
        }
        let away = Duration::from_secs(settings.away_seconds);
        for agent in self.store.agents_waited_for().await? {
            if self.presence.away_for(&agent, Instant::now()) < away {
                continue;
            }
            for conversation in self.store.waiting_for(&agent).await? {
                tracing::info!(conversation, agent, "the person is away: back into line");
                self.change(&conversation, Change::AgentLost).await?;
            }
        }
        Ok(())
    }
}

impl Chat {
    /// Removes what is kept no longer: old conversations, and files that no message took along.
    async fn clean(&self) {
        let days = self.config.now().privacy.retention_days;
        let failed = |what: &'static str, error: &crate::Error| {
            metrics::counter!("steward_errors_total", "where" => "retention").increment(1);
            tracing::error!(error = format!("{error:#}"), "{what} were not removed");
        };
        if days > 0 {
            match self.store.remove_older(i64::from(days) * DAY_MS).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "old conversations were removed"),
                Err(error) => failed("old conversations", &error),
            }
        }
        match self.store.remove_stray_files(DAY_MS).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files that no message took along were removed"),
            Err(error) => failed("files that no message took along", &error),
        }
    }
}

/// Tends the line until the chat is gone or stops.
pub(super) async fn watch(chat: Weak<Chat>) {
    let mut cleaned: Option<Instant> = None;
    let mut ticks = tokio::time::interval(WATCH_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(chat) = chat.upgrade() else { return };
        if chat.closing.is_cancelled() {
            return;
        }
        if let Err(error) = chat.tend_the_line().await {
            metrics::counter!("steward_errors_total", "where" => "line").increment(1);
            tracing::error!(error = format!("{error:#}"), "the line was not tended");
        }
        if cleaned.is_none_or(|last| last.elapsed() >= CLEAN_EVERY) {
            cleaned = Some(Instant::now());
            chat.clean().await;
        }
    }
}

/// Which people have a socket open, and since when the others have not.
#[derive(Debug)]
pub(super) struct Presence {
    started: Instant,
    people: Mutex<HashMap<String, Seen>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    sockets: u32,
    left: Instant,
}

/// A person who is there for as long as it lives.
pub(super) struct Present<'a> {
    presence: &'a Presence,
    agent: String,
}

impl Presence {
    /// Nobody is there; everybody was until `now`.
    pub fn new(now: Instant) -> Self {
        Self { started: now, people: Mutex::default() }
    }

    /// The person `agent` opened a socket.
    pub fn enter(&self, agent: &str) -> Present<'_> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Seen { sockets: 0, left: Instant::now() };
        people.entry(agent.to_string()).or_insert(seen).sockets += 1;
        Present { presence: self, agent: agent.to_string() }
    }

    /// Whether anybody has a socket open.
    pub fn is_anybody_there(&self) -> bool {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.values().any(|seen| seen.sockets > 0)
    }

    /// How long the person has had no socket open; a person never seen, since the server started.
    pub fn away_for(&self, agent: &str, now: Instant) -> Duration {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        match people.get(agent) {
            Some(seen) if seen.sockets > 0 => Duration::ZERO,
            Some(seen) => now.saturating_duration_since(seen.left),
            None => now.saturating_duration_since(self.started),
        }
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        let mut people = self.presence.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = people.get_mut(&self.agent) {
            seen.sockets -= 1;
            seen.left = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_away_once_the_last_socket_is_closed() {
        let start = Instant::now();
        let presence = Presence::new(start);
        let later = start + Duration::from_secs(3600);
        assert_eq!(presence.away_for("ada", later), Duration::from_secs(3600));
        let first = presence.enter("ada");
        let second = presence.enter("ada");
        drop(first);
        assert_eq!(presence.away_for("ada", later), Duration::ZERO);
        drop(second);
        let away = presence.away_for("ada", later);
        assert!(away > Duration::from_secs(3590) && away <= Duration::from_secs(3600));
    }
}
