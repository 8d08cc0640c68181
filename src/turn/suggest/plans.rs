//! What the evidence lets a person say: the plan that the turn chose, and those that it passed over.

use super::SuggestionKind;
use crate::turn::account::answer::Outcome;
use crate::turn::agent::Inner;
use crate::turn::decide::{Decision, Plan};
use crate::turn::extract::{Draft, record_title};
use crate::turn::gather::Evidence;
use crate::turn::grounding::Groundedness;
use crate::turn::mode;
use crate::turn::quote::quoted_beside;
use crate::turn::run::{Prepared, evidence_items, extractive};
use crate::turn::types::{Citation, DecisionKind, EvidenceItem};
use crate::turn::words::{is_function_word, stems};

/// A reply in the making.
pub struct Candidate {
    pub kind: SuggestionKind,
    pub opening: String,
    /// Sentences that need evidence.
    pub said: Vec<String>,
    pub closing: String,
    pub citations: Vec<Citation>,
    pub items: Vec<EvidenceItem>,
    pub confidence: f32,
    /// Without a sentence of evidence it is nothing.
    pub needs_evidence: bool,
}

/// A passage this much further than what answers may still be what a person wants to say.
const BELOW_KNOWLEDGE_FROM: f32 = 0.07;
/// A question back is this likely to fit.
const ASKING_BACK: f32 = 0.2;
/// Facts that a text is held against.
const MOST_FACTS: usize = 400;

/// Phrases that only Steward can say: of itself, or to offer a person.
const NOT_FOR_PEOPLE: &[&str] = &[
    "how_are_you",
    "about_me",
    "unsure",
    "unsure_again",
    "no_knowledge",
    "out_of_scope",
    "injection",
    "abuse",
    "abuse_again",
];

/// Everything there is to say, the likeliest first.
pub fn candidates(inner: &Inner, prepared: &Prepared) -> Vec<Candidate> {
    let Prepared { understanding, decision, .. } = prepared;
    let say = |name: &str| inner.phrases.pick(name, &understanding.history);
    let mut found = Vec::new();
    let is_handed_over = decision.kind == DecisionKind::HandOff;
    let own_phrase = match decision.plan {
        Plan::Say(name) => !is_handed_over && !NOT_FOR_PEOPLE.contains(&name),
        _ => true,
    };
    if own_phrase && !matches!(decision.plan, Plan::Foreign(_)) {
        found.push(of_plan(inner, prepared, decision.plan.clone(), decision.kind));
    }
    found.extend(
        other_plans(inner, prepared)
            .into_iter()
            .map(|(plan, kind)| of_plan(inner, prepared, plan, kind)),
    );
    if is_handed_over {
        let confidence = decision.intent.score.clamp(0.0, 1.0);
        let words =
            phrase(SuggestionKind::HandOff, say("person_here"), say("person_asks"), confidence);
        // What the evidence says comes first, if it says anything surely.
        let place = usize::from(found.first().is_some_and(|first| first.confidence >= confidence));
        found.insert(place.min(found.len()), words);
    }
    found.push(phrase(
        SuggestionKind::Clarify,
        String::new(),
        say("person_clarifies"),
        ASKING_BACK,
    ));
    found
}

/// The plans that the decision passed over: what the records say, the passages of this article and of the next.
fn other_plans(inner: &Inner, prepared: &Prepared) -> Vec<(Plan, DecisionKind)> {
    let Prepared { evidence, decision, .. } = prepared;
    let policy = inner.policy.load();
    let mut plans = Vec::new();
    let records = match &evidence.account.outcome {
        Outcome::Facts(facts) => Some((Plan::Facts(facts.clone()), DecisionKind::Answer)),
        Outcome::Missing { instead, .. } if !instead.is_empty() => {
            Some((Plan::Instead(instead.clone()), DecisionKind::Answer))
        }
        Outcome::Which(subjects) => Some((Plan::Which(subjects.clone()), DecisionKind::Clarify)),
        Outcome::List(records) => Some((Plan::List(records.clone()), DecisionKind::Answer)),
        _ => None,
    };
    plans.extend(records.filter(|_| evidence.account.strength >= 0.3));
    let from = policy.knowledge_from - BELOW_KNOWLEDGE_FROM;
    let mut beside: Vec<String> = Vec::new();
    for _ in 0..3 {
        let sentences = quoted_beside(evidence, from, policy.most_sentences, &beside);
        let Some(&first) = sentences.first() else { break };
        let passage = &evidence.passages[evidence.sentences[first].passage].passage;
        beside.push(passage.document_id.clone());
        plans.push((Plan::Passages(sentences), DecisionKind::Answer));
    }
    plans.retain(|(plan, _)| *plan != decision.plan);
    plans
}

