//! Matrix products: rows of activations times a packed matrix.
//!
//! `out[row][output] = initial + sum over inputs of row[input] * weight[output][input]`. A task takes some
//! panels of 16 outputs and walks the rows in tiles, so that a panel comes from memory once and stays
//! in the nearest cache for all rows. The sums of a row do not depend on what other rows there are.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
mod real;
#[cfg(target_arch = "x86_64")]
mod tile_vnni;

use std::ops::Range;

use crate::isa::{Isa, compiled};
use crate::lanes::tiles;
use crate::pool::{Disjoint, Pool};
use crate::quantized::{Bits, PANEL, QuantizedMatrix, QuantizedRows};
pub use real::RealMatrix;

/// Rows of a tile at most.
const TILE_ROWS: usize = 4;
/// Rows of a tile of one panel, where the kernel has such.
const TALL_ROWS: usize = 8;
/// Bytes of activations that one pass over the panels takes at most: they stay in the second cache.
const ROWS_IN_CACHE: usize = 256 * 1024;

/// Weights of a linear layer, `[outputs, inputs]`.
#[derive(Debug, Clone)]
pub enum Matrix {
    /// In eight or four bits.
    Quantized(QuantizedMatrix),
    /// In f32: exact, and slower.
    Real(RealMatrix),
}

/// What the sums begin with.
#[derive(Debug, Clone, Copy)]
pub enum Initial<'a> {
    /// Nothing.
    Zero,
    /// The same for each row, `[outputs] f32`.
    Bias(&'a [f32]),
    /// What `out` holds.
    Present,
}

impl Matrix {
    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Quantized(matrix) => matrix.outputs,
            Self::Real(matrix) => matrix.outputs,
        }
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Quantized(matrix) => matrix.inputs,
            Self::Real(matrix) => matrix.inputs,
        }
    }

    /// Writes the weights of one output to `row`, `[inputs] f32`.
    pub fn write_row(&self, output: usize, row: &mut [f32]) {
        match self {
            Self::Quantized(matrix) => matrix.write_row(output, row),
            Self::Real(matrix) => matrix.write_row(output, row),
        }
    }

    /// Bytes that the matrix takes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Quantized(matrix) => matrix.bytes(),
            Self::Real(matrix) => matrix.bytes(),
        }
    }

    /// Multiplies `rows`, `[rows, inputs] f32`, into `out`, `[rows, outputs] f32`. `scratch` takes the
    /// rows in eight bits if the matrix is quantized.
    ///
    /// # Panics
    /// If `rows` and `out` do not fit each other.
    pub fn multiply(
        &self,
        on: On,
        rows: &[f32],
        scratch: &mut QuantizedRows,
        initial: Initial,
        out: &mut [f32],
    ) {
        match self {
            Self::Quantized(matrix) => {
                scratch.quantize(on.isa, matrix.inputs, rows);
                multiply_quantized(on, scratch, matrix, initial, out);
            }
            Self::Real(matrix) => multiply_real(on, rows, matrix, initial, out),
        }
    }
}

/// Where to compute: on which threads, with which instructions.
#[derive(Debug, Clone, Copy)]
pub struct On<'a> {
    /// The threads.
    pub pool: &'a Pool,
    /// The instructions.
    pub isa: Isa,
}

/// A kernel of one instruction set over one kind of matrix: the sums of `R` rows and `P` panels.
trait Kernel {
    type Rows<'a>: Sync;
    type Weights: Sync;
    /// Whether tiles of [`TALL_ROWS`] rows and one panel are the fastest.
    const HAS_TALL: bool = false;

    fn tile<const R: usize, const P: usize>(
        rows: &Self::Rows<'_>,
        first_row: usize,
        weights: &Self::Weights,
        first_panel: usize,
    ) -> [[[f32; PANEL]; P]; R];
}

