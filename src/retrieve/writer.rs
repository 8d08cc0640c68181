//! Writing to the index: upserts by id, one writer at a time over all processes.
//!
//! Nothing is seen until [`Writer::commit`]; a writer that is dropped leaves no trace of what came
//! after the last commit.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocSet, IndexReader, IndexWriter, ReloadPolicy, TERMINATED, TantivyDocument, TantivyError, Term,
};

use super::document::{Document, Passage};
use super::index::{Index, document_key, record_key};
use super::record::Record;
use super::schema::{
    CLASS_ACCOUNT, CLASS_PASSAGE, CLASS_PUBLIC, Fields, HASH_COLUMN, SEQUENCE_COLUMN,
};
use super::scope::AccountScope;
use super::snapshot::DamagedContext;
use super::text;
use crate::error::Context;
use crate::model::embedding_file::to_bytes;
use crate::{Error, ErrorKind, Result};

/// Memory that tantivy may fill before it writes a segment.
const WRITER_MEMORY_BYTES: usize = 64 << 20;
/// Part of every hash: content made by another splitter or encoder counts as changed.
const CONTENT_VERSION: &[u8] = b"minilm-l6-v2 split-120 1";

/// The one writer of an index.
pub struct Writer {
    index: Index,
    fields: Fields,
    tantivy: IndexWriter,
    committed: IndexReader,
    pending: HashMap<String, Stored>,
    next_sequence: u64,
}

#[derive(Clone, Copy)]
struct Stored {
    sequence: u64,
    hash: u64,
}

impl Index {
    /// Takes the index for writing.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if another import has it; [`ErrorKind::Setup`] if it is not writable.
    pub fn writer(&self) -> Result<Writer> {
        let shared = &self.shared;
        let tantivy = shared
            .tantivy
            .writer_with_num_threads(1, WRITER_MEMORY_BYTES)
            .map_err(|error| writer_error(error, &shared.directory))?;
        let committed: IndexReader = shared
            .tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .context_damaged()?;
        let mut next_sequence = 0;
        for segment in committed.searcher().segment_readers() {
            let sequences = segment.fast_fields().u64(SEQUENCE_COLUMN).context_damaged()?;
            next_sequence = next_sequence.max(sequences.max_value() + 1);
        }
        Ok(Writer {
            index: self.clone(),
            fields: shared.fields,
            tantivy,
            committed,
            pending: HashMap::new(),
            next_sequence,
        })
    }
}

