//! `eval retrieval`: is the right FAQ entry found from the dialogue alone, and is it known when
//! knowledge is needed at all?
//!
//! The data is that of DSTC11 track 5: `faq.jsonl` (`id, entity, question, answer`) and
//! `dialogues.jsonl` (`turns, needs_knowledge, knowledge`). All FAQ entries are indexed, the entity
//! as title; which one a dialogue speaks of is for the search to find out.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::model::encoder::Encoder;
use crate::retrieve::conversation::ConversationQuery;
use crate::retrieve::ingest::{Progress, import_documents};
use crate::retrieve::{Document, Index, PassageHit, RetrievalSettings};
use crate::turn::types::Utterance;
use crate::{Error, ErrorKind, Result};

use super::embedding_cache::EmbeddingCache;

/// The labelled data.
pub struct RetrievalData {
    /// The FAQ as documents.
    pub corpus: Vec<Document>,
    /// The dialogues.
    pub dialogues: Vec<Dialogue>,
    faq_ids: HashSet<String>,
}

/// A dialogue with its labels.
#[derive(Debug, Clone, Deserialize)]
pub struct Dialogue {
    /// Oldest first; the last is the customer's.
    pub turns: Vec<Utterance>,
    /// True if the reply needs knowledge.
    pub needs_knowledge: bool,
    /// The right knowledge.
    #[serde(default)]
    pub knowledge: Vec<Knowledge>,
}

/// A label.
#[derive(Debug, Clone, Deserialize)]
pub struct Knowledge {
    /// Id of a FAQ entry, or of a review's sentence.
    pub id: String,
    /// What it is about.
    pub entity: String,
}

#[derive(Deserialize)]
struct FaqEntry {
    id: String,
    entity: String,
    question: String,
    answer: String,
}

/// How well a way of ranking does.
#[derive(Debug, Clone, Serialize)]
pub struct RankingFigures {
    /// What was done.
    pub method: String,
    /// Share of cases with a right entry first.
    pub recall_at_1: f64,
    /// Share of cases with a right entry among the first five.
    pub recall_at_5: f64,
    /// Mean of one over the rank of the first right entry.
    pub mrr: f64,
}

/// One FAQ case, searched.
pub struct SearchedCase {
    /// The dialogue.
    pub dialogue: Dialogue,
    /// Ids of the right entries.
    pub right: HashSet<String>,
    /// Every passage, best first.
    pub hits: Vec<PassageHit>,
}

/// Reads `faq.jsonl` and `dialogues.jsonl` of a directory.
///
/// # Errors
/// [`ErrorKind::Input`] with file and line.
pub fn read_data(directory: &Path) -> Result<RetrievalData> {
    let entries: Vec<FaqEntry> = read_lines(&directory.join("faq.jsonl"))?;
    let dialogues = read_lines(&directory.join("dialogues.jsonl"))?;
    let faq_ids = entries.iter().map(|entry| entry.id.clone()).collect();
    let corpus = entries
        .into_iter()
        .map(|entry| {
            Document::plain(entry.id, entry.entity, format!("{} {}", entry.question, entry.answer))
        })
        .collect();
    Ok(RetrievalData { corpus, dialogues, faq_ids })
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path)
        .context(ErrorKind::Input, || format!("cannot read {}", path.display()))?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let row = serde_json::from_str(line)
            .context(ErrorKind::Input, || format!("{}:{}", path.display(), number + 1))?;
        rows.push(row);
    }
    Ok(rows)
}

/// Searches all FAQ cases: dialogues with a FAQ entry among their right knowledge.
///
/// # Errors
/// Those of the index and the encoder.
pub fn search_cases(
    data: &RetrievalData,
    index: &Index,
    encoder: &Encoder,
    cache: &mut EmbeddingCache,
) -> Result<Vec<SearchedCase>> {
    let mut cases = Vec::new();
    for dialogue in &data.dialogues {
        let right: HashSet<String> = dialogue
            .knowledge
            .iter()
            .filter(|knowledge| data.faq_ids.contains(&knowledge.id))
            .map(|knowledge| knowledge.id.clone())
            .collect();
        if right.is_empty() {
            continue;
        }
        let query = ConversationQuery::from_turns(&dialogue.turns);
        let embeddings = cache.embed(encoder, &index.texts_to_embed(&query)?)?;
        let hits = index.search_conversation(&query, &embeddings, usize::MAX)?;
        cases.push(SearchedCase { dialogue: dialogue.clone(), right, hits });
    }
    if cases.is_empty() {
        return Err(Error::input("no dialogue has a FAQ entry among its knowledge"));
    }
    Ok(cases)
}