/// `rows` times `matrix`.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn multiply_quantized(
    on: On,
    rows: &QuantizedRows,
    matrix: &QuantizedMatrix,
    initial: Initial,
    out: &mut [f32],
) {
    assert_eq!(rows.inputs, matrix.inputs, "rows as long as the matrix has inputs");
    let shape = Shape { rows: rows.rows, inputs: matrix.inputs, outputs: matrix.outputs, size: 1 };
    on_panels(on.pool, shape, out, |panels, out| match matrix.bits {
        Bits::Eight => walk_eight(on.isa, shape, rows, matrix, panels, initial, out),
        Bits::Four => walk_four(on.isa, shape, rows, matrix, panels, initial, out),
    });
}

// A function for each number of bits: an instruction set's functions take no constant from around them.
fn walk_eight(
    isa: Isa,
    shape: Shape,
    rows: &QuantizedRows,
    matrix: &QuantizedMatrix,
    panels: Range<usize>,
    initial: Initial,
    out: Columns,
) {
    compiled!(
        isa,
        (
            shape: Shape,
            rows: &QuantizedRows,
            matrix: &QuantizedMatrix,
            panels: Range<usize>,
            initial: Initial,
            out: Columns,
        ),
        portable: walk::<portable::Portable, 2>(shape, rows, matrix, panels, initial, out),
        avx2: walk::<avx2::Bytes<8>, 2>(shape, rows, matrix, panels, initial, out),
        avx512: walk::<avx512::Vnni<8>, 4>(shape, rows, matrix, panels, initial, out),
    )
}

fn walk_four(
    isa: Isa,
    shape: Shape,
    rows: &QuantizedRows,
    matrix: &QuantizedMatrix,
    panels: Range<usize>,
    initial: Initial,
    out: Columns,
) {
    compiled!(
        isa,
        (
            shape: Shape,
            rows: &QuantizedRows,
            matrix: &QuantizedMatrix,
            panels: Range<usize>,
            initial: Initial,
            out: Columns,
        ),
        portable: walk::<portable::Portable, 2>(shape, rows, matrix, panels, initial, out),
        avx2: walk::<avx2::Bytes<4>, 2>(shape, rows, matrix, panels, initial, out),
        avx512: walk::<avx512::Vnni<4>, 4>(shape, rows, matrix, panels, initial, out),
    )
}

fn multiply_real(on: On, rows: &[f32], matrix: &RealMatrix, initial: Initial, out: &mut [f32]) {
    assert!(rows.len().is_multiple_of(matrix.inputs), "whole rows");
    let shape = Shape {
        rows: rows.len() / matrix.inputs,
        inputs: matrix.inputs,
        outputs: matrix.outputs,
        size: 4,
    };
    let rows = &real::RealRows { values: rows };
    on_panels(on.pool, shape, out, |panels, out| {
        real::multiply(on.isa, shape, rows, matrix, panels, initial, out);
    });
}

#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    inputs: usize,
    outputs: usize,
    /// Bytes of an input.
    size: usize,
}

/// The output, of which each task writes other columns.
#[derive(Clone, Copy)]
struct Columns<'a> {
    all: Disjoint<'a>,
    outputs: usize,
}

impl<'a> Columns<'a> {
    /// The part of row `row` that belongs to panel `panel`.
    ///
    /// # Safety
    /// The panel is this task's own, and no other such slice of it is alive.
    #[inline(always)]
    unsafe fn of(&self, row: usize, panel: usize) -> &'a mut [f32] {
        let start = panel * PANEL;
        let end = (start + PANEL).min(self.outputs);
        // SAFETY: panels do not overlap, and this one is the caller's.
        unsafe { self.all.slice(row * self.outputs + start..row * self.outputs + end) }
    }
}

/// Divides the panels among the threads.
fn on_panels(
    pool: &Pool,
    shape: Shape,
    out: &mut [f32],
    task: impl Fn(Range<usize>, Columns) + Sync,
) {
    assert_eq!(out.len(), shape.rows * shape.outputs, "a sum for each row and output");
    let panels = shape.outputs.div_ceil(PANEL);
    let columns = Columns { all: Disjoint::new(out), outputs: shape.outputs };
    // Multiples of four panels, which is what the kernels take at once.
    pool.divide(panels, 4, |panels| task(panels, columns));
}

