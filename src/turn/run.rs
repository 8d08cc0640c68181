//! Runs the stages one after the other and streams what has been checked.

use std::time::Instant;

use tokio::sync::mpsc::Sender;

use super::account::reading::Reading;
use super::agent::{Agent, Inner};
use super::compose::{Composed, WhenBusy, is_composable, prompt_for};
use super::decide::{Decision, Plan, decide};
use super::extract::{Draft, extract, record_title};
use super::gather::{Evidence, Sources, gather};
use super::mode::{Delivery, confidence, delivery, reason};
use super::types::{
    DecisionKind, EvidenceItem, IntentScore, Provenance, Reply, StageTimings, TurnInput, Withheld,
};
use super::understand::{Understanding, understand};
use crate::error::Context;
use crate::model::chat_template::PromptMessage;
use crate::retrieve::Index;
use crate::{Error, ErrorKind, Result};

/// Passages asked of the index.
const PASSAGES: usize = 5;
/// Facts and passages named in a reply's evidence at most.
const MOST_EVIDENCE: usize = 16;

/// Answers the last message of the conversation, and reads the reply for the judgement of the next one.
/// Checked text is sent to `deltas` as it becomes
/// ready; joined, the deltas are the reply's text.
///
/// # Errors
/// If the index cannot be read or a model fails.
///
/// # Cancel safety
/// Dropping the future stops the turn after the stage that is running; nothing is kept of it.
pub async fn run(agent: &Agent, input: TurnInput, deltas: Option<Sender<String>>) -> Result<Reply> {
    run_over(agent, agent.index(), input, deltas).await
}

/// As [`run()`], over another index than the agent's: what would be answered if that were the knowledge.
///
/// # Errors
/// As [`run()`].
pub async fn run_over(
    agent: &Agent,
    index: &Index,
    input: TurnInput,
    deltas: Option<Sender<String>>,
) -> Result<Reply> {
    let inner = agent.inner.clone();
    let modes = input.modes.clone();
    let (preparing, index) = (agent.inner.clone(), index.clone());
    let span = tracing::Span::current();
    let prepared =
        tokio::task::spawn_blocking(move || span.in_scope(|| prepare(&preparing, &index, &input)))
            .await
            .internal("a turn stopped unexpectedly")??;
    let confidence = confidence(&prepared.decision, &prepared.evidence);
    let mode = delivery(&modes, &prepared.decision, confidence);
    let (prepared, suggested) = match mode {
        Delivery::Answered => (prepared, None),
        Delivery::Suggested => {
            let (prepared, withheld) = withheld(&inner, prepared, reason(&modes, confidence));
            (prepared, Some(withheld))
        }
    };
    let mut timings = prepared.timings.clone();
    let composed = composed(agent, &prepared, deltas.as_ref(), &mut timings).await?;
    let (text, wording) = match composed {
        Some(composed) if composed.kept > 0 => (composed.text, "composed"),
        Some(composed) => (composed.text, "extractive"),
        None => {
            let text = prepared.draft.text();
            timings.first_text = milliseconds(prepared.started);
            if let Some(deltas) = &deltas {
                // The reader may have gone; the reply is stored all the same.
                let _ = deltas.send(text.clone()).await;
            }
            (text, "extractive")
        }
    };
    timings.total = milliseconds(prepared.started);
    let judgement = prepared.understanding.judgement;
    // The candidate's judge shares the readings.
    let (judge, said) = (inner.judge.clone(), text.clone());
    tokio::task::spawn_blocking(move || judge.read(&[said]));
    Ok(Reply {
        text,
        decision: prepared.decision.kind,
        mode,
        confidence,
        suggested,
        citations: distinct(prepared.draft.citations),
        evidence: prepared.items,
        intent: IntentScore {
            name: prepared.decision.intent.name.clone(),
            score: prepared.decision.intent.score,
        },
        satisfaction: Some(1.0 - judgement.satisfaction.dissatisfied),
        escalation: Some(judgement.escalation.probability),
        judgement: Some(judgement),
        hand_off_reason: prepared.decision.hand_off_reason,
        timings_ms: timings,
        provenance: Provenance {
            wording: wording.to_string(),
            index: prepared.index_hash,
            prompts: inner.intents.load().prompts.clone(),
            ..agent.inner.provenance.clone()
        },
    })
}

