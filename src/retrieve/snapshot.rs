//! What a search sees: one commit of the index.
//!
//! A snapshot never changes. A commit, by this process or another, makes a new one, which takes the
//! old one's place at once; searches that run keep the one they began with.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use sha2::{Digest, Sha256};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::dense::EmbeddingMatrix;
use super::passages::Passages;
use super::record::Record;
use super::schema::Fields;
use super::title::{Mention, TitleIndex};
use super::word_use::WordUse;
use crate::error::Context;
use crate::{ErrorKind, Result};

/// The file that says which segments make up the index; replaced at once by every commit.
pub const META_FILE: &str = "meta.json";

/// One commit of the index.
pub struct Snapshot {
    /// Reads the commit's segments.
    pub searcher: Searcher,
    /// The passages.
    pub passages: Arc<Passages>,
    /// Their titles. Later commits change them: a title that is new means nothing here, for no passage bears it.
    pub(super) titles: Arc<RwLock<TitleIndex>>,
    /// How the passages use words.
    pub(super) uses: WordUse,
    /// Records that anybody may read, in order of first import.
    pub public_records: Vec<Arc<Record>>,
    /// One row for each public record: its label's embedding, or zeros.
    pub label_embeddings: EmbeddingMatrix,
    /// The public record at an address.
    pub public_rows: HashMap<DocAddress, usize>,
    /// How many account records there are.
    pub account_records: usize,
    /// Hash over all live content.
    pub content_hash: String,
    /// Passages in the segments, deleted ones too: the N of BM25.
    pub(super) passages_with_deleted: u64,
    /// Records in the segments, deleted ones too.
    pub(super) records_with_deleted: u64,
}

impl Snapshot {
    /// The titles that passages bear.
    pub fn titles(&self) -> RwLockReadGuard<'_, TitleIndex> {
        self.titles.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The titles mentioned in a text, in no particular order, none twice.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn mentions(&self, text: &str) -> Result<Vec<Mention>> {
        self.titles().mentions(text, &self.uses)
    }

    /// BM25 statistics over passages alone. The index holds records too, and were they counted,
    /// importing accounts would change how articles rank.
    pub fn passage_statistics(&self) -> ClassStatistics<'_> {
        ClassStatistics { searcher: &self.searcher, documents: self.passages_with_deleted }
    }

    /// BM25 statistics over records alone.
    pub fn record_statistics(&self) -> ClassStatistics<'_> {
        ClassStatistics { searcher: &self.searcher, documents: self.records_with_deleted }
    }
}

/// BM25 statistics with the number of documents of one class.
pub struct ClassStatistics<'a> {
    searcher: &'a Searcher,
    documents: u64,
}

impl Bm25StatisticsProvider for ClassStatistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.documents)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Bm25StatisticsProvider::doc_freq(self.searcher, term)
    }
}

/// The stored JSON of a document.
pub fn payload<T: serde::de::DeserializeOwned>(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
) -> Result<T> {
    let document: TantivyDocument = searcher.doc(address).context_damaged()?;
    parse_payload(&document, fields)
}

/// The stored JSON of a document that was read.
///
/// # Errors
/// [`ErrorKind::Setup`] if the index is damaged.
pub fn parse_payload<T: serde::de::DeserializeOwned>(
    document: &TantivyDocument,
    fields: &Fields,
) -> Result<T> {
    let bytes = document.get_first(fields.payload).and_then(|v| v.as_bytes()).unwrap_or_default();
    serde_json::from_slice(bytes).context_damaged()
}

/// Independent of the order in which content was imported and of the layout of segments.
pub(super) fn hash_of(mut hashes: Vec<u64>) -> String {
    hashes.sort_unstable();
    let mut hasher = Sha256::new();
    for hash in hashes {
        hasher.update(hash.to_le_bytes());
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Marks a failed read of what an import wrote.
pub trait DamagedContext<T> {
    /// [`ErrorKind::Setup`]: the index is damaged, and what to do about it.
    fn context_damaged(self) -> Result<T>;
}

impl<T, E: Into<Box<dyn std::error::Error + Send + Sync>>> DamagedContext<T>
    for std::result::Result<T, E>
{
    fn context_damaged(self) -> Result<T> {
        self.context(ErrorKind::Setup, || {
            "the index is damaged; `steward index rebuild` makes it anew from what was imported"
                .to_string()
        })
    }
}
