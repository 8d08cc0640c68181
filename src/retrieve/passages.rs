//! The passages of one commit: rows to be searched by meaning, and where each stands in the index.
//!
//! A row is a passage. What the passage says is read from the index when it is found, so that a million
//! of them take the memory of their vectors.

use steward_engine::vectors::VectorSnapshot;
use tantivy::DocAddress;

/// Bits of a passage's number for its place in the document.
const ORDINAL_BITS: u32 = 24;
const NO_ROW: u32 = u32::MAX;

/// The passages of one commit.
pub struct Passages {
    /// By meaning. The id of a row is its [`number_of`].
    pub vectors: VectorSnapshot,
    addresses: Vec<DocAddress>,
    titles: Vec<u32>,
    /// The row of each document of each segment.
    rows_of_segments: Vec<Vec<u32>>,
    /// The rows of title `t` are `rows_by_title[title_starts[t]..title_starts[t + 1]]`.
    title_starts: Vec<u32>,
    rows_by_title: Vec<u32>,
    documents: usize,
}

/// Numbers passages in the order of import: first by document, then by place in it.
pub fn number_of(sequence: u64, ordinal: u64) -> u64 {
    sequence << ORDINAL_BITS | ordinal & ((1 << ORDINAL_BITS) - 1)
}

/// Whether this is the number of a document's first passage.
pub fn is_lead(number: u64) -> bool {
    number.trailing_zeros() >= ORDINAL_BITS
}

impl Passages {
    /// Of rows with their address and the number of their title. `segments` are the numbers of documents in
    /// each segment.
    pub fn new(
        vectors: VectorSnapshot,
        addresses: Vec<DocAddress>,
        titles: Vec<u32>,
        segments: &[u32],
    ) -> Passages {
        let mut rows_of_segments: Vec<Vec<u32>> =
            segments.iter().map(|&documents| vec![NO_ROW; documents as usize]).collect();
        for (row, address) in (0..).zip(&addresses) {
            rows_of_segments[address.segment_ord as usize][address.doc_id as usize] = row;
        }
        let count = titles.iter().max().map_or(0, |&last| last as usize + 1);
        let mut title_starts = vec![0; count + 1];
        titles.iter().for_each(|&title| title_starts[title as usize + 1] += 1);
        for title in 0..count {
            title_starts[title + 1] += title_starts[title];
        }
        let mut places = title_starts.clone();
        let mut rows_by_title = vec![0; titles.len()];
        for (row, &title) in (0..).zip(&titles) {
            let place = &mut places[title as usize];
            rows_by_title[*place as usize] = row;
            *place += 1;
        }
        let documents = (0..vectors.len()).filter(|&row| is_lead(vectors.id(row))).count();
        Passages {
            vectors,
            addresses,
            titles,
            rows_of_segments,
            title_starts,
            rows_by_title,
            documents,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// True without knowledge.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// How many documents they are of.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Where a row stands in the index.
    pub fn address(&self, row: u32) -> DocAddress {
        self.addresses[row as usize]
    }

    /// The row at an address; none if there is no passage, or a deleted one.
    pub fn row_at(&self, address: DocAddress) -> Option<u32> {
        let row = *self
            .rows_of_segments
            .get(address.segment_ord as usize)?
            .get(address.doc_id as usize)?;
        (row != NO_ROW).then_some(row)
    }

    /// The number of a row's title.
    pub fn title_of(&self, row: u32) -> usize {
        self.titles[row as usize] as usize
    }

    /// The rows that bear a title.
    pub fn with_title(&self, title: usize) -> &[u32] {
        match self.title_starts.get(title..title + 2) {
            Some(&[start, end]) => &self.rows_by_title[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The number of the first passage that bears a title: titles in the order of import are in the order of these.
    pub fn first_with(&self, title: usize) -> u64 {
        self.with_title(title).iter().map(|&row| self.number(row)).min().unwrap_or(u64::MAX)
    }

    /// A row's place in the order of import: its [`number_of`].
    pub fn number(&self, row: u32) -> u64 {
        self.vectors.id(row as usize)
    }

    /// The first `limit` rows in the order of import.
    pub fn in_order(&self, limit: usize) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..self.len() as u32).collect();
        let number = |row: &u32| self.number(*row);
        if limit < rows.len() {
            rows.select_nth_unstable_by_key(limit, number);
            rows.truncate(limit);
        }
        rows.sort_unstable_by_key(number);
        rows
    }
}
