//! What the operator is told of a turn: its numbers, and its spans, one for the turn and one for each stage that
//! ran, from the times that were measured.

use std::time::{Duration, Instant, SystemTime};

use crate::store::TurnTicket;
use crate::telemetry::span::{Span, TraceParent, Value};
use crate::turn::types::StageTimings;
use crate::turn::{DecisionKind, Reply};

/// What is remembered of a reply for its spans: counts and times.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    timings: StageTimings,
    decision: DecisionKind,
    evidence: usize,
    citations: usize,
}

impl Traced {
    pub fn of(reply: &Reply) -> Self {
        Self {
            timings: reply.timings_ms.clone(),
            decision: reply.decision,
            evidence: reply.evidence.len(),
            citations: reply.citations.len(),
        }
    }
}

/// Counts a turn that ended in a reply.
pub(super) fn count_turn(reply: &Reply) {
    let decision = decision_word(reply.decision);
    let timings = &reply.timings_ms;
    tracing::debug!(decision, milliseconds = timings.total, "a reply was made");
    metrics::counter!("steward_turns_total", "decision" => decision).increment(1);
    let others = [("first_text", timings.first_text), ("total", timings.total)];
    for (stage, milliseconds) in stages_of(timings).into_iter().chain(others) {
        metrics::histogram!("steward_turn_seconds", "stage" => stage).record(milliseconds / 1e3);
    }
}

/// The stages in their order, with what each took, in milliseconds.
fn stages_of(timings: &StageTimings) -> [(&'static str, f64); 5] {
    [
        ("understand", timings.understand),
        ("gather", timings.gather),
        ("decide", timings.decide),
        ("compose", timings.compose),
        ("check", timings.check),
    ]
}

fn decision_word(decision: DecisionKind) -> &'static str {
    match decision {
        DecisionKind::Answer => "answer",
        DecisionKind::Clarify => "clarify",
        DecisionKind::HandOff => "hand_off",
    }
}

/// When the parts of a turn that are not its stages began and ended.
pub(super) struct TurnTimes {
    begun: SystemTime,
    /// The same moment on the clock that durations are measured by.
    pub started: Instant,
    /// How long the conversation was read.
    pub reading: Duration,
    /// How long the reply was stored, at the end.
    pub storing: Duration,
}

impl TurnTimes {
    /// A turn begins.
    pub fn begin() -> Self {
        Self {
            begun: SystemTime::now(),
            started: Instant::now(),
            reading: Duration::ZERO,
            storing: Duration::ZERO,
        }
    }
}

/// The spans of a turn that ends now; without a reply it failed.
pub(super) fn spans_of(
    ticket: &TurnTicket,
    parent: Option<TraceParent>,
    times: &TurnTimes,
    reply: Option<&Traced>,
) -> Vec<Span> {
    let took = times.started.elapsed();
    let count = |count: usize| Value::Count(i64::try_from(count).unwrap_or(i64::MAX));
    let mut turn = Span::root(parent, "turn", times.begun, took)
        .with("steward.conversation", Value::Word(ticket.conversation.clone()))
        .with("steward.attempt", Value::Count(ticket.attempt));
    let Some(reply) = reply else {
        turn.failed = true;
        return vec![turn];
    };
    let turn = turn
        .with("steward.decision", Value::Word(decision_word(reply.decision).to_string()))
        .with("steward.evidence", count(reply.evidence))
        .with("steward.citations", count(reply.citations));
    let milliseconds = |time: f64| Duration::from_secs_f64(time.max(0.0) / 1e3);
    let mut spans = Vec::new();
    let mut after = times.reading;
    for (name, time) in stages_of(&reply.timings).into_iter().filter(|(_, time)| *time > 0.0) {
        spans.push(turn.part(name, after, milliseconds(time)));
        after += milliseconds(time);
    }
    spans.push(turn.part("store", took.saturating_sub(times.storing), times.storing));
    spans.insert(0, turn);
    spans
}
