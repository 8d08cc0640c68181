//! The knowledge with one article in place of the saved one, to try what would be answered; nothing is saved.
//!
//! The passages alone are indexed in memory, with the embeddings that they have, so that a draft ranks as it would
//! once it was saved. Records are searched where they are.

use std::sync::Arc;

use tantivy::TantivyDocument;

use super::document::{Document, Passage};
use super::index::Index;
use super::item::document_key;
use super::schema::{self, CLASS_PASSAGE};
use super::segments::passage_entry;
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
        let (schema, fields) = schema::build();
        let tantivy = tantivy::Index::create_in_ram(schema);
        text::register(tantivy.tokenizers());
        let mut writer: tantivy::IndexWriter<TantivyDocument> =
            tantivy.writer_with_num_threads(1, MEMORY_BYTES).internal(CANNOT_TRY)?;
        let add = |passage: &Passage, position: u64, embedding: &[f32]| -> Result<()> {
            let mut entry = passage_entry(&fields, passage)?;
            entry.add_u64(fields.class, CLASS_PASSAGE);
            entry.add_text(fields.key, document_key(&passage.document_id));
            entry.add_u64(fields.sequence, position);
            entry.add_u64(fields.hash, 0);
            entry.add_bytes(fields.embedding, &to_bytes(embedding));
            writer.add_document(entry).internal(CANNOT_TRY).map(drop)
        };
        let mut draft_position = None;
        for (row, passage) in snapshot.passages.iter().enumerate() {
            if passage.document_id == document.id {
                draft_position.get_or_insert(row as u64);
                continue;
            }
            add(passage, row as u64, snapshot.passage_embeddings.row(row))?;
        }
        let passages = passages_of(document);
        let texts: Vec<String> = passages.iter().map(Passage::text_to_embed).collect();
        let position = draft_position.unwrap_or(snapshot.passages.len() as u64);
        for (passage, embedding) in passages.iter().zip(encoder.embed(&texts)?) {
            add(passage, position, &embedding)?;
        }
        writer.commit().internal(CANNOT_TRY)?;
        let reader = tantivy.reader().internal(CANNOT_TRY)?;
        let knowledge = Arc::new(Snapshot::load(reader.searcher(), &fields)?);
        Ok(Index { shared: Arc::clone(&self.shared), knowledge: Some(knowledge) })
    }
}

const CANNOT_TRY: &str = "an article could not be tried";
