//! The integer products with AVX-512 VNNI: four bytes of 16 outputs at once, in one instruction.

use std::arch::x86_64::*;

use super::tile_vnni::{self, Tile};
use super::{Kernel, TALL_ROWS};
use crate::quantized::{GROUP, PANEL, QuantizedMatrix, QuantizedRows};

/// Over groups of `BLOCKS` blocks: eight for weights of eight bits, four for those of four.
pub(super) struct Vnni<const BLOCKS: usize>;

impl<const BLOCKS: usize> Kernel for Vnni<BLOCKS> {
    type Rows<'a> = QuantizedRows;
    type Weights = QuantizedMatrix;
    const HAS_TALL: bool = BLOCKS == 8;

    #[inline(always)]
    fn tile<const R: usize, const P: usize>(
        rows: &QuantizedRows,
        first_row: usize,
        weights: &QuantizedMatrix,
        first_panel: usize,
    ) -> [[[f32; PANEL]; P]; R] {
        if Self::HAS_TALL && R == TALL_ROWS && P == 1 {
            let groups = weights.inputs / GROUP;
            let tile = Tile {
                groups,
                blocks: &weights.blocks[first_panel * groups * BLOCKS..],
                scales: &weights.scales[first_panel * groups..],
                values: &rows.values[first_row * rows.inputs..],
                row_scales: &rows.scales[first_row * groups..],
                surplus: &rows.surplus[first_row * groups..],
            };
            // SAFETY: as below.
            let sums = unsafe { tile_vnni::sums(&tile) };
            // The same shape, which the compiler cannot know.
            return std::array::from_fn(|row| [sums[row]; P]);
        }
        // SAFETY: only `compiled!` uses this kernel, where the instructions are.
        unsafe {
            match first_row {
                0 => tile::<R, P, BLOCKS, true>(rows, first_row, weights, first_panel),
                _ => tile::<R, P, BLOCKS, false>(rows, first_row, weights, first_panel),
            }
        }
    }
}

/// `IS_FIRST`: the first rows meet the weights first, and ask for those of the panels that come next: while they
/// compute, memory would have nothing to do.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")]
#[inline]
fn tile<const R: usize, const P: usize, const BLOCKS: usize, const IS_FIRST: bool>(
    rows: &QuantizedRows,
    first_row: usize,
    weights: &QuantizedMatrix,
    first_panel: usize,
) -> [[[f32; PANEL]; P]; R] {
    let groups = weights.inputs / GROUP;
    // Every place that is read below lies before the end of these.
    let blocks = &weights.blocks[first_panel * groups * BLOCKS..][..P * groups * BLOCKS];
    let scales = &weights.scales[first_panel * groups..][..P * groups];
    let values = &rows.values[first_row * rows.inputs..][..R * rows.inputs];
    let row_scales = &rows.scales[first_row * groups..][..R * groups];
    let surplus = &rows.surplus[first_row * groups..][..R * groups];
    let low = _mm512_set1_epi8(15);
    let mut sums = [[_mm512_setzero_ps(); P]; R];
    for group in 0..groups {
        let mut products = [[_mm512_setzero_si512(); P]; R];
        for row in 0..R {
            // SAFETY: `group < groups` and `row < R`.
            let surplus = unsafe { *surplus.get_unchecked(row * groups + group) };
            let start = if BLOCKS == 8 { surplus } else { surplus >> 4 };
            products[row] = [_mm512_set1_epi32(start); P];
        }
        let mut step = |step: usize, weights: [__m512i; P]| {
            for row in 0..R {
                let place = row * groups * GROUP + group * GROUP + step * 4;
                // SAFETY: four values of a row, which has `groups * GROUP` of them.
                let four = unsafe { values.as_ptr().add(place).cast::<i32>().read_unaligned() };
                let four = _mm512_set1_epi32(four);
                for panel in 0..P {
                    products[row][panel] =
                        _mm512_dpbusd_epi32(products[row][panel], weights[panel], four);
                }
            }
        };
        for block in 0..BLOCKS {
            let mut stored = [_mm512_setzero_si512(); P];
            for (panel, stored) in stored.iter_mut().enumerate() {
                // SAFETY: `panel < P`, `group < groups` and `block < BLOCKS`; blocks are aligned.
                *stored = unsafe {
                    let place = (panel * groups + group) * BLOCKS + block;
                    if IS_FIRST {
                        let ahead = blocks.as_ptr().wrapping_add(P * groups * BLOCKS + place);
                        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
                    }
                    _mm512_load_si512(blocks.as_ptr().add(place).cast())
                };
            }
            if BLOCKS == 8 {
                step(block, stored);
            } else {
                step(block, stored.map(|both| _mm512_and_si512(both, low)));
                let high = |both| _mm512_and_si512(_mm512_srli_epi16::<4>(both), low);
                step(block + 4, stored.map(high));
            }
        }
        for panel in 0..P {
            // SAFETY: `panel < P` and `group < groups`; 32 bytes are read of 32.
            let scale = unsafe {
                let scales = scales.get_unchecked(panel * groups + group);
                _mm512_cvtph_ps(_mm256_loadu_si256(scales.as_ptr().cast()))
            };
            for row in 0..R {
                // SAFETY: `group < groups` and `row < R`.
                let row_scale = unsafe { *row_scales.get_unchecked(row * groups + group) };
                let scale = _mm512_mul_ps(scale, _mm512_set1_ps(row_scale));
                let product = _mm512_cvtepi32_ps(products[row][panel]);
                sums[row][panel] = _mm512_fmadd_ps(product, scale, sums[row][panel]);
            }
        }
    }
    let mut result = [[[0.0; PANEL]; P]; R];
    for (result, sums) in result.iter_mut().flatten().zip(sums.iter().flatten()) {
        // SAFETY: 64 bytes are written to 64.
        unsafe { _mm512_storeu_ps(result.as_mut_ptr(), *sums) };
    }
    result
}
