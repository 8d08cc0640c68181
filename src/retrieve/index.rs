//! The index of knowledge and accounts: opening it and asking it.
//!
//! Every call is blocking (microseconds to milliseconds); async callers use `spawn_blocking`.
//! Every function that reads accounts takes an [`AccountScope`], filters by it in the query, and
//! checks the owner again on the record that was read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::SystemTime;

use tantivy::collector::TopDocs;
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{DocAddress, IndexReader, Order, ReloadPolicy, Term};

use super::document::Passage;
use super::fusion::RetrievalSettings;
use super::record::Record;
use super::schema::{self, CLASS_PUBLIC, Fields, SEQUENCE_COLUMN};
use super::scope::AccountScope;
use super::snapshot::{ClassStatistics, DamagedContext, Snapshot, payload};
use super::text;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The open index. Clones share everything.
#[derive(Clone)]
pub struct Index {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub directory: PathBuf,
    pub tantivy: tantivy::Index,
    pub fields: Fields,
    settings: RetrievalSettings,
    reader: IndexReader,
    current: RwLock<Loaded>,
    reload: Mutex<()>,
}

#[derive(Clone)]
struct Loaded {
    snapshot: Arc<Snapshot>,
    stamp: MetaStamp,
}

/// Tells one version of `meta.json` from another: it is replaced at every commit.
type MetaStamp = Option<(SystemTime, u64, u64)>;

/// A question to the knowledge.
#[derive(Debug, Clone, Copy)]
pub struct PassageQuery<'a> {
    /// Its words.
    pub text: &'a str,
    /// Its embedding, 384 f32 of length 1.
    pub embedding: &'a [f32],
    /// At most this many hits.
    pub limit: usize,
}

/// A passage that fits a question.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageHit {
    /// The passage.
    pub passage: Passage,
    /// The fused score, by which hits are ordered.
    pub score: f32,
    /// Cosine between question and passage.
    pub cosine: f32,
    /// BM25, unbounded; 0 without a word in common.
    pub bm25: f32,
}

/// A question to the records that anybody may read.
#[derive(Debug, Clone, Copy)]
pub struct PublicQuery<'a> {
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

/// What the index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Statistics {
    /// Articles.
    pub documents: usize,
    /// Pieces of articles.
    pub passages: usize,
    /// Records that anybody may read.
    pub public_records: usize,
    /// Records that belong to customers.
    pub account_records: usize,
}

impl Index {
    /// Opens `data_dir/index` with the default settings, and makes it if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be made, is damaged, or was made by another version.
    pub fn open(data_dir: &Path) -> Result<Index> {
        Self::open_with(data_dir, RetrievalSettings::default())
    }

