//! Search for the nearest of up to some millions of vectors, on one processor core.
//!
//! In: vectors `[dimension] f32` under an id of the caller's, each with a mask that says who may see
//! it. Out: the ids of the vectors nearest to a query by cosine.
//!
//! There is no index to build: a search reads one bit per coordinate of every row (48 bytes
//! at 384 dimensions), keeps the best 2,000, and ranks those by 8-bit codes. Rows are therefore found
//! from the moment they are inserted, and a removed or forbidden row takes no part in any ranking.
//!
//! ```text
//! vector -- rotate, scale to length 1 --+-- 1 bit a coordinate: coarse codes, scanned whole
//!                                       +-- 8 bits a coordinate: fine codes, read for the shortlist
//! ```

mod chunk;
mod ids;
mod kernels;
mod quantize;
mod rotation;
mod shortlist;

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use self::chunk::{CHUNK_ROWS, Chunk, Row};
use self::ids::RowsById;
use self::kernels::{BLOCK_ROWS, Kernels};
use self::quantize::{QueryCodes, coarse_code, code_bytes, fine_code};
use self::rotation::Rotation;
use self::shortlist::Shortlist;
use crate::Isa;

/// Most dimensions of a table: beyond, the integer sums of a search could overflow.
pub const MAX_DIMENSION: usize = 2048;

/// A row found by a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The id the row was inserted under.
    pub id: u64,
    /// Its cosine with the query, within about 0.002.
    pub score: f32,
}

/// Why a vector was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VectorError {
    /// A table's dimension must be within `1..=MAX_DIMENSION`.
    UnusableDimension {
        /// The dimension asked for.
        found: usize,
    },
    /// The vector has another length than the table's vectors.
    WrongDimension {
        /// The table's dimension.
        expected: usize,
        /// The vector's length.
        found: usize,
    },
    /// The vector holds an infinity or a NaN.
    NotFinite,
    /// The table holds as many rows as row numbers of 32 bits can name.
    Full,
}

impl fmt::Display for VectorError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VectorError::UnusableDimension { found } => {
                write!(
                    formatter,
                    "a vector table takes 1 to {MAX_DIMENSION} dimensions, not {found}"
                )
            }
            VectorError::WrongDimension { expected, found } => {
                write!(formatter, "expected a vector of {expected} values, found {found}")
            }
            VectorError::NotFinite => {
                write!(
                    formatter,
                    "expected finite values, found an infinity or a NaN in the vector"
                )
            }
            VectorError::Full => write!(formatter, "the vector table holds 2^32 - 1 rows already"),
        }
    }
}

impl std::error::Error for VectorError {}

/// How a search is carried out. The default suits tables of up to some millions of rows.
#[derive(Clone, Copy, Debug)]
pub struct SearchSettings {
    /// Instructions to use; one this processor lacks falls back to the best it has.
    pub isa: Isa,
    /// Rows that the coarse scan hands on to be ranked by their fine codes (at least `count` are).
    /// More of them find more of the exact nearest; a thousand cost about 0.4 ms.
    pub shortlist: usize,
    /// Parts the scan is split into, run in the current rayon pool. With 1 the calling thread does
    /// all of it.
    pub threads: usize,
}

impl Default for SearchSettings {
    fn default() -> SearchSettings {
        SearchSettings { isa: Isa::best(), shortlist: 2000, threads: 1 }
    }
}

/// A growing set of vectors of one dimension, searchable at any time.
///
/// ```
/// use steward_engine::vectors::VectorTable;
///
/// let mut table = VectorTable::new(3)?;
/// table.insert(7, 0b01, &[1.0, 0.0, 0.0])?;
/// table.insert(8, 0b10, &[0.9, 0.1, 0.0])?;
/// let nearest = table.search(&[1.0, 0.0, 0.0], 1, |_, mask| mask & 0b10 != 0)?;
/// assert_eq!(nearest[0].id, 8);
/// # Ok::<(), steward_engine::vectors::VectorError>(())
/// ```
pub struct VectorTable {
    rows: VectorSnapshot,
    row_of: RowsById,
}

