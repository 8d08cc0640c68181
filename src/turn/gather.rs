//! Second stage: the evidence. Passages of knowledge, and what the customer's records and the
//! public ones say to the message.

use std::collections::HashMap;
use std::sync::Mutex;

use super::account::answer::{AccountAnswer, answer};
use super::account::attribute::{NameEmbeddings, field_key, field_name};
use super::account::clause::clauses;
use super::account::focus::{Focus, focus};
use super::account::reading::Reading;
use super::account::wanted::field_questions;
use super::lexicon::{Lexicon, dot};
use super::understand::Understanding;
use crate::dialogue::{Role, Utterance};
use crate::model::encoder::Encoder;
use crate::retrieve::conversation::ConversationQuery;
use crate::retrieve::fact::wording::WordingSettings;
use crate::retrieve::fact::{Fact, FactSheet};
use crate::retrieve::split::quotable;
use crate::retrieve::{AccountScope, Index, Passage, TextQuery};
use crate::{Error, Result};

/// A sentence of a passage with its nearness to the question.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// Index into [`Evidence::passages`].
    pub passage: usize,
    /// Its place among the passage's sentences.
    pub place: usize,
    /// Word for word.
    pub text: String,
    /// Cosine to the question.
    pub nearness: f32,
}

/// A passage that was found.
#[derive(Debug, Clone)]
pub struct FoundPassage {
    /// The passage.
    pub passage: Passage,
    /// Fused score.
    pub score: f32,
    /// Cosine to the question.
    pub cosine: f32,
}

/// Everything that a reply may rest on.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Passages, the best first.
    pub passages: Vec<FoundPassage>,
    /// Their sentences.
    pub sentences: Vec<Sentence>,
    /// The customer's records and the public ones that may be meant.
    pub sheet: FactSheet,
    /// What they say to the message.
    pub account: AccountAnswer,
    /// What the conversation was about.
    pub focus: Focus,
    /// The customer is signed in.
    pub signed_in: bool,
}

/// What gathering works with.
pub struct Sources<'a> {
    /// Knowledge and records.
    pub index: &'a Index,
    /// The encoder.
    pub encoder: &'a Encoder,
    /// The lexicon.
    pub lexicon: &'a Lexicon,
    /// How values are written.
    pub wording: &'a WordingSettings,
    /// Embeddings kept between turns.
    pub cache: &'a EmbeddingCache,
    /// Passages further from the question than this (cosine) are not read.
    pub knowledge_from: f32,
    /// Passages asked of the index.
    pub passage_limit: usize,
}

/// Records of one customer that are read at most.
const MOST_RECORDS: usize = 400;
/// Public records that may be meant.
const MOST_PUBLIC: usize = 6;
/// Passages whose sentences are weighed.
const PASSAGES_READ: usize = 4;

/// Finds the evidence for the message.
///
/// # Errors
/// If the index cannot be read or the encoder fails.
pub fn gather(
    understanding: &Understanding,
    scope: Option<&AccountScope>,
    sources: &Sources,
) -> Result<Evidence> {
    let sheet = fact_sheet(understanding, scope, sources)?;
    let focus = focus(&understanding.history, &sheet, sources.lexicon);
    let names = sources.cache.field_names(&sheet, sources.encoder)?;
    let message_clauses = clauses(&understanding.text, &sheet, sources.lexicon, sources.encoder)?;
    let earlier_clauses = match &understanding.earlier {
        Some(earlier) => clauses(earlier, &sheet, sources.lexicon, sources.encoder)?,
        None => Vec::new(),
    };
    let reading = Reading { sheet: &sheet, lexicon: sources.lexicon, names: &names, focus: &focus };
    let account = answer(&understanding.text, &message_clauses, &earlier_clauses, &reading);
    let passages = passages(understanding, sources)?;
    let nearest = passages.iter().map(|found| found.cosine).fold(0.0, f32::max);
    let sentences = if nearest >= sources.knowledge_from {
        weighed_sentences(&understanding.embedding, &passages, sources)?
    } else {
        Vec::new()
    };
    Ok(Evidence { passages, sentences, sheet, account, focus, signed_in: scope.is_some() })
}

/// The customer's records, and the public records that the message or the talk before it names.
fn fact_sheet(
    understanding: &Understanding,
    scope: Option<&AccountScope>,
    sources: &Sources,
) -> Result<FactSheet> {
    let mut records = match scope {
        Some(scope) => sources.index.account_records(scope, MOST_RECORDS)?,
        None => Vec::new(),
    };
    let mut texts = vec![understanding.text.clone()];
    texts
        .extend(understanding.history.iter().rev().take(3).map(|utterance| utterance.text.clone()));
    for text in &texts {
        let is_message = *text == understanding.text;
        let embedding = if is_message { understanding.embedding.as_slice() } else { &[] };
        let embedded;
        let embedding = if is_message {
            embedding
        } else {
            embedded = sources.cache.text(text, sources.encoder)?;
            &embedded
        };
        let hits =
            sources.index.public_records(&TextQuery { text, embedding, limit: MOST_PUBLIC })?;
        for hit in hits {
            if !records.iter().any(|record| record.key() == hit.record.key()) {
                records.push(hit.record);
            }
        }
    }
    Ok(FactSheet::of(&records, sources.wording))
}