/// The turn in which a person is asked for an answer, and the answer that is only suggested to them.
fn withheld(inner: &Inner, mut prepared: Prepared, reason: String) -> (Prepared, Withheld) {
    let draft = Draft {
        opening: inner.phrases.pick("suggested_only", &prepared.understanding.history),
        ..Draft::default()
    };
    let draft = std::mem::replace(&mut prepared.draft, draft);
    let withheld = Withheld {
        text: draft.text(),
        decision: prepared.decision.kind,
        citations: distinct(draft.citations),
    };
    prepared.decision.kind = DecisionKind::HandOff;
    prepared.decision.plan = Plan::Say("suggested_only");
    prepared.decision.hand_off_reason = Some(reason);
    (prepared, withheld)
}

/// The last message, and the reply to it in the evidence's own words for the generator to phrase; none if there is nothing to
/// phrase. Blocking.
///
/// # Errors
/// If the index cannot be read or a model fails.
pub fn drafted(agent: &Agent, input: &TurnInput) -> Result<Option<(String, Draft)>> {
    let prepared = prepare(&agent.inner, agent.index(), input)?;
    let is_composable = is_composable(&prepared.decision);
    Ok(is_composable.then_some((prepared.understanding.text, prepared.draft)))
}

/// What the generator would be given for the last message; none if there is nothing to phrase. Blocking.
///
/// # Errors
/// As [`drafted`].
pub fn prompt(agent: &Agent, input: &TurnInput) -> Result<Option<Vec<PromptMessage>>> {
    let Some((question, draft)) = drafted(agent, input)? else { return Ok(None) };
    prompt_for(&question, &draft).map(Some)
}

