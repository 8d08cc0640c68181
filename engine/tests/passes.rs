//! Whole passes on small random models: what is computed for a text does not depend on how it is divided, nor
//! on what is computed beside it - to the bit.

use std::sync::Arc;

use steward_engine::cache::Cache;
use steward_engine::decoder::{Decoder, DecoderLayer, DecoderScratch, DecoderShape, Segment};
use steward_engine::encoder::{EncoderLayer, EncoderScratch, Linear, Norm};
use steward_engine::ops::Pairing;
use steward_engine::prefixes::Prefixes;
use steward_engine::product::{Matrix, On};
use steward_engine::quantized::QuantizedMatrix;
use steward_engine::{Isa, Pool};

const HIDDEN: usize = 64;
const INNER: usize = 96;
const VOCABULARY: usize = 50;

fn values(seed: u64, count: usize) -> Vec<f32> {
    let place = |place: u64| (seed ^ place).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 40;
    (0..count as u64).map(|number| (place(number) % 2001) as f32 / 1000.0 - 1.0).collect()
}

fn matrix(seed: u64, outputs: usize, inputs: usize) -> Matrix {
    Matrix::Quantized(QuantizedMatrix::quantize(outputs, inputs, &values(seed, outputs * inputs)))
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

fn shape() -> DecoderShape {
    DecoderShape {
        hidden: HIDDEN,
        heads: 4,
        key_value_heads: 2,
        head: 16,
        feed_forward: INNER,
        epsilon: 1e-5,
        pairing: Pairing::Halves,
        rotary_base: 10_000.0,
        rotary_factors: None,
        positions: 80,
    }
}

fn decoder() -> Decoder {
    let layer = |number: u64| DecoderLayer {
        attention_norm: vec![1.0; HIDDEN],
        query_key_value: matrix(number + 1, 8 * 16, HIDDEN),
        bias: Some(values(number + 2, 8 * 16)),
        head_norms: Some([vec![1.0; 16], vec![1.1; 16]]),
        attended: matrix(number + 3, HIDDEN, HIDDEN),
        feed_forward_norm: vec![1.0; HIDDEN],
        gate_up: matrix(number + 4, 2 * INNER, HIDDEN),
        down: matrix(number + 5, HIDDEN, INNER),
    };
    let embeddings = Arc::new(matrix(9, VOCABULARY, HIDDEN));
    let layers = [10, 20].map(layer).into();
    Decoder::new(shape(), embeddings.clone(), layers, vec![1.0; HIDDEN], embeddings).expect("fits")
}

fn tokens(seed: u32, count: u32) -> Vec<u32> {
    (0..count).map(|place| (seed + place * 7) % VOCABULARY as u32).collect()
}

/// Reads texts in one pass: the logits of each.
fn read(on: On, decoder: &Decoder, texts: &mut [(&mut Cache, &[u32])]) -> Vec<Vec<f32>> {
    let mut segments: Vec<Segment> = texts
        .iter_mut()
        .map(|(cache, tokens)| Segment { cache, tokens, wants_logits: true })
        .collect();
    decoder.forward(on, &mut segments, &mut DecoderScratch::default()).expect("a pass")
}

#[test]
fn logits_are_the_same_however_a_text_is_divided_and_whatever_is_read_beside_it() {
    let decoder = decoder();
    let (text, other) = (tokens(3, 60), tokens(11, 33));
    let pool = Pool::new(2).expect("a pool");
    for isa in available() {
        let on = On { pool: &pool, isa };
        let new = || Cache::new(decoder.cache_shape());
        let whole = read(on, &decoder, &mut [(&mut new(), &text)]).remove(0);
        assert!(whole.iter().all(|logit| logit.is_finite()));
        for divided in [vec![1, 59], vec![16, 16, 28], vec![7, 50, 1, 2]] {
            let mut cache = new();
            let mut logits = Vec::new();
            for count in divided {
                let from = cache.len();
                let mut beside = new();
                let mut texts =
                    [(&mut beside, &other[..]), (&mut cache, &text[from..from + count])];
                logits = read(on, &decoder, &mut texts).remove(1);
            }
            assert_eq!(logits, whole, "{isa:?}");
        }
        // From the pages that another reading has left.
        let mut prefixes = Prefixes::new(decoder.cache_shape(), 1 << 20);
        let mut cache = new();
        read(on, &decoder, &mut [(&mut cache, &text)]);
        prefixes.remember(&text, &cache);
        let mut known = prefixes.begin(&text);
        assert_eq!(known.len(), 48);
        let logits = read(on, &decoder, &mut [(&mut known, &text[48..])]).remove(0);
        assert_eq!(logits, whole, "{isa:?}");
    }
}

#[test]
fn a_copy_of_a_cache_goes_on_by_itself() {
    let decoder = decoder();
    let pool = Pool::new(1).expect("a pool");
    let on = On { pool: &pool, isa: Isa::best() };
    let mut one = Cache::new(decoder.cache_shape());
    read(on, &decoder, &mut [(&mut one, &tokens(1, 20))]);
    let mut two = one.clone();
    let first = read(on, &decoder, &mut [(&mut one, &tokens(5, 3))]);
    read(on, &decoder, &mut [(&mut two, &tokens(30, 3))]);
    let mut again = Cache::new(decoder.cache_shape());
    read(on, &decoder, &mut [(&mut again, &tokens(1, 20))]);
    assert_eq!(read(on, &decoder, &mut [(&mut again, &tokens(5, 3))]), first);
    let next = read(on, &decoder, &mut [(&mut one, &[4])]);
    assert_eq!(read(on, &decoder, &mut [(&mut again, &[4])]), next);
}

#[test]
fn what_cannot_be_read_is_refused_and_changes_nothing() {
    let decoder = decoder();
    let pool = Pool::new(1).expect("a pool");
    let on = On { pool: &pool, isa: Isa::best() };
    let mut cache = Cache::new(decoder.cache_shape());
    let mut refused = |tokens: &[u32]| {
        let mut segments = [Segment { cache: &mut cache, tokens, wants_logits: true }];
        let problem = decoder.forward(on, &mut segments, &mut DecoderScratch::default());
        assert!(cache.is_empty());
        problem.expect_err("refused")
    };
    assert!(refused(&[1, 50]).contains("no token 50 in a vocabulary of 50"));
    assert!(refused(&[1; 81]).contains("81 tokens; the model reads 80 at most"));
    let matrix = Arc::new(matrix(1, VOCABULARY, HIDDEN));
    let narrow = DecoderShape { head: 20, ..shape() };
    let problem = Decoder::new(narrow, matrix.clone(), Vec::new(), vec![1.0; HIDDEN], matrix);
    assert!(problem.expect_err("refused").contains("heads of 20 values"));
}

#[test]
fn a_text_is_encoded_the_same_alone_and_among_others() {
    let linear = |seed, outputs, inputs| Linear {
        weight: matrix(seed, outputs, inputs),
        bias: values(seed, outputs),
    };
    let norm = || Norm { weight: vec![1.0; HIDDEN], bias: vec![0.1; HIDDEN], epsilon: 1e-12 };
    let layer = EncoderLayer {
        heads: 4,
        query_key_value: linear(1, 3 * HIDDEN, HIDDEN),
        attended: linear(2, HIDDEN, HIDDEN),
        attended_norm: norm(),
        intermediate: linear(3, INNER, HIDDEN),
        output: linear(4, HIDDEN, INNER),
        output_norm: norm(),
    };
    let lengths = [5, 1, 70, 16];
    let begun = values(8, lengths.iter().sum::<usize>() * HIDDEN);
    let pool = Pool::new(2).expect("a pool");
    for isa in available() {
        let on = On { pool: &pool, isa };
        let mut scratch = EncoderScratch::default();
        let mut together = begun.clone();
        layer.forward(on, &lengths, &mut together, &mut scratch);
        assert!(together.iter().all(|value| value.is_finite()));
        let mut first = 0;
        for length in lengths {
            let own = first * HIDDEN..(first + length) * HIDDEN;
            let mut alone = begun[own.clone()].to_vec();
            layer.forward(on, &[length], &mut alone, &mut scratch);
            assert_eq!(alone, together[own], "{isa:?}, {length} tokens");
            first += length;
        }
    }
}
