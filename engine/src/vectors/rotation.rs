//! A fixed random rotation, so that the quantizers meet the same distribution whatever the encoder.
//!
//! In: a vector. Out: the same vector in a rotated basis, padded with zeros beforehand to a multiple
//! of 32, at least 256. Lengths and dot products are unchanged; the coordinates of a unit vector become close to
//! normal with variance 1 / dimension, which is what the codes are made for.
//!
//! The rotation is that of RaBitQ's library (Gao and Long, 2024): rounds of random sign flips, a
//! Walsh-Hadamard transform of the first or last power of two coordinates, and one Kac step between
//! the two halves. It costs additions only, some microseconds for 384 coordinates.

const ROUNDS: usize = 4;
/// Few coordinates are large ones, which eight bits round coarsely: over this many, no cosine is off by 0.005.
const LEAST_PADDED: usize = 256;
/// Fixed for good: a table's codes mean nothing under another rotation.
const SEED: u64 = 0x5374_6577_6172_6421;

/// A rotation of vectors of one dimension.
pub(super) struct Rotation {
    padded: usize,
    /// `[ROUNDS, padded] f32`, each 1 or -1.
    signs: Vec<f32>,
}

impl Rotation {
    pub(super) fn new(dimension: usize) -> Rotation {
        let padded = dimension.max(LEAST_PADDED).next_multiple_of(32);
        let mut state = SEED;
        let signs = (0..ROUNDS * padded)
            .map(|_| if split_mix(&mut state) >> 63 == 0 { 1.0 } else { -1.0 })
            .collect();
        Rotation { padded, signs }
    }

    /// Coordinates of a rotated vector.
    pub(super) fn padded(&self) -> usize {
        self.padded
    }

    /// The rotated `vector` scaled to length 1 (all zeros stay zeros): `[padded] f32`.
    pub(super) fn unit(&self, vector: &[f32]) -> Vec<f32> {
        let mut rotated = vec![0.0; self.padded];
        // In two steps, so that no finite vector overflows on the way.
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return rotated;
        }
        for (target, value) in rotated.iter_mut().zip(vector) {
            *target = value / largest;
        }
        let power = 1 << self.padded.ilog2();
        for (round, signs) in self.signs.chunks_exact(self.padded).enumerate() {
            for (value, sign) in rotated.iter_mut().zip(signs) {
                *value *= sign;
            }
            let start = if round % 2 == 0 { 0 } else { self.padded - power };
            walsh_hadamard(&mut rotated[start..start + power]);
            kac_step(&mut rotated);
        }
        let length = rotated.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in &mut rotated {
            *value /= length;
        }
        rotated
    }
}

/// The orthonormal transform, in place; the length is a power of two.
fn walsh_hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(half * 2) {
            let (left, right) = pair.split_at_mut(half);
            for (left, right) in left.iter_mut().zip(right) {
                (*left, *right) = (*left + *right, *left - *right);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (values.len() as f32).sqrt();
    for value in values {
        *value *= scale;
    }
}

/// Rotates each pair of coordinates (i, i + half) by 45 degrees.
fn kac_step(values: &mut [f32]) {
    let (left, right) = values.split_at_mut(values.len() / 2);
    for (left, right) in left.iter_mut().zip(right) {
        let (sum, difference) = (*left + *right, *left - *right);
        *left = sum * std::f32::consts::FRAC_1_SQRT_2;
        *right = difference * std::f32::consts::FRAC_1_SQRT_2;
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_products_survive_the_rotation() {
        for dimension in [1, 31, 33, 384, 1000] {
            let rotation = Rotation::new(dimension);
            let mut state = 3;
            let mut vector = || -> Vec<f32> {
                (0..dimension).map(|_| (split_mix(&mut state) >> 40) as f32 / 8e6 - 1.0).collect()
            };
            let (left, right) = (vector(), vector());
            let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            let cosine = dot(&left, &right) / (dot(&left, &left) * dot(&right, &right)).sqrt();
            let rotated = dot(&rotation.unit(&left), &rotation.unit(&right));
            assert!((cosine - rotated).abs() < 1e-5, "{dimension}: {cosine} became {rotated}");
        }
    }

    #[test]
    fn a_vector_along_one_axis_spreads_over_all_coordinates() {
        let mut vector = vec![0.0; 384];
        vector[5] = 1.0;
        let rotated = Rotation::new(384).unit(&vector);
        let largest = rotated.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(largest < 5.0 / 384.0_f32.sqrt(), "largest coordinate {largest}");
    }
}
