//! The generator's forward pass: Llama, Qwen2 and Qwen3, which differ in a bias, two norms and how
//! rotary positions pair values.
//!
//! One pass takes pieces of several texts, each with a cache of its own: a token each of those that
//! are written, a part of a prompt of one that is read. The weights are walked once for all of them, and
//! each text gets the numbers that it would get alone.

mod shape;

use std::cell::RefCell;

use crate::attention::Attention;
use crate::cache::{Cache, CacheShape};
use crate::ops;
use crate::pool::Disjoint;
use crate::product::{Initial, Matrix, On};
use crate::quantized::QuantizedRows;
pub use shape::DecoderShape;

/// Tokens whose queries are attended together.
const ATTENDED_TOKENS: usize = 8;

/// One layer. Vectors are `[hidden] f32` unless said otherwise.
#[derive(Debug)]
pub struct DecoderLayer {
    /// Norm before attention.
    pub attention_norm: Vec<f32>,
    /// Queries, keys and values under each other.
    pub query_key_value: Matrix,
    /// Their bias (Qwen2).
    pub bias: Option<Vec<f32>>,
    /// Norms of each query and key, `[head] f32` (Qwen3).
    pub head_norms: Option<[Vec<f32>; 2]>,
    /// From the heads back to the state.
    pub attended: Matrix,
    /// Norm before the feed-forward part.
    pub feed_forward_norm: Vec<f32>,
    /// Gate and up under each other.
    pub gate_up: Matrix,
    /// Back to the state.
    pub down: Matrix,
}

/// A model.
#[derive(Debug)]
pub struct Decoder {
    shape: DecoderShape,
    embeddings: std::sync::Arc<Matrix>,
    layers: Vec<DecoderLayer>,
    norm: Vec<f32>,
    output: std::sync::Arc<Matrix>,
    /// `[position][head / 2]`
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

/// A piece of a text.
#[derive(Debug)]
pub struct Segment<'a> {
    /// What was read of the text before; the piece is added.
    pub cache: &'a mut Cache,
    /// The tokens that follow.
    pub tokens: &'a [u32],
    /// True if the logits after the last of them are wanted.
    pub wants_logits: bool,
}

/// What a pass computes into, kept between passes.
#[derive(Debug, Default)]
pub struct DecoderScratch {
    states: Vec<f32>,
    normed: Vec<f32>,
    query_key_value: Vec<f32>,
    attended: Vec<f32>,
    gate_up: Vec<f32>,
    quantized: QuantizedRows,
}

