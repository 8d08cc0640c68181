//! What is done with single values and rows between the matrix products: norms, activations,
//! rotary positions, softmax, quantizing.
//!
//! Plain loops over blocks of 16 values, which the compiler makes into vector instructions of each set.
//! Sums run over 16 partial sums, so that their order, and with it the result, does not depend on
//! what else is computed at the same time.

use crate::isa::vectorised;
use crate::lanes::LANES;
use crate::quantized::GROUP;

vectorised! {
    /// Quantizes a row in groups of 32: `values` i8, and for each group its scale and minus 128 times the
    /// sum of its values.
    pub fn quantize_row(row: &[f32], values: &mut [i8], scales: &mut [f32], surplus: &mut [i32]) = quantize_row_body;
}

#[inline(always)]
fn quantize_row_body(row: &[f32], values: &mut [i8], scales: &mut [f32], surplus: &mut [i32]) {
    let (row, _) = row.as_chunks::<GROUP>();
    let (values, _) = values.as_chunks_mut::<GROUP>();
    for (((row, values), scale), surplus) in row.iter().zip(values).zip(scales).zip(surplus) {
        // Opaque, or the compiler computes several groups at once and gathers their values one by one.
        let row = std::hint::black_box(row);
        let mut greatest = [0.0f32; LANES];
        for lane in 0..LANES {
            let (left, right) = (row[lane].abs(), row[lane + LANES].abs());
            greatest[lane] = if left > right { left } else { right };
        }
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                if greatest[lane + half] > greatest[lane] {
                    greatest[lane] = greatest[lane + half];
                }
            }
            half /= 2;
        }
        *scale = greatest[0] / 127.0;
        let inverse = if greatest[0] > 0.0 { 127.0 / greatest[0] } else { 0.0 };
        let mut rounded = [0i32; GROUP];
        for place in 0..GROUP {
            rounded[place] = round(row[place] * inverse);
        }
        for place in 0..GROUP {
            values[place] = rounded[place] as i8;
        }
        *surplus = -128 * rounded.iter().sum::<i32>();
    }
}

/// The nearest integer of a number below 2^22, by letting the addition round.
#[inline(always)]
fn round(value: f32) -> i32 {
    const MAGIC: f32 = 12_582_912.0; // 1.5 * 2^23
    ((value + MAGIC).to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32)
}

/// The exponential function to about 2 units in the last place; 0 below -87.
#[inline(always)]
pub(crate) fn exp(value: f32) -> f32 {
    let value = if value < -87.0 { -87.0 } else { value };
    let value = if value > 88.0 { 88.0 } else { value };
    const MAGIC: f32 = 12_582_912.0;
    let power = value * std::f32::consts::LOG2_E + MAGIC;
    let exponent = (power.to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32);
    let whole = power - MAGIC;
    // ln 2 in two parts (Cody & Waite), then the polynomial of Cephes' expf.
    let rest = value - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4f32;
    sum = sum * rest + 1.398_199_9e-3;
    sum = sum * rest + 8.333_452e-3;
    sum = sum * rest + 4.166_579_6e-2;
    sum = sum * rest + 1.666_666_5e-1;
    sum = sum * rest + 0.5;
    sum = sum * rest * rest + rest + 1.0;
    sum * f32::from_bits(((exponent + 127) as u32) << 23)
}

/// The error function to 1.5e-7 (Abramowitz & Stegun, 7.1.26).
#[inline(always)]
fn erf(value: f32) -> f32 {
    let size = value.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut sum = 1.061_405_4f32;
    sum = sum * t - 1.453_152;
    sum = sum * t + 1.421_413_7;
    sum = sum * t - 0.284_496_74;
    sum = sum * t + 0.254_829_6;
    let result = 1.0 - sum * t * exp(-size * size);
    result.copysign(value)
}

vectorised! {
    /// GELU with the error function (Hendrycks & Gimpel, 2016), in place.
    pub fn gelu(values: &mut [f32]) = gelu_body;
}

#[inline(always)]
fn gelu_body(values: &mut [f32]) {
    for value in values {
        *value = 0.5 * *value * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
    }
}

vectorised! {
    /// SwiGLU (Shazeer, 2020): `gate` becomes `silu(gate) * up`.
    pub fn swiglu(gate: &mut [f32], up: &[f32]) = swiglu_body;
}

#[inline(always)]
fn swiglu_body(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + exp(-*gate)) * up;
    }
}

vectorised! {
    /// RMSNorm (Zhang & Sennrich, 2019) of one row into `normed`.
    pub fn rms_norm(row: &[f32], weight: &[f32], epsilon: f32, normed: &mut [f32]) = rms_norm_body;
}

#[inline(always)]
fn rms_norm_body(row: &[f32], weight: &[f32], epsilon: f32, normed: &mut [f32]) {
    let scale = 1.0 / (dot_body(row, row) / row.len() as f32 + epsilon).sqrt();
    for ((normed, value), weight) in normed.iter_mut().zip(row).zip(weight) {
        *normed = value * scale * weight;
    }
}

vectorised! {
    /// Layer normalisation (Ba et al., 2016) of one row in place.
    pub fn layer_norm(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) = layer_norm_body;
}