/// Walks the tiles of some panels. `MOST_PANELS` panels, two or four, are taken at once where there are only one
/// or two rows, so that enough sums are under way.
#[inline(always)]
fn walk<K: Kernel, const MOST_PANELS: usize>(
    shape: Shape,
    rows: &K::Rows<'_>,
    weights: &K::Weights,
    panels: Range<usize>,
    initial: Initial,
    out: Columns,
) {
    let most_rows = (ROWS_IN_CACHE / (shape.inputs * shape.size)).max(TILE_ROWS);
    for first in (0..shape.rows).step_by(most_rows) {
        let count = most_rows.min(shape.rows - first);
        let mut panel = panels.start;
        while panel < panels.end {
            let left = panels.end - panel;
            let taken = match count {
                1 | 2 if MOST_PANELS == 4 && left >= 4 => 4,
                _ => left.min(2),
            };
            let tall = if K::HAS_TALL { count - count % TALL_ROWS } else { 0 };
            for panel in panel..panel + taken {
                for row in (first..first + tall).step_by(TALL_ROWS) {
                    tile::<K, TALL_ROWS, 1>(rows, weights, row, panel, initial, out);
                }
            }
            for (row, height) in tiles(count - tall, TILE_ROWS) {
                let row = first + tall + row;
                match (height, taken) {
                    (1, 4) => tile::<K, 1, 4>(rows, weights, row, panel, initial, out),
                    (2, 4) => tile::<K, 2, 4>(rows, weights, row, panel, initial, out),
                    (1, 2) => tile::<K, 1, 2>(rows, weights, row, panel, initial, out),
                    (2, 2) => tile::<K, 2, 2>(rows, weights, row, panel, initial, out),
                    (3, 2) => tile::<K, 3, 2>(rows, weights, row, panel, initial, out),
                    (4, 2) => tile::<K, 4, 2>(rows, weights, row, panel, initial, out),
                    (1, _) => tile::<K, 1, 1>(rows, weights, row, panel, initial, out),
                    (2, _) => tile::<K, 2, 1>(rows, weights, row, panel, initial, out),
                    (3, _) => tile::<K, 3, 1>(rows, weights, row, panel, initial, out),
                    (_, _) => tile::<K, 4, 1>(rows, weights, row, panel, initial, out),
                }
            }
            panel += taken;
        }
    }
}

#[inline(always)]
fn tile<K: Kernel, const R: usize, const P: usize>(
    rows: &K::Rows<'_>,
    weights: &K::Weights,
    first_row: usize,
    first_panel: usize,
    initial: Initial,
    out: Columns,
) {
    let sums = K::tile::<R, P>(rows, first_row, weights, first_panel);
    for (row, sums) in sums.iter().enumerate() {
        for (panel, sums) in sums.iter().enumerate() {
            // SAFETY: `first_panel` and those after it are this task's own; one slice at a time.
            let out = unsafe { out.of(first_row + row, first_panel + panel) };
            let bias = (first_panel + panel) * PANEL;
            match (initial, <&mut [f32; PANEL]>::try_from(&mut *out)) {
                (Initial::Zero, Ok(out)) => *out = *sums,
                (Initial::Zero, Err(_)) => out.copy_from_slice(&sums[..out.len()]),
                // Twice the same, for the compiler: of a known length it is one instruction.
                (Initial::Present, Ok(out)) => add(out, sums),
                (Initial::Present, Err(_)) => add(out, sums),
                (Initial::Bias(all), _) => {
                    let bias = &all[bias..bias + out.len()];
                    for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
                        *out = sum + bias;
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn add(out: &mut [f32], sums: &[f32; PANEL]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        *out += sum;
    }
}
