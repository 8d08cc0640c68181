//! What is searched for: a direction, or a direction as seen from the mean of all rows.
//!
//! In: rotated vectors `[padded] f32`. Out: the codes that a scan reads, and the score of a row.

use super::chunk::Chunk;
use super::kernels::Kernels;
use super::quantize::{fine_code, scan_tables};
use crate::{Isa, ops};

/// A query to the rows of the snapshot that made it.
pub struct Query {
    /// For the coarse scan.
    pub(super) tables: Vec<u8>,
    direction: FineVector,
    around: Option<Around>,
}

/// A vector whose dot products with rows are wanted.
struct FineVector {
    /// `[padded] i16`
    code: Vec<i16>,
    scale: f32,
}

/// What turns a dot product into a cosine around the mean.
struct Around {
    mean: FineVector,
    /// Square of the mean's length.
    mean_square: f32,
    /// The dot product of the direction and the mean.
    at_mean: f32,
}

impl Query {
    /// The cosine with `unit`, a unit vector or zeros.
    pub(super) fn cosine(unit: &[f32]) -> Query {
        Query { tables: scan_tables(unit), direction: FineVector::new(unit), around: None }
    }

    /// The cosine with `unit` where both it and the row have `mean` taken off.
    pub(super) fn around(unit: &[f32], mean: &[f32]) -> Query {
        let mut direction: Vec<f32> = unit.iter().zip(mean).map(|(a, b)| a - b).collect();
        let inverse = inverse_length(dot(&direction, &direction));
        direction.iter_mut().for_each(|value| *value *= inverse);
        Query {
            tables: scan_tables(&direction),
            around: Some(Around {
                mean: FineVector::new(mean),
                mean_square: dot(mean, mean),
                at_mean: dot(&direction, mean),
            }),
            direction: FineVector::new(&direction),
        }
    }

    /// The score of a row of a chunk.
    pub(super) fn score(&self, kernels: Kernels, chunk: &Chunk, position: usize) -> f32 {
        let product = self.direction.dot(kernels, chunk, position);
        let Some(around) = &self.around else { return product };
        // A row has length 1, unless it is zeros.
        let square = if chunk.scale(position) == 0.0 { 0.0 } else { 1.0 };
        let length = square - 2.0 * around.mean.dot(kernels, chunk, position) + around.mean_square;
        (product - around.at_mean) * inverse_length(length)
    }
}

impl FineVector {
    fn new(vector: &[f32]) -> FineVector {
        let (code, scale) = fine_code(vector);
        FineVector { code, scale }
    }

    fn dot(&self, kernels: Kernels, chunk: &Chunk, position: usize) -> f32 {
        let product = kernels.dot(chunk.fine(position), &self.code);
        product as f32 * chunk.scale(position) * self.scale
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    ops::dot(Isa::best(), left, right)
}

/// One over the length of a vector with this square; 0 where there is next to nothing to divide by.
fn inverse_length(square: f32) -> f32 {
    let length = square.max(0.0).sqrt();
    if length > 1e-6 { 1.0 / length } else { 0.0 }
}
