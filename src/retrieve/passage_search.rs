//! Asking the knowledge: passages by words, by meaning, and by what the dialogue mentions.
//!
//! ```text
//! words of the question ---- BM25 ------------+
//! question ----------------- cosine ----------+-- union -- one score of each -- best
//! question in its context -- cosine around    |
//!                            the mean --------+
//! titles mentioned --------- their passages --+
//! ```
//!
//! With few passages the union is all of them.

use std::collections::HashMap;
use std::sync::PoisonError;

use steward_engine::vectors::{Query as VectorQuery, SearchSettings};
use tantivy::collector::DocSetCollector;
use tantivy::{DocAddress, Term};

use super::document::Passage;
use super::index::Index;
use super::item::document_key;
use super::passages::{Passages, is_lead};
use super::search::{TextQuery, any_of, exactly, terms_of};
use super::snapshot::{DamagedContext, Snapshot, payload};
use crate::Result;
use crate::error::Context;

/// A passage that fits a question.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageHit {
    /// The passage.
    pub passage: Passage,
    /// The fused score, by which hits are ordered.
    pub score: f32,
    /// Cosine between question and passage.
    pub cosine: f32,
    /// Cosine between passage and question in context, around the mean of all passages; 0 when the
    /// question was asked without a dialogue.
    pub context_cosine: f32,
    /// The two cosines in one, as they enter the score.
    pub dense: f32,
    /// BM25, unbounded; 0 without a word in common.
    pub bm25: f32,
    /// 0 to 1: how surely and recently the dialogue mentions the passage's title; 0 without a
    /// dialogue, and for a title of one document.
    pub mention: f32,
}

/// What a dialogue adds to its last question.
pub(super) struct DialogueContext<'a> {
    /// The embedding of the question in context.
    pub embedding: &'a [f32],
    /// What the question in context counts against the question alone.
    pub share: f32,
    /// 0 to 1 for each title that is mentioned.
    pub priors: &'a HashMap<usize, f32>,
}

/// With so few passages each is ranked; of more, those that some ranking finds near.
const RANKED_WHOLE: usize = 4096;
/// Passages taken from each ranking by meaning before fusion.
const DENSE_CANDIDATES: usize = 1000;
/// Passages of a mentioned title that are ranked wherever else they stand.
const MOST_OF_TITLE: usize = 4096;
/// The mean of few passages is mostly those passages: it is shrunk towards zero by `n / (n + 50)`.
const SHRINK_MEAN: f32 = 50.0;

