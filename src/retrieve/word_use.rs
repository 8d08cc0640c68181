//! Which passages use a word in their text: what tells a name from a word of the language.
//!
//! Counted from the index's own lists when a title with the word is said, and kept as long as the commit
//! is searched: a commit itself counts nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

use super::document::Passage;
use super::passages::Passages;
use super::schema::Fields;
use super::snapshot::{DamagedContext, payload};
use super::words::tokens_of;
use crate::Result;

/// Passages looked through for a title's phrase; a phrase whose rarest word is in more is common.
const MOST_PHRASE_CANDIDATES: usize = 500;

/// How the passages of one commit use words.
pub struct WordUse {
    searcher: Searcher,
    fields: Fields,
    passages: Arc<Passages>,
    /// How many passages use a word.
    uses: Mutex<HashMap<String, usize>>,
    phrases: Mutex<HashMap<usize, f32>>,
}

impl WordUse {
    /// In the passages of the commit that `searcher` sees.
    pub fn new(searcher: Searcher, fields: &Fields, passages: Arc<Passages>) -> WordUse {
        let (uses, phrases) = Default::default();
        WordUse { searcher, fields: *fields, passages, uses, phrases }
    }

    /// The share of all passages that use a word and bear another title.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn share_of_others(&self, word: &str, title: usize) -> Result<f32> {
        let others = self.uses_of(word)?.saturating_sub(self.uses_under(word, title)?);
        Ok(others as f32 / self.passages.len().max(1) as f32)
    }

    /// Where a title stands in the order of import.
    pub fn place_of(&self, title: usize) -> u64 {
        self.passages.first_with(title)
    }

    /// One over one more than the number of other titles' passages that say the title in full; 0 if they
    /// are too many to count. `words` are the title's, each once, `phrase` all of them in order.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn phrase_likeness(&self, title: usize, words: &[&str], phrase: &[String]) -> Result<f32> {
        if let Some(&known) = lock(&self.phrases).get(&title) {
            return Ok(known);
        }
        let mut rarest: Option<(usize, &str)> = None;
        for word in words {
            let passages = self.uses_of(word)?;
            if rarest.is_none_or(|(fewest, _)| passages < fewest) {
                rarest = Some((passages, word));
            }
        }
        let likeness = match rarest {
            Some((passages, word)) if passages <= MOST_PHRASE_CANDIDATES => {
                1.0 / (1.0 + self.others_that_say(title, word, phrase)? as f32)
            }
            _ => 0.0,
        };
        lock(&self.phrases).insert(title, likeness);
        Ok(likeness)
    }

    fn others_that_say(&self, title: usize, word: &str, phrase: &[String]) -> Result<usize> {
        let phrase = format!(" {} ", phrase.join(" "));
        let mut count = 0;
        for row in self.rows_with(word)? {
            if self.passages.title_of(row) == title {
                continue;
            }
            let passage: Passage =
                payload(&self.searcher, &self.fields, self.passages.address(row))?;
            let text = format!(" {} ", tokens_of(&passage.text).join(" "));
            count += usize::from(text.contains(&phrase));
        }
        Ok(count)
    }

    fn uses_of(&self, word: &str) -> Result<usize> {
        if let Some(&known) = lock(&self.uses).get(word) {
            return Ok(known);
        }
        let uses = self.rows_with(word)?.len();
        lock(&self.uses).insert(word.to_string(), uses);
        Ok(uses)
    }

    /// How many passages of one title use a word.
    fn uses_under(&self, word: &str, title: usize) -> Result<usize> {
        let rows = self.passages.with_title(title);
        let mut places: Vec<DocAddress> =
            rows.iter().map(|&row| self.passages.address(row)).collect();
        places.sort_unstable();
        let mut uses = 0;
        for places in places.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let Some(mut list) = self.list_of(word, places[0].segment_ord)? else { continue };
            for place in places {
                if list.doc() < place.doc_id {
                    list.seek(place.doc_id);
                }
                uses += usize::from(list.doc() == place.doc_id);
            }
        }
        Ok(uses)
    }

    fn rows_with(&self, word: &str) -> Result<Vec<u32>> {
        let mut rows = Vec::new();
        for segment in 0..self.searcher.segment_readers().len() as u32 {
            let Some(mut list) = self.list_of(word, segment)? else { continue };
            while list.doc() != TERMINATED {
                rows.extend(self.passages.row_at(DocAddress::new(segment, list.doc())));
                list.advance();
            }
        }
        Ok(rows)
    }

    /// The documents of a segment that use a word, deleted ones too.
    fn list_of(&self, word: &str, segment: u32) -> Result<Option<SegmentPostings>> {
        let segment = self.searcher.segment_reader(segment);
        let lists = segment.inverted_index(self.fields.tokens).context_damaged()?;
        let term = Term::from_field_text(self.fields.tokens, word);
        lists.read_postings(&term, IndexRecordOption::Basic).context_damaged()
    }
}

/// Only whole entries are put in: a panic cannot leave them half made.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