impl Decoder {
    /// A model of its parts. `output` is the embeddings themselves where they are tied.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn new(
        shape: DecoderShape,
        embeddings: std::sync::Arc<Matrix>,
        layers: Vec<DecoderLayer>,
        norm: Vec<f32>,
        output: std::sync::Arc<Matrix>,
    ) -> Result<Self, String> {
        shape::check(&shape, &embeddings, &layers, &norm, &output)?;
        let pairs = shape.head / 2;
        let frequency = |pair: usize| {
            let power = -2.0 * pair as f64 / shape.head as f64;
            let factor = shape.rotary_factors.as_ref().map_or(1.0, |all| f64::from(all[pair]));
            f64::from(shape.rotary_base).powf(power) / factor
        };
        let frequencies: Vec<f64> = (0..pairs).map(frequency).collect();
        let angles = (0..shape.positions)
            .flat_map(|position| frequencies.iter().map(move |step| position as f64 * step));
        let (cosines, sines) = angles.map(|angle| (angle.cos() as f32, angle.sin() as f32)).unzip();
        Ok(Self { shape, embeddings, layers, norm, output, cosines, sines })
    }

    /// Sizes of a cache for this model.
    pub fn cache_shape(&self) -> CacheShape {
        CacheShape {
            layers: self.layers.len(),
            heads: self.shape.key_value_heads,
            head: self.shape.head,
        }
    }

    /// Positions at most.
    pub fn positions(&self) -> usize {
        self.shape.positions
    }

    /// Tokens of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.output.outputs()
    }

    /// Bytes that the weights take.
    pub fn bytes(&self) -> usize {
        let layers = self.layers.iter().flat_map(|layer| {
            [&layer.query_key_value, &layer.attended, &layer.gate_up, &layer.down]
        });
        let output = if std::sync::Arc::ptr_eq(&self.embeddings, &self.output) {
            0
        } else {
            self.output.bytes()
        };
        layers.map(Matrix::bytes).sum::<usize>() + self.embeddings.bytes() + output
    }

    /// Reads a piece of each text: the logits, `[vocabulary] f32`, of those that want them, in their
    /// order.
    ///
    /// # Errors
    /// If a token is not in the vocabulary or a text becomes too long, in words; nothing is read then.
    pub fn forward(
        &self,
        on: On,
        segments: &mut [Segment],
        scratch: &mut DecoderScratch,
    ) -> Result<Vec<Vec<f32>>, String> {
        for segment in segments.iter() {
            let length = segment.cache.len() + segment.tokens.len();
            if length > self.shape.positions {
                let most = self.shape.positions;
                return Err(format!("a text of {length} tokens; the model reads {most} at most"));
            }
            let known = self.embeddings.outputs();
            if let Some(token) = segment.tokens.iter().find(|&&token| token as usize >= known) {
                return Err(format!("no token {token} in a vocabulary of {known}"));
            }
        }
        on.pool.run(|| Ok(self.compute(on, segments, scratch)))
    }

    fn compute(
        &self,
        on: On,
        segments: &mut [Segment],
        scratch: &mut DecoderScratch,
    ) -> Vec<Vec<f32>> {
        let hidden = self.shape.hidden;
        let tokens: Vec<u32> =
            segments.iter().flat_map(|segment| segment.tokens.iter().copied()).collect();
        scratch.states.resize(tokens.len() * hidden, 0.0);
        for (state, &token) in scratch.states.chunks_exact_mut(hidden).zip(&tokens) {
            self.embeddings.write_row(token as usize, state);
        }
        for segment in segments.iter_mut() {
            segment.cache.extend(segment.tokens.len());
        }
        let wanted = wanted_rows(segments);
        for (number, layer) in self.layers.iter().enumerate() {
            self.attention(on, number, segments, scratch);
            if number + 1 == self.layers.len() {
                // From here on only the rows whose logits are wanted.
                keep_rows(&mut scratch.states, &wanted, hidden);
                keep_rows(&mut scratch.attended, &wanted, self.shape.heads * self.shape.head);
            }
            self.feed_forward(on, layer, scratch);
        }
        let vocabulary = self.output.outputs();
        let mut logits = vec![0.0; wanted.len() * vocabulary];
        normed(on, &scratch.states, &self.norm, self.shape.epsilon, &mut scratch.normed);
        let DecoderScratch { normed, quantized, .. } = scratch;
        self.output.multiply(on, normed, quantized, Initial::Zero, &mut logits);
        logits.chunks_exact(vocabulary).map(<[f32]>::to_vec).collect()
    }

    /// Attention of layer `number`, into `scratch.attended`.
    fn attention(
        &self,
        on: On,
        number: usize,
        segments: &mut [Segment],
        scratch: &mut DecoderScratch,
    ) {
        let layer = &self.layers[number];
        let shape = &self.shape;
        let DecoderScratch { states, normed: rows, query_key_value, attended, quantized, .. } =
            scratch;
        normed(on, states, &layer.attention_norm, shape.epsilon, rows);
        let width = layer.query_key_value.outputs();
        let (queries, keys) = (shape.heads * shape.head, shape.key_value_heads * shape.head);
        query_key_value.resize(states.len() / shape.hidden * width, 0.0);
        let initial = layer.bias.as_deref().map_or(Initial::Zero, Initial::Bias);
        layer.query_key_value.multiply(on, rows, quantized, initial, query_key_value);
        let mut rows = query_key_value.chunks_exact_mut(width);
        for segment in segments.iter_mut() {
            let first = segment.cache.len() - segment.tokens.len();
            for (position, row) in (first..).zip(rows.by_ref().take(segment.tokens.len())) {
                self.place_heads(on, layer, position, &mut row[..queries + keys]);
                let (keys, values) = row[queries..].split_at(keys);
                segment.cache.write(number, position, keys, values);
            }
        }
        attended.resize(states.len() / shape.hidden * queries, 0.0);
        self.attend_all(on, number, segments, query_key_value, attended);
    }

    /// Norms and rotary positions of one token's queries and keys; queries are scaled.
    fn place_heads(&self, on: On, layer: &DecoderLayer, position: usize, heads: &mut [f32]) {
        let shape = &self.shape;
        let pairs = shape.head / 2;
        let own = position * pairs..(position + 1) * pairs;
        let (cosines, sines) = (&self.cosines[own.clone()], &self.sines[own]);
        let scale = 1.0 / (shape.head as f32).sqrt();
        for (number, head) in heads.chunks_exact_mut(shape.head).enumerate() {
            let is_query = number < shape.heads;
            if let Some([query_norm, key_norm]) = &layer.head_norms {
                let weight = if is_query { query_norm } else { key_norm };
                let before = head.to_vec();
                ops::rms_norm(on.isa, &before, weight, shape.epsilon, head);
            }
            ops::rotate(head, cosines, sines, shape.pairing);
            if is_query {
                head.iter_mut().for_each(|value| *value *= scale);
            }
        }
    }

    fn attend_all(
        &self,
        on: On,
        layer: usize,
        segments: &[Segment],
        query_key_value: &[f32],
        attended: &mut [f32],
    ) {
        let shape = &self.shape;
        let width = (shape.heads + 2 * shape.key_value_heads) * shape.head;
        let mut blocks = Vec::new();
        let mut row = 0;
        for segment in segments {
            let first = segment.cache.len() - segment.tokens.len();
            for start in (0..segment.tokens.len()).step_by(ATTENDED_TOKENS) {
                let count = ATTENDED_TOKENS.min(segment.tokens.len() - start);
                let cache: &Cache = segment.cache;
                blocks.push(Block { cache, row: row + start, first: first + start, count });
            }
            row += segment.tokens.len();
        }
        let group = shape.heads / shape.key_value_heads;
        let tasks = blocks.len() * shape.key_value_heads;
        let out = Disjoint::new(attended);
        on.pool.divide(tasks, 1, |tasks| {
            for task in tasks {
                let block = &blocks[task / shape.key_value_heads];
                let number = task % shape.key_value_heads;
                let from = number * group * shape.head;
                ATTENTION.with_borrow_mut(|attention| {
                    attention.queries.clear();
                    attention.limits.clear();
                    for token in 0..block.count {
                        let row = &query_key_value[(block.row + token) * width..];
                        attention.queries.extend_from_slice(&row[from..][..group * shape.head]);
                        let limit = block.first + token + 1;
                        attention.limits.extend(std::iter::repeat_n(limit, group));
                    }
                    attention.attend(on.isa, shape.head, &block.cache.head(layer, number));
                    for (token, values) in
                        attention.out.chunks_exact(group * shape.head).enumerate()
                    {
                        let start = (block.row + token) * shape.heads * shape.head + from;
                        // SAFETY: no other task has this row and these heads.
                        let own = unsafe { out.slice(start..start + values.len()) };
                        own.copy_from_slice(values);
                    }
                });
            }
        });
    }

    /// From the attended heads to the state after the layer.
    fn feed_forward(&self, on: On, layer: &DecoderLayer, scratch: &mut DecoderScratch) {
        let DecoderScratch { states, normed: rows, attended, gate_up, quantized, .. } = scratch;
        layer.attended.multiply(on, attended, quantized, Initial::Present, states);
        normed(on, states, &layer.feed_forward_norm, self.shape.epsilon, rows);
        let width = layer.gate_up.outputs();
        let inner = width / 2;
        let count = states.len() / self.shape.hidden;
        gate_up.resize(count * width, 0.0);
        layer.gate_up.multiply(on, rows, quantized, Initial::Zero, gate_up);
        for number in 0..count {
            let (gate, up) = gate_up[number * width..(number + 1) * width].split_at_mut(inner);
            ops::swiglu(on.isa, gate, up);
        }
        // The gated rows move together.
        for number in 1..count {
            gate_up.copy_within(number * width..number * width + inner, number * inner);
        }
        let gated = &gate_up[..count * inner];
        layer.down.multiply(on, gated, quantized, Initial::Present, states);
    }
}

