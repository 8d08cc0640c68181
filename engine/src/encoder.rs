//! The encoder's forward pass: BERT (Devlin et al., 2019), read out after any layer.
//!
//! Texts of a batch stand under each other without padding, `[tokens of all texts, hidden]`, so that every
//! product is one matrix product and a short text costs nothing for a long one beside it.

use std::cell::RefCell;

use crate::attention::{Attention, HEAD_STEP, PAGE, Source};
use crate::ops;
use crate::pool::Disjoint;
use crate::product::{Initial, Matrix, On};
use crate::quantized::QuantizedRows;

/// Queries that are attended together.
const ATTENDED_TOKENS: usize = 48;

/// A linear layer with its bias, `[outputs] f32`.
#[derive(Debug)]
pub struct Linear {
    /// The weights.
    pub weight: Matrix,
    /// The bias.
    pub bias: Vec<f32>,
}

/// A layer norm, `[hidden] f32` each.
#[derive(Debug)]
pub struct Norm {
    /// Scales.
    pub weight: Vec<f32>,
    /// Shifts.
    pub bias: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f32,
}

/// One layer.
#[derive(Debug)]
pub struct EncoderLayer {
    /// Number of heads.
    pub heads: usize,
    /// Queries, keys and values under each other.
    pub query_key_value: Linear,
    /// From the heads back to the state.
    pub attended: Linear,
    /// After attention.
    pub attended_norm: Norm,
    /// To the inner values.
    pub intermediate: Linear,
    /// Back to the state.
    pub output: Linear,
    /// After the feed-forward part.
    pub output_norm: Norm,
}

/// What a token's state begins with.
#[derive(Debug)]
pub struct Embeddings {
    /// `[vocabulary, hidden] f32`
    pub words: Vec<f32>,
    /// `[positions, hidden] f32`, with what is added to every token.
    pub positions: Vec<f32>,
    /// After the sum.
    pub norm: Norm,
}

/// What passes compute into, kept between them.
#[derive(Debug, Default)]
pub struct EncoderScratch {
    query_key_value: Vec<f32>,
    attended: Vec<f32>,
    inner: Vec<f32>,
    quantized: QuantizedRows,
}

impl Embeddings {
    /// The states that `texts`, tokens each, begin with: `[tokens of all texts, hidden] f32`.
    ///
    /// # Errors
    /// If a token is not in the vocabulary or a text is too long, in words.
    pub fn begin(&self, on: On, texts: &[&[u32]]) -> Result<Vec<f32>, String> {
        let hidden = self.norm.weight.len();
        let mut states = Vec::with_capacity(texts.iter().map(|text| text.len() * hidden).sum());
        for text in texts {
            let positions = self.positions.chunks_exact(hidden);
            if text.len() > positions.len() {
                let most = positions.len();
                return Err(format!("a text of {} tokens; {most} are read at most", text.len()));
            }
            for (&token, position) in text.iter().zip(positions) {
                let word = self.words.chunks_exact(hidden).nth(token as usize);
                let word = word.ok_or_else(|| format!("no token {token} in the vocabulary"))?;
                states.extend(word.iter().zip(position).map(|(word, position)| word + position));
            }
        }
        self.norm.apply(on, &mut states);
        Ok(states)
    }
}

impl Norm {
    fn apply(&self, on: On, states: &mut [f32]) {
        for state in states.chunks_exact_mut(self.weight.len()) {
            ops::layer_norm(on.isa, state, &self.weight, &self.bias, self.epsilon);
        }
    }
}

impl EncoderLayer {
    /// Values of a token's state.
    pub fn hidden(&self) -> usize {
        self.query_key_value.weight.inputs()
    }

    /// Takes `states`, `[tokens of all texts, hidden] f32`, through the layer. `lengths` are the tokens of
    /// each text.
    ///
    /// # Panics
    /// If `states` and `lengths` do not fit each other.
    pub fn forward(
        &self,
        on: On,
        lengths: &[usize],
        states: &mut [f32],
        scratch: &mut EncoderScratch,
    ) {
        let hidden = self.hidden();
        let rows = states.len() / hidden;
        assert_eq!(lengths.iter().sum::<usize>(), rows, "a state for each token");
        on.pool.run(|| {
            let EncoderScratch { query_key_value, attended, inner, quantized } = scratch;
            query_key_value.resize(rows * 3 * hidden, 0.0);
            self.query_key_value.forward(on, states, quantized, query_key_value);
            attended.resize(rows * hidden, 0.0);
            self.attend_all(on, lengths, query_key_value, attended);
            // The bias of the sum is added with the norm's own rows still in place.
            add_bias(states, &self.attended.bias);
            self.attended.weight.multiply(on, attended, quantized, Initial::Present, states);
            self.attended_norm.apply(on, states);
            inner.resize(rows * self.intermediate.weight.outputs(), 0.0);
            self.intermediate.forward(on, states, quantized, inner);
            ops::gelu(on.isa, inner);
            add_bias(states, &self.output.bias);
            self.output.weight.multiply(on, inner, quantized, Initial::Present, states);
            self.output_norm.apply(on, states);
        });
    }

