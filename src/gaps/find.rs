//! Finds the gaps of a time: questions from the store, embedded once, gathered, each with a draft.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::cluster::{SAME_FROM, central, groups};
use super::draft::{AgentReply, Draft, Own, draft};
use crate::Result;
use crate::error::Context;
use crate::identity::Owner;
use crate::retrieve::record::Record;
use crate::retrieve::scope::AccountScope;
use crate::store::Store;
use crate::store::gaps::OpenQuestion;
use crate::turn::Agent;

/// Questions that are gathered, the newest.
const MOST_QUESTIONS: u32 = 1000;
/// Gaps that are told of.
const MOST_GAPS: usize = 50;
/// Gaps that get a draft in a list; others are asked for.
const MOST_DRAFTS: usize = 15;
/// Replies that a draft is made from, and of one conversation.
const MOST_REPLIES: usize = 30;
const REPLIES_OF_ONE: u32 = 3;
/// Texts that are embedded at a time: customers' messages wait for no more than these.
const EMBEDDED_AT_ONCE: usize = 8;
const MOST_RECORDS: usize = 10_000;
/// Phrases of `prompts/phrases.toml` that say that nothing was found.
const NOTHING_FOUND: [&str; 4] = ["no_knowledge", "unsure", "unsure_again", "out_of_scope"];

/// A gap: questions that ask the same, and what an article might say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// The most central question, as `conversation:seq`.
    pub id: String,
    /// Its words.
    pub title: String,
    /// All questions, the newest first.
    pub questions: Vec<Question>,
    /// How many.
    pub count: usize,
    /// When it was asked last.
    pub last_ms: i64,
    /// What agents replied, for everybody; none if there is nothing to draft from, or it was not drafted.
    pub draft: Option<Draft>,
    /// It was put aside.
    pub dismissed: bool,
}

/// A question of a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The conversation.
    pub conversation: String,
    /// The customer's message.
    pub seq: i64,
    /// What was asked.
    pub text: String,
    /// When.
    pub at_ms: i64,
}

/// The gaps of questions answered from `from_ms` until before `to_ms`, the most frequent first.
///
/// # Errors
/// Those of the store, the index and the encoder.
pub async fn find(store: &Store, agent: &Arc<Agent>, from_ms: i64, to_ms: i64) -> Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for group in gathered(store, agent, from_ms, to_ms).await?.into_iter().take(MOST_GAPS) {
        let is_drafted = gaps.len() < MOST_DRAFTS;
        gaps.push(told(store, agent, &group, is_drafted).await?);
    }
    Ok(gaps)
}

/// The gap that the question belongs to, with a draft; by itself if no other asks the same. None if there is no such question.
///
/// # Errors
/// As [`find`].
pub async fn gap_of(
    store: &Store,
    agent: &Arc<Agent>,
    question: (&str, i64),
    range: (i64, i64),
) -> Result<Option<Gap>> {
    let Some(asked) = store.question(question.0, question.1).await? else { return Ok(None) };
    let all = gathered(store, agent, range.0, range.1).await?;
    let is_it =
        |other: &OpenQuestion| other.conversation == asked.conversation && other.seq == asked.seq;
    let group = all.into_iter().find(|group| group.questions.iter().any(is_it));
    let group = group.unwrap_or_else(|| Group { central: 0, questions: vec![asked] });
    told(store, agent, &group, true).await.map(Some)
}

struct Group {
    central: usize,
    questions: Vec<OpenQuestion>,
}

