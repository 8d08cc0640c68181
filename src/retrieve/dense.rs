//! The names of public records by meaning: one contiguous matrix of unit vectors, scanned row by row.
//!
//! Exact because it is fast enough: 10,000 rows of 384 f32 are 15 MB, about a millisecond on one
//! core. The loop over independent sums is what the compiler turns into SIMD. Passages, of which there
//! may be a hundred times as many, are in a table of vectors ([`super::passages`]).

use crate::model::encoder::EMBEDDING_SIZE;

const LANES: usize = 16;

/// Rows of [`EMBEDDING_SIZE`] f32.
#[derive(Debug, Default)]
pub struct EmbeddingMatrix {
    values: Vec<f32>,
}

impl EmbeddingMatrix {
    /// Adds a row. A row of another length becomes zeros, which match nothing.
    pub fn push(&mut self, row: &[f32]) {
        self.values.extend_from_slice(row.get(..EMBEDDING_SIZE).unwrap_or(&[0.0; EMBEDDING_SIZE]));
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / EMBEDDING_SIZE
    }

    /// The cosine of every row with the unit vector `query`; zeros if its length is wrong.
    pub fn cosines(&self, query: &[f32]) -> Vec<f32> {
        if query.len() != EMBEDDING_SIZE {
            return vec![0.0; self.rows()];
        }
        self.values.chunks_exact(EMBEDDING_SIZE).map(|row| dot(row, query)).collect()
    }
}

/// Inner product of two vectors of equal length.
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (left_chunks, right_chunks) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    let rest: f32 =
        left_chunks.remainder().iter().zip(right_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (left_chunk, right_chunk) in left_chunks.zip(right_chunks) {
        for lane in 0..LANES {
            sums[lane] += left_chunk[lane] * right_chunk[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_keep_a_vector() {
        assert_eq!(
            crate::model::embedding_file::from_bytes(&crate::model::embedding_file::to_bytes(&[
                0.25, -3.5
            ])),
            [0.25, -3.5]
        );
    }
}