    fn attend_all(&self, on: On, lengths: &[usize], query_key_value: &[f32], attended: &mut [f32]) {
        let hidden = self.hidden();
        let head = hidden / self.heads;
        let scale = 1.0 / (head as f32).sqrt();
        let mut blocks = Vec::new();
        let mut first = 0;
        for &length in lengths {
            for from in (0..length).step_by(ATTENDED_TOKENS) {
                blocks.push((first, length, from, ATTENDED_TOKENS.min(length - from)));
            }
            first += length;
        }
        let out = Disjoint::new(attended);
        on.pool.divide(blocks.len() * self.heads, 1, |tasks| {
            for task in tasks {
                let (first, length, from, count) = blocks[task / self.heads];
                let number = task % self.heads;
                let text = &query_key_value[first * 3 * hidden..(first + length) * 3 * hidden];
                HEAD.with_borrow_mut(|(keys_values, attention)| {
                    attention.queries.clear();
                    for row in text.chunks_exact(3 * hidden).skip(from).take(count) {
                        let query = &row[number * head..(number + 1) * head];
                        attention.queries.extend(query.iter().map(|value| value * scale));
                    }
                    attention.limits.clear();
                    attention.limits.resize(count, length);
                    keys_values.fill(text, hidden, number * head, head);
                    attention.attend(on.isa, head, keys_values);
                    for (row, values) in attention.out.chunks_exact(head).enumerate() {
                        let start = (first + from + row) * hidden + number * head;
                        // SAFETY: no other task has these rows and this head.
                        let own = unsafe { out.slice(start..start + head) };
                        own.copy_from_slice(values);
                    }
                });
            }
        });
    }
}

impl Linear {
    fn forward(&self, on: On, rows: &[f32], scratch: &mut QuantizedRows, out: &mut [f32]) {
        self.weight.multiply(on, rows, scratch, Initial::Bias(&self.bias), out);
    }
}

fn add_bias(states: &mut [f32], bias: &[f32]) {
    for state in states.chunks_exact_mut(bias.len()) {
        state.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
    }
}

thread_local! {
    static HEAD: RefCell<(KeysValues, Attention)> = RefCell::default();
}

/// Keys and values of one head of one text, in pages.
#[derive(Default)]
struct KeysValues {
    head: usize,
    keys: Vec<[f32; PAGE]>,
    values: Vec<[f32; HEAD_STEP]>,
}

impl KeysValues {
    /// Takes them from `text`, `[tokens][queries, keys, values]`, where the head begins at `from` of each.
    fn fill(&mut self, text: &[f32], hidden: usize, from: usize, head: usize) {
        self.head = head;
        let rows = text.chunks_exact(3 * hidden);
        let pages = rows.len().div_ceil(PAGE);
        self.keys.clear();
        self.keys.resize(pages * head, [0.0; PAGE]);
        self.values.clear();
        self.values.resize(pages * head, [0.0; HEAD_STEP]);
        let values = self.values.as_flattened_mut().chunks_exact_mut(head);
        for ((position, row), values) in rows.enumerate().zip(values) {
            let keys = &mut self.keys[position / PAGE * head..][..head];
            for (keys, key) in keys.iter_mut().zip(&row[hidden + from..]) {
                keys[position % PAGE] = *key;
            }
            values.copy_from_slice(&row[2 * hidden + from..][..head]);
        }
    }
}

impl Source for KeysValues {
    type Stored = f32;

    #[inline(always)]
    fn keys(&self, page: usize) -> &[[f32; PAGE]] {
        &self.keys[page * self.head..][..self.head]
    }

    #[inline(always)]
    fn values(&self, page: usize) -> &[[f32; HEAD_STEP]] {
        &self.values[page * self.head..][..self.head]
    }
}