impl Index {
    /// The first `limit` passages of the knowledge, in the order of import.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn passages(&self, limit: usize) -> Result<Vec<Passage>> {
        let snapshot = self.knowledge()?;
        let rows = snapshot.passages.in_order(limit);
        rows.into_iter().map(|row| self.passage_in(&snapshot, row)).collect()
    }

    /// Calls `each` with every passage of the knowledge, in the order of import.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn for_each_passage(&self, mut each: impl FnMut(&Passage)) -> Result<()> {
        let snapshot = self.knowledge()?;
        for row in snapshot.passages.in_order(usize::MAX) {
            let address = snapshot.passages.address(row);
            each(&payload(&snapshot.searcher, &self.shared.fields, address)?);
        }
        Ok(())
    }

    /// The first passage of a document, if it is there.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn lead_passage(&self, document_id: &str) -> Result<Option<Passage>> {
        let snapshot = self.knowledge()?;
        let key = Term::from_field_text(self.shared.fields.key, &document_key(document_id));
        let found = snapshot.searcher.search(&exactly(key), &DocSetCollector).context_damaged()?;
        let row = found
            .into_iter()
            .filter_map(|address| snapshot.passages.row_at(address))
            .find(|&row| is_lead(snapshot.passages.number(row)));
        row.map(|row| self.passage_in(&snapshot, row)).transpose()
    }

    /// The passages that fit best, best first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn search_passages(&self, query: &TextQuery) -> Result<Vec<PassageHit>> {
        let snapshot = self.knowledge()?;
        self.ranked_passages(&snapshot, query, None)
    }

    /// Passages by fused score.
    pub(super) fn ranked_passages(
        &self,
        snapshot: &Snapshot,
        query: &TextQuery,
        context: Option<&DialogueContext>,
    ) -> Result<Vec<PassageHit>> {
        let settings = &self.shared.settings;
        let passages = &snapshot.passages;
        let mut bm25 = HashMap::new();
        for (score, address) in self.passages_by_bm25(snapshot, query.text)? {
            bm25.extend(passages.row_at(address).map(|row| (row, score)));
        }
        let alone = passages.vectors.query(query.embedding).internal(NOT_COMPARABLE)?;
        let in_context = context
            .map(|context| passages.vectors.query_around_mean(context.embedding, SHRINK_MEAN))
            .transpose()
            .internal(NOT_COMPARABLE)?;
        let rows = match passages.len() <= RANKED_WHOLE.max(query.limit) {
            true => (0..passages.len() as u32).collect(),
            false => {
                let titles = context.into_iter().flat_map(|context| context.priors.keys().copied());
                let mut rows: Vec<u32> = bm25.keys().copied().collect();
                rows.extend(near(passages, [Some(&alone), in_context.as_ref()], query.limit));
                rows.extend(titles.flat_map(|title| of_title(passages, title)));
                rows.sort_unstable();
                rows.dedup();
                rows
            }
        };
        let cosines = passages.vectors.scores(&alone, &rows);
        let in_context = in_context.map(|query| passages.vectors.scores(&query, &rows));
        let mut ranked = Vec::with_capacity(rows.len());
        for (place, (&row, &cosine)) in rows.iter().zip(&cosines).enumerate() {
            let context_cosine = in_context.as_ref().map(|cosines| cosines[place]);
            let dense = match (context_cosine, context) {
                (Some(in_context), Some(context)) => {
                    (1.0 - context.share) * cosine + context.share * in_context
                }
                _ => cosine,
            };
            let mention = context
                .and_then(|context| context.priors.get(&passages.title_of(row)).copied())
                .unwrap_or(0.0);
            let bm25 = bm25.get(&row).copied().unwrap_or(0.0);
            let score = settings.fuse(dense, bm25, mention);
            if score > 0.0 {
                let context_cosine = context_cosine.unwrap_or(0.0);
                ranked.push(Ranked { row, score, cosine, context_cosine, dense, bm25, mention });
            }
        }
        ranked.sort_unstable_by(|a, b| {
            let in_order = || passages.number(a.row).cmp(&passages.number(b.row));
            b.score.total_cmp(&a.score).then_with(in_order)
        });
        ranked.truncate(query.limit);
        ranked
            .into_iter()
            .map(|found| {
                Ok(PassageHit {
                    passage: self.passage_in(snapshot, found.row)?,
                    score: found.score,
                    cosine: found.cosine,
                    context_cosine: found.context_cosine,
                    dense: found.dense,
                    bm25: found.bm25,
                    mention: found.mention,
                })
            })
            .collect()
    }

    fn passages_by_bm25(&self, snapshot: &Snapshot, text: &str) -> Result<Vec<(f32, DocAddress)>> {
        let (settings, fields) = (&self.shared.settings, &self.shared.fields);
        let boosts = [
            (fields.title, settings.title_boost),
            (fields.heading, settings.heading_boost),
            (fields.body, 1.0),
        ];
        let lexical = any_of(terms_of(text, &boosts));
        self.best_by_bm25(snapshot, &lexical, &snapshot.passage_statistics())
    }

    /// The passage of a row, as it was read before or from the index.
    fn passage_in(&self, snapshot: &Snapshot, row: u32) -> Result<Passage> {
        let address = snapshot.passages.address(row);
        let segment = snapshot.searcher.segment_reader(address.segment_ord).segment_id();
        let key = (segment, address.doc_id);
        let read = || self.shared.passages_read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(passage) = read().get(&key) {
            return Ok(passage.clone());
        }
        let passage: Passage = payload(&snapshot.searcher, &self.shared.fields, address)?;
        read().put(key, passage.clone());
        Ok(passage)
    }
}

/// The score of a passage, and what it is made of.
struct Ranked {
    row: u32,
    score: f32,
    cosine: f32,
    context_cosine: f32,
    dense: f32,
    bm25: f32,
    mention: f32,
}

/// The rows nearest to each query by meaning, at least `limit` of each.
fn near(passages: &Passages, queries: [Option<&VectorQuery>; 2], limit: usize) -> Vec<u32> {
    let count = DENSE_CANDIDATES.max(limit);
    let search = |query| passages.vectors.search(SearchSettings::default(), query, count, |_| true);
    queries.into_iter().flatten().flat_map(search).map(|hit| hit.row as u32).collect()
}