impl VectorTable {
    /// An empty table of vectors with `dimension` coordinates.
    ///
    /// # Errors
    ///
    /// `UnusableDimension` outside `1..=MAX_DIMENSION`.
    pub fn new(dimension: usize) -> Result<VectorTable, VectorError> {
        if !(1..=MAX_DIMENSION).contains(&dimension) {
            return Err(VectorError::UnusableDimension { found: dimension });
        }
        let rotation = Arc::new(Rotation::new(dimension));
        let rows = VectorSnapshot { dimension, rotation, chunks: Vec::new(), len: 0 };
        Ok(VectorTable { rows, row_of: RowsById::new() })
    }

    /// Adds a vector, or replaces the vector and the mask of an id that is there already.
    ///
    /// `vector` is `[dimension] f32` of any length: only its direction counts. A vector of zeros has
    /// cosine 0 with everything. The next search sees the row.
    ///
    /// # Errors
    ///
    /// `WrongDimension`, `NotFinite` or `Full`; the table is then unchanged.
    pub fn insert(&mut self, id: u64, mask: u32, vector: &[f32]) -> Result<(), VectorError> {
        let unit = self.rows.unit(vector)?;
        let mut fine = vec![0; unit.len()];
        let scale = fine_code(&unit, &mut fine);
        let row = Row { id, mask, coarse: coarse_code(&unit).collect(), fine, scale };
        if let Some(position) = self.row_of.get(id) {
            self.rows.write(position, &row);
            return Ok(());
        }
        let position = u32::try_from(self.rows.len).map_err(|_| VectorError::Full)?;
        if self.rows.len == self.rows.chunks.len() * CHUNK_ROWS {
            self.rows.chunks.push(Arc::new(Chunk::new(code_bytes(unit.len()), unit.len())));
        }
        self.rows.write(position, &row);
        self.rows.len += 1;
        self.row_of.insert(id, position);
        Ok(())
    }

    /// Removes a row and says whether it was there. The table's last row takes its place, so no
    /// holes remain to be scanned.
    pub fn remove(&mut self, id: u64) -> bool {
        let Some(position) = self.row_of.remove(id) else { return false };
        self.rows.len -= 1;
        let last = self.rows.len;
        if position as usize != last {
            let moved = self.rows.chunks[last / CHUNK_ROWS].read(last % CHUNK_ROWS);
            self.rows.write(position, &moved);
            self.row_of.insert(moved.id, position);
        }
        self.rows.chunks.truncate(last.div_ceil(CHUNK_ROWS));
        true
    }

    /// Whether a row of this id is in the table.
    pub fn contains(&self, id: u64) -> bool {
        self.row_of.get(id).is_some()
    }

    /// Rows in the table.
    pub fn len(&self) -> usize {
        self.rows.len
    }

    /// Whether the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.len == 0
    }

    /// Bytes of memory held, room for growth included, snapshots' own chunks not.
    pub fn memory_bytes(&self) -> usize {
        let chunks = self.rows.chunks.iter().map(|chunk| chunk.memory_bytes());
        self.row_of.memory_bytes() + chunks.sum::<usize>()
    }

    /// The `count` rows nearest to `query` among those that `admits(id, mask)` lets through, best
    /// first, equal scores by rising id. See [`VectorSnapshot::search_with`].
    ///
    /// # Errors
    ///
    /// `WrongDimension` or `NotFinite`.
    pub fn search(
        &self,
        query: &[f32],
        count: usize,
        admits: impl Fn(u64, u32) -> bool + Sync,
    ) -> Result<Vec<Hit>, VectorError> {
        self.rows.search_with(SearchSettings::default(), query, count, admits)
    }

    /// The rows as they are now, to search while the table changes.
    ///
    /// Copies no rows, only a pointer per 4,096 of them. While it lives, the table copies a chunk
    /// (2 MB at 384 dimensions) the first time it writes to it.
    pub fn snapshot(&self) -> VectorSnapshot {
        self.rows.clone()
    }
}

/// The rows of a table at one moment; see [`VectorTable::snapshot`].
#[derive(Clone)]
pub struct VectorSnapshot {
    dimension: usize,
    rotation: Arc<Rotation>,
    chunks: Vec<Arc<Chunk>>,
    len: usize,
}

