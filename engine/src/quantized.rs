//! Matrices and rows in eight or four bits, laid out for the integer kernels.
//!
//! Both are quantized in groups of 32 along the inner dimension, each group with a scale of its own:
//! GGUF's Q8_0 and Q4_0, whose values are kept exactly. A matrix is packed once, when it is loaded:
//!
//! ```text
//! panel   16 outputs
//!   group   32 inputs                         8 blocks of 64 bytes (4 blocks for four bits)
//!     block   4 inputs of each of the 16 outputs: [output 0: i0 i1 i2 i3] [output 1: ...] ...
//! scales  [panel][group][16] f16
//! ```
//!
//! Weights are stored without a sign, `weight + 128` (or `+ 8`), as the instruction that multiplies
//! four bytes at once (VPDPBUSD) wants one side; the rows' sums take the surplus away again.

use half::f16;

use crate::Isa;
use crate::ops;

/// Inputs that share a scale.
pub const GROUP: usize = 32;
/// Outputs of a panel.
pub const PANEL: usize = 16;

/// Bits of a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// -128 to 127.
    Eight,
    /// -8 to 7.
    Four,
}

impl Bits {
    /// Blocks of a group.
    pub(crate) fn blocks(self) -> usize {
        match self {
            Self::Eight => 8,
            Self::Four => 4,
        }
    }

    /// What is added to a weight to be stored.
    pub(crate) fn offset(self) -> i32 {
        match self {
            Self::Eight => 128,
            Self::Four => 8,
        }
    }
}

/// A cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [u8; 64]);

/// A matrix `[outputs, inputs]` of quantized weights.
#[derive(Debug, Clone)]
pub struct QuantizedMatrix {
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    pub(crate) bits: Bits,
    /// `[panel][group][block]`
    pub(crate) blocks: Vec<Block>,
    /// `[panel][group][16]`
    pub(crate) scales: Vec<[f16; PANEL]>,
}

/// A group of weights as a file has them: the scale and 32 weights.
pub type Group = (f16, [i8; GROUP]);

impl QuantizedMatrix {
    /// Packs a matrix of which `group(output, number)` gives the groups.
    ///
    /// # Panics
    /// If `inputs` is not a multiple of [`GROUP`].
    pub fn pack(
        outputs: usize,
        inputs: usize,
        bits: Bits,
        mut group: impl FnMut(usize, usize) -> Group,
    ) -> Self {
        assert!(inputs.is_multiple_of(GROUP), "groups of {GROUP} inputs are quantized together");
        let groups = inputs / GROUP;
        let panels = outputs.div_ceil(PANEL);
        let mut blocks = vec![Block([0; 64]); panels * groups * bits.blocks()];
        let mut scales = vec![[f16::ZERO; PANEL]; panels * groups];
        for output in 0..outputs {
            let (panel, column) = (output / PANEL, output % PANEL);
            for number in 0..groups {
                let (scale, weights) = group(output, number);
                let place = panel * groups + number;
                scales[place][column] = scale;
                for (input, &weight) in weights.iter().enumerate() {
                    let stored = (i32::from(weight) + bits.offset()) as u8;
                    let (step, byte) = (input / 4, column * 4 + input % 4);
                    let block = place * bits.blocks() + step % bits.blocks();
                    match bits {
                        Bits::Eight => blocks[block].0[byte] = stored,
                        Bits::Four => blocks[block].0[byte] |= (stored & 15) << (step / 4 * 4),
                    }
                }
            }
        }
        Self { outputs, inputs, bits, blocks, scales }
    }

    /// Quantizes `values`, `[outputs, inputs] f32`, to eight bits.
    ///
    /// # Panics
    /// If `inputs` is not a multiple of [`GROUP`], or `values` is of another length.
    pub fn quantize(outputs: usize, inputs: usize, values: &[f32]) -> Self {
        assert_eq!(values.len(), outputs * inputs, "one value for each output and input");
        Self::pack(outputs, inputs, Bits::Eight, |output, number| {
            let start = output * inputs + number * GROUP;
            quantized_group(&values[start..start + GROUP])
        })
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Writes the weights of one output to `row`, `[inputs] f32`.
    pub fn write_row(&self, output: usize, row: &mut [f32]) {
        let groups = self.inputs / GROUP;
        let (panel, column) = (output / PANEL, output % PANEL);
        for (number, values) in row.chunks_exact_mut(GROUP).enumerate() {
            let place = panel * groups + number;
            let scale = self.scales[place][column].to_f32();
            let blocks = &self.blocks[place * self.bits.blocks()..];
            for (input, value) in values.iter_mut().enumerate() {
                let step = input / 4;
                let byte = blocks[step % self.bits.blocks()].0[column * 4 + input % 4];
                let stored = match self.bits {
                    Bits::Eight => byte,
                    Bits::Four => (byte >> (step / 4 * 4)) & 15,
                };
                *value = (i32::from(stored) - self.bits.offset()) as f32 * scale;
            }
        }
    }

    /// Bytes that the matrix takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.blocks.as_slice()) + size_of_val(self.scales.as_slice())
    }
}

/// A group in eight bits: Q8_0.
fn quantized_group(values: &[f32]) -> Group {
    let greatest = values.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    let scale = greatest / 127.0;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let mut weights = [0; GROUP];
    for (weight, value) in weights.iter_mut().zip(values) {
        *weight = (value * inverse).round() as i8;
    }
    (f16::from_f32(scale), weights)
}

/// Rows `[rows, inputs]` of activations in eight bits. Kept between calls, so that nothing is
/// allocated once they have been as large as they get.
#[derive(Debug, Default)]
pub struct QuantizedRows {
    pub(crate) rows: usize,
    pub(crate) inputs: usize,
    pub(crate) values: Vec<i8>,
    /// `[row][group]`
    pub(crate) scales: Vec<f32>,
    /// `[row][group]`: minus the sum of the values times what is added to weights of eight bits.
    pub(crate) surplus: Vec<i32>,
}

impl QuantizedRows {
    /// Makes room for `rows` rows of `inputs`; what was there is void.
    ///
    /// # Panics
    /// If `inputs` is not a multiple of [`GROUP`].
    pub fn resize(&mut self, rows: usize, inputs: usize) {
        assert!(inputs.is_multiple_of(GROUP), "groups of {GROUP} inputs are quantized together");
        (self.rows, self.inputs) = (rows, inputs);
        self.values.resize(rows * inputs, 0);
        self.scales.resize(rows * inputs / GROUP, 0.0);
        self.surplus.resize(rows * inputs / GROUP, 0);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Quantizes `row` into the place of row `number`.
    pub fn set(&mut self, isa: Isa, number: usize, row: &[f32]) {
        let (from, groups) = (number * self.inputs, self.inputs / GROUP);
        ops::quantize_row(
            isa,
            row,
            &mut self.values[from..from + self.inputs],
            &mut self.scales[number * groups..(number + 1) * groups],
            &mut self.surplus[number * groups..(number + 1) * groups],
        );
    }

    /// Quantizes all of `values`, `[rows, inputs] f32`.
    pub fn quantize(&mut self, isa: Isa, inputs: usize, values: &[f32]) {
        self.resize(values.len() / inputs, inputs);
        for (number, row) in values.chunks_exact(inputs).enumerate() {
            self.set(isa, number, row);
        }
    }
}