fn of_plan(inner: &Inner, prepared: &Prepared, plan: Plan, kind: DecisionKind) -> Candidate {
    let Prepared { understanding, evidence, decision, .. } = prepared;
    let own = plan == decision.plan;
    let decision = Decision { plan, kind, hand_off_reason: None, ..decision.clone() };
    let draft = if own {
        prepared.draft.clone()
    } else {
        extractive(inner, understanding, evidence, &decision)
    };
    let items = evidence_items(evidence, &decision, &draft);
    let confidence = mode::confidence(&decision, evidence);
    let (opening, closing) = for_a_person(inner, prepared, &decision, &draft);
    Candidate {
        kind: match kind {
            DecisionKind::Clarify => SuggestionKind::Clarify,
            _ => SuggestionKind::Answer,
        },
        opening,
        closing,
        needs_evidence: !draft.supported.is_empty(),
        said: draft.supported,
        citations: draft.citations,
        items,
        // What was passed over fits less than what was chosen.
        confidence: if own { confidence } else { confidence * 0.9 },
    }
}

/// Steward's words around an answer, as a person says them: neither "I can't do that myself" nor "ask for a person".
fn for_a_person(
    inner: &Inner,
    prepared: &Prepared,
    decision: &Decision,
    draft: &Draft,
) -> (String, String) {
    let say = |name: &str| inner.phrases.pick(name, &prepared.understanding.history);
    match &decision.plan {
        Plan::Say(_) => (draft.opening.clone(), draft.closing.clone()),
        Plan::Which(_) => (say("here_is"), draft.closing.clone()),
        Plan::List(_) => (say("here_is"), String::new()),
        Plan::Instead(_) => (draft.opening.clone(), String::new()),
        _ if decision.apologise => (say("sorry"), String::new()),
        _ => (String::new(), String::new()),
    }
}

fn phrase(kind: SuggestionKind, opening: String, closing: String, confidence: f32) -> Candidate {
    Candidate {
        kind,
        opening,
        said: Vec::new(),
        closing,
        citations: Vec::new(),
        items: Vec::new(),
        confidence,
        needs_evidence: false,
    }
}

/// The words of a reply, put together as a draft's are.
pub fn joined(opening: &str, said: &[String], closing: &str) -> String {
    let draft = Draft {
        opening: opening.to_string(),
        supported: said.to_vec(),
        closing: closing.to_string(),
        citations: Vec::new(),
    };
    draft.text()
}

/// What the marks rest on, each source's sentence once.
pub fn citations_of(marks: &Groundedness, items: &[EvidenceItem]) -> Vec<Citation> {
    let mut citations: Vec<Citation> = Vec::new();
    for mark in &marks.sentences {
        let item = mark.by.as_ref().and_then(|by| items.iter().find(|item| item.id == *by));
        let Some(item) = item else { continue };
        let said = mark.text.trim_start_matches("- ").trim_end_matches(['.', '!', ':', ';']);
        // A passage is quoted by the sentence that was taken from it, a fact as it stands.
        let quote = match crate::retrieve::split::quotable(&item.text) {
            units if units.len() > 1 => units
                .into_iter()
                .find(|unit| unit.contains(said))
                .unwrap_or_else(|| item.text.clone()),
            _ => item.text.clone(),
        };
        let citation = Citation { source: item.source.clone(), title: item.title.clone(), quote };
        if !citations.contains(&citation) {
            citations.push(citation);
        }
    }
    citations
}

/// What the turn considered: what it used, and the passages found.
pub fn all_items(prepared: &Prepared) -> Vec<EvidenceItem> {
    let mut items = prepared.items.clone();
    for found in &prepared.evidence.passages {
        if !items.iter().any(|item| item.id == found.passage.id) {
            items.push(EvidenceItem {
                id: found.passage.id.clone(),
                source: found.passage.document_id.clone(),
                title: found.passage.title.clone(),
                text: found.passage.text.clone(),
                score: found.score,
            });
        }
    }
    items
}

/// As [`all_items`], with every fact of the customer that shares a word with `text`: a person may rest on any of them.
pub fn wide_items(prepared: &Prepared, text: &str) -> Vec<EvidenceItem> {
    let mut items = all_items(prepared);
    let words: Vec<String> =
        stems(text).into_iter().filter(|word| !is_function_word(word)).collect();
    let sheet = &prepared.evidence.sheet;
    let shares = |sentence: &str| stems(sentence).iter().any(|word| words.contains(word));
    let facts = sheet.facts.iter().filter(|fact| shares(&fact.sentence)).take(MOST_FACTS);
    for fact in facts {
        if !items.iter().any(|item| item.id == fact.id) {
            items.push(EvidenceItem {
                id: fact.id.clone(),
                source: fact.source.clone(),
                title: record_title(fact.subject, sheet),
                text: fact.sentence.clone(),
                score: 0.0,
            });
        }
    }
    items
}

/// Words of the customer's own name, as the account has it.
pub fn name_words(evidence: &Evidence) -> Vec<String> {
    let sheet = &evidence.sheet;
    let is_name = |attribute: &Vec<String>| attribute.iter().any(|word| word == "name");
    sheet
        .facts
        .iter()
        .filter(|fact| sheet.subjects[fact.subject].is_customer && is_name(&fact.attribute))
        .flat_map(|fact| stems(&fact.spoken))
        .collect()
}
