//! `eval retrieval`: is the right FAQ entry found from the dialogue alone, and is it known when
//! knowledge is needed at all?
//!
//! The data is that of DSTC11 track 5: `faq.jsonl` (`id, entity, question, answer`) and
//! `dialogues.jsonl` (`turns, needs_knowledge, knowledge`). All FAQ entries are indexed, the entity
//! as title; which one a dialogue speaks of is for the search to find out.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::json_lines::read_lines;
use crate::dialogue::Utterance;
use crate::model::encoder::Encoder;
use crate::retrieve::conversation::ConversationQuery;
use crate::retrieve::ingest::{Progress, import_documents};
use crate::retrieve::upkeep;
use crate::retrieve::{Document, Index, PassageHit, RetrievalSettings, TextQuery};
use crate::{Error, Result};

use crate::model::embedding_file::EmbeddingFile;

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
    /// What a person replied.
    #[serde(default)]
    pub response: Option<String>,
}

/// A label.
#[derive(Debug, Clone, Deserialize)]
pub struct Knowledge {
    /// Id of a FAQ entry, or of a review's sentence.
    pub id: String,
    /// What it is about.
    pub entity: String,
    /// What it says: of a FAQ entry the question and the answer.
    #[serde(default)]
    pub text: String,
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
    /// What the right entries are about.
    pub entity: String,
    /// Every passage for the dialogue, best first.
    pub by_dialogue: Vec<PassageHit>,
    /// Every passage for the last message alone.
    pub by_question: Vec<PassageHit>,
    /// Every passage for the last message with the right entity named.
    pub by_named_question: Vec<PassageHit>,
}

/// Reads `faq.jsonl` and `dialogues.jsonl` of a directory.
///
/// # Errors
/// [`crate::ErrorKind::Input`] with file and line.
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

/// Searches all FAQ cases: dialogues with a FAQ entry among their right knowledge.
///
/// # Errors
/// Those of the index and the encoder.
pub fn search_cases(
    data: &RetrievalData,
    index: &Index,
    encoder: &Encoder,
    cache: &mut EmbeddingFile,
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
        let entity = dialogue
            .knowledge
            .iter()
            .find(|knowledge| right.contains(&knowledge.id))
            .map(|knowledge| knowledge.entity.clone())
            .unwrap_or_default();
        let query = ConversationQuery::from_turns(&dialogue.turns);
        let embeddings = cache.embed(encoder, &index.texts_to_embed(&query)?)?;
        let by_dialogue = index.search_conversation(&query, &embeddings, usize::MAX)?;
        let mut plain_search = |text: &str| {
            let embedding = cache.embed(encoder, &[text])?.remove(0);
            index.search_passages(&TextQuery { text, embedding: &embedding, limit: usize::MAX })
        };
        let by_question = plain_search(query.question())?;
        let by_named_question = plain_search(&format!("{entity}: {}", query.question()))?;
        cases.push(SearchedCase {
            dialogue: dialogue.clone(),
            right,
            entity,
            by_dialogue,
            by_question,
            by_named_question,
        });
    }
    if cases.is_empty() {
        return Err(Error::input("no dialogue has a FAQ entry among its knowledge"));
    }
    Ok(cases)
}

/// A directory name for the corpus, so that another corpus gets an index of its own.
pub fn corpus_name(data: &RetrievalData) -> String {
    let mut hasher = Sha256::new();
    for document in &data.corpus {
        hasher.update(document.content_hash());
    }
    let digest: Vec<String> =
        hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("retrieval-{}", digest.concat())
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
    let embed = |texts: &[String]| encoder.embed(texts);
    let index = upkeep::open(directory, settings, &embed, &mut upkeep::say_nothing)?;
    import_documents(&index, encoder, data.corpus.clone(), progress)?;
    Ok(index)
}

/// A way of searching, by its name and its hits.
type Search<'a> = (&'a str, &'a dyn Fn(&SearchedCase) -> &[PassageHit]);

/// The ways of searching and ranking that are compared; the last one is what the product does.
pub fn compare(cases: &[SearchedCase], settings: &RetrievalSettings) -> Vec<RankingFigures> {
    let dense = RetrievalSettings { bm25_weight: 0.0, ..settings.clone() };
    let bm25 = RetrievalSettings { dense_weight: 0.0, bm25_weight: 1.0, ..settings.clone() };
    let searches: [Search; 3] = [
        ("last message alone", &|case| &case.by_question),
        ("entity given", &|case| &case.by_named_question),
        ("dialogue", &|case| &case.by_dialogue),
    ];
    let mut table = Vec::new();
    for (name, hits) in searches {
        let by_score =
            |settings: &RetrievalSettings| ranks(cases, hits, |hit| fused_score(hit, settings));
        table.push(summarise(format!("{name}: bm25"), by_score(&bm25)));
        table.push(summarise(format!("{name}: dense"), by_score(&dense)));
        table.push(summarise(format!("{name}: equal rank fusion"), rank_fusion(cases, hits)));
        table.push(summarise(format!("{name}: fused"), by_score(settings)));
    }
    table
}

