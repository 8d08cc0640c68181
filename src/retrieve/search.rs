//! Asking the index for records: a customer's account, and what anybody may read. Passages are found in
//! [`super::passage_search`].
//!
//! Every function that reads accounts takes an [`AccountScope`], filters by it in the query, and
//! checks the owner again on the record that was read.

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Order, Term};

use super::index::Index;
use super::item::record_key;
use super::record::Record;
use super::schema::{CLASS_PUBLIC, SEQUENCE_COLUMN};
use super::scope::AccountScope;
use super::snapshot::{ClassStatistics, DamagedContext, Snapshot, payload};
use super::text;
use crate::Result;

/// A question to the knowledge, or to the records that anybody may read.
#[derive(Debug, Clone, Copy)]
pub struct TextQuery<'a> {
    /// Its words.
    pub text: &'a str,
    /// Its embedding, 384 f32 of length 1.
    pub embedding: &'a [f32],
    /// At most this many hits.
    pub limit: usize,
}

/// A record that fits a question.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordHit {
    /// The record.
    pub record: Record,
    /// The score by which hits are ordered: 0 to 1 for account records, where it is BM25 squashed.
    pub score: f32,
    /// Cosine between question and label; 0 for account records.
    pub cosine: f32,
    /// BM25, unbounded; 0 without a word in common.
    pub bm25: f32,
}

