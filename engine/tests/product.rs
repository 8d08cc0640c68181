//! The matrix products: each instruction set against plain sums, over shapes of all sizes.

use half::f16;
use proptest::prelude::*;
use steward_engine::product::{Initial, Matrix, On, RealMatrix, multiply_quantized};
use steward_engine::quantized::{Bits, GROUP, QuantizedMatrix, QuantizedRows};
use steward_engine::{Isa, Pool};

/// Values in `-1..1` that depend on the seed alone.
fn values(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

fn weight(seed: u64, output: usize, input: usize, bits: Bits) -> i8 {
    let mixed = (seed ^ (output as u64) << 32 ^ input as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    match bits {
        Bits::Eight => (mixed >> 48) as u8 as i8,
        Bits::Four => ((mixed >> 48) & 15) as i8 - 8,
    }
}

/// The product of the quantized values themselves, in f64.
fn expected(rows: &[f32], matrix: &QuantizedMatrix) -> Vec<f64> {
    let inputs = matrix.inputs();
    let mut weights = vec![0.0; inputs];
    let mut sums = vec![0.0; rows.len() / inputs * matrix.outputs()];
    for output in 0..matrix.outputs() {
        matrix.write_row(output, &mut weights);
        for (number, row) in rows.chunks_exact(inputs).enumerate() {
            let products =
                row.chunks_exact(GROUP).zip(weights.chunks_exact(GROUP)).map(|(row, weights)| {
                    let greatest =
                        row.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
                    let scale = greatest / 127.0;
                    let inverse = if greatest > 0.0 { 127.0 / greatest } else { 0.0 };
                    let rounded =
                        row.iter().map(|value| f64::from((value * inverse).round_ties_even()));
                    f64::from(scale)
                        * rounded
                            .zip(weights)
                            .map(|(value, weight)| value * f64::from(*weight))
                            .sum::<f64>()
                });
            sums[number * matrix.outputs() + output] = products.sum();
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_instruction_set_gives_the_sums_of_the_rounded_values(
        rows in 1usize..20, groups in 1usize..9, outputs in 1usize..90, seed: u64, four: bool, threads in 1usize..3,
    ) {
        let (inputs, bits) = (groups * GROUP, if four { Bits::Four } else { Bits::Eight });
        let scales = values(seed, outputs * groups);
        let matrix = QuantizedMatrix::pack(outputs, inputs, bits, |output, number| {
            let scale = f16::from_f32(scales[output * groups + number] / 100.0);
            (scale, std::array::from_fn(|input| weight(seed, output, number * GROUP + input, bits)))
        });
        let mut given = values(seed ^ 1, rows * inputs);
        given[..GROUP].fill(0.0);
        let expected = expected(&given, &matrix);
        let pool = Pool::new(threads).expect("a pool");
        let bias = values(seed ^ 2, outputs);
        for isa in available() {
            let on = On { pool: &pool, isa };
            let mut quantized = QuantizedRows::default();
            quantized.quantize(isa, inputs, &given);
            let mut sums = vec![7.0; rows * outputs];
            multiply_quantized(on, &quantized, &matrix, Initial::Zero, &mut sums);
            for (sum, expected) in sums.iter().zip(&expected) {
                prop_assert!((f64::from(*sum) - expected).abs() < 1e-4 * inputs as f64 / 32.0, "{isa:?}: {sum} is not {expected}");
            }
            let once = sums.clone();
            multiply_quantized(on, &quantized, &matrix, Initial::Present, &mut sums);
            for (twice, once) in sums.iter().zip(&once) {
                prop_assert_eq!(*twice, once + once);
            }
            multiply_quantized(on, &quantized, &matrix, Initial::Bias(&bias), &mut sums);
            for (place, (sum, once)) in sums.iter().zip(&once).enumerate() {
                prop_assert_eq!(*sum, once + bias[place % outputs]);
            }
            // A row alone gives the same bits as among others.
            let last = &given[(rows - 1) * inputs..];
            quantized.quantize(isa, inputs, last);
            let mut alone = vec![0.0; outputs];
            multiply_quantized(on, &quantized, &matrix, Initial::Zero, &mut alone);
            prop_assert_eq!(&alone[..], &once[(rows - 1) * outputs..]);
        }
    }

    #[test]
    fn products_in_f32_are_those_of_the_definition(
        rows in 1usize..20, inputs in 1usize..70, outputs in 1usize..70, seed: u64,
    ) {
        let (given, weights) = (values(seed, rows * inputs), values(seed ^ 3, outputs * inputs));
        let matrix = Matrix::Real(RealMatrix::pack(outputs, inputs, &weights));
        let pool = Pool::new(2).expect("a pool");
        for isa in available() {
            let mut sums = vec![0.0; rows * outputs];
            let mut scratch = QuantizedRows::default();
            matrix.multiply(On { pool: &pool, isa }, &given, &mut scratch, Initial::Zero, &mut sums);
            for (place, sum) in sums.iter().enumerate() {
                let row = &given[place / outputs * inputs..][..inputs];
                let weights = &weights[place % outputs * inputs..][..inputs];
                let expected: f64 = row.iter().zip(weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                prop_assert!((f64::from(*sum) - expected).abs() < 1e-4, "{isa:?}: {sum} is not {expected}");
            }
        }
    }
}

#[test]
fn a_matrix_gives_its_rows_again() {
    let weights = values(5, 40 * 64);
    let matrix = QuantizedMatrix::quantize(40, 64, &weights);
    let mut row = vec![0.0; 64];
    for output in 0..40 {
        matrix.write_row(output, &mut row);
        for (read, written) in row.iter().zip(&weights[output * 64..]) {
            assert!((read - written).abs() < 0.006, "{read} is not {written}");
        }
    }
    assert_eq!(matrix.bytes(), 48 * 64 + 48 * 2 * 2);
}