/// Passages that fit the message within its conversation.
fn passages(understanding: &Understanding, sources: &Sources) -> Result<Vec<FoundPassage>> {
    let mut turns = understanding.history.clone();
    turns.push(Utterance { role: Role::Customer, text: understanding.text.clone() });
    let query = ConversationQuery::from_turns(&turns);
    let texts = sources.index.texts_to_embed(&query)?;
    let mut embeddings = vec![understanding.embedding.clone()];
    embeddings.extend(sources.encoder.embed(&texts[1..])?);
    let hits = sources.index.search_conversation(&query, &embeddings, sources.passage_limit)?;
    let mut found: Vec<FoundPassage> = hits
        .into_iter()
        .map(|hit| FoundPassage { passage: hit.passage, score: hit.score, cosine: hit.cosine })
        .collect();
    // An article's beginning says what holds in general; its sections, what holds besides.
    if let Some(top) = found.first() {
        let document = top.passage.document_id.clone();
        let has_lead = found
            .iter()
            .take(PASSAGES_READ)
            .any(|found| found.passage.document_id == document && found.passage.ordinal == 0);
        if let (false, Some(lead)) = (has_lead, sources.index.lead_passage(&document)?) {
            let lead = FoundPassage { passage: lead, score: top.score, cosine: top.cosine };
            found.retain(|other| other.passage.id != lead.passage.id);
            found.insert(1, lead);
        }
    }
    Ok(found)
}

fn weighed_sentences(
    question: &[f32],
    passages: &[FoundPassage],
    sources: &Sources,
) -> Result<Vec<Sentence>> {
    let mut weighed = Vec::new();
    for (index, found) in passages.iter().take(PASSAGES_READ).enumerate() {
        let embedded = sources.cache.sentences(&found.passage, sources.encoder)?;
        for (place, (text, embedding)) in embedded.iter().enumerate() {
            weighed.push(Sentence {
                passage: index,
                place,
                text: text.clone(),
                nearness: dot(question, embedding),
            });
        }
    }
    Ok(weighed)
}

type EmbeddedSentences = std::sync::Arc<Vec<(String, Vec<f32>)>>;

/// Embeddings that are asked for again and again: field names, sentences of passages, utterances.
#[derive(Default)]
pub struct EmbeddingCache {
    names: Mutex<NameEmbeddings>,
    sentences: Mutex<HashMap<(String, String), EmbeddedSentences>>,
    texts: Mutex<HashMap<String, Vec<f32>>>,
}

/// Each part of the cache is emptied when it has grown to this many entries.
const CACHE_ENTRIES: usize = 20_000;

impl EmbeddingCache {
    /// Embeddings of the names of all fields on the sheet.
    fn field_names(&self, sheet: &FactSheet, encoder: &Encoder) -> Result<NameEmbeddings> {
        let mut wanted: HashMap<String, &Fact> = HashMap::new();
        for fact in &sheet.facts {
            wanted.entry(field_key(fact)).or_insert(fact);
        }
        let mut known = lock(&self.names)?;
        if known.len() + wanted.len() > CACHE_ENTRIES {
            known.clear();
        }
        let missing: Vec<(&String, Vec<String>)> = wanted
            .iter()
            .filter(|(key, _)| !known.contains_key(*key))
            .map(|(key, fact)| (key, field_questions(&field_name(fact), fact)))
            .collect();
        let questions: Vec<String> =
            missing.iter().flat_map(|(_, questions)| questions.iter().cloned()).collect();
        let mut embeddings = encoder.embed(&questions)?.into_iter();
        for (key, questions) in &missing {
            known.insert((*key).clone(), embeddings.by_ref().take(questions.len()).collect());
        }
        Ok(wanted
            .into_keys()
            .filter_map(|key| known.get(&key).cloned().map(|embeddings| (key, embeddings)))
            .collect())
    }

    /// The sentences of a passage, embedded with its title as context.
    pub(super) fn sentences(
        &self,
        passage: &Passage,
        encoder: &Encoder,
    ) -> Result<EmbeddedSentences> {
        let key = (passage.id.clone(), passage.text.clone());
        if let Some(known) = lock(&self.sentences)?.get(&key) {
            return Ok(known.clone());
        }
        let texts = quotable(&passage.text);
        let in_context: Vec<String> =
            texts.iter().map(|text| format!("{}: {text}", passage.title)).collect();
        let embeddings = encoder.embed(&in_context)?;
        let embedded = std::sync::Arc::new(texts.into_iter().zip(embeddings).collect::<Vec<_>>());
        let mut known = lock(&self.sentences)?;
        if known.len() > CACHE_ENTRIES {
            known.clear();
        }
        known.insert(key, embedded.clone());
        Ok(embedded)
    }

    fn text(&self, text: &str, encoder: &Encoder) -> Result<Vec<f32>> {
        if let Some(known) = lock(&self.texts)?.get(text) {
            return Ok(known.clone());
        }
        let embedding = encoder.embed_one(text)?;
        let mut known = lock(&self.texts)?;
        if known.len() > CACHE_ENTRIES {
            known.clear();
        }
        known.insert(text.to_string(), embedding.clone());
        Ok(embedding)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> Result<std::sync::MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| Error::internal("a thread failed while it filled the embedding cache"))
}
