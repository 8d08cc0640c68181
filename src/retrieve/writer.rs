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

/// The one writer of a data directory's content and index.
pub struct Writer {
    index: Index,
    segments: Segments,
    known: HashMap<String, Known>,
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
        let known = content.known()?;
        let next_position = known.values().map(|known| known.position + 1).max().unwrap_or(0);
        let pending = Vec::new();
        Ok(Writer { index: self.clone(), segments, known, next_position, pending, content })
    }
}

impl Writer {
    /// True if this very item is there already.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be written as JSON.
    pub fn has(&self, item: &Item) -> Result<bool> {
        let stored = self.known.get(&item.key()).and_then(|known| known.hash);
        Ok(stored == Some(item.hash()?))
    }

    /// Adds an item, or replaces the one with its key. `embeddings` (384 f32 each) are those of
    /// [`Item::texts_to_embed`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if tantivy cannot write.
    pub fn upsert(&mut self, item: Item, embeddings: &[Vec<f32>]) -> Result<()> {
        let (key, hash) = (item.key(), item.hash()?);
        let position = match self.known.get(&key) {
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
        self.known.insert(key, Known { position, hash: Some(hash) });
        self.pending.push(Change::Put { position, kept });
        Ok(())
    }

    /// True if the key is taken, or was once.
    pub fn is_known(&self, key: &str) -> bool {
        self.known.contains_key(key)
    }

    /// The keys beginning with `prefix` of what is there.
    pub fn present(&self, prefix: &str) -> Vec<String> {
        let is_present = |key: &str, known: &Known| key.starts_with(prefix) && known.hash.is_some();
        let present = self.known.iter().filter(|(key, known)| is_present(key, known));
        present.map(|(key, _)| key.clone()).collect()
    }

    /// Takes away what has the key.
    pub fn remove(&mut self, key: &str) {
        if let Some(known) = self.known.get_mut(key) {
            known.hash = None;
            self.segments.remove(key);
            self.pending.push(Change::Remove(key.to_string()));
        }
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
