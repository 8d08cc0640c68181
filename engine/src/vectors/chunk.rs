//! A fixed number of rows and their codes, the unit in which a table grows and is shared.
//!
//! In: encoded rows by position. Out: the slices the scan reads.

use super::kernels::{BLOCK_ROWS, prefetch, slot};

/// Rows of a chunk: 3.5 MB at 384 dimensions, little enough to copy while a snapshot holds the old one.
pub(super) const CHUNK_ROWS: usize = 4096;

#[derive(Clone)]
pub(super) struct Chunk {
    code_bytes: usize,
    padded: usize,
    /// `[CHUNK_ROWS / 64, code_bytes, 64] u8`, the rows of a block in the order of `slot`.
    coarse: Vec<u8>,
    /// `[CHUNK_ROWS, padded] i16`.
    fine: Vec<i16>,
    /// `[CHUNK_ROWS] f32`, what a fine code is multiplied by.
    scales: Vec<f32>,
    ids: Vec<u64>,
}

/// One encoded vector with its name.
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) coarse: Vec<u8>,
    pub(super) fine: Vec<i16>,
    pub(super) scale: f32,
}

impl Chunk {
    pub(super) fn new(code_bytes: usize, padded: usize) -> Chunk {
        // Zeroed memory of this size comes from the system untouched: a small table pays for the
        // pages it uses only.
        Chunk {
            code_bytes,
            padded,
            coarse: vec![0; CHUNK_ROWS * code_bytes],
            fine: vec![0; CHUNK_ROWS * padded],
            scales: vec![0.0; CHUNK_ROWS],
            ids: vec![0; CHUNK_ROWS],
        }
    }

    pub(super) fn write(&mut self, position: usize, row: &Row) {
        let (start, step) = self.coarse_place(position);
        for (place, byte) in self.coarse[start..].iter_mut().step_by(step).zip(&row.coarse) {
            *place = *byte;
        }
        self.fine[position * self.padded..][..self.padded].copy_from_slice(&row.fine);
        self.scales[position] = row.scale;
        self.ids[position] = row.id;
    }

    pub(super) fn read(&self, position: usize) -> Row {
        let (start, step) = self.coarse_place(position);
        let coarse = self.coarse[start..].iter().step_by(step).take(self.code_bytes);
        Row {
            id: self.ids[position],
            coarse: coarse.copied().collect(),
            fine: self.fine(position).to_vec(),
            scale: self.scales[position],
        }
    }

    /// The coarse codes of each block of 64 rows.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &[u8]> {
        self.coarse.chunks_exact(self.code_bytes * BLOCK_ROWS)
    }

    pub(super) fn fine(&self, position: usize) -> &[i16] {
        &self.fine[position * self.padded..][..self.padded]
    }

    /// Asks for what `fine` and `scale` of this row will read.
    pub(super) fn prefetch(&self, position: usize) {
        prefetch(self.fine(position));
        prefetch(&self.scales[position..=position]);
    }

    pub(super) fn scale(&self, position: usize) -> f32 {
        self.scales[position]
    }

    pub(super) fn id(&self, position: usize) -> u64 {
        self.ids[position]
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let codes = self.code_bytes + self.padded * size_of::<i16>();
        size_of::<Chunk>() + CHUNK_ROWS * (codes + size_of::<f32>() + size_of::<u64>())
    }

    /// The first byte of a row's coarse code, and how far the next is each time.
    fn coarse_place(&self, position: usize) -> (usize, usize) {
        let block = position / BLOCK_ROWS * self.code_bytes * BLOCK_ROWS;
        (block + slot(position % BLOCK_ROWS), BLOCK_ROWS)
    }
}