impl Writer {
    /// True if this very document is in the index already.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn has_document(&self, document: &Document) -> Result<bool> {
        let stored = self.stored(&document_key(&document.id))?;
        Ok(stored.is_some_and(|stored| stored.hash == document_hash(document)))
    }

    /// True if this very record is in the index already.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn has_record(&self, record: &Record) -> Result<bool> {
        let stored = self.stored(&record_key(&record.kind, &record.id))?;
        Ok(stored.is_some_and(|stored| stored.hash == record_hash(record)))
    }

    /// Adds a document, or replaces the one with its id. `passages` and their embeddings
    /// (384 f32 each) go together.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn upsert_document(
        &mut self,
        document: &Document,
        passages: &[Passage],
        embeddings: &[Vec<f32>],
    ) -> Result<()> {
        let key = document_key(&document.id);
        let hash = document_hash(document);
        let sequence = self.replace(&key, hash)?;
        for (passage, embedding) in passages.iter().zip(embeddings) {
            let mut entry = self.entry(CLASS_PASSAGE, &key, sequence, hash);
            entry.add_text(self.fields.title, &passage.title);
            entry.add_text(self.fields.heading, passage.heading.join("\n"));
            entry.add_text(self.fields.body, &passage.text);
            entry.add_bytes(self.fields.payload, &json(passage)?);
            entry.add_bytes(self.fields.embedding, &to_bytes(embedding));
            self.add(entry)?;
        }
        Ok(())
    }

    /// Adds a record, or replaces the one of its kind and id. `label_embedding` is for public
    /// records with a name ([`text::label_of`]).
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn upsert_record(
        &mut self,
        record: &Record,
        label_embedding: Option<&[f32]>,
    ) -> Result<()> {
        let key = record_key(&record.kind, &record.id);
        let hash = record_hash(record);
        let sequence = self.replace(&key, hash)?;
        let class = if record.is_public() { CLASS_PUBLIC } else { CLASS_ACCOUNT };
        let mut entry = self.entry(class, &key, sequence, hash);
        let fields_text = text::text_of_fields(&record.fields);
        let id_text = format!("{} {}", record.id, fields_text);
        let mut identifiers = text::identifiers(&id_text);
        identifiers.extend(text::normalise_identifier(&record.id));
        entry.add_text(self.fields.kind, &record.kind);
        entry.add_text(self.fields.fields, format!("{}\n{fields_text}", record.kind));
        entry.add_text(self.fields.identifiers, identifiers.join(" "));
        if let Some(label) = text::label_of(&record.fields) {
            entry.add_text(self.fields.label, label);
        }
        if let Some(customer_id) = &record.customer_id {
            entry.add_text(self.fields.customer, customer_id);
        }
        if let Some(embedding) = label_embedding
            && record.is_public()
        {
            entry.add_bytes(self.fields.embedding, &to_bytes(embedding));
        }
        entry.add_bytes(self.fields.payload, &json(record)?);
        self.add(entry)
    }

    /// Takes away every record of one customer, with what the index keeps of deleted ones.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn erase_account(mut self, scope: &AccountScope) -> Result<()> {
        let customer = Term::from_field_text(self.fields.customer, scope.customer_id());
        self.tantivy.delete_term(customer);
        self.commit()?;
        let segments = self.index.shared.tantivy.searchable_segment_ids().context_damaged()?;
        if !segments.is_empty() {
            self.tantivy.merge(&segments).wait().internal(CANNOT_WRITE)?;
        }
        self.tantivy.garbage_collect_files().wait().internal(CANNOT_WRITE)?;
        self.finish()
    }

    /// Makes everything since the last commit visible, all at once and on disk.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write, as on a full disk.
    pub fn commit(&mut self) -> Result<()> {
        let mut prepared = self.tantivy.prepare_commit().internal(CANNOT_WRITE)?;
        prepared.set_payload("imported");
        prepared.commit().internal(CANNOT_WRITE)?;
        self.committed.reload().context_damaged()?;
        self.pending.clear();
        Ok(())
    }

    /// Commits, waits for segments to merge, and lets searches of this process see it.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn finish(mut self) -> Result<()> {
        self.commit()?;
        self.tantivy.wait_merging_threads().internal(CANNOT_WRITE)?;
        self.index.refresh()
    }

    /// Deletes what has the key and says which place in the order its successor takes.
    fn replace(&mut self, key: &str, hash: u64) -> Result<u64> {
        let sequence = match self.stored(key)? {
            Some(stored) => {
                self.tantivy.delete_term(Term::from_field_text(self.fields.key, key));
                stored.sequence
            }
            None => {
                self.next_sequence += 1;
                self.next_sequence - 1
            }
        };
        self.pending.insert(key.to_string(), Stored { sequence, hash });
        Ok(sequence)
    }

    fn stored(&self, key: &str) -> Result<Option<Stored>> {
        if let Some(stored) = self.pending.get(key) {
            return Ok(Some(*stored));
        }
        let term = Term::from_field_text(self.fields.key, key);
        for segment in self.committed.searcher().segment_readers() {
            let inverted = segment.inverted_index(self.fields.key).context_damaged()?;
            let postings =
                inverted.read_postings(&term, IndexRecordOption::Basic).context_damaged()?;
            let Some(mut postings) = postings else { continue };
            let mut doc_id = postings.doc();
            while doc_id != TERMINATED {
                if !segment.is_deleted(doc_id) {
                    let sequences = segment.fast_fields().u64(SEQUENCE_COLUMN).context_damaged()?;
                    let hashes = segment.fast_fields().u64(HASH_COLUMN).context_damaged()?;
                    let sequence = sequences.first(doc_id).unwrap_or(0);
                    let hash = hashes.first(doc_id).unwrap_or(0);
                    return Ok(Some(Stored { sequence, hash }));
                }
                doc_id = postings.advance();
            }
        }
        Ok(None)
    }

    fn entry(&self, class: u64, key: &str, sequence: u64, hash: u64) -> TantivyDocument {
        let mut entry = TantivyDocument::new();
        entry.add_u64(self.fields.class, class);
        entry.add_text(self.fields.key, key);
        entry.add_u64(self.fields.sequence, sequence);
        entry.add_u64(self.fields.hash, hash);
        entry
    }

    fn add(&mut self, entry: TantivyDocument) -> Result<()> {
        self.tantivy.add_document(entry).internal(CANNOT_WRITE).map(|_| ())
    }
}

const CANNOT_WRITE: &str = "cannot write to the index; is the disk full?";

fn writer_error(error: TantivyError, directory: &Path) -> Error {
    match error {
        TantivyError::LockFailure(tantivy::directory::error::LockError::LockBusy, _) => Error::new(
            ErrorKind::Busy,
            format!("another import is writing to {}; wait until it is done", directory.display()),
        ),
        other => Error::setup(format!(
            "cannot write to the index in {}; is the directory writable?",
            directory.display()
        ))
        .with_source(other),
    }
}

fn document_hash(document: &Document) -> u64 {
    short_hash(&document.content_hash())
}

fn record_hash(record: &Record) -> u64 {
    short_hash(&json(record).unwrap_or_default())
}

fn short_hash(content: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update(CONTENT_VERSION).chain_update(content).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).internal("cannot write a document as JSON")
}
