//! Exact dense search: one contiguous matrix of unit vectors, scanned row by row.
//!
//! Exact because it is fast enough: 10,000 rows of 384 f32 are 15 MB, about a millisecond on one
//! core. The loop over independent sums is what the compiler turns into SIMD.

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

    /// One row.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * EMBEDDING_SIZE..(index + 1) * EMBEDDING_SIZE]
    }

    /// The cosine of every row with the unit vector `query`; zeros if its length is wrong.
    pub fn cosines(&self, query: &[f32]) -> Vec<f32> {
        if query.len() != EMBEDDING_SIZE {
            return vec![0.0; self.rows()];
        }
        self.values.chunks_exact(EMBEDDING_SIZE).map(|row| dot(row, query)).collect()
    }
}

/// Cosines around the mean of all rows.
///
/// Embeddings share a direction that says only "this is such a text"; without it what is left tells
/// them apart better (Mu & Viswanath, 2018, "All-but-the-Top"). With few rows the mean is mostly
/// the rows themselves, so it is shrunk towards zero by `rows / (rows + 50)`.
#[derive(Debug, Default)]
pub struct Centring {
    mean: Vec<f32>,
    /// One over the length of each centred row.
    inverse_lengths: Vec<f32>,
}

const SHRINK_ROWS: f32 = 50.0;

impl Centring {
    /// Of the rows of a matrix.
    pub fn of(matrix: &EmbeddingMatrix) -> Centring {
        let rows = matrix.rows();
        let mut mean = vec![0.0f32; EMBEDDING_SIZE];
        for row in matrix.values.chunks_exact(EMBEDDING_SIZE) {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let scale = 1.0 / (rows as f32 + SHRINK_ROWS);
        mean.iter_mut().for_each(|sum| *sum *= scale);
        let inverse_lengths = matrix
            .values
            .chunks_exact(EMBEDDING_SIZE)
            .map(|row| inverse_length(&subtract(row, &mean)))
            .collect();
        Centring { mean, inverse_lengths }
    }

    /// The centred cosine of every row with `query`; zeros if its length is wrong.
    pub fn cosines(&self, matrix: &EmbeddingMatrix, query: &[f32]) -> Vec<f32> {
        if query.len() != EMBEDDING_SIZE {
            return vec![0.0; matrix.rows()];
        }
        let centred = subtract(query, &self.mean);
        let scale = inverse_length(&centred);
        let at_mean = dot(&centred, &self.mean);
        matrix
            .cosines(&centred)
            .iter()
            .zip(&self.inverse_lengths)
            .map(|(product, inverse)| (product - at_mean) * inverse * scale)
            .collect()
    }
}

fn subtract(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter().zip(right).map(|(a, b)| a - b).collect()
}

fn inverse_length(vector: &[f32]) -> f32 {
    let length = dot(vector, vector).sqrt();
    if length > 1e-6 { 1.0 / length } else { 0.0 }
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
    use super::*;

    #[test]
    fn centred_cosines_are_those_of_centred_rows() {
        let mut matrix = EmbeddingMatrix::default();
        for seed in 0..7usize {
            let row: Vec<f32> =
                (0..EMBEDDING_SIZE).map(|i| ((i * 31 + seed * 17) % 101) as f32 / 50.0).collect();
            matrix.push(&row);
        }
        let query: Vec<f32> = (0..EMBEDDING_SIZE).map(|i| ((i * 13) % 29) as f32 / 9.0).collect();
        let centring = Centring::of(&matrix);
        let centred_query = subtract(&query, &centring.mean);
        for (row, cosine) in centring.cosines(&matrix, &query).into_iter().enumerate() {
            let centred = subtract(matrix.row(row), &centring.mean);
            let expected = dot(&centred, &centred_query)
                * inverse_length(&centred)
                * inverse_length(&centred_query);
            assert!((cosine - expected).abs() < 1e-4, "{cosine} {expected}");
        }
    }

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