/// The reply as the generator phrases it; none if it is off, busy, or has nothing to phrase.
pub(super) async fn composed(
    agent: &Agent,
    prepared: &Prepared,
    deltas: Option<&Sender<String>>,
    timings: &mut StageTimings,
) -> Result<Option<Composed>> {
    let inner = &agent.inner;
    let Some(composer) = inner.composer.as_ref().filter(|_| is_composable(&prepared.decision))
    else {
        return Ok(None);
    };
    let composing = Instant::now();
    // Passes the deltas on, and notes when the first went out.
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<String>(16);
    let started = prepared.started;
    let outer = deltas.cloned();
    let forward = async move {
        let mut first = None;
        while let Some(delta) = receiver.recv().await {
            first.get_or_insert_with(|| milliseconds(started));
            if let Some(outer) = &outer {
                let _ = outer.send(delta).await;
            }
        }
        first
    };
    let write = async {
        let written =
            composer.compose(&prepared.understanding.text, &prepared.draft, Some(&sender)).await;
        drop(sender);
        written
    };
    let (written, first) = tokio::join!(write, forward);
    timings.compose += milliseconds(composing);
    timings.first_text = first.unwrap_or_else(|| milliseconds(started));
    match written {
        Ok(composed) => {
            timings.check = composed.checking.as_secs_f64() * 1000.0;
            timings.compose -= timings.check;
            Ok(Some(composed))
        }
        // An overloaded generator costs the phrasing, not the answer.
        Err(problem)
            if problem.kind() == ErrorKind::Busy
                && composer.settings.when_busy == WhenBusy::Extract =>
        {
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}

/// A turn up to the extractive answer.
pub(super) struct Prepared {
    pub started: Instant,
    pub understanding: Understanding,
    pub evidence: Evidence,
    pub decision: Decision,
    pub draft: Draft,
    pub items: Vec<EvidenceItem>,
    pub timings: StageTimings,
    index_hash: String,
}

/// Runs the stages up to the extractive answer. Blocking.
pub(super) fn prepare(inner: &Inner, index: &Index, input: &TurnInput) -> Result<Prepared> {
    let started = Instant::now();
    if input.conversation.is_empty() {
        return Err(Error::input(
            "the conversation has no turns; give at least the customer's message",
        ));
    }
    let policy = inner.policy.load_full();
    let mut timings = StageTimings::default();
    let judge = inner.judge_of(&input.id);
    let understanding = understand(input, judge, &inner.intents.load().intents)?;
    timings.understand = milliseconds(started);
    let sources = Sources {
        index,
        encoder: &inner.encoder,
        lexicon: &inner.lexicon,
        wording: &inner.settings.wording,
        cache: &inner.cache,
        knowledge_from: policy.knowledge_from,
        passage_limit: PASSAGES,
    };
    let stage = Instant::now();
    let evidence = gather(&understanding, input.scope.as_ref(), &sources)?;
    timings.gather = milliseconds(stage);
    let stage = Instant::now();
    let decision = decide(&understanding, &evidence, &policy, &inner.phrases);
    timings.decide = milliseconds(stage);
    let stage = Instant::now();
    let draft = extractive(inner, &understanding, &evidence, &decision);
    timings.compose = milliseconds(stage);
    let items = evidence_items(&evidence, &decision, &draft);
    let index_hash = index.content_hash()?;
    Ok(Prepared { started, understanding, evidence, decision, draft, items, timings, index_hash })
}

/// What the evidence itself says by a decision.
pub(super) fn extractive(
    inner: &Inner,
    understanding: &Understanding,
    evidence: &Evidence,
    decision: &Decision,
) -> Draft {
    let names = Default::default();
    let reading = Reading {
        sheet: &evidence.sheet,
        lexicon: &inner.lexicon,
        names: &names,
        focus: &evidence.focus,
    };
    extract(understanding, evidence, decision, &inner.phrases, &reading)
}

/// What the reply may rest on: the facts and sentences used, then the passages considered.
pub(super) fn evidence_items(
    evidence: &Evidence,
    decision: &Decision,
    draft: &Draft,
) -> Vec<EvidenceItem> {
    let mut items: Vec<EvidenceItem> = Vec::new();
    let facts: Vec<usize> = match &decision.plan {
        Plan::Facts(facts) | Plan::Instead(facts) | Plan::Guide(facts, _) => facts.clone(),
        _ => Vec::new(),
    };
    for index in facts {
        let fact = &evidence.sheet.facts[index];
        items.push(EvidenceItem {
            id: fact.id.clone(),
            source: fact.source.clone(),
            title: record_title(fact.subject, &evidence.sheet),
            text: fact.sentence.clone(),
            score: evidence.account.strength,
        });
    }
    // Choices and lists quote the facts of every record that they name.
    for citation in &draft.citations {
        let known =
            items.iter().any(|item| item.source == citation.source && item.text == citation.quote);
        let is_record = evidence
            .sheet
            .facts
            .iter()
            .find(|fact| fact.source == citation.source && fact.sentence == citation.quote);
        if let (false, Some(fact)) = (known, is_record) {
            let record = evidence.sheet.record_of(fact.subject);
            items.extend(
                evidence.sheet.facts_of(record).filter(|fact| !fact.is_part).take(12).map(|fact| {
                    EvidenceItem {
                        id: fact.id.clone(),
                        source: fact.source.clone(),
                        title: citation.title.clone(),
                        text: fact.sentence.clone(),
                        score: evidence.account.strength,
                    }
                }),
            );
        }
    }
    let room = MOST_EVIDENCE.saturating_sub(items.len()).max(3);
    items.extend(evidence.passages.iter().take(room).map(|found| EvidenceItem {
        id: found.passage.id.clone(),
        source: found.passage.document_id.clone(),
        title: found.passage.title.clone(),
        text: found.passage.text.clone(),
        score: found.score,
    }));
    items
}

/// Citations without repetitions, in order.
pub(super) fn distinct(citations: Vec<super::types::Citation>) -> Vec<super::types::Citation> {
    let mut kept: Vec<super::types::Citation> = Vec::new();
    for citation in citations {
        if !kept.contains(&citation) {
            kept.push(citation);
        }
    }
    kept
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
