//! The knowledge with one article in place of the saved one, to try what would be answered; nothing is saved.
//!
//! The passages alone are indexed in memory, with the embeddings that they have, so that a draft ranks as it would
//! once it was saved. Records are searched where they are.

use std::sync::Arc;

use tantivy::{IndexWriter, TantivyDocument};

use super::document::{Document, Passage};
use super::index::Index;
use super::item::document_key;
use super::known::{Known, read};
use super::schema::{self, CLASS_PASSAGE, Fields};
use super::segments::{identify, passage_entry};
use super::snapshot::Snapshot;
use super::split::passages_of;
use super::text;
use crate::Result;
use crate::error::Context;
use crate::model::embedding_file::to_bytes;
use crate::model::encoder::Encoder;

/// Memory that tantivy may fill; the passages of an article are few, those of the others are small.
const MEMORY_BYTES: usize = 32 << 20;

impl Index {
    /// This index with `document` in place of the article of its id, or added. The passages of the draft are embedded,
    /// those of the others are taken as they are. Blocking.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged; else those of the encoder.
    pub fn with_draft(&self, encoder: &Encoder, document: &Document) -> Result<Index> {
        let snapshot = self.snapshot()?;
        let mut tried = KnowledgeInMemory::new()?;
        let mut position = snapshot.passages.len() as u64;
        for (place, row) in (0..).zip(snapshot.passages.in_order(usize::MAX)) {
            let address = snapshot.passages.address(row);
            let (passage, embedding) =
                read::<Passage>(&snapshot.searcher, &self.shared.fields, address)?;
            if passage.document_id == document.id {
                position = position.min(place);
            } else {
                tried.add(&passage, place, &embedding)?;
            }
        }
        let passages = passages_of(document);
        let texts: Vec<String> = passages.iter().map(Passage::text_to_embed).collect();
        for (passage, embedding) in passages.iter().zip(encoder.embed(&texts)?) {
            tried.add(passage, position, &embedding)?;
        }
        let knowledge = Some(Arc::new(tried.snapshot()?));
        Ok(Index { shared: Arc::clone(&self.shared), knowledge })
    }
}

/// Passages indexed in memory.
pub(super) struct KnowledgeInMemory {
    tantivy: tantivy::Index,
    fields: Fields,
    writer: IndexWriter<TantivyDocument>,
}

impl KnowledgeInMemory {
    /// None yet.
    pub fn new() -> Result<Self> {
        let (schema, fields) = schema::build();
        let tantivy = tantivy::Index::create_in_ram(schema);
        text::register(tantivy.tokenizers());
        let writer = tantivy.writer_with_num_threads(1, MEMORY_BYTES).internal(CANNOT_TRY)?;
        Ok(Self { tantivy, fields, writer })
    }

    /// Adds a passage. `position` is its document's in the order of import.
    pub fn add(&mut self, passage: &Passage, position: u64, embedding: &[f32]) -> Result<()> {
        let mut entry = passage_entry(&self.fields, passage)?;
        let key = document_key(&passage.document_id);
        identify(&self.fields, &mut entry, CLASS_PASSAGE, &key, position, 0);
        entry.add_bytes(self.fields.embedding, &to_bytes(embedding));
        self.writer.add_document(entry).internal(CANNOT_TRY).map(drop)
    }

    /// What was added, to be searched.
    pub fn snapshot(mut self) -> Result<Snapshot> {
        self.writer.commit().internal(CANNOT_TRY)?;
        let reader = self.tantivy.reader().internal(CANNOT_TRY)?;
        Known::new()?.follow(reader.searcher(), &self.fields)
    }
}

const CANNOT_TRY: &str = "an article could not be tried";
