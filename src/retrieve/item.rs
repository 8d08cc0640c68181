//! What can be imported: an article or a record, with what both are needed for - a key, a hash, an owner, texts to
//! embed.

use sha2::{Digest, Sha256};

use super::document::{Document, Passage};
use super::record::Record;
use super::split::passages_of;
use super::text;
use crate::Result;
use crate::error::Context;

/// Names the encoder and the splitter. Part of every hash: content made by others counts as changed.
pub const CONTENT_VERSION: &str = "minilm-l6-v2 split-120 1";
/// What the keys of documents begin with.
pub const DOCUMENT_KEYS: &str = "d/";
/// What the keys of records begin with.
pub const RECORD_KEYS: &str = "r/";

/// One thing that was imported.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An article.
    Document(Document),
    /// A record.
    Record(Record),
}

impl Item {
    /// What a later import replaces it by, in the content and in the index.
    pub fn key(&self) -> String {
        match self {
            Item::Document(document) => document_key(&document.id),
            Item::Record(record) => record_key(&record.kind, &record.id),
        }
    }

    /// First 8 bytes of a SHA-256 over everything in it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if a record cannot be written as JSON.
    pub fn hash(&self) -> Result<u64> {
        let digest = Sha256::new().chain_update(CONTENT_VERSION);
        let digest = match self {
            Item::Document(document) => digest.chain_update(document.content_hash()),
            Item::Record(record) => digest.chain_update(json(record)?),
        };
        let mut first = [0; 8];
        first.copy_from_slice(&digest.finalize()[..8]);
        Ok(u64::from_le_bytes(first))
    }

    /// The customer whose record it is.
    pub fn customer(&self) -> Option<&str> {
        match self {
            Item::Document(_) => None,
            Item::Record(record) => record.customer_id.as_deref(),
        }
    }

    /// What has to be embedded of it: the passages of an article, the name of a public record.
    pub fn texts_to_embed(&self) -> Vec<String> {
        match self {
            Item::Document(document) => {
                passages_of(document).iter().map(Passage::text_to_embed).collect()
            }
            Item::Record(record) if record.is_public() => {
                text::label_of(&record.fields).into_iter().collect()
            }
            Item::Record(_) => Vec::new(),
        }
    }

    /// It as JSON.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be written so.
    pub fn to_json(&self) -> Result<String> {
        let bytes = match self {
            Item::Document(document) => json(document)?,
            Item::Record(record) => json(record)?,
        };
        String::from_utf8(bytes).internal("JSON that is not UTF-8")
    }

    /// The item of a key, out of its JSON.
    ///
    /// # Errors
    /// If the JSON is not of such an item.
    pub fn from_json(key: &str, json: &str) -> serde_json::Result<Item> {
        if key.starts_with(DOCUMENT_KEYS) {
            return serde_json::from_str(json).map(Item::Document);
        }
        serde_json::from_str(json).map(Item::Record)
    }
}

/// The key shared by a document's passages.
pub fn document_key(id: &str) -> String {
    format!("{DOCUMENT_KEYS}{id}")
}

/// The key of a record.
pub fn record_key(kind: &str, id: &str) -> String {
    format!("{RECORD_KEYS}{kind}/{id}")
}

/// It as JSON.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] if it cannot be written so.
pub fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).internal("cannot write an item as JSON")
}
