//! Answers what waits in the conversations: one turn at a time in each, a bounded number in all.
//!
//! The store says what waits, so nothing is lost when the process ends in the middle of a turn:
//! [`Runner::wake`] is called for every conversation that has something unanswered at the start.
//! Messages that come during a turn are answered together by the next one.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use uuid::Uuid;

use super::hand_off;
use super::judging_line::JudgingLine;
use super::running::Running;
use super::suggest::Suggester;
use super::summary::summarised;
use super::traced::{Traced, TurnTimes, count_turn, spans_of};
use super::transcript::turn_input;
use crate::bus::{Bus, Notice};
use crate::config::live::LiveConfig;
use crate::error::Context;
use crate::retrieve::Index;
use crate::store::{ConversationState, NewReply, NewSuggestion, Store, TurnTicket};
use crate::telemetry::counted::Counted;
use crate::telemetry::otlp::Exporter;
use crate::telemetry::span::TraceParent;
use crate::turn::decide::PolicySettings;
use crate::turn::{self, Agent, DecisionKind, Reply, TurnInput};
use crate::{Error, ErrorKind, Result};

/// After so many turns without a reply a person has to look at the conversation.
const MAX_ATTEMPTS: i64 = 3;
const PAUSE_AFTER_STORE_FAULT: Duration = Duration::from_secs(2);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE_WHEN_BUSY: Duration = Duration::from_secs(30);
const DELTA_QUEUE: usize = 64;

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

/// How a turn ended.
enum Outcome {
    /// A reply was stored, or nobody may store one any more.
    Done,
    /// Try again.
    Failed,
    /// There was no room for it; try again after so long.
    Busy(Duration),
    /// The server stops.
    Stopped,
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

    async fn answer_one(
        &self,
        ticket: &TurnTicket,
        reply_id: &Arc<str>,
        may_stream: &mut bool,
    ) -> Result<Outcome> {
        let conversation = ticket.conversation.as_str();
        if ticket.state == ConversationState::Queued {
            let reply = hand_off::acknowledgement(reply_id);
            return self.store_and_tell(ticket, &reply).await;
        }
        if ticket.attempt > MAX_ATTEMPTS {
            tracing::error!(conversation, "no reply could be made; a person has to take over");
            return self.store_and_tell(ticket, &hand_off::after_failures(reply_id)).await;
        }
        let parent = self.parents().remove(conversation);
        let mut times = TurnTimes::begin();
        let (reply, epoch) = (reply_id.clone(), ticket.epoch);
        let typing = Notice::Typing { reply, epoch, seq: ticket.through_seq };
        self.bus.publish(conversation, &typing);
        let input = self.input_of(ticket).await?;
        times.reading = times.started.elapsed();
        let outcome = tokio::select! {
            outcome = self.run_turn(ticket, reply_id, input, may_stream) => outcome,
            () = self.aborting.cancelled() => {
                self.store.give_back_turn(ticket).await?;
                return Ok(Outcome::Stopped);
            }
        };
        match outcome {
            Ok(reply) => {
                count_turn(&reply);
                let traced = Traced::of(&reply);
                let storing = Instant::now();
                let suggestions = self.suggestions_for(ticket, &reply).await;
                let reply = NewReply { suggestions, ..new_reply(reply_id, reply)? };
                let outcome = self.store_and_tell(ticket, &reply).await;
                times.storing = storing.elapsed();
                self.trace(ticket, parent, &times, Some(&traced));
                outcome
            }
            Err(error) if error.kind() == ErrorKind::Busy => {
                metrics::counter!("steward_turns_put_off_total").increment(1);
                self.trace(ticket, parent, &times, None);
                self.store.give_back_turn(ticket).await?;
                let pause = error.retry_after().unwrap_or(PAUSE_AFTER_FAILURE);
                let pause = pause.clamp(PAUSE_AFTER_FAILURE, LONGEST_PAUSE_WHEN_BUSY);
                let busy = Notice::Busy {
                    reply: reply_id.clone(),
                    epoch: ticket.epoch,
                    seq: ticket.through_seq,
                    retry_after: pause,
                };
                self.bus.publish(conversation, &busy);
                Ok(Outcome::Busy(pause))
            }
            Err(error) => {
                metrics::counter!("steward_errors_total", "where" => "turn").increment(1);
                tracing::error!(conversation, error = format!("{error:#}"), "a turn failed");
                self.trace(ticket, parent, &times, None);
                Ok(Outcome::Failed)
            }
        }
    }

