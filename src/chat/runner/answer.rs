//! One answer: from what waits in a conversation to the reply that is stored, and what is told meanwhile.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::{Inner, PAUSE_AFTER_FAILURE};
use crate::bus::Notice;
use crate::chat::hand_off;
use crate::chat::summary::summarised;
use crate::chat::traced::{Traced, TurnTimes, count_turn};
use crate::chat::transcript::turn_input;
use crate::error::Context;
use crate::store::{ConversationState, NewReply, NewSuggestion, TurnTicket};
use crate::turn::{self, DecisionKind, Reply, TurnInput};
use crate::{Error, ErrorKind, Result};

/// After so many turns without a reply a person has to look at the conversation.
const MAX_ATTEMPTS: i64 = 3;
const LONGEST_PAUSE_WHEN_BUSY: Duration = Duration::from_secs(30);
const DELTA_QUEUE: usize = 64;

/// How a turn ended.
pub(super) enum Outcome {
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
    /// Answers what the ticket stands for, by Steward or by a phrase that says who will.
    pub(super) async fn answer_one(
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
