//! Products in f32: for weights that are not to be rounded, and as the measure of those that are.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Columns, Initial, Kernel, Shape, walk};
use crate::isa::Isa;
use crate::lanes::{Lanes, dispatched};
use crate::quantized::PANEL;

/// A matrix `[outputs, inputs] f32` in panels of 16 outputs: `[panel][input][16]`.
#[derive(Debug, Clone)]
pub struct RealMatrix {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    panels: Vec<[f32; PANEL]>,
}

impl RealMatrix {
    /// Packs `values`, `[outputs, inputs] f32`.
    ///
    /// # Panics
    /// If `values` is of another length.
    pub fn pack(outputs: usize, inputs: usize, values: &[f32]) -> Self {
        assert_eq!(values.len(), outputs * inputs, "one value for each output and input");
        let mut panels = vec![[0.0; PANEL]; outputs.div_ceil(PANEL) * inputs];
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[output / PANEL * inputs..][..inputs];
            for (packed, value) in panel.iter_mut().zip(row) {
                packed[output % PANEL] = *value;
            }
        }
        Self { outputs, inputs, panels }
    }

    pub(super) fn write_row(&self, output: usize, row: &mut [f32]) {
        let panel = &self.panels[output / PANEL * self.inputs..][..self.inputs];
        for (value, packed) in row.iter_mut().zip(panel) {
            *value = packed[output % PANEL];
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.panels.as_slice())
    }
}

pub(super) struct RealRows<'a> {
    pub(super) values: &'a [f32],
}

pub(super) fn multiply(
    isa: Isa,
    shape: Shape,
    rows: &RealRows,
    matrix: &RealMatrix,
    panels: Range<usize>,
    initial: Initial,
    out: Columns,
) {
    dispatched!(
        isa,
        multiply_body(
            shape: Shape,
            rows: &RealRows,
            matrix: &RealMatrix,
            panels: Range<usize>,
            initial: Initial,
            out: Columns,
        )
    )
}

#[inline(always)]
fn multiply_body<V: Lanes>(
    shape: Shape,
    rows: &RealRows,
    matrix: &RealMatrix,
    panels: Range<usize>,
    initial: Initial,
    out: Columns,
) {
    walk::<Real<V>, 4>(shape, rows, matrix, panels, initial, out);
}

struct Real<V>(PhantomData<V>);

impl<V: Lanes> Kernel for Real<V> {
    type Rows<'a> = RealRows<'a>;
    type Weights = RealMatrix;

    #[inline(always)]
    fn tile<const R: usize, const P: usize>(
        rows: &RealRows,
        first_row: usize,
        weights: &RealMatrix,
        first_panel: usize,
    ) -> [[[f32; PANEL]; P]; R] {
        let inputs = weights.inputs;
        let panels: [&[[f32; PANEL]]; P] = std::array::from_fn(|panel| {
            &weights.panels[(first_panel + panel) * inputs..][..inputs]
        });
        let rows: [&[f32]; R] =
            std::array::from_fn(|row| &rows.values[(first_row + row) * inputs..][..inputs]);
        let mut sums = [[V::splat(0.0); P]; R];
        for input in 0..inputs {
            let mut weights = [V::splat(0.0); P];
            for panel in 0..P {
                weights[panel] = V::read(&panels[panel][input]);
            }
            for row in 0..R {
                let value = V::splat(rows[row][input]);
                for panel in 0..P {
                    sums[row][panel] = sums[row][panel].add_product(value, weights[panel]);
                }
            }
        }
        let mut result = [[[0.0; PANEL]; P]; R];
        for (result, sums) in result.iter_mut().flatten().zip(sums.into_iter().flatten()) {
            sums.write(result);
        }
        result
    }
}
