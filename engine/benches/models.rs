//! Speed of whole passes on random weights of the shipped models' shapes, without any file:
//! `cargo bench -p steward-engine --bench models [-- ISA]`.
//!
//! Milliseconds, the median of some runs on one thread. `steward bench engine` measures the real models.

use std::sync::Arc;
use std::time::Instant;

use steward_engine::cache::Cache;
use steward_engine::decoder::{Decoder, DecoderLayer, DecoderScratch, DecoderShape, Segment};
use steward_engine::encoder::{EncoderLayer, EncoderScratch, Linear, Norm};
use steward_engine::ops::Pairing;
use steward_engine::product::{Matrix, On};
use steward_engine::quantized::{Bits, QuantizedMatrix};
use steward_engine::{Isa, Pool};

fn matrix(outputs: usize, inputs: usize) -> Matrix {
    let scale = half::f16::from_f32(0.02 / (inputs as f32).sqrt());
    Matrix::Quantized(QuantizedMatrix::pack(outputs, inputs, Bits::Eight, |output, group| {
        let weight = |place| ((output * 31 + group * 17 + place * 7) % 255) as i16 - 127;
        (scale, std::array::from_fn(|place| weight(place) as i8))
    }))
}

fn decoder() -> Decoder {
    let (hidden, inner) = (576, 1536);
    let shape = DecoderShape {
        hidden,
        heads: 9,
        key_value_heads: 3,
        head: 64,
        feed_forward: inner,
        epsilon: 1e-5,
        pairing: Pairing::Adjacent,
        rotary_base: 10_000.0,
        rotary_factors: None,
        positions: 2048,
    };
    let layer = |_| DecoderLayer {
        attention_norm: vec![1.0; hidden],
        query_key_value: matrix(15 * 64, hidden),
        bias: None,
        head_norms: None,
        attended: matrix(hidden, hidden),
        feed_forward_norm: vec![1.0; hidden],
        gate_up: matrix(2 * inner, hidden),
        down: matrix(hidden, inner),
    };
    let embeddings = Arc::new(matrix(49_152, hidden));
    let layers = (0..30).map(layer).collect();
    Decoder::new(shape, embeddings.clone(), layers, vec![1.0; hidden], embeddings).expect("fits")
}

fn encoder() -> Vec<EncoderLayer> {
    let linear =
        |outputs, inputs| Linear { weight: matrix(outputs, inputs), bias: vec![0.1; outputs] };
    let norm = || Norm { weight: vec![1.0; 384], bias: vec![0.0; 384], epsilon: 1e-12 };
    let layer = |_| EncoderLayer {
        heads: 12,
        query_key_value: linear(3 * 384, 384),
        attended: linear(384, 384),
        attended_norm: norm(),
        intermediate: linear(1536, 384),
        output: linear(384, 1536),
        output_norm: norm(),
    };
    (0..6).map(layer).collect()
}

fn median(runs: usize, mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() {
    let pool = Pool::new(1).expect("a pool");
    let wanted = std::env::args().nth(1);
    let isa = Isa::ALL.into_iter().find(|isa| Some(isa.name()) == wanted.as_deref());
    let on = On { pool: &pool, isa: isa.unwrap_or(Isa::best()) };
    println!("{}", on.isa.name());
    let layers = encoder();
    for (texts, length) in [(1, 16), (1, 64), (8, 64), (32, 16), (32, 64)] {
        let mut scratch = EncoderScratch::default();
        let lengths = vec![length; texts];
        let mut states: Vec<f32> =
            (0..texts * length * 384).map(|place| (place % 97) as f32 / 97.0).collect();
        let time = median(7, || {
            for layer in &layers {
                layer.forward(on, &lengths, &mut states, &mut scratch);
            }
        });
        println!("encode {texts} x {length}: {time:.2}");
    }
    let decoder = decoder();
    let tokens: Vec<u32> = (0..1024).map(|place| place * 37 % 49_152).collect();
    let mut scratch = DecoderScratch::default();
    let mut read = |caches: &mut [Cache], tokens: &[u32]| {
        let mut segments: Vec<Segment> =
            caches.iter_mut().map(|cache| Segment { cache, tokens, wants_logits: true }).collect();
        decoder.forward(on, &mut segments, &mut scratch).expect("a pass");
    };
    for length in [64, 256, 1024] {
        let time = median(3, || read(&mut [Cache::new(decoder.cache_shape())], &tokens[..length]));
        println!("prefill {length}: {time:.1} ({:.0} tokens/s)", length as f64 / time * 1000.0);
    }
    for (depth, texts) in [(64, 1), (1008, 1), (64, 4), (64, 16)] {
        let mut cache = Cache::new(decoder.cache_shape());
        read(std::slice::from_mut(&mut cache), &tokens[..depth]);
        let mut caches = vec![cache; texts];
        let time = median(9, || read(&mut caches, &tokens[..1]));
        println!("decode at {depth}, {texts} at once: {time:.2}");
    }
}
