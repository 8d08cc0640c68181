//! How a vector becomes bytes: 1 bit a coordinate to find candidates, 16 bits to rank them.
//!
//! In: rotated vectors `[padded] f32`. Out: a row's two codes, or a query's tables.
//!
//! - The coarse code holds the sign of each coordinate, eight a byte. Nothing in it is trained: the
//!   rotation makes every encoder's coordinates nearly normal, for which signs lose least, so rows
//!   can be added at any time.
//! - A query is kept whole against those signs (asymmetric distance): for each four coordinates a
//!   table holds their part of the dot product with all 16 patterns of signs, quantized to 6 bits (the
//!   fast scan of Andre, Kermarrec and Le Scouarnec, 2015; with signs as in RaBitQ, Gao and Long, 2024).
//! - The fine code is symmetric with one scale, for rows and queries alike.

/// Largest magnitude of a fine code's coordinates.
const FINE_LIMIT: f32 = 32_767.0;
/// Largest table entry: four of them add up within a byte.
const TABLE_LIMIT: f32 = 63.0;

/// Bytes of a coarse code.
pub(super) fn code_bytes(padded: usize) -> usize {
    padded / 8
}

/// A row's coarse code, byte by byte: bit `j` of byte `i` is set where coordinate `8 * i + j` is
/// positive.
pub(super) fn coarse_code(unit: &[f32]) -> impl Iterator<Item = u8> {
    unit.chunks_exact(8)
        .map(|values| values.iter().rev().fold(0, |byte, value| byte << 1 | u8::from(*value > 0.0)))
}

/// A vector's fine code and the scale that turns it back into coordinates.
pub(super) fn fine_code(vector: &[f32]) -> (Vec<i16>, f32) {
    let scale = largest(vector) / FINE_LIMIT;
    let step = if scale == 0.0 { 1.0 } else { scale };
    (vector.iter().map(|value| (value / step).round_ties_even() as i16).collect(), scale)
}

/// `[padded / 4, 16] u8`, entries of at most 63: a query as `Kernels::scan_block` takes it.
pub(super) fn scan_tables(vector: &[f32]) -> Vec<u8> {
    // An entry is the sum of the coordinates whose sign bit is set, less that of the others,
    // shifted so that the smallest of its table is 0. One step for all tables keeps their sums
    // comparable.
    let reach = |four: &[f32]| four.iter().map(|value| value.abs()).sum::<f32>();
    let widest = vector.chunks_exact(4).map(|four| 2.0 * reach(four)).fold(0.0, f32::max);
    let per_step = if widest == 0.0 { 0.0 } else { TABLE_LIMIT / widest };
    let mut tables = Vec::with_capacity(vector.len() * 4);
    for four in vector.chunks_exact(4) {
        tables.extend((0..16).map(|signs| {
            let signed = four
                .iter()
                .enumerate()
                .map(|(bit, value)| if signs >> bit & 1 == 1 { *value } else { -value });
            let part = signed.sum::<f32>() + reach(four);
            (part * per_step).round_ties_even().clamp(0.0, TABLE_LIMIT) as u8
        }));
    }
    tables
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}