/// The figures of other weights for searching by the dialogue.
///
/// # Errors
/// Those of the index and the encoder.
pub fn grid_of_context(
    data: &RetrievalData,
    directory: &Path,
    encoder: &Encoder,
    cache: &mut EmbeddingFile,
) -> Result<Vec<RankingFigures>> {
    let mut table = Vec::new();
    for context_share in [0.0, 0.3, 0.5, 0.7, 0.9] {
        let settings = RetrievalSettings { context_share, ..Default::default() };
        let index = Index::open_with(directory, settings.clone())?;
        let cases = search_cases(data, &index, encoder, cache)?;
        for mention_weight in [0.0, 0.1, 0.2, 0.4, 0.8] {
            let other = RetrievalSettings { mention_weight, ..settings.clone() };
            let found = ranks(&cases, &|case| &case.by_dialogue, |hit| fused_score(hit, &other));
            let name =
                format!("dialogue: context_share {context_share} mention_weight {mention_weight}");
            table.push(summarise(name, found));
        }
    }
    Ok(table)
}

/// The figures of other weights of BM25, by the dialogue and with the entity given.
pub fn grid_of_bm25(cases: &[SearchedCase], settings: &RetrievalSettings) -> Vec<RankingFigures> {
    let mut table = Vec::new();
    for bm25_weight in [0.0, 0.05, 0.1, 0.2, 0.4, 0.8] {
        for bm25_half in [4.0, 8.0, 16.0, 32.0] {
            let other = RetrievalSettings { bm25_weight, bm25_half, ..settings.clone() };
            let name = format!("bm25_weight {bm25_weight} bm25_half {bm25_half}");
            let score = |hit: &PassageHit| fused_score(hit, &other);
            let given = ranks(cases, &|case| &case.by_named_question, score);
            table.push(summarise(format!("entity given: {name}"), given));
            let found = ranks(cases, &|case| &case.by_dialogue, score);
            table.push(summarise(format!("dialogue: {name}"), found));
        }
    }
    table
}

fn fused_score(hit: &PassageHit, settings: &RetrievalSettings) -> f32 {
    settings.fuse(hit.dense, hit.bm25, hit.mention)
}

/// From 1: the rank of the first right entry of each case; none if it was not found at all.
fn ranks(
    cases: &[SearchedCase],
    hits: &dyn Fn(&SearchedCase) -> &[PassageHit],
    score: impl Fn(&PassageHit) -> f32,
) -> Vec<Option<usize>> {
    let rank = |case: &SearchedCase| {
        let scores: Vec<f32> = hits(case).iter().map(&score).collect();
        rank_of_first_right(&case.right, hits(case), &scores)
    };
    cases.iter().map(rank).collect()
}

/// Reciprocal rank fusion of BM25 and dense with equal weights, k = 60 (Cormack et al., 2009).
fn rank_fusion(
    cases: &[SearchedCase],
    hits: &dyn Fn(&SearchedCase) -> &[PassageHit],
) -> Vec<Option<usize>> {
    let rank = |case: &SearchedCase| {
        let hits = hits(case);
        let lists: [Vec<f32>; 2] =
            [hits.iter().map(|hit| hit.dense).collect(), hits.iter().map(|hit| hit.bm25).collect()];
        let mut scores = vec![0.0; hits.len()];
        for list in lists {
            for (rank, row) in order(&list).into_iter().enumerate() {
                scores[row] += 1.0 / (61.0 + rank as f32);
            }
        }
        rank_of_first_right(&case.right, hits, &scores)
    };
    cases.iter().map(rank).collect()
}

fn order(scores: &[f32]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..scores.len()).collect();
    rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    rows
}

fn rank_of_first_right(
    right: &HashSet<String>,
    hits: &[PassageHit],
    scores: &[f32],
) -> Option<usize> {
    let is_right = |row: &usize| right.contains(&hits[*row].passage.document_id);
    order(scores).iter().position(is_right).map(|place| place + 1)
}

fn summarise(method: String, ranks: Vec<Option<usize>>) -> RankingFigures {
    let count = ranks.len() as f64;
    let within = |limit: usize| {
        ranks.iter().filter(|rank| rank.is_some_and(|rank| rank <= limit)).count() as f64 / count
    };
    RankingFigures {
        method,
        recall_at_1: within(1),
        recall_at_5: within(5),
        mrr: ranks.iter().flatten().map(|&rank| 1.0 / rank as f64).sum::<f64>() / count,
    }
}