    async fn run_turn(
        &self,
        ticket: &TurnTicket,
        reply_id: &Arc<str>,
        input: TurnInput,
        may_stream: &mut bool,
    ) -> Result<Reply> {
        let (sender, mut deltas) = mpsc::channel::<String>(DELTA_QUEUE);
        let stream = may_stream.then_some(sender);
        let limit = Duration::from_secs(self.config.now().limits.turn_seconds);
        let turn = tokio::time::timeout(limit, turn::run(&self.agent, input, stream));
        let guarded = AssertUnwindSafe(turn).catch_unwind();
        let tell = async {
            while let Some(text) = deltas.recv().await {
                // Once words were shown, a second attempt must not show others after them.
                *may_stream = false;
                let (reply, epoch) = (reply_id.clone(), ticket.epoch);
                let notice = Notice::Delta { reply, epoch, text: text.into() };
                self.bus.publish(&ticket.conversation, &notice);
            }
        };
        let (outcome, ()) = tokio::join!(guarded, tell);
        match outcome {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => Err(Error::internal(format!("the turn took over {limit:?}"))),
            Err(_) => Err(Error::internal("the turn panicked")),
        }
    }

    /// What is suggested to people in place of an answer; stored with the reply that tells the customer so. A person can
    /// still ask for suggestions where none could be made.
    async fn suggestions_for(&self, ticket: &TurnTicket, reply: &Reply) -> Vec<NewSuggestion> {
        if reply.suggested.is_none() {
            return Vec::new();
        }
        let made = async {
            let conversation = self.store.conversation(&ticket.conversation).await?;
            match conversation {
                Some(known) => self.suggester.made(&known, ticket.through_seq).await,
                None => Ok(Vec::new()),
            }
        };
        made.await.unwrap_or_else(|error| {
            tracing::error!(error = format!("{error:#}"), "nothing could be suggested");
            Vec::new()
        })
    }

    async fn store_and_tell(&self, ticket: &TurnTicket, reply: &NewReply) -> Result<Outcome> {
        match self.store.append_reply(ticket, reply).await? {
            Some(stored) => {
                if let Some(judgement) = &reply.judgement {
                    self.tell_judgement(
                        &ticket.conversation,
                        ticket.through_seq,
                        judgement.clone(),
                    );
                }
                for message in stored {
                    self.bus.publish(&ticket.conversation, &Notice::Stored(Arc::new(message)));
                }
                if reply.decision == DecisionKind::HandOff
                    && let Err(error) = summarised(&self.store, &ticket.conversation).await
                {
                    tracing::error!(error = format!("{error:#}"), "no summary for the hand-off");
                }
            }
            None => {
                tracing::info!(
                    conversation = ticket.conversation,
                    "a reply came too late and was dropped"
                );
                self.bus.abandon_reply(&ticket.conversation);
            }
        }
        Ok(Outcome::Done)
    }

    async fn input_of(&self, ticket: &TurnTicket) -> Result<TurnInput> {
        let config = self.config.now();
        let limits = &config.limits;
        let limit = limits.history_messages.saturating_add(limits.waiting_messages);
        let messages = self.store.newest_messages(&ticket.conversation, limit).await?;
        let (id, through) = (&ticket.conversation, ticket.through_seq);
        turn_input(id, &ticket.owner, messages, through, limits.history_messages, &config.desk)
    }
}

fn new_reply(reply_id: &str, reply: Reply) -> Result<NewReply> {
    let evidence: Vec<&str> = reply.evidence.iter().map(|item| item.id.as_str()).collect();
    let record = serde_json::json!({
        "decision": reply.decision,
        "mode": reply.mode,
        "confidence": reply.confidence,
        "suggested": reply.suggested,
        "hand_off_reason": reply.hand_off_reason,
        "intent": reply.intent,
        "satisfaction": reply.satisfaction,
        "escalation": reply.escalation,
        "evidence": evidence,
        "provenance": reply.provenance,
        "timings_ms": reply.timings_ms,
    });
    Ok(NewReply {
        reply_id: reply_id.to_string(),
        text: reply.text,
        citations: reply.citations,
        decision: reply.decision,
        record,
        suggestions: Vec::new(),
        judgement: reply.judgement.map(serde_json::to_value).transpose().internal("a judgement")?,
    })
}
