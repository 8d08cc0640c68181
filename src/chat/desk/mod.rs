//! What people of the company do in conversations, and the line of those that wait for one.
//!
//! A hand-off is a state with an owner: [`Chat::change`] moves it, `watch` sees to it that nobody waits
//! in silence. A conversation in line longer than `hand_off.wait_seconds` gets the fallback; one whose person
//! has been away for `hand_off.away_seconds` while the customer waits goes back into line.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
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

pub mod canned;
pub mod hub;
pub mod presence;
mod profile;
pub mod viewers;

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
                Ok(removed) if removed.is_empty() => {}
                Ok(removed) => {
                    tracing::info!(removed = removed.len(), "old conversations were removed");
                    self.tell_removed(&removed);
                }
                Err(error) => failed("old conversations", &error),
            }
        }
        match self.store.remove_stray_files(DAY_MS).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files that no message took along were removed"),
            Err(error) => failed("files that no message took along", &error),
        }
    }

    /// Brings back what was snoozed until now, forgets who left, and tells desks of both.
    async fn tend_desks(&self, there: &mut BTreeSet<String>) -> Result<()> {
        self.tell_viewers(self.viewers.forget_gone(Instant::now()));
        for conversation in self.store.wake_snoozed().await? {
            self.bus.changed(&conversation);
        }
        let now = self.presence.there();
        if now != *there {
            *there = now;
            self.tell_team().await?;
        }
        Ok(())
    }
}

/// Tends the line until the chat is gone or stops.
pub(super) async fn watch(chat: Weak<Chat>) {
    let mut cleaned: Option<Instant> = None;
    let mut there = BTreeSet::new();
    let mut profiled = None;
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
        if let Err(error) = chat.tend_desks(&mut there).await {
            metrics::counter!("steward_errors_total", "where" => "desk").increment(1);
            tracing::error!(error = format!("{error:#}"), "the desks were not tended");
        }
        if let Err(error) = chat.tend_profiles(&mut profiled).await {
            metrics::counter!("steward_errors_total", "where" => "profile").increment(1);
            tracing::error!(error = format!("{error:#}"), "customers' names were not kept");
        }
        if cleaned.is_none_or(|last| last.elapsed() >= CLEAN_EVERY) {
            cleaned = Some(Instant::now());
            chat.clean().await;
        }
    }
}
