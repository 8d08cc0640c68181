//! What stays from one commit to the next: vectors, titles and public records that are already read.
//!
//! A commit is compared with what is known by columns alone; only what it brought is read. So a change of
//! one article is seen at once, however large the knowledge is.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use steward_engine::vectors::{VectorError, VectorTable};
use tantivy::schema::Value;
use tantivy::{DocAddress, Searcher, TantivyDocument};

use super::dense::EmbeddingMatrix;
use super::document::Passage;
use super::passages::{Passages, is_lead, number_of};
use super::record::Record;
use super::schema::{
    CLASS_ACCOUNT, CLASS_COLUMN, CLASS_PASSAGE, CLASS_PUBLIC, Fields, HASH_COLUMN, ORDINAL_COLUMN,
    SEQUENCE_COLUMN,
};
use super::snapshot::{DamagedContext, Snapshot, hash_of, parse_payload};
use super::title::TitleIndex;
use super::word_use::WordUse;
use crate::Result;
use crate::error::Context;
use crate::model::embedding_file::from_bytes;
use crate::model::encoder::EMBEDDING_SIZE;

/// What was read of the commits so far.
pub struct Known {
    vectors: VectorTable,
    /// The hash of each row's document.
    hashes: Vec<u64>,
    /// The number of each row's title.
    titles_of: Vec<usize>,
    titles: Arc<RwLock<TitleIndex>>,
    /// By place in the order of import.
    public: HashMap<u64, PublicRecord>,
}

struct PublicRecord {
    hash: u64,
    record: Arc<Record>,
    /// Of its label; none without one.
    embedding: Vec<f32>,
}

/// What the columns say of a living passage or record.
struct Entry {
    /// A passage's number; a record's place in the order of import.
    number: u64,
    hash: u64,
    address: DocAddress,
}

/// The columns of one commit.
#[derive(Default)]
struct Columns {
    passages: Vec<Entry>,
    public: Vec<Entry>,
    hashes: Vec<u64>,
    account_records: usize,
    passages_with_deleted: u64,
    records_with_deleted: u64,
}

impl Known {
    /// Nothing yet.
    ///
    /// # Errors
    /// None that can happen: embeddings have a size that tables take.
    pub fn new() -> Result<Known> {
        Ok(Known {
            vectors: VectorTable::new(EMBEDDING_SIZE).internal(CANNOT_HOLD)?,
            hashes: Vec::new(),
            titles_of: Vec::new(),
            titles: Arc::default(),
            public: HashMap::new(),
        })
    }

