//! The index for writing: items become entries of tantivy, and each commit says which change of the content it
//! reflects.
//!
//! Nothing is seen until [`Segments::commit`]; what came after the last one is forgotten when this is dropped.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory, META_LOCK, MmapDirectory};
use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

use super::content::{Content, Entry, Kept};
use super::document::Passage;
use super::item::{CONTENT_VERSION, Item, json};
use super::record::Record;
use super::schema::{self, CLASS_ACCOUNT, CLASS_PASSAGE, CLASS_PUBLIC, Fields};
use super::snapshot::{DamagedContext, META_FILE};
use super::split::passages_of;
use super::text;
use super::words::distinct_tokens;
use crate::error::Context;
use crate::model::encoder::EMBEDDING_SIZE;
use crate::{Error, ErrorKind, Result};

/// Memory that tantivy may fill before it writes a segment.
const WRITER_MEMORY_BYTES: usize = 64 << 20;
/// Tantivy's list of the files that it made.
const MANAGED_FILE: &str = ".managed.json";
/// What the names of tantivy's lock files begin with.
pub const LOCK_FILES: &str = ".tantivy";
const EMBEDDING_BYTES: usize = EMBEDDING_SIZE * size_of::<f32>();

/// What a commit of the index reflects: its payload, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// [`super::content::ContentState::identity`]
    pub content: String,
    /// The newest change of the content that is in it.
    pub change: u64,
    /// The encoder and splitter.
    pub made_by: String,
}

impl Stamp {
    /// Of an index that has all that is in `content`.
    pub fn of(content: &Content) -> Stamp {
        let state = content.state();
        Stamp {
            content: state.identity.clone(),
            change: state.change,
            made_by: CONTENT_VERSION.to_string(),
        }
    }
}

/// The one writer of an index directory.
pub struct Segments {
    tantivy: tantivy::Index,
    writer: IndexWriter,
    fields: Fields,
}

impl Segments {
    /// Takes the index in `directory` for writing, made if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if another process has it; [`ErrorKind::Setup`] if it is damaged, of another schema or not
    /// writable.
    pub fn open(directory: &Path) -> Result<Segments> {
        let (schema, fields) = schema::build();
        // Opened anew, since another process may have written meanwhile: tantivy would leave its files lying.
        let tantivy = open_tantivy(directory, schema)?;
        let writer = tantivy
            .writer_with_num_threads(1, WRITER_MEMORY_BYTES)
            .map_err(|error| writer_error(error, directory))?;
        // Deletions are named by the number of the operation, which comes again after a crash: tantivy would refuse to
        // write a file that is there.
        sweep(directory)?;
        Ok(Segments { tantivy, writer, fields })
    }

    /// Brings one row of the content in, in place of what has its key.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn follow(&mut self, entry: &Entry) -> Result<()> {
        self.remove(&entry.key);
        match &entry.kept {
            Some(kept) => self.add(&entry.key, entry.position, kept),
            None => Ok(()),
        }
    }

    /// Adds an item whose key is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn add(&mut self, key: &str, position: u64, kept: &Kept) -> Result<()> {
        let mut embeddings = kept.embeddings.chunks_exact(EMBEDDING_BYTES);
        match &kept.item {
            Item::Document(document) => {
                for passage in passages_of(document) {
                    let mut entry = passage_entry(&self.fields, &passage)?;
                    identify(&self.fields, &mut entry, CLASS_PASSAGE, key, position, kept.hash);
                    entry.add_bytes(self.fields.embedding, embeddings.next().unwrap_or_default());
                    self.add_entry(entry)?;
                }
                Ok(())
            }
            Item::Record(record) => {
                let class = if record.is_public() { CLASS_PUBLIC } else { CLASS_ACCOUNT };
                let mut entry = TantivyDocument::new();
                identify(&self.fields, &mut entry, class, key, position, kept.hash);
                self.describe_record(&mut entry, record)?;
                if let Some(embedding) = embeddings.next() {
                    entry.add_bytes(self.fields.embedding, embedding);
                }
                self.add_entry(entry)
            }
        }
    }

    /// Takes away what has the key.
    pub fn remove(&mut self, key: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.key, key));
    }

    /// Takes away every record of one customer, with what segments keep of deleted ones. What it reflects does not
    /// change by that: [`Segments::commit`] says it once all is gone.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn erase_customer(&mut self, customer_id: &str) -> Result<()> {
        self.writer.delete_term(Term::from_field_text(self.fields.customer, customer_id));
        let payload = self.tantivy.load_metas().context_damaged()?.payload;
        let mut prepared = self.writer.prepare_commit().internal(CANNOT_WRITE)?;
        if let Some(payload) = &payload {
            prepared.set_payload(payload);
        }
        prepared.commit().internal(CANNOT_WRITE)?;
        let segments = self.tantivy.searchable_segment_ids().context_damaged()?;
        if !segments.is_empty() {
            self.writer.merge(&segments).wait().internal(CANNOT_WRITE)?;
        }
        self.writer.garbage_collect_files().wait().internal(CANNOT_WRITE)?;
        Ok(())
    }

    /// Makes everything since the last commit visible, all at once and on disk.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write, as on a full disk.
    pub fn commit(&mut self, stamp: &Stamp) -> Result<()> {
        let payload = serde_json::to_string(stamp).internal("cannot write a stamp as JSON")?;
        let mut prepared = self.writer.prepare_commit().internal(CANNOT_WRITE)?;
        prepared.set_payload(&payload);
        prepared.commit().internal(CANNOT_WRITE).map(drop)
    }

    /// Waits for segments to merge.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if tantivy cannot write.
    pub fn finish(self) -> Result<()> {
        self.writer.wait_merging_threads().internal(CANNOT_WRITE)
    }

    fn describe_record(&self, entry: &mut TantivyDocument, record: &Record) -> Result<()> {
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
        entry.add_bytes(self.fields.payload, &json(record)?);
        Ok(())
    }

    fn add_entry(&mut self, entry: TantivyDocument) -> Result<()> {
        self.writer.add_document(entry).internal(CANNOT_WRITE).map(|_| ())
    }
}

