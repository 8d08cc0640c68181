//! The integer products with AVX2.
//!
//! VPMADDUBSW multiplies an unsigned byte with a signed one; the weight's sign is moved to the
//! activation. Its sums of two, 2 * 128 * 127, fit in 16 bits, so nothing saturates.

use std::arch::x86_64::*;

use super::Kernel;
use crate::quantized::{GROUP, PANEL, QuantizedMatrix, QuantizedRows};

/// Over groups of `BLOCKS` blocks: eight for weights of eight bits, four for those of four.
pub(super) struct Bytes<const BLOCKS: usize>;

impl<const BLOCKS: usize> Kernel for Bytes<BLOCKS> {
    type Rows<'a> = QuantizedRows;
    type Weights = QuantizedMatrix;

    #[inline(always)]
    fn tile<const R: usize, const P: usize>(
        rows: &QuantizedRows,
        first_row: usize,
        weights: &QuantizedMatrix,
        first_panel: usize,
    ) -> [[[f32; PANEL]; P]; R] {
        let mut result = [[[0.0; PANEL]; P]; R];
        for panel in 0..P {
            // SAFETY: only `compiled!` uses this kernel, where the instructions are.
            let sums = unsafe { tile::<R, BLOCKS>(rows, first_row, weights, first_panel + panel) };
            for row in 0..R {
                result[row][panel] = sums[row];
            }
        }
        result
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
#[inline]
fn tile<const R: usize, const BLOCKS: usize>(
    rows: &QuantizedRows,
    first_row: usize,
    weights: &QuantizedMatrix,
    panel: usize,
) -> [[f32; PANEL]; R] {
    let groups = weights.inputs / GROUP;
    // Every place that is read below lies before the end of these.
    let blocks = &weights.blocks[panel * groups * BLOCKS..][..groups * BLOCKS];
    let scales = &weights.scales[panel * groups..][..groups];
    let values = &rows.values[first_row * rows.inputs..][..R * rows.inputs];
    let row_scales = &rows.scales[first_row * groups..][..R * groups];
    let low = _mm256_set1_epi8(15);
    let offset = _mm256_set1_epi8(if BLOCKS == 8 { -128 } else { 8 });
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_ps(); 2]; R];
    for (group, scales) in scales.iter().enumerate() {
        let mut products = [[_mm256_setzero_si256(); 2]; R];
        let mut step = |step: usize, stored: [__m256i; 2]| {
            let signed = stored.map(|stored| _mm256_sub_epi8(stored, offset));
            let sizes = signed.map(|signed| _mm256_abs_epi8(signed));
            for row in 0..R {
                let place = row * groups * GROUP + group * GROUP + step * 4;
                // SAFETY: four values of a row, which has `groups * GROUP` of them.
                let four = unsafe { values.as_ptr().add(place).cast::<i32>().read_unaligned() };
                let four = _mm256_set1_epi32(four);
                for half in 0..2 {
                    let turned = _mm256_sign_epi8(four, signed[half]);
                    let pairs = _mm256_maddubs_epi16(sizes[half], turned);
                    products[row][half] =
                        _mm256_add_epi32(products[row][half], _mm256_madd_epi16(pairs, ones));
                }
            }
        };
        for block in 0..BLOCKS {
            let block_bytes = &blocks[group * BLOCKS + block];
            // SAFETY: two halves of 32 bytes of an aligned block of 64.
            let both = unsafe {
                let start = block_bytes.0.as_ptr().cast::<__m256i>();
                [_mm256_load_si256(start), _mm256_load_si256(start.add(1))]
            };
            if BLOCKS == 8 {
                step(block, both);
            } else {
                step(block, both.map(|both| _mm256_and_si256(both, low)));
                let high = |both| _mm256_and_si256(_mm256_srli_epi16::<4>(both), low);
                step(block + 4, both.map(high));
            }
        }
        for half in 0..2 {
            // SAFETY: 16 bytes of 32, from the half's beginning.
            let scale =
                unsafe { _mm256_cvtph_ps(_mm_loadu_si128(scales.as_ptr().add(half * 8).cast())) };
            for row in 0..R {
                // SAFETY: `group < groups` and `row < R`.
                let row_scale = unsafe { *row_scales.get_unchecked(row * groups + group) };
                let scale = _mm256_mul_ps(scale, _mm256_set1_ps(row_scale));
                let product = _mm256_cvtepi32_ps(products[row][half]);
                sums[row][half] = _mm256_fmadd_ps(product, scale, sums[row][half]);
            }
        }
    }
    let mut result = [[0.0; PANEL]; R];
    for (result, sums) in result.iter_mut().zip(&sums) {
        for (half, sums) in sums.iter().enumerate() {
            // SAFETY: 32 bytes of 64, from the half's beginning.
            unsafe { _mm256_storeu_ps(result.as_mut_ptr().add(half * 8), *sums) };
        }
    }
    result
}