impl Index {
    /// The customer's records in the order in which they were first imported.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn account_records(&self, scope: &AccountScope, limit: usize) -> Result<Vec<Record>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let snapshot = self.snapshot()?;
        let collector =
            TopDocs::with_limit(limit).order_by_fast_field::<u64>(SEQUENCE_COLUMN, Order::Asc);
        let found =
            snapshot.searcher.search(&self.owned_by(scope), &collector).context_damaged()?;
        let mut records = Vec::with_capacity(found.len());
        for (_, address) in found {
            records.extend(self.owned_record(&snapshot, scope, address)?);
        }
        Ok(records)
    }

    /// The customer's record of that kind and id.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn account_record(
        &self,
        scope: &AccountScope,
        kind: &str,
        id: &str,
    ) -> Result<Option<Record>> {
        let snapshot = self.snapshot()?;
        let key = Term::from_field_text(self.shared.fields.key, &record_key(kind, id));
        let query = all_of(vec![self.owned_by(scope), exactly(key)]);
        let collector = TopDocs::with_limit(1).order_by_score();
        let found = snapshot.searcher.search(&query, &collector).context_damaged()?;
        match found.first() {
            Some(&(_, address)) => self.owned_record(&snapshot, scope, address),
            None => Ok(None),
        }
    }

    /// The customer's records that share a word or an identifier with the text, best first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn search_account(
        &self,
        scope: &AccountScope,
        text: &str,
        limit: usize,
    ) -> Result<Vec<RecordHit>> {
        let snapshot = self.snapshot()?;
        let query = all_of(vec![self.owned_by(scope), any_of(self.record_terms(text))]);
        let mut found = Vec::new();
        for (score, address) in
            self.best_by_bm25(&snapshot, &query, &snapshot.record_statistics())?
        {
            let sequence = self.sequence_of(&snapshot, address)?;
            found.push((score, sequence, address));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut hits = Vec::new();
        for (score, _, address) in found.into_iter().take(limit) {
            if let Some(record) = self.owned_record(&snapshot, scope, address)? {
                let squashed = self.shared.settings.squash(score);
                hits.push(RecordHit { record, score: squashed, cosine: 0.0, bm25: score });
            }
        }
        Ok(hits)
    }

    /// The public records that fit best, best first. Names and identifiers count most.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn public_records(&self, query: &TextQuery) -> Result<Vec<RecordHit>> {
        let snapshot = self.snapshot()?;
        let public = Term::from_field_u64(self.shared.fields.class, CLASS_PUBLIC);
        let lexical = all_of(vec![exactly(public), any_of(self.record_terms(query.text))]);
        let cosines = snapshot.label_embeddings.cosines(query.embedding);
        let mut bm25 = vec![0.0; snapshot.public_records.len()];
        let statistics = snapshot.record_statistics();
        for (score, address) in self.best_by_bm25(&snapshot, &lexical, &statistics)? {
            if let Some(&row) = snapshot.public_rows.get(&address) {
                bm25[row] = score;
            }
        }
        let settings = &self.shared.settings;
        let scores: Vec<f32> = cosines
            .iter()
            .zip(&bm25)
            .map(|(&cosine, &bm25)| cosine.max(0.0) + settings.squash(bm25))
            .collect();
        Ok(best_rows(&scores, query.limit)
            .into_iter()
            .map(|row| RecordHit {
                record: snapshot.public_records[row].as_ref().clone(),
                score: scores[row],
                cosine: cosines[row],
                bm25: bm25[row],
            })
            .collect())
    }

    /// The public record of that kind and id.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn public_record(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        let snapshot = self.snapshot()?;
        let found = snapshot.public_records.iter().find(|r| r.kind == kind && r.id == id);
        Ok(found.map(|record| record.as_ref().clone()))
    }

    fn owned_by(&self, scope: &AccountScope) -> Box<dyn Query> {
        exactly(Term::from_field_text(self.shared.fields.customer, scope.customer_id()))
    }

    fn owned_record(
        &self,
        snapshot: &Snapshot,
        scope: &AccountScope,
        address: DocAddress,
    ) -> Result<Option<Record>> {
        let record: Record = payload(&snapshot.searcher, &self.shared.fields, address)?;
        Ok((record.customer_id.as_deref() == Some(scope.customer_id())).then_some(record))
    }

    fn record_terms(&self, text: &str) -> Vec<Box<dyn Query>> {
        let fields = &self.shared.fields;
        let boost = self.shared.settings.identifier_boost;
        let mut terms =
            terms_of(text, &[(fields.label, boost), (fields.kind, boost), (fields.fields, 1.0)]);
        for identifier in text::identifiers(text) {
            let term = Term::from_field_text(fields.identifiers, &identifier);
            terms.push(boosted(term, boost));
        }
        terms
    }

    pub(super) fn best_by_bm25(
        &self,
        snapshot: &Snapshot,
        query: &dyn Query,
        statistics: &ClassStatistics,
    ) -> Result<Vec<(f32, DocAddress)>> {
        let limit = self.shared.settings.lexical_candidates.max(1);
        let collector = TopDocs::with_limit(limit).order_by_score();
        snapshot
            .searcher
            .search_with_statistics_provider(query, &collector, statistics)
            .context_damaged()
    }

    fn sequence_of(&self, snapshot: &Snapshot, address: DocAddress) -> Result<u64> {
        let segment = snapshot.searcher.segment_reader(address.segment_ord);
        let column = segment.fast_fields().u64(SEQUENCE_COLUMN).context_damaged()?;
        Ok(column.first(address.doc_id).unwrap_or(0))
    }
}

/// One term query for each word and field.
pub(super) fn terms_of(text: &str, fields: &[(Field, f32)]) -> Vec<Box<dyn Query>> {
    let mut terms = Vec::new();
    for word in text::query_words(text) {
        for &(field, boost) in fields {
            terms.push(boosted(Term::from_field_text(field, &word), boost));
        }
    }
    terms
}

fn boosted(term: Term, boost: f32) -> Box<dyn Query> {
    let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(query), boost))
}

/// Matches the term without adding to the score.
pub(super) fn exactly(term: Term) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), 0.0))
}

pub(super) fn any_of(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(queries.into_iter().map(|query| (Occur::Should, query)).collect()))
}

fn all_of(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(queries.into_iter().map(|query| (Occur::Must, query)).collect()))
}

/// Rows with a score above 0, best first, ties in row order.
fn best_rows(scores: &[f32], limit: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..scores.len()).filter(|&row| scores[row] > 0.0).collect();
    rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    rows.truncate(limit);
    rows
}