impl VectorSnapshot {
    /// The `count` rows nearest to `query` among those that `admits(id, mask)` lets through, best
    /// first, equal scores by rising id.
    ///
    /// `query` is `[dimension] f32` of any length. `admits` is asked before a row is ranked, and only
    /// of rows near enough to matter; what it refuses takes no place from others.
    ///
    /// # Errors
    ///
    /// `WrongDimension` or `NotFinite`.
    pub fn search_with(
        &self,
        settings: SearchSettings,
        query: &[f32],
        count: usize,
        admits: impl Fn(u64, u32) -> bool + Sync,
    ) -> Result<Vec<Hit>, VectorError> {
        let query = QueryCodes::new(&self.unit(query)?);
        if count == 0 || self.len == 0 {
            return Ok(Vec::new());
        }
        let kernels = Kernels::new(settings.isa);
        let capacity = settings.shortlist.max(count).min(self.len);
        let scan = |chunks: std::ops::Range<usize>| {
            let mut shortlist = Shortlist::new(capacity);
            for chunk in chunks {
                self.scan_chunk(kernels, chunk, &query.tables, &admits, &mut shortlist);
            }
            shortlist
        };
        let parts = settings.threads.clamp(1, self.chunks.len());
        let shortlist = if parts == 1 {
            scan(0..self.chunks.len())
        } else {
            let start = |part: usize| part * self.chunks.len() / parts;
            (0..parts)
                .into_par_iter()
                .map(|part| scan(start(part)..start(part + 1)))
                .reduce(|| Shortlist::new(capacity), Shortlist::merge)
        };
        Ok(self.rank(kernels, &shortlist.into_rows(), &query, count))
    }

    /// Rows in the snapshot.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the snapshot has no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn unit(&self, vector: &[f32]) -> Result<Vec<f32>, VectorError> {
        if vector.len() != self.dimension {
            let (expected, found) = (self.dimension, vector.len());
            return Err(VectorError::WrongDimension { expected, found });
        }
        if !vector.iter().all(|value| value.is_finite()) {
            return Err(VectorError::NotFinite);
        }
        Ok(self.rotation.unit(vector))
    }

    fn write(&mut self, position: u32, row: &Row) {
        let position = position as usize;
        Arc::make_mut(&mut self.chunks[position / CHUNK_ROWS]).write(position % CHUNK_ROWS, row);
    }

    fn scan_chunk(
        &self,
        kernels: Kernels,
        number: usize,
        tables: &[u8],
        admits: &impl Fn(u64, u32) -> bool,
        shortlist: &mut Shortlist,
    ) {
        let chunk = &self.chunks[number];
        let rows = (self.len - number * CHUNK_ROWS).min(CHUNK_ROWS);
        let mut scores = [0; BLOCK_ROWS];
        for (block, codes) in chunk.blocks().take(rows.div_ceil(BLOCK_ROWS)).enumerate() {
            let mut reached = kernels.scan_block(codes, tables, shortlist.floor(), &mut scores);
            while reached != 0 {
                let place = reached.trailing_zeros() as usize;
                reached &= reached - 1;
                let position = block * BLOCK_ROWS + place;
                // The floor may have risen since the kernel compared; `push` would keep a row that
                // loses, which is harmless but costs.
                if position < rows
                    && scores[place] >= shortlist.floor()
                    && admits(chunk.id(position), chunk.mask(position))
                {
                    shortlist.push(scores[place], (number * CHUNK_ROWS + position) as u32);
                }
            }
        }
    }

    /// The `count` best of the rows by their fine codes, best first.
    fn rank(&self, kernels: Kernels, rows: &[u32], query: &QueryCodes, count: usize) -> Vec<Hit> {
        // Far enough that memory answers in time, near enough that the cache still holds it.
        const AHEAD: usize = 8;
        let place = |row: u32| (&self.chunks[row as usize / CHUNK_ROWS], row as usize % CHUNK_ROWS);
        let mut scores = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            if let Some(later) = rows.get(index + AHEAD) {
                let (chunk, position) = place(*later);
                chunk.prefetch(position);
            }
            let (chunk, position) = place(*row);
            let dot = kernels.dot(chunk.fine(position), &query.fine);
            scores.push(dot as f32 * chunk.scale(position) * query.scale);
        }
        // Ids are read only of rows as good as the last place, which they decide among equals.
        let mut sorted = scores.clone();
        let last = count.min(sorted.len()).saturating_sub(1);
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let needed = sorted.get(last).copied().unwrap_or(0.0);
        let mut hits: Vec<Hit> = rows
            .iter()
            .zip(scores)
            .filter(|(_, score)| *score >= needed)
            .map(|(row, score)| {
                let (chunk, position) = place(*row);
                Hit { id: chunk.id(position), score }
            })
            .collect();
        hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        hits.truncate(count);
        hits
    }
}