    /// As [`Index::open`], with other weights.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_with(data_dir: &Path, settings: RetrievalSettings) -> Result<Index> {
        let directory = data_dir.join("index");
        std::fs::create_dir_all(&directory).context(ErrorKind::Setup, || {
            format!("cannot make the index directory {}", directory.display())
        })?;
        let (schema, fields) = schema::build();
        let tantivy = open_tantivy(&directory, schema)?;
        text::register(tantivy.tokenizers());
        let stamp = meta_stamp(&directory);
        let reader = tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .context_damaged()?;
        let snapshot = Arc::new(Snapshot::load(reader.searcher(), &fields)?);
        let current = RwLock::new(Loaded { snapshot, stamp });
        let reload = Mutex::new(());
        let shared = Shared { directory, tantivy, fields, settings, reader, current, reload };
        Ok(Index { shared: Arc::new(shared) })
    }

    /// The passages that fit best, best first.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn search_passages(&self, query: &PassageQuery) -> Result<Vec<PassageHit>> {
        let snapshot = self.snapshot()?;
        let settings = &self.shared.settings;
        let fields = &self.shared.fields;
        let cosines = snapshot.passage_embeddings.cosines(query.embedding);
        let lexical = any_of(terms_of(
            query.text,
            &[
                (fields.title, settings.title_boost),
                (fields.heading, settings.heading_boost),
                (fields.body, 1.0),
            ],
        ));
        let statistics = snapshot.passage_statistics();
        let mut bm25 = vec![0.0; snapshot.passages.len()];
        for (score, address) in self.best_by_bm25(&snapshot, &lexical, &statistics)? {
            if let Some(&row) = snapshot.passage_rows.get(&address) {
                bm25[row] = score;
            }
        }
        let scores: Vec<f32> =
            cosines.iter().zip(&bm25).map(|(&cosine, &bm25)| settings.fuse(cosine, bm25)).collect();
        Ok(best_rows(&scores, query.limit)
            .into_iter()
            .map(|row| PassageHit {
                passage: snapshot.passages[row].clone(),
                score: scores[row],
                cosine: cosines[row],
                bm25: bm25[row],
            })
            .collect())
    }

    /// The customer's records in the order in which they were first imported.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
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
    /// [`ErrorKind::Setup`] if the index is damaged.
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
    /// [`ErrorKind::Setup`] if the index is damaged.
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
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn public_records(&self, query: &PublicQuery) -> Result<Vec<RecordHit>> {
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
                record: snapshot.public_records[row].clone(),
                score: scores[row],
                cosine: cosines[row],
                bm25: bm25[row],
            })
            .collect())
    }

    /// The public record of that kind and id.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn public_record(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        let snapshot = self.snapshot()?;
        let found = snapshot.public_records.iter().find(|r| r.kind == kind && r.id == id);
        Ok(found.cloned())
    }

    /// The kinds of public records, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn public_kinds(&self) -> Result<Vec<String>> {
        let snapshot = self.snapshot()?;
        let mut kinds: Vec<String> =
            snapshot.public_records.iter().map(|record| record.kind.clone()).collect();
        kinds.sort();
        kinds.dedup();
        Ok(kinds)
    }

    /// How much the index holds.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn statistics(&self) -> Result<Statistics> {
        let snapshot = self.snapshot()?;
        let documents = snapshot.passages.iter().filter(|passage| passage.ordinal == 0).count();
        Ok(Statistics {
            documents,
            passages: snapshot.passages.len(),
            public_records: snapshot.public_records.len(),
            account_records: snapshot.account_records,
        })
    }

    /// 16 hex digits that change when any content changes, and only then.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn content_hash(&self) -> Result<String> {
        Ok(self.snapshot()?.content_hash.clone())
    }

    /// True if nothing is in it.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.snapshot()?.searcher.num_docs() == 0)
    }

    /// True once any import has committed, even one that brought nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn ever_imported(&self) -> Result<bool> {
        Ok(self.shared.tantivy.load_metas().context_damaged()?.payload.is_some())
    }

    /// The newest commit, of whichever process made it. While another thread loads it, searches
    /// go on with the one before.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let loaded = self.loaded();
        let stamp = meta_stamp(&self.shared.directory);
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        match self.shared.reload.try_lock() {
            Ok(_guard) => self.load_newest(),
            Err(_) => Ok(loaded.snapshot),
        }
    }

    /// Waits until what is committed is what is searched.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn refresh(&self) -> Result<()> {
        let _guard = self.shared.reload.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.load_newest().map(|_| ())
    }

    fn load_newest(&self) -> Result<Arc<Snapshot>> {
        // The stamp is taken first: a commit in between is then noticed at the next search.
        let stamp = meta_stamp(&self.shared.directory);
        let loaded = self.loaded();
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        self.shared.reader.reload().context_damaged()?;
        let snapshot =
            Arc::new(Snapshot::load(self.shared.reader.searcher(), &self.shared.fields)?);
        let mut current =
            self.shared.current.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        *current = Loaded { snapshot: Arc::clone(&snapshot), stamp };
        Ok(snapshot)
    }

    fn loaded(&self) -> Loaded {
        self.shared.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
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

    fn best_by_bm25(
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

/// The key of a record's document in the index.
pub(super) fn record_key(kind: &str, id: &str) -> String {
    format!("r/{kind}/{id}")
}

/// The key shared by a document's passages.
pub(super) fn document_key(id: &str) -> String {
    format!("d/{id}")
}

fn open_tantivy(directory: &Path, schema: Schema) -> Result<tantivy::Index> {
    let mmap = MmapDirectory::open(directory).context(ErrorKind::Setup, || {
        format!("cannot open the index directory {}", directory.display())
    })?;
    let exists = tantivy::Index::exists(&mmap).context_damaged()?;
    if !exists {
        return tantivy::Index::create(mmap, schema, tantivy::IndexSettings::default()).context(
            ErrorKind::Setup,
            || {
                format!(
                    "cannot make an index in {}; is the directory writable?",
                    directory.display()
                )
            },
        );
    }
    let index = tantivy::Index::open(mmap).context(ErrorKind::Setup, || {
        format!(
            "the index in {} is damaged; move that directory away and import again",
            directory.display()
        )
    })?;
    if index.schema() != schema {
        return Err(Error::setup(format!(
            "the index in {} was made by another version of Steward; move that directory away and \
             import again",
            directory.display()
        )));
    }
    Ok(index)
}

fn meta_stamp(directory: &Path) -> MetaStamp {
    let metadata = std::fs::metadata(directory.join("meta.json")).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.modified().ok()?, metadata.len(), inode))
}

/// One term query for each word and field.
fn terms_of(text: &str, fields: &[(Field, f32)]) -> Vec<Box<dyn Query>> {
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
fn exactly(term: Term) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), 0.0))
}

fn any_of(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
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
