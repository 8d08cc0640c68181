//! Beginnings of texts that were read before, page by page, so that none is computed twice.
//!
//! A page is found by its 16 tokens and the page before it: a tree of which any two texts share what they have
//! in common, be it a system prompt or a conversation's own past. What was not used for longest goes
//! first, once the pages take more than their share of memory.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use lru::LruCache;

use crate::attention::PAGE;
use crate::cache::{Cache, CacheShape, Page};

/// Pages by the texts that they end.
#[derive(Debug)]
pub struct Prefixes {
    shape: CacheShape,
    /// Random for each process: nobody can write a text that is taken for another.
    hashes: RandomState,
    pages: LruCache<u64, Remembered>,
    most_pages: usize,
}

#[derive(Debug)]
struct Remembered {
    before: u64,
    tokens: [u32; PAGE],
    page: Arc<Page>,
}

impl Prefixes {
    /// Remembers as many pages as fit into `bytes`.
    pub fn new(shape: CacheShape, bytes: usize) -> Self {
        let most_pages = bytes / shape.page_bytes().max(1);
        Self { shape, hashes: RandomState::new(), pages: LruCache::unbounded(), most_pages }
    }

    /// A cache that holds as much of the beginning of `tokens` as is remembered, but never all of it: the
    /// last token is what gives logits.
    pub fn begin(&mut self, tokens: &[u32]) -> Cache {
        let most = tokens.len().saturating_sub(1) / PAGE;
        let mut found = Vec::new();
        let mut before = 0;
        for tokens in tokens.as_chunks::<PAGE>().0.iter().take(most) {
            let key = self.hashes.hash_one((before, tokens));
            match self.pages.peek(&key) {
                Some(known) if known.before == before && known.tokens == *tokens => {
                    found.push((key, known.page.clone()));
                }
                _ => break,
            }
            before = key;
        }
        // The first pages are used last: they outlive those that build on them.
        for (key, _) in found.iter().rev() {
            self.pages.promote(key);
        }
        Cache::of_pages(self.shape, found.into_iter().map(|(_, page)| page).collect())
    }

    /// Remembers the full pages of `cache`, which has read `tokens` from its beginning.
    pub fn remember(&mut self, tokens: &[u32], cache: &Cache) {
        let mut before = 0;
        let mut keys = Vec::new();
        for (tokens, page) in tokens.as_chunks::<PAGE>().0.iter().zip(cache.full_pages()) {
            let key = self.hashes.hash_one((before, tokens));
            let entry = Remembered { before, tokens: *tokens, page: page.clone() };
            // A text that is remembered already keeps its page: others share it.
            let known = self.pages.peek(&key);
            if !known.is_some_and(|known| known.before == before && known.tokens == *tokens) {
                self.pages.put(key, entry);
            }
            keys.push(key);
            before = key;
        }
        for key in keys.iter().rev() {
            self.pages.promote(key);
        }
        while self.pages.len() > self.most_pages {
            self.pages.pop_lru();
        }
    }

    /// Bytes that the remembered pages take.
    pub fn bytes(&self) -> usize {
        self.pages.len() * self.shape.page_bytes()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.pages.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: CacheShape = CacheShape { layers: 1, heads: 1, head: 16 };

    fn read(tokens: &[u32]) -> Cache {
        let mut cache = Cache::new(SHAPE);
        cache.extend(tokens.len());
        cache
    }

    fn text(parts: &[u32]) -> Vec<u32> {
        parts.iter().flat_map(|part| [*part; PAGE]).collect()
    }

    #[test]
    fn texts_share_what_they_begin_with_and_no_more() {
        let mut prefixes = Prefixes::new(SHAPE, 1 << 20);
        let first = text(&[1, 2, 3]);
        assert!(prefixes.begin(&first).is_empty());
        prefixes.remember(&first, &read(&first));
        assert_eq!(prefixes.begin(&first).len(), 2 * PAGE, "the last token is left to read");
        assert_eq!(prefixes.begin(&text(&[1, 2, 3, 4])).len(), 3 * PAGE);
        assert_eq!(prefixes.begin(&text(&[1, 9, 3, 4])).len(), PAGE);
        assert!(prefixes.begin(&text(&[2, 3, 4])).is_empty(), "the same page elsewhere");
        let shared = prefixes.begin(&first);
        assert!(Arc::ptr_eq(&shared.full_pages()[0], &prefixes.begin(&first).full_pages()[0]));
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut prefixes = Prefixes::new(SHAPE, 4 * SHAPE.page_bytes());
        for last in [7, 8, 9] {
            let text = text(&[1, 2, last]);
            prefixes.remember(&text, &read(&text));
            assert!(prefixes.bytes() <= 4 * SHAPE.page_bytes());
        }
        assert_eq!(prefixes.begin(&text(&[1, 2, 7, 0])).len(), 2 * PAGE, "7 has gone");
        assert_eq!(prefixes.begin(&text(&[1, 2, 9, 0])).len(), 3 * PAGE);
        let none = Prefixes::new(SHAPE, 0).begin(&text(&[1, 2]));
        assert!(none.is_empty());
    }
}