/// The rows that bear a title, the first of very many.
fn of_title(passages: &Passages, title: usize) -> impl Iterator<Item = u32> {
    passages.with_title(title).iter().copied().take(MOST_OF_TITLE)
}

const NOT_COMPARABLE: &str = "a question's embedding cannot be compared with those of passages";

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::dialogue::{Role, Utterance};
    use crate::model::encoder::EMBEDDING_SIZE;
    use crate::retrieve::conversation::ConversationQuery;
    use crate::retrieve::{Document, Item};

    const WORDS: [&str; 8] =
        ["tent", "refund", "harbour", "invoice", "Larkspur", "Tolva", "breakfast", "parking"];

    fn embedding(rng: &mut ChaCha8Rng) -> Vec<f32> {
        (0..EMBEDDING_SIZE).map(|_| rng.random::<f32>() - 0.45).collect()
    }

    fn text(rng: &mut ChaCha8Rng, words: usize) -> String {
        let words: Vec<&str> =
            (0..words).map(|_| WORDS[rng.random_range(0..WORDS.len())]).collect();
        words.join(" ")
    }

    fn document(rng: &mut ChaCha8Rng, number: usize) -> Item {
        let (title, body) = (text(rng, 2), text(rng, 12));
        Item::Document(Document::plain(number.to_string(), title, body))
    }

    fn dialogue(rng: &mut ChaCha8Rng) -> ConversationQuery {
        let say = |text: String| Utterance { role: Role::Customer, text };
        ConversationQuery::from_turns(&[say(text(rng, 3)), say(text(rng, 5))])
    }

    fn assert_same(found: &[PassageHit], expected: &[PassageHit]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.passage, expected.passage);
            assert!((found.score - expected.score).abs() < 1e-5);
        }
    }

    #[test]
    fn the_best_of_many_passages_are_those_of_ranking_each() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let data = tempfile::tempdir().unwrap();
        let index = Index::open(data.path()).unwrap();
        let mut writer = index.writer().unwrap();
        for number in 0..RANKED_WHOLE + 1000 {
            writer.upsert(document(rng, number), &[embedding(rng)]).unwrap();
        }
        writer.finish().unwrap();
        for _ in 0..20 {
            let (words, embeddings) = (text(rng, 4), [embedding(rng), embedding(rng)]);
            let find = |limit| {
                let query = TextQuery { text: &words, embedding: &embeddings[0], limit };
                index.search_passages(&query).unwrap()
            };
            assert_same(&find(10), &find(usize::MAX)[..10]);
            let query = dialogue(rng);
            let find = |limit| index.search_conversation(&query, &embeddings, limit).unwrap();
            assert_same(&find(10), &find(usize::MAX)[..10]);
        }
    }

    #[test]
    fn an_index_that_followed_changes_finds_what_a_newly_opened_one_does() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let data = tempfile::tempdir().unwrap();
        let index = Index::open(data.path()).unwrap();
        for _ in 0..12 {
            let mut writer = index.writer().unwrap();
            for _ in 0..rng.random_range(1..40) {
                let number = rng.random_range(0..120);
                match rng.random_range(0..4) {
                    0 => writer.remove(&document_key(&number.to_string())).unwrap(),
                    _ => writer.upsert(document(rng, number), &[embedding(rng)]).unwrap(),
                }
            }
            writer.finish().unwrap();
            let opened = Index::open(data.path()).unwrap();
            assert_eq!(index.statistics().unwrap(), opened.statistics().unwrap());
            assert_eq!(index.content_hash().unwrap(), opened.content_hash().unwrap());
            assert_eq!(index.passages(50).unwrap(), opened.passages(50).unwrap());
            for _ in 0..5 {
                let (query, embeddings) = (dialogue(rng), [embedding(rng), embedding(rng)]);
                assert_eq!(
                    index.mentioned_titles(&query).unwrap(),
                    opened.mentioned_titles(&query).unwrap()
                );
                let find = |index: &Index| index.search_conversation(&query, &embeddings, 40);
                assert_same(&find(&index).unwrap(), &find(&opened).unwrap());
            }
        }
    }
}