#[inline(always)]
fn layer_norm_body(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let mean = sum_body(row) / row.len() as f32;
    for value in row.iter_mut() {
        *value -= mean;
    }
    let scale = 1.0 / (dot_body(row, row) / row.len() as f32 + epsilon).sqrt();
    for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *value = *value * scale * weight + bias;
    }
}

/// Softmax of the first `length` values; the rest become 0.
#[inline(always)]
pub(crate) fn softmax(values: &mut [f32], length: usize) {
    let (values, rest) = values.split_at_mut(length);
    rest.fill(0.0);
    let mut greatest = [f32::NEG_INFINITY; LANES];
    let (chunks, tail) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            greatest[lane] =
                if chunk[lane] > greatest[lane] { chunk[lane] } else { greatest[lane] };
        }
    }
    let greatest =
        greatest.iter().chain(tail).fold(f32::NEG_INFINITY, |left, &right| left.max(right));
    for value in values.iter_mut() {
        *value = exp(*value - greatest);
    }
    let scale = 1.0 / sum_body(values);
    for value in values {
        *value *= scale;
    }
}

vectorised! {
    /// Inner product of two rows of one length.
    pub fn dot(left: &[f32], right: &[f32]) -> f32 = dot_body;
}

#[inline(always)]
fn dot_body(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let ((left, left_tail), (right, right_tail)) =
        (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let tail: f32 = left_tail.iter().zip(right_tail).map(|(left, right)| left * right).sum();
    folded(sums) + tail
}

#[inline(always)]
fn sum_body(values: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (chunks, tail) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    folded(sums) + tail.iter().sum::<f32>()
}

/// The sum of partial sums, halves first: the order that vector instructions take.
#[inline(always)]
fn folded(mut sums: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

/// How rotary positions pair the values of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Neighbours: Llama in GGUF.
    Adjacent,
    /// A value and the one half a head further: Qwen, GPT-NeoX.
    Halves,
}

/// Turns the pairs of one head by the angles whose cosines and sines are given, `[head / 2] f32` each
/// (rotary position embedding; Su et al., 2021).
pub fn rotate(head: &mut [f32], cosines: &[f32], sines: &[f32], pairing: Pairing) {
    match pairing {
        Pairing::Adjacent => {
            let (pairs, _) = head.as_chunks_mut::<2>();
            for (([left, right], cosine), sine) in pairs.iter_mut().zip(cosines).zip(sines) {
                (*left, *right) = (*left * cosine - *right * sine, *left * sine + *right * cosine);
            }
        }
        Pairing::Halves => {
            let (lefts, rights) = head.split_at_mut(head.len() / 2);
            let pairs = lefts.iter_mut().zip(rights);
            for (((left, right), cosine), sine) in pairs.zip(cosines).zip(sines) {
                (*left, *right) = (*left * cosine - *right * sine, *left * sine + *right * cosine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;

    fn available() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|isa| isa.is_available())
    }

    #[test]
    fn the_exponential_is_right_to_a_few_units_in_the_last_place() {
        for step in -8_600..8_800 {
            let value = step as f32 / 100.0;
            let (ours, exact) = (f64::from(exp(value)), f64::from(value).exp());
            assert!((ours - exact).abs() <= 4e-7 * exact, "exp({value}) is {exact}, not {ours}");
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37 && exp(f32::INFINITY) > 1e38);
    }

    #[test]
    fn activations_and_norms_are_those_of_their_definitions() {
        let row: Vec<f32> = (0..77).map(|place| (place as f32 - 38.0) / 7.0).collect();
        let weight: Vec<f32> = (0..77).map(|place| 1.0 + place as f32 / 100.0).collect();
        let mean = row.iter().sum::<f32>() / 77.0;
        let square = |values: &[f32]| values.iter().map(|value| value * value).sum::<f32>() / 77.0;
        let near = |ours: &[f32], defined: &dyn Fn(usize) -> f32, what: &str| {
            for (place, ours) in ours.iter().enumerate() {
                let defined = defined(place);
                assert!((ours - defined).abs() < 2e-5, "{what} at {place}: {ours}, not {defined}");
            }
        };
        for isa in available() {
            let mut gated = row.clone();
            swiglu(isa, &mut gated, &weight);
            near(
                &gated,
                &|place| row[place] / (1.0 + (-row[place]).exp()) * weight[place],
                "swiglu",
            );
            let mut normed = vec![0.0; 77];
            rms_norm(isa, &row, &weight, 1e-5, &mut normed);
            let scale = 1.0 / (square(&row) + 1e-5).sqrt();
            near(&normed, &|place| row[place] * scale * weight[place], "the RMS norm");
            let mut layered = row.clone();
            layer_norm(isa, &mut layered, &weight, &weight, 1e-5);
            let centred: Vec<f32> = row.iter().map(|value| value - mean).collect();
            let scale = 1.0 / (square(&centred) + 1e-5).sqrt();
            near(
                &layered,
                &|place| (centred[place] * scale + 1.0) * weight[place],
                "the layer norm",
            );
            // Values of GELU by Hendrycks & Gimpel's formula, x * Phi(x).
            let mut values = [-3.0, -1.0, 0.0, 0.5, 1.0, 4.0];
            gelu(isa, &mut values);
            let known = [-0.004_049_69, -0.158_655_25, 0.0, 0.345_731_23, 0.841_344_8, 3.999_873_3];
            near(&values, &|place| known[place], "GELU");
        }
    }
}