/// Some tokens of a text that are attended together.
struct Block<'a> {
    cache: &'a Cache,
    /// The first one's place among all rows.
    row: usize,
    /// Its position in its text.
    first: usize,
    count: usize,
}

thread_local! {
    static ATTENTION: RefCell<Attention> = RefCell::default();
}

/// The last rows of the segments whose logits are wanted.
fn wanted_rows(segments: &[Segment]) -> Vec<usize> {
    let mut end = 0;
    let mut wanted = Vec::new();
    for segment in segments {
        end += segment.tokens.len();
        if segment.wants_logits && !segment.tokens.is_empty() {
            wanted.push(end - 1);
        }
    }
    wanted
}

fn keep_rows(values: &mut Vec<f32>, rows: &[usize], width: usize) {
    for (to, &from) in rows.iter().enumerate() {
        values.copy_within(from * width..(from + 1) * width, to * width);
    }
    values.truncate(rows.len() * width);
}

fn normed(on: On, states: &[f32], weight: &[f32], epsilon: f32, normed: &mut Vec<f32>) {
    normed.resize(states.len(), 0.0);
    let rows = states.chunks_exact(weight.len()).zip(normed.chunks_exact_mut(weight.len()));
    for (row, normed) in rows {
        ops::rms_norm(on.isa, row, weight, epsilon, normed);
    }
}
