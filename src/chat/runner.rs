//! Answers what waits in the conversations: one turn at a time in each, a bounded number in all.
//!
//! The store says what waits, so nothing is lost when the process ends in the middle of a turn:
//! [`Runner::wake`] is called for every conversation that has something unanswered at the start.
//! Messages that come during a turn are answered together by the next one.

mod answer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use uuid::Uuid;

use super::judging_line::JudgingLine;
use super::running::Running;
use super::suggest::Suggester;
use super::traced::{Traced, TurnTimes, spans_of};
use crate::Result;
use crate::bus::Bus;
use crate::config::live::LiveConfig;
use crate::retrieve::Index;
use crate::store::{Store, TurnTicket};
use crate::telemetry::counted::Counted;
use crate::telemetry::otlp::Exporter;
use crate::telemetry::span::TraceParent;
use crate::turn::Agent;
use crate::turn::decide::PolicySettings;
use answer::Outcome;

const PAUSE_AFTER_STORE_FAULT: Duration = Duration::from_secs(2);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);

/// Runs turns. Cloning shares it.
#[derive(Clone)]
pub struct Runner {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) agent: Arc<Agent>,
    suggester: Suggester,
    pub(super) store: Store,
    pub(super) bus: Bus,
    config: LiveConfig,
    turns: Semaphore,
    /// Where spans go, if anywhere.
    exporter: Option<Exporter>,
    /// The traces that the newest messages of conversations belong to, until they are answered.
    parents: Mutex<HashMap<String, TraceParent>>,
    /// Conversations that are being answered.
    answering: Running,
    /// Conversations whose unanswered messages are being judged, one at a time: answers go first.
    pub(super) judging: JudgingLine,
    pub(super) tasks: TaskTracker,
    /// No new turn is begun any more.
    pub(super) stopping: CancellationToken,
    /// Turns under way are dropped.
    aborting: CancellationToken,
}

impl Runner {
    /// A runner that answers with `agent`.
    pub fn new(
        agent: Arc<Agent>,
        store: Store,
        bus: Bus,
        config: LiveConfig,
        exporter: Option<Exporter>,
        suggester: Suggester,
    ) -> Self {
        let inner = Inner {
            agent,
            suggester,
            store,
            bus,
            turns: Semaphore::new(config.now().limits.concurrent_turns),
            config,
            exporter,
            parents: Mutex::default(),
            answering: Running::default(),
            judging: JudgingLine::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            aborting: CancellationToken::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The index that the answers come from.
    pub fn index(&self) -> &Index {
        self.inner.agent.index()
    }

    /// What makes the replies.
    pub fn agent(&self) -> &Arc<Agent> {
        &self.inner.agent
    }

    /// Turns that begin from now on follow `policy`.
    pub(crate) fn follow(&self, policy: &PolicySettings) {
        self.inner.agent.follow(policy.clone());
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// As [`Runner::wake`], for a message that belongs to the trace of another system.
    pub fn wake_in_trace(&self, conversation: &str, parent: Option<TraceParent>) {
        if let Some(parent) = parent.filter(|_| self.inner.exporter.is_some()) {
            self.inner.parents().insert(conversation.to_string(), parent);
        }
        self.wake(conversation);
    }

    /// Answers what waits in `conversation`, if anything does. Returns at once.
    pub fn wake(&self, conversation: &str) {
        let inner = &self.inner;
        if inner.stopping.is_cancelled() {
            return;
        }
        if !inner.answering.begin(conversation) {
            return;
        }
        let task = self.inner.clone();
        let conversation = conversation.to_string();
        let span = tracing::error_span!(parent: None, "turns", conversation);
        let answering = async move { task.answer_all(&conversation).await };
        inner.tasks.spawn(answering.instrument(span));
    }

    /// Answers everything that an earlier process acknowledged and left unanswered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wake_unanswered(&self) -> Result<usize> {
        let waiting = self.inner.store.unanswered_conversations().await?;
        for conversation in &waiting {
            self.wake(conversation);
        }
        Ok(waiting.len())
    }

    /// Begins no new turn, lets those under way finish within `grace` and drops the rest; their
    /// messages are answered at the next start.
    pub async fn stop(&self, grace: Duration) {
        self.inner.stopping.cancel();
        self.inner.tasks.close();
        if tokio::time::timeout(grace, self.inner.tasks.wait()).await.is_err() {
            tracing::warn!("replies under way did not finish in time; they are made again later");
            self.inner.aborting.cancel();
            self.inner.tasks.wait().await;
        }
    }
}

impl Inner {
    async fn answer_all(self: Arc<Self>, conversation: &str) {
        // One id for all attempts: a reply that was broken off is completed, not doubled.
        let mut reply_id: Arc<str> = Uuid::now_v7().to_string().into();
        let mut may_stream = true;
        loop {
            self.answering.looks(conversation);
            let waiting = Counted::new("steward_turns_waiting");
            let permit = tokio::select! {
                permit = self.turns.acquire() => permit,
                () = self.stopping.cancelled() => break,
            };
            drop(waiting);
            let fence = self.bus.open_reply(conversation, &reply_id);
            let ticket = match self.store.begin_turn(conversation).await {
                Ok(Some(ticket)) => ticket,
                Ok(None) => {
                    self.bus.abandon_reply(conversation);
                    if self.answering.finish(conversation) {
                        self.parents().remove(conversation);
                        self.judge_the_rest(conversation);
                        return;
                    }
                    continue;
                }
                Err(error) => {
                    tracing::error!(conversation, error = format!("{error:#}"), "no turn begun");
                    drop(permit);
                    if self.stops_within(PAUSE_AFTER_STORE_FAULT).await {
                        break;
                    }
                    continue;
                }
            };
            let running = Counted::new("steward_turns_running");
            let answer = self.answer_one(&ticket, &reply_id, &mut may_stream);
            let outcome = tokio::select! {
                outcome = answer => outcome,
                // Somebody else has it: the work stops here, and what was made of it is dropped.
                () = fence.cancelled() => Ok(Outcome::Done),
            };
            drop((running, permit));
            match outcome {
                Ok(Outcome::Done) => {
                    reply_id = Uuid::now_v7().to_string().into();
                    may_stream = true;
                }
                Ok(Outcome::Failed) => tokio::time::sleep(PAUSE_AFTER_FAILURE).await,
                Ok(Outcome::Busy(pause)) => {
                    if self.stops_within(pause).await {
                        break;
                    }
                }
                Ok(Outcome::Stopped) => break,
                Err(error) => {
                    tracing::error!(conversation, error = format!("{error:#}"), "turn not stored");
                    metrics::counter!("steward_errors_total", "where" => "turn").increment(1);
                    if self.stops_within(PAUSE_AFTER_STORE_FAULT).await {
                        break;
                    }
                }
            }
        }
        self.bus.abandon_reply(conversation);
        self.parents().remove(conversation);
        self.answering.forget(conversation);
    }

    fn parents(&self) -> MutexGuard<'_, HashMap<String, TraceParent>> {
        // Single insertions and removals only: a panic cannot leave the map half changed.
        self.parents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trace(
        &self,
        ticket: &TurnTicket,
        parent: Option<TraceParent>,
        times: &TurnTimes,
        reply: Option<&Traced>,
    ) {
        if let Some(exporter) = &self.exporter
            && parent.is_none_or(|parent| parent.sampled)
        {
            exporter.export(spans_of(ticket, parent, times, reply));
        }
    }

    /// True if the server stops before `pause` is over. After a fault of the store the messages still
    /// wait in it, and are answered once it works again.
    async fn stops_within(&self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.stopping.cancelled()).await.is_ok()
    }
}
