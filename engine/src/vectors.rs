//! Search for the nearest of up to some millions of vectors, on one processor core.
//!
//! In: vectors `[dimension] f32` under an id of the caller's. Out: the rows of the vectors nearest to a
//! query by cosine.
//!
//! There is no index to build: a search reads one bit per coordinate of every row (48 bytes
//! at 384 dimensions), keeps the best 1,000, and ranks those by 16-bit codes. Rows are therefore found
//! from the moment they are inserted, and a removed or forbidden row takes no part in any ranking.
//!
//! ```text
//! vector -- rotate, scale to length 1 --+-- 1 bit a coordinate: coarse codes, scanned whole
//!                                       +-- 16 bits a coordinate: fine codes, read for the shortlist
//! ```
//!
//! With 8 bits in the second ranking, neighbours that lie close together change places: of a million
//! clustered vectors .978 of the ten nearest were found, with 16 bits .9997.

mod chunk;
mod ids;
mod kernels;
mod quantize;
mod query;
mod rotation;
mod shortlist;

use std::fmt;
use std::sync::Arc;

use self::chunk::{CHUNK_ROWS, Chunk, Row};
use self::ids::RowsById;
use self::kernels::{BLOCK_ROWS, Kernels};
use self::quantize::{coarse_code, code_bytes, fine_code};
pub use self::query::Query;
use self::rotation::Rotation;
use self::shortlist::Shortlist;
use crate::Isa;

/// Most dimensions of a table: beyond, the integer sums of a search could overflow.
pub const MAX_DIMENSION: usize = 2048;

/// A row found by a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Where the row stands: see [`VectorTable::row_of`].
    pub row: usize,
    /// The id the row was inserted under.
    pub id: u64,
    /// Its score, within 0.00005, most within 0.00001.
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
}

impl Default for SearchSettings {
    fn default() -> SearchSettings {
        SearchSettings { isa: Isa::best(), shortlist: 1000 }
    }
}

/// A growing set of vectors of one dimension, searchable at any time.
///
/// ```
/// use steward_engine::vectors::{SearchSettings, VectorTable};
///
/// let mut table = VectorTable::new(3)?;
/// table.insert(7, &[1.0, 0.0, 0.0])?;
/// table.insert(8, &[0.9, 0.1, 0.0])?;
/// let rows = table.snapshot();
/// let query = rows.query(&[1.0, 0.0, 0.0])?;
/// let nearest = rows.search(SearchSettings::default(), &query, 1, |row| rows.id(row) != 7);
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
        let sum = vec![0.0; rotation.padded()];
        let rows = VectorSnapshot { dimension, rotation, chunks: Vec::new(), len: 0, sum };
        Ok(VectorTable { rows, row_of: RowsById::new() })
    }

    /// Adds a vector after the last row, or replaces the vector of an id that is there already. Gives
    /// its row.
    ///
    /// `vector` is `[dimension] f32` of any length: only its direction counts. A vector of zeros has
    /// cosine 0 with everything. The next snapshot has the row.
    ///
    /// # Errors
    ///
    /// `WrongDimension`, `NotFinite` or `Full`; the table is then unchanged.
    pub fn insert(&mut self, id: u64, vector: &[f32]) -> Result<usize, VectorError> {
        let unit = self.rows.unit(vector)?;
        let (fine, scale) = fine_code(&unit);
        let row = Row { id, coarse: coarse_code(&unit).collect(), fine, scale };
        if let Some(position) = self.row_of.get(id) {
            self.rows.count(position as usize, -1.0);
            self.rows.write(position as usize, &row);
            return Ok(position as usize);
        }
        let position = u32::try_from(self.rows.len).map_err(|_| VectorError::Full)?;
        if self.rows.len == self.rows.chunks.len() * CHUNK_ROWS {
            self.rows.chunks.push(Arc::new(Chunk::new(code_bytes(unit.len()), unit.len())));
        }
        self.rows.write(position as usize, &row);
        self.rows.len += 1;
        self.row_of.insert(id, position);
        Ok(position as usize)
    }

    /// Removes a row and says where it stood. The table's last row takes its place, as in
    /// `Vec::swap_remove`, so that no holes remain to be scanned.
    pub fn remove(&mut self, id: u64) -> Option<usize> {
        let position = self.row_of.remove(id)? as usize;
        self.rows.count(position, -1.0);
        self.rows.len -= 1;
        let last = self.rows.len;
        if position != last {
            let moved = self.rows.chunks[last / CHUNK_ROWS].read(last % CHUNK_ROWS);
            self.rows.count(last, -1.0);
            self.rows.write(position, &moved);
            self.row_of.insert(moved.id, position as u32);
        }
        self.rows.chunks.truncate(last.div_ceil(CHUNK_ROWS));
        Some(position)
    }

    /// The row of an id: its place among `0..len`. It keeps it until a removal moves it.
    pub fn row_of(&self, id: u64) -> Option<usize> {
        self.row_of.get(id).map(|row| row as usize)
    }

    /// The id under which a row was inserted.
    pub fn id(&self, row: usize) -> u64 {
        self.rows.id(row)
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

    /// The rows as they are now, to search while the table changes.
    ///
    /// Copies no rows, only a pointer per 4,096 of them. While it lives, the table copies a chunk
    /// (3.5 MB at 384 dimensions) the first time it writes to it.
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
    /// `[padded]`: the sum of all rows, rotated.
    sum: Vec<f64>,
}

