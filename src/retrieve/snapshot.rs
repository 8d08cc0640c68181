//! What a search sees: one commit of the index, with passages and embeddings in memory.
//!
//! A snapshot never changes. A commit, by this process or another, makes a new one, which takes the
//! old one's place at once; searches that run keep the one they began with.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::dense::{Centring, EmbeddingMatrix};
use super::document::Passage;
use super::record::Record;
use super::schema::{
    CLASS_ACCOUNT, CLASS_COLUMN, CLASS_PASSAGE, CLASS_PUBLIC, Fields, HASH_COLUMN, SEQUENCE_COLUMN,
};
use super::title::TitleIndex;
use crate::error::Context;
use crate::model::embedding_file::from_bytes;
use crate::{ErrorKind, Result};

/// The file that says which segments make up the index; replaced at once by every commit.
pub const META_FILE: &str = "meta.json";

/// One commit of the index.
pub struct Snapshot {
    /// Reads the commit's segments.
    pub searcher: Searcher,
    /// In order of first import.
    pub passages: Vec<Passage>,
    /// One row for each passage.
    pub passage_embeddings: EmbeddingMatrix,
    /// For cosines around the mean of the passages.
    pub passage_centring: Centring,
    /// The passage at an address.
    pub passage_rows: HashMap<DocAddress, usize>,
    /// The passages' titles, ready to be looked for in a dialogue.
    pub titles: TitleIndex,
    /// Records that anybody may read, in order of first import.
    pub public_records: Vec<Record>,
    /// One row for each public record: its label's embedding, or zeros.
    pub label_embeddings: EmbeddingMatrix,
    /// The public record at an address.
    pub public_rows: HashMap<DocAddress, usize>,
    /// How many account records there are.
    pub account_records: usize,
    /// Hash over all live content.
    pub content_hash: String,
    /// Passages in the segments, deleted ones too: the N of BM25.
    passages_with_deleted: u64,
    /// Records in the segments, deleted ones too.
    records_with_deleted: u64,
}

struct Row<T> {
    sequence: u64,
    address: DocAddress,
    item: T,
    embedding: Vec<f32>,
}

impl Snapshot {
    /// Reads the commit that `searcher` sees.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn load(searcher: Searcher, fields: &Fields) -> Result<Snapshot> {
        let mut passage_list: Vec<Row<Passage>> = Vec::new();
        let mut public_list: Vec<Row<Record>> = Vec::new();
        let mut hashes: Vec<u64> = Vec::new();
        let mut account_records = 0;
        let (mut passages_with_deleted, mut records_with_deleted) = (0, 0);
        for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
            let classes = segment.fast_fields().u64(CLASS_COLUMN).context_damaged()?;
            let sequences = segment.fast_fields().u64(SEQUENCE_COLUMN).context_damaged()?;
            let hash_column = segment.fast_fields().u64(HASH_COLUMN).context_damaged()?;
            for doc_id in 0..segment.max_doc() {
                let class = classes.first(doc_id).unwrap_or(CLASS_ACCOUNT);
                match class {
                    CLASS_PASSAGE => passages_with_deleted += 1,
                    _ => records_with_deleted += 1,
                }
                if segment.is_deleted(doc_id) {
                    continue;
                }
                hashes.push(hash_column.first(doc_id).unwrap_or(0));
                let sequence = sequences.first(doc_id).unwrap_or(0);
                let address = DocAddress::new(segment_ord as u32, doc_id);
                match class {
                    CLASS_PASSAGE => {
                        passage_list.push(read_row(&searcher, fields, address, sequence)?);
                    }
                    CLASS_PUBLIC => {
                        public_list.push(read_row(&searcher, fields, address, sequence)?);
                    }
                    _ => account_records += 1,
                }
            }
        }
        passage_list.sort_by_key(|row| (row.sequence, row.item.ordinal));
        public_list.sort_by_key(|row| row.sequence);
        let (passages, passage_embeddings, passage_rows) = columns_of(passage_list);
        let (public_records, label_embeddings, public_rows) = columns_of(public_list);
        Ok(Snapshot {
            searcher,
            titles: TitleIndex::new(&passages),
            passage_centring: Centring::of(&passage_embeddings),
            passages,
            passage_embeddings,
            passage_rows,
            public_records,
            label_embeddings,
            public_rows,
            account_records,
            content_hash: hash_of(hashes),
            passages_with_deleted,
            records_with_deleted,
        })
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

fn read_row<T: serde::de::DeserializeOwned>(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
    sequence: u64,
) -> Result<Row<T>> {
    let document: TantivyDocument = searcher.doc(address).context_damaged()?;
    let embedding =
        document.get_first(fields.embedding).and_then(|v| v.as_bytes()).unwrap_or_default();
    Ok(Row {
        sequence,
        address,
        item: parse_payload(&document, fields)?,
        embedding: from_bytes(embedding),
    })
}

fn columns_of<T>(rows: Vec<Row<T>>) -> (Vec<T>, EmbeddingMatrix, HashMap<DocAddress, usize>) {
    let mut items = Vec::with_capacity(rows.len());
    let mut embeddings = EmbeddingMatrix::default();
    let mut places = HashMap::with_capacity(rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        embeddings.push(&row.embedding);
        places.insert(row.address, place);
        items.push(row.item);
    }
    (items, embeddings, places)
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