/// Opens the corpus's own index below `directory`; what is in it already is not embedded again.
///
/// # Errors
/// Those of the index and the encoder.
pub fn open_corpus(
    data: &RetrievalData,
    directory: &Path,
    settings: RetrievalSettings,
    encoder: &Encoder,
    progress: &mut dyn Progress,
) -> Result<Index> {
    let index = Index::open_with(directory, settings)?;
    import_documents(&index, encoder, data.corpus.clone(), progress)?;
    Ok(index)
}

/// The ways of ranking that are compared.
pub fn compare(cases: &[SearchedCase], settings: &RetrievalSettings) -> Vec<RankingFigures> {
    let without_mentions =
        RetrievalSettings { mention_weight: 0.0, context_share: 0.0, ..settings.clone() };
    let dense = RetrievalSettings { bm25_weight: 0.0, ..settings.clone() };
    let bm25 = RetrievalSettings { dense_weight: 0.0, bm25_weight: 1.0, ..settings.clone() };
    let unlinked = |settings: &RetrievalSettings| RetrievalSettings {
        mention_weight: 0.0,
        context_share: 0.0,
        ..settings.clone()
    };
    vec![
        figures("bm25", cases, |hit| score(hit, &unlinked(&bm25))),
        figures("dense", cases, |hit| score(hit, &unlinked(&dense))),
        figures_of_rank_fusion("equal rank fusion", cases, None),
        figures("fused", cases, |hit| score(hit, &without_mentions)),
        figures("bm25 + mentions", cases, |hit| score(hit, &bm25)),
        figures("dense + mentions", cases, |hit| score(hit, &dense)),
        figures_of_rank_fusion("equal rank fusion + mentions", cases, Some(settings)),
        figures("fused + mentions", cases, |hit| score(hit, settings)),
    ]
}

fn score(hit: &PassageHit, settings: &RetrievalSettings) -> f32 {
    settings.fuse(hit.cosine, Some(hit.context_cosine), hit.bm25, hit.mention)
}

/// The figures of ranking by a score of each hit.
pub fn figures(
    method: &str,
    cases: &[SearchedCase],
    score: impl Fn(&PassageHit) -> f32,
) -> RankingFigures {
    let ranks = cases.iter().map(|case| {
        let scores: Vec<f32> = case.hits.iter().map(&score).collect();
        rank_of_first_right(case, &scores)
    });
    summarise(method, ranks.collect())
}

/// Reciprocal rank fusion of BM25 and cosine with equal weights, k = 60 (Cormack et al., 2009).
fn figures_of_rank_fusion(
    method: &str,
    cases: &[SearchedCase],
    mentions: Option<&RetrievalSettings>,
) -> RankingFigures {
    let ranks = cases.iter().map(|case| {
        let cosines: Vec<f32> = case.hits.iter().map(|hit| hit.cosine).collect();
        let bm25: Vec<f32> = case.hits.iter().map(|hit| hit.bm25).collect();
        let mut scores = vec![0.0; case.hits.len()];
        for list in [cosines, bm25] {
            for (rank, row) in order(&list).into_iter().enumerate() {
                scores[row] += 1.0 / (61.0 + rank as f32);
            }
        }
        if let Some(settings) = mentions {
            for (score, hit) in scores.iter_mut().zip(&case.hits) {
                *score += settings.mention_weight * hit.mention / 30.0;
            }
        }
        rank_of_first_right(case, &scores)
    });
    summarise(method, ranks.collect())
}

fn order(scores: &[f32]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..scores.len()).collect();
    rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    rows
}

/// From 1; none if no right entry was found at all.
fn rank_of_first_right(case: &SearchedCase, scores: &[f32]) -> Option<usize> {
    let is_right = |row: &usize| case.right.contains(&case.hits[*row].passage.document_id);
    order(scores).iter().position(is_right).map(|place| place + 1)
}

fn summarise(method: &str, ranks: Vec<Option<usize>>) -> RankingFigures {
    let count = ranks.len() as f64;
    let within = |limit: usize| {
        ranks.iter().filter(|rank| rank.is_some_and(|rank| rank <= limit)).count() as f64 / count
    };
    RankingFigures {
        method: method.to_string(),
        recall_at_1: within(1),
        recall_at_5: within(5),
        mrr: ranks.iter().flatten().map(|&rank| 1.0 / rank as f64).sum::<f64>() / count,
    }
}