impl VectorSnapshot {
    /// A query for rows by their cosine with `vector`, `[dimension] f32` of any length.
    ///
    /// # Errors
    ///
    /// `WrongDimension` or `NotFinite`.
    pub fn query(&self, vector: &[f32]) -> Result<Query, VectorError> {
        Ok(Query::cosine(&self.unit(vector)?))
    }

    /// A query for rows by their cosine with `vector` around the mean of all rows: the mean is taken
    /// off both, as a direction that all share tells none of them apart. It is the sum of the rows
    /// over `len + shrink`: that of few rows is mostly the rows themselves, and counts less.
    ///
    /// # Errors
    ///
    /// `WrongDimension` or `NotFinite`.
    pub fn query_around_mean(&self, vector: &[f32], shrink: f32) -> Result<Query, VectorError> {
        let share = 1.0 / (self.len as f64 + f64::from(shrink)).max(1.0);
        let mean: Vec<f32> = self.sum.iter().map(|sum| (sum * share) as f32).collect();
        Ok(Query::around(&self.unit(vector)?, &mean))
    }

    /// The `count` rows nearest to a query of this snapshot among those that `admits(row)` lets
    /// through, best first, equal scores by rising id.
    ///
    /// `admits` is asked before a row is ranked, and only of rows near enough to matter; what it
    /// refuses takes no place from others.
    pub fn search(
        &self,
        settings: SearchSettings,
        query: &Query,
        count: usize,
        admits: impl Fn(usize) -> bool,
    ) -> Vec<Hit> {
        if count == 0 || self.len == 0 {
            return Vec::new();
        }
        let kernels = Kernels::new(settings.isa);
        let mut shortlist = Shortlist::new(settings.shortlist.max(count).min(self.len));
        for chunk in 0..self.chunks.len() {
            self.scan_chunk(kernels, chunk, &query.tables, &admits, &mut shortlist);
        }
        let rows = shortlist.into_rows();
        let scores = self.score_rows(kernels, query, &rows);
        let mut hits: Vec<Hit> = rows
            .iter()
            .zip(scores)
            .map(|(&row, score)| Hit { row: row as usize, id: 0, score })
            .collect();
        // Ids are read only of rows as good as the last place, which they decide among equals.
        if hits.len() > count {
            let by_score = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score);
            let (_, last, _) = hits.select_nth_unstable_by(count - 1, by_score);
            let needed = last.score;
            hits.retain(|hit| hit.score >= needed);
        }
        hits.iter_mut().for_each(|hit| hit.id = self.id(hit.row));
        hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        hits.truncate(count);
        hits
    }

    /// The scores of some rows, in their order.
    pub fn scores(&self, query: &Query, rows: &[u32]) -> Vec<f32> {
        self.score_rows(Kernels::new(Isa::best()), query, rows)
    }

    /// The id under which a row was inserted.
    pub fn id(&self, row: usize) -> u64 {
        self.chunks[row / CHUNK_ROWS].id(row % CHUNK_ROWS)
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

    fn write(&mut self, position: usize, row: &Row) {
        Arc::make_mut(&mut self.chunks[position / CHUNK_ROWS]).write(position % CHUNK_ROWS, row);
        self.count(position, 1.0);
    }

    /// Adds a row to the sum of all (`sign` 1) or takes it off (-1).
    fn count(&mut self, position: usize, sign: f64) {
        let (chunk, position) = (&self.chunks[position / CHUNK_ROWS], position % CHUNK_ROWS);
        let scale = f64::from(chunk.scale(position)) * sign;
        for (sum, value) in self.sum.iter_mut().zip(chunk.fine(position)) {
            *sum += f64::from(*value) * scale;
        }
    }

    fn scan_chunk(
        &self,
        kernels: Kernels,
        number: usize,
        tables: &[u8],
        admits: &impl Fn(usize) -> bool,
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
                let row = number * CHUNK_ROWS + position;
                // The floor may have risen since the kernel compared; `push` would keep a row that
                // loses, which is harmless but costs.
                if position < rows && scores[place] >= shortlist.floor() && admits(row) {
                    shortlist.push(scores[place], row as u32);
                }
            }
        }
    }

    fn score_rows(&self, kernels: Kernels, query: &Query, rows: &[u32]) -> Vec<f32> {
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
            scores.push(query.score(kernels, chunk, position));
        }
        scores
    }
}