async fn gathered(
    store: &Store,
    agent: &Arc<Agent>,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Group>> {
    let phrases = agent.wordings_of(&NOTHING_FOUND);
    let mut questions = store.open_questions(from_ms, to_ms, &phrases, MOST_QUESTIONS).await?;
    // An answer from the customer's own records that displeased is no gap in the knowledge.
    let mut keys: HashMap<String, Vec<String>> = HashMap::new();
    for question in questions.iter().filter(|question| !question.cited.is_empty()) {
        if !keys.contains_key(&question.owner) {
            let records = records_of(agent, &question.owner).await?;
            keys.insert(question.owner.clone(), records.iter().map(Record::key).collect());
        }
    }
    questions.retain(|question| {
        let own = keys.get(&question.owner);
        question.cited.is_empty()
            || question.cited.iter().any(|source| !own.is_some_and(|own| own.contains(source)))
    });
    let vectors = vectors_of(store, agent, &questions).await?;
    let gathering = move || {
        let found = groups(&vectors, SAME_FROM);
        found.into_iter().map(|group| (central(&vectors, &group), group)).collect::<Vec<_>>()
    };
    let found =
        tokio::task::spawn_blocking(gathering).await.internal("questions were not gathered")?;
    let mut all: Vec<Group> = found
        .into_iter()
        .map(|(central, group)| Group {
            central: central
                .and_then(|central| group.iter().position(|place| *place == central))
                .unwrap_or(0),
            questions: group.into_iter().map(|place| questions[place].clone()).collect(),
        })
        .collect();
    let newest = |group: &Group| group.questions.iter().map(|question| question.at_ms).max();
    all.sort_by_key(|group| std::cmp::Reverse((group.questions.len(), newest(group))));
    Ok(all)
}

/// Vectors of the questions: those that are kept, and those that are made now and kept.
async fn vectors_of(
    store: &Store,
    agent: &Arc<Agent>,
    questions: &[OpenQuestion],
) -> Result<Vec<Vec<f32>>> {
    let encoder = agent.encoder_hash();
    let mut conversations: Vec<&str> =
        questions.iter().map(|question| question.conversation.as_str()).collect();
    conversations.dedup();
    let mut known = store.question_vectors(&conversations, encoder).await?;
    let missing: Vec<&OpenQuestion> =
        questions.iter().filter(|question| !known.contains_key(&key_of(question))).collect();
    for some in missing.chunks(EMBEDDED_AT_ONCE) {
        let texts: Vec<String> = some.iter().map(|question| question.text.clone()).collect();
        let vectors = embedded(agent, texts).await?;
        let made: Vec<((String, i64), Vec<f32>)> =
            some.iter().map(|question| key_of(question)).zip(vectors).collect();
        store.put_question_vectors(&made, encoder).await?;
        known.extend(made);
    }
    Ok(questions
        .iter()
        .map(|question| known.get(&key_of(question)).cloned().unwrap_or_default())
        .collect())
}

fn key_of(question: &OpenQuestion) -> (String, i64) {
    (question.conversation.clone(), question.seq)
}

async fn embedded(agent: &Arc<Agent>, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
    let encoder = agent.encoder().clone();
    tokio::task::spawn_blocking(move || encoder.embed(&texts))
        .await
        .internal("texts were not embedded")?
}

async fn told(store: &Store, agent: &Arc<Agent>, group: &Group, is_drafted: bool) -> Result<Gap> {
    let central = &group.questions[group.central];
    let draft = if is_drafted { drafted(store, agent, group).await? } else { None };
    let dismissed = group.questions.iter().filter(|question| question.is_dismissed).count();
    let mut questions: Vec<Question> = group
        .questions
        .iter()
        .map(|question| Question {
            conversation: question.conversation.clone(),
            seq: question.seq,
            text: question.text.clone(),
            at_ms: question.at_ms,
        })
        .collect();
    questions.sort_by_key(|question| std::cmp::Reverse(question.at_ms));
    Ok(Gap {
        id: format!("{}:{}", central.conversation, central.seq),
        title: central.text.clone(),
        count: questions.len(),
        last_ms: questions.first().map_or(0, |question| question.at_ms),
        questions,
        draft,
        // One that goes on being asked comes back.
        dismissed: dismissed * 2 > group.questions.len(),
    })
}

async fn drafted(store: &Store, agent: &Arc<Agent>, group: &Group) -> Result<Option<Draft>> {
    let mut replies: BTreeMap<(String, i64), AgentReply> = BTreeMap::new();
    let mut own = Own::default();
    let mut owners: Vec<&str> = Vec::new();
    for question in &group.questions {
        if replies.len() >= MOST_REPLIES {
            break;
        }
        let written =
            store.written_after(&question.conversation, question.seq, REPLIES_OF_ONE).await?;
        if written.is_empty() {
            continue;
        }
        for reply in written {
            let reply = AgentReply {
                conversation: reply.conversation,
                seq: reply.seq,
                owner: question.owner.clone(),
                text: reply.text,
            };
            replies.insert((reply.conversation.clone(), reply.seq), reply);
        }
        own.texts.extend(store.customer_texts(&question.conversation).await?);
        let attributes = store.attributes(&question.conversation).await?;
        own.names.extend(attributes.name);
        own.texts.extend(attributes.email.clone());
        own.names.extend(attributes.email);
        own.texts.extend(attributes.custom.values().map(text_of));
        if !owners.contains(&question.owner.as_str()) {
            owners.push(&question.owner);
            for record in records_of(agent, &question.owner).await? {
                own.texts.push(record.id);
                values_of(&Value::Object(record.fields), &mut own);
            }
            // Who it is, as the token says.
            own.texts.extend(question.owner.split_once(':').map(|(_, id)| id.to_string()));
        }
    }
    if replies.is_empty() {
        return Ok(None);
    }
    let replies: Vec<AgentReply> = replies.into_values().collect();
    let title = group.questions[group.central].text.clone();
    let encoder = agent.encoder().clone();
    let drafting = move || draft(&title, &replies, &own, |texts| encoder.embed(texts));
    tokio::task::spawn_blocking(drafting).await.internal("a draft was not made")?
}

/// The customer's records, to know what is theirs.
async fn records_of(agent: &Arc<Agent>, owner: &str) -> Result<Vec<Record>> {
    let Some(owner) = Owner::from_stored_key(owner) else { return Ok(Vec::new()) };
    let agent = agent.clone();
    let reading = move || match owner.customer() {
        Some(customer) => agent.index().account_records(&AccountScope::of(customer), MOST_RECORDS),
        None => Ok(Vec::new()),
    };
    tokio::task::spawn_blocking(reading).await.internal("records were not read")?
}

fn values_of(value: &Value, own: &mut Own) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            // A map keyed by ids.
            own.texts.push(name.clone());
            values_of(field, own);
        }),
        Value::Array(items) => items.iter().for_each(|item| values_of(item, own)),
        Value::String(text) => {
            own.texts.push(text.clone());
            own.names.push(text.clone());
        }
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => own.texts.push(number.to_string()),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}