/// Says which entry this is, of which import, and where in the order of import.
pub(super) fn identify(
    fields: &Fields,
    entry: &mut TantivyDocument,
    class: u64,
    key: &str,
    position: u64,
    hash: u64,
) {
    entry.add_u64(fields.class, class);
    entry.add_text(fields.key, key);
    entry.add_u64(fields.sequence, position);
    entry.add_u64(fields.hash, hash);
}

/// What of a passage is searched and given back.
///
/// # Errors
/// [`ErrorKind::Internal`] if it cannot be written as JSON.
pub(super) fn passage_entry(fields: &Fields, passage: &Passage) -> Result<TantivyDocument> {
    let mut entry = TantivyDocument::new();
    entry.add_text(fields.title, &passage.title);
    entry.add_text(fields.heading, passage.heading.join("\n"));
    entry.add_text(fields.body, &passage.text);
    entry.add_text(fields.tokens, distinct_tokens(&passage.text).join(" "));
    entry.add_u64(fields.ordinal, u64::from(passage.ordinal));
    entry.add_bytes(fields.payload, &json(passage)?);
    Ok(entry)
}

const CANNOT_WRITE: &str = "cannot write to the index; is the disk full?";

/// Opens the index in `directory` with Steward's analyzers, made if it is not there.
///
/// # Errors
/// [`ErrorKind::Setup`] if it cannot be made, is damaged, or is of another schema.
pub fn open_tantivy(directory: &Path, schema: tantivy::schema::Schema) -> Result<tantivy::Index> {
    fs::create_dir_all(directory).context(ErrorKind::Setup, || {
        format!("cannot make the index directory {}", directory.display())
    })?;
    let mmap = MmapDirectory::open(directory).context(ErrorKind::Setup, || {
        format!("cannot open the index directory {}", directory.display())
    })?;
    let index = if tantivy::Index::exists(&mmap).context_damaged()? {
        let index = tantivy::Index::open(mmap).context_damaged()?;
        if index.schema() != schema {
            return Err(Error::setup(format!(
                "the index in {} was made by another version of Steward; `steward index rebuild` \
                 makes it anew from what was imported",
                directory.display()
            )));
        }
        index
    } else {
        let settings = tantivy::IndexSettings::default();
        tantivy::Index::create(mmap, schema, settings).context(ErrorKind::Setup, || {
            format!("cannot make an index in {}; is the directory writable?", directory.display())
        })?
    };
    text::register(index.tokenizers());
    Ok(index)
}

/// Removes every file that does not belong to the index in `directory`, which nobody writes.
///
/// # Errors
/// [`ErrorKind::Setup`] if the index is damaged or a file cannot be removed.
pub fn sweep(directory: &Path) -> Result<()> {
    let mmap = MmapDirectory::open(directory).context_damaged()?;
    // Held so that whoever is about to open the old index's files has them.
    let _lock = mmap.acquire_lock(&META_LOCK).context_damaged()?;
    let metas = tantivy::Index::open(mmap.clone()).context_damaged()?.load_metas();
    let metas = metas.context_damaged()?;
    let mut living: HashSet<_> = metas.list_segment_files();
    living.extend([META_FILE.into(), MANAGED_FILE.into()]);
    let failed = || format!("cannot tidy the index directory {}", directory.display());
    for entry in fs::read_dir(directory).context(ErrorKind::Setup, failed)? {
        let entry = entry.context(ErrorKind::Setup, failed)?;
        let name = entry.file_name();
        let is_lock = name.to_string_lossy().starts_with(LOCK_FILES);
        if !is_lock && !living.contains(Path::new(&name)) {
            fs::remove_file(entry.path()).context(ErrorKind::Setup, failed)?;
        }
    }
    sync(directory)
}

/// Makes what happened to the names in `directory` durable.
///
/// # Errors
/// [`ErrorKind::Setup`] if that fails.
pub fn sync(directory: &Path) -> Result<()> {
    fs::File::open(directory)
        .and_then(|file| file.sync_all())
        .context(ErrorKind::Setup, || format!("cannot write to {}", directory.display()))
}

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
