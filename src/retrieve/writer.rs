//! Importing: what comes in is on disk in the content first, then in the index. One import at a time over all
//! processes.
//!
//! Nothing is seen until [`Writer::commit`]. What is lost between the two by a crash is put into the index by the next
//! start or import ([`super::upkeep`]).

use std::collections::HashMap;

use super::content::{Change, Content, Kept, Known};
use super::index::Index;
use super::item::Item;
use super::scope::AccountScope;
use super::segments::{Segments, Stamp, sweep};
use super::upkeep;
use crate::Result;
use crate::model::embedding_file::to_bytes;

/// A save asks for one key, an import for many: after so many, all are read at once.
const FEW_KEYS: usize = 32;

/// The one writer of a data directory's content and index.
pub struct Writer {
    index: Index,
    segments: Segments,
    /// What is known of a key, with what is pending; nothing of one that never came.
    known: HashMap<String, Option<Known>>,
    /// `known` has every key that ever came.
    knows_all: bool,
    next_position: u64,
    /// Steps of the next change.
    pending: Vec<Change>,
    /// Holds the lock, so it goes last.
    content: Content,
}

impl Index {
    /// Takes the content and the index for writing, once they agree.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Busy`] if another import has them; [`crate::ErrorKind::Setup`] if they are not writable, or
    /// need the encoder to be brought up to date ([`upkeep::open`]).
    pub fn writer(&self) -> Result<Writer> {
        let data_dir = &self.shared.data_dir;
        let mut content = Content::open(data_dir)?;
        upkeep::mend(&mut content, data_dir, None, &mut upkeep::say_nothing)?;
        let segments = Segments::open(&self.shared.directory)?;
        let next_position = content.next_position()?;
        let (known, knows_all, pending) = Default::default();
        let index = self.clone();
        Ok(Writer { index, segments, known, knows_all, next_position, pending, content })
    }
}

impl Writer {
    /// True if this very item is there already.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be written as JSON; [`crate::ErrorKind::Setup`] if the content
    /// cannot be read.
    pub fn has(&mut self, item: &Item) -> Result<bool> {
        let stored = self.known(&item.key())?.and_then(|known| known.hash);
        Ok(stored == Some(item.hash()?))
    }

    /// Adds an item, or replaces the one with its key. `embeddings` (384 f32 each) are those of
    /// [`Item::texts_to_embed`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if tantivy cannot write; [`crate::ErrorKind::Setup`] if the content cannot be
    /// read.
    pub fn upsert(&mut self, item: Item, embeddings: &[Vec<f32>]) -> Result<()> {
        let (key, hash) = (item.key(), item.hash()?);
        let position = match self.known(&key)? {
            Some(known) => {
                self.segments.remove(&key);
                known.position
            }
            None => {
                self.next_position += 1;
                self.next_position - 1
            }
        };
        let embeddings = embeddings.iter().flat_map(|embedding| to_bytes(embedding)).collect();
        let kept = Kept { hash, item, embeddings };
        self.segments.add(&key, position, &kept)?;
        self.known.insert(key, Some(Known { position, hash: Some(hash) }));
        self.pending.push(Change::Put { position, kept });
        Ok(())
    }

    /// True if the key is taken, or was once.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn is_known(&mut self, key: &str) -> Result<bool> {
        Ok(self.known(key)?.is_some())
    }

    /// The keys beginning with `prefix` of what is there.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn present(&mut self, prefix: &str) -> Result<Vec<String>> {
        self.know_all()?;
        let present = self.known.iter().filter(|(key, known)| {
            key.starts_with(prefix) && known.is_some_and(|known| known.hash.is_some())
        });
        Ok(present.map(|(key, _)| key.clone()).collect())
    }

    /// Takes away what has the key.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the content cannot be read.
    pub fn remove(&mut self, key: &str) -> Result<()> {
        if let Some(known) = self.known(key)? {
            self.known.insert(key.to_string(), Some(Known { hash: None, ..known }));
            self.segments.remove(key);
            self.pending.push(Change::Remove(key.to_string()));
        }
        Ok(())
    }

    fn known(&mut self, key: &str) -> Result<Option<Known>> {
        if let Some(known) = self.known.get(key) {
            return Ok(*known);
        }
        if !self.knows_all && self.known.len() < FEW_KEYS {
            let known = self.content.known_of(key)?;
            self.known.insert(key.to_string(), known);
            return Ok(known);
        }
        self.know_all()?;
        Ok(self.known.get(key).copied().flatten())
    }

    fn know_all(&mut self) -> Result<()> {
        if !self.knows_all {
            for (key, known) in self.content.known()? {
                self.known.entry(key).or_insert(Some(known));
            }
            self.knows_all = true;
        }
        Ok(())
    }

    /// Takes away every record of one customer, with what the disk keeps of deleted ones.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be written.
    pub fn erase_account(mut self, scope: &AccountScope) -> Result<()> {
        // From here on the index is unfit until it reflects this: a crash is mended by making it anew.
        self.content.erase_customer(scope.customer_id())?;
        self.segments.erase_customer(scope.customer_id())?;
        self.segments.commit(&Stamp::of(&self.content))?;
        self.segments.finish()?;
        sweep(&self.index.shared.directory)?;
        self.index.refresh()
    }

    /// Makes everything since the last commit durable and visible.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be written, as on a full disk.
    pub fn commit(&mut self) -> Result<()> {
        // An import that brings nothing is one too: the demo shop does not come after it.
        if self.pending.is_empty() && self.content.state().change > 0 {
            return Ok(());
        }
        self.content.change(&self.pending)?;
        self.pending.clear();
        self.segments.commit(&Stamp::of(&self.content))
    }

    /// Commits, waits for segments to merge, and lets searches of this process see it.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn finish(mut self) -> Result<()> {
        self.commit()?;
        self.segments.finish()?;
        self.index.refresh()
    }
}
