//! The integer products in plain Rust: what the others are held against.

use super::Kernel;
use crate::quantized::{Bits, GROUP, PANEL, QuantizedMatrix, QuantizedRows};

pub(super) struct Portable;

impl Kernel for Portable {
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
        for (row, result) in result.iter_mut().enumerate() {
            for (panel, result) in result.iter_mut().enumerate() {
                *result = sums(rows, first_row + row, weights, first_panel + panel);
            }
        }
        result
    }
}

fn sums(rows: &QuantizedRows, row: usize, weights: &QuantizedMatrix, panel: usize) -> [f32; PANEL] {
    let groups = weights.inputs / GROUP;
    let count = weights.bits.blocks();
    let values = &rows.values[row * rows.inputs..][..rows.inputs];
    let mut sums = [0.0; PANEL];
    for (group, values) in values.as_chunks::<GROUP>().0.iter().enumerate() {
        let place = panel * groups + group;
        let blocks = &weights.blocks[place * count..][..count];
        let mut products = [0i32; PANEL];
        for (step, four) in values.as_chunks::<4>().0.iter().enumerate() {
            let block = &blocks[step % count].0;
            for (product, stored) in products.iter_mut().zip(block.as_chunks::<4>().0) {
                for (value, &stored) in four.iter().zip(stored) {
                    let stored = match weights.bits {
                        Bits::Eight => stored,
                        Bits::Four => (stored >> (step / 4 * 4)) & 15,
                    };
                    *product += i32::from(*value) * (i32::from(stored) - weights.bits.offset());
                }
            }
        }
        let row_scale = rows.scales[row * groups + group];
        let scales = &weights.scales[place];
        for ((sum, product), scale) in sums.iter_mut().zip(products).zip(scales) {
            *sum += product as f32 * (scale.to_f32() * row_scale);
        }
    }
    sums
}