    /// The commit that `searcher` sees. After an error the next call makes up for it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn follow(&mut self, searcher: Searcher, fields: &Fields) -> Result<Snapshot> {
        let columns = Columns::read(&searcher)?;
        let fresh = self.forget_others(&columns.passages);
        self.read_passages(&searcher, fields, fresh)?;
        self.tidy_titles();
        let passages = Arc::new(self.passages(&searcher, &columns.passages));
        let mut public = columns.public;
        public.sort_by_key(|entry| entry.number);
        self.read_public(&searcher, fields, &public)?;
        let mut label_embeddings = EmbeddingMatrix::default();
        let mut public_records = Vec::with_capacity(public.len());
        let mut public_rows = HashMap::with_capacity(public.len());
        for (row, entry) in public.iter().enumerate() {
            let Some(known) = self.public.get(&entry.number) else { continue };
            label_embeddings.push(&known.embedding);
            public_records.push(Arc::clone(&known.record));
            public_rows.insert(entry.address, row);
        }
        Ok(Snapshot {
            uses: WordUse::new(searcher.clone(), fields, Arc::clone(&passages)),
            searcher,
            passages,
            titles: Arc::clone(&self.titles),
            public_records,
            label_embeddings,
            public_rows,
            account_records: columns.account_records,
            content_hash: hash_of(columns.hashes),
            passages_with_deleted: columns.passages_with_deleted,
            records_with_deleted: columns.records_with_deleted,
        })
    }

    /// Drops the rows that are not among `entries`, and gives those entries that have no row.
    fn forget_others<'a>(&mut self, entries: &'a [Entry]) -> Vec<&'a Entry> {
        let mut stays = vec![false; self.vectors.len()];
        let mut fresh = Vec::new();
        for entry in entries {
            match self.vectors.row_of(entry.number) {
                Some(row) if self.hashes[row] == entry.hash => stays[row] = true,
                _ => fresh.push(entry),
            }
        }
        let gone = stays.iter().enumerate().filter(|(_, stays)| !**stays);
        let gone: Vec<u64> = gone.map(|(row, _)| self.vectors.id(row)).collect();
        if gone.is_empty() {
            return fresh;
        }
        let mut titles = self.titles.write().unwrap_or_else(PoisonError::into_inner);
        for number in gone {
            let Some(row) = self.vectors.remove(number) else { continue };
            self.hashes.swap_remove(row);
            titles.remove(self.titles_of.swap_remove(row), is_lead(number));
        }
        fresh
    }

    fn read_passages(
        &mut self,
        searcher: &Searcher,
        fields: &Fields,
        mut entries: Vec<&Entry>,
    ) -> Result<()> {
        entries.sort_unstable_by_key(|entry| entry.number);
        for entry in entries {
            let (passage, embedding) = read::<Passage>(searcher, fields, entry.address)?;
            let vector = embedding.as_slice();
            let row = match self.vectors.insert(entry.number, vector) {
                // What cannot be compared is near nothing.
                Err(VectorError::WrongDimension { .. } | VectorError::NotFinite) => {
                    self.vectors.insert(entry.number, &[0.0; EMBEDDING_SIZE])
                }
                other => other,
            };
            let row = row.internal(CANNOT_HOLD)?;
            let mut titles = self.titles.write().unwrap_or_else(PoisonError::into_inner);
            let title = titles.add(&passage.title, is_lead(entry.number));
            // Two entries of one number are one: the index holds a key once.
            if row == self.hashes.len() {
                self.hashes.push(entry.hash);
                self.titles_of.push(title);
            } else {
                titles.remove(self.titles_of[row], is_lead(entry.number));
                (self.hashes[row], self.titles_of[row]) = (entry.hash, title);
            }
        }
        Ok(())
    }

    fn tidy_titles(&mut self) {
        let tidied = self.titles.read().unwrap_or_else(PoisonError::into_inner).tidied();
        let Some((titles, numbers)) = tidied else { return };
        // Commits that are still searched keep the titles that their rows are numbered by.
        self.titles = Arc::new(RwLock::new(titles));
        self.titles_of.iter_mut().for_each(|title| *title = numbers[*title]);
    }

    fn passages(&self, searcher: &Searcher, entries: &[Entry]) -> Passages {
        let mut addresses = vec![DocAddress::new(0, 0); self.vectors.len()];
        for entry in entries {
            if let Some(row) = self.vectors.row_of(entry.number) {
                addresses[row] = entry.address;
            }
        }
        let titles = self.titles_of.iter().map(|&title| title as u32).collect();
        let segments: Vec<u32> =
            searcher.segment_readers().iter().map(|segment| segment.max_doc()).collect();
        Passages::new(self.vectors.snapshot(), addresses, titles, &segments)
    }

    /// Keeps the public records that are among `entries`, and reads those that are new.
    fn read_public(
        &mut self,
        searcher: &Searcher,
        fields: &Fields,
        entries: &[Entry],
    ) -> Result<()> {
        let mut before = std::mem::take(&mut self.public);
        for entry in entries {
            let known = match before.remove(&entry.number) {
                Some(known) if known.hash == entry.hash => known,
                _ => {
                    let (record, embedding) = read::<Record>(searcher, fields, entry.address)?;
                    PublicRecord { hash: entry.hash, record: Arc::new(record), embedding }
                }
            };
            self.public.insert(entry.number, known);
        }
        Ok(())
    }
}

impl Columns {
    fn read(searcher: &Searcher) -> Result<Columns> {
        let mut columns = Columns::default();
        for (segment_ord, segment) in (0..).zip(searcher.segment_readers()) {
            let column = |name| segment.fast_fields().u64(name).context_damaged();
            let (classes, sequences) = (column(CLASS_COLUMN)?, column(SEQUENCE_COLUMN)?);
            let (ordinals, hashes) = (column(ORDINAL_COLUMN)?, column(HASH_COLUMN)?);
            for doc_id in 0..segment.max_doc() {
                let class = classes.first(doc_id).unwrap_or(CLASS_ACCOUNT);
                match class {
                    CLASS_PASSAGE => columns.passages_with_deleted += 1,
                    _ => columns.records_with_deleted += 1,
                }
                if segment.is_deleted(doc_id) {
                    continue;
                }
                let hash = hashes.first(doc_id).unwrap_or(0);
                columns.hashes.push(hash);
                let sequence = sequences.first(doc_id).unwrap_or(0);
                let ordinal = ordinals.first(doc_id).unwrap_or(0);
                let address = DocAddress::new(segment_ord, doc_id);
                match class {
                    CLASS_PASSAGE => {
                        let number = number_of(sequence, ordinal);
                        columns.passages.push(Entry { number, hash, address });
                    }
                    CLASS_PUBLIC => {
                        columns.public.push(Entry { number: sequence, hash, address });
                    }
                    _ => columns.account_records += 1,
                }
            }
        }
        Ok(columns)
    }
}

/// What was imported, and its embedding; an empty one if it has none.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
) -> Result<(T, Vec<f32>)> {
    let document: TantivyDocument = searcher.doc(address).context_damaged()?;
    let embedding =
        document.get_first(fields.embedding).and_then(|v| v.as_bytes()).unwrap_or_default();
    Ok((parse_payload(&document, fields)?, from_bytes(embedding)))
}

const CANNOT_HOLD: &str = "the passages' vectors could not be held";
