//! BERT's forward pass (Devlin et al., 2019) for MiniLM's shape, to be trained.
//!
//! In forms that have a backward pass, which candle's fused layer norm and softmax have not. What is
//! served runs in `steward_engine::encoder`.

use candle_core::{D, DType, Device, Module, Result, Tensor};
use candle_nn::{Embedding, Linear, VarBuilder, ops};

use super::EMBEDDING_SIZE;

/// Layers of the network.
pub const LAYERS: usize = 6;
pub(super) const HEADS: usize = 12;
const HEAD_SIZE: usize = EMBEDDING_SIZE / HEADS;
pub(super) const INTERMEDIATE_SIZE: usize = 1536;
pub(super) const VOCABULARY: usize = 30522;
pub(super) const POSITIONS: usize = 512;
pub(super) const NORM_EPSILON: f64 = 1e-12;
/// Added to the attention scores of padding.
const MASKED: f64 = -1e9;

/// The network.
pub struct Network {
    words: Embedding,
    positions: Tensor,
    kind: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Network {
    /// Reads the weights by their names in Sentence-Transformers' files.
    ///
    /// # Errors
    /// If a tensor is missing or of another shape.
    pub fn load(weights: &VarBuilder) -> Result<Self> {
        let embeddings = weights.pp("embeddings");
        let size = EMBEDDING_SIZE;
        let words = embeddings.get((VOCABULARY, size), "word_embeddings.weight")?;
        let kinds = embeddings.get((2, size), "token_type_embeddings.weight")?;
        let layers = (0..LAYERS).map(|number| Layer::load(weights, number));
        Ok(Self {
            words: Embedding::new(words, size),
            positions: embeddings.get((POSITIONS, size), "position_embeddings.weight")?,
            kind: kinds.get(0)?,
            norm: Norm::load(&embeddings.pp("LayerNorm"))?,
            layers: layers.collect::<Result<_>>()?,
        })
    }

    /// The hidden states after each layer, each `[texts, tokens, 384] f32`. `ids` and `mask` (1 for a
    /// token, 0 for padding) are `[texts, tokens] u32`.
    ///
    /// # Errors
    /// Those of the operations.
    pub fn hidden_states(&self, ids: &Tensor, mask: &Tensor) -> Result<Vec<Tensor>> {
        let (texts, tokens) = ids.dims2()?;
        let positions = self.positions.narrow(0, 0, tokens)?.broadcast_add(&self.kind)?;
        let embedded = self.words.forward(ids)?.broadcast_add(&positions)?;
        let mut rows = embedded.reshape((texts * tokens, EMBEDDING_SIZE))?;
        rows = self.norm.forward(&rows)?;
        through(&self.layers, rows, mask)
    }
}

/// The hidden states of `rows` after each of the layers.
fn through(layers: &[Layer], mut rows: Tensor, mask: &Tensor) -> Result<Vec<Tensor>> {
    let (texts, tokens) = mask.dims2()?;
    let masked = ((mask.to_dtype(DType::F32)? * -1.0)? + 1.0)?;
    let bias = (masked * MASKED)?.reshape((texts, 1, 1, tokens))?;
    let mut states = Vec::with_capacity(layers.len());
    for layer in layers {
        rows = layer.forward(&rows, &bias, (texts, tokens))?;
        states.push(rows.reshape((texts, tokens, EMBEDDING_SIZE))?);
    }
    Ok(states)
}

impl Layer {
    fn load(weights: &VarBuilder, number: usize) -> Result<Self> {
        let size = EMBEDDING_SIZE;
        let layer = weights.pp(format!("encoder.layer.{number}"));
        let attention = layer.pp("attention");
        Ok(Self {
            query: linear(&attention.pp("self.query"), size, size)?,
            key: linear(&attention.pp("self.key"), size, size)?,
            value: linear(&attention.pp("self.value"), size, size)?,
            attended: linear(&attention.pp("output.dense"), size, size)?,
            attended_norm: Norm::load(&attention.pp("output.LayerNorm"))?,
            intermediate: linear(&layer.pp("intermediate.dense"), size, INTERMEDIATE_SIZE)?,
            output: linear(&layer.pp("output.dense"), INTERMEDIATE_SIZE, size)?,
            output_norm: Norm::load(&layer.pp("output.LayerNorm"))?,
        })
    }

    fn forward(
        &self,
        rows: &Tensor,
        bias: &Tensor,
        (texts, tokens): (usize, usize),
    ) -> Result<Tensor> {
        let heads = |rows: Tensor| {
            rows.reshape((texts, tokens, HEADS, HEAD_SIZE))?.transpose(1, 2)?.contiguous()
        };
        let query = heads(self.query.forward(rows)?)?;
        let key = heads(self.key.forward(rows)?)?;
        let value = heads(self.value.forward(rows)?)?;
        let scores = (query.matmul(&key.t()?)? * (1.0 / (HEAD_SIZE as f64).sqrt()))?;
        let scores = scores.broadcast_add(bias)?;
        let shares = ops::softmax(&scores, D::Minus1)?;
        let attended = shares.matmul(&value)?.transpose(1, 2)?;
        let attended =
            self.attended.forward(&attended.reshape((texts * tokens, EMBEDDING_SIZE))?)?;
        let rows = self.attended_norm.forward(&(rows + attended)?)?;
        let wide = self.intermediate.forward(&rows)?.gelu_erf()?;
        self.output_norm.forward(&(&rows + self.output.forward(&wide)?)?)
    }
}

impl Norm {
    fn load(weights: &VarBuilder) -> Result<Self> {
        let vector = |name: &str| weights.get(EMBEDDING_SIZE, name);
        Ok(Self { weight: vector("weight")?, bias: vector("bias")? })
    }

    fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        ops::layer_norm_slow(rows, &self.weight, &self.bias, NORM_EPSILON as f32)
    }
}

fn linear(weights: &VarBuilder, from: usize, to: usize) -> Result<Linear> {
    Ok(Linear::new(weights.get((to, from), "weight")?, Some(weights.get(to, "bias")?)))
}

/// The mean over the tokens of each text, `[texts, 384]`, as unit vectors.
///
/// # Errors
/// Those of the operations.
pub fn mean_over_tokens(states: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let weights = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
    let summed = states.broadcast_mul(&weights)?.sum(1)?;
    normalised(&summed.broadcast_div(&weights.sum(1)?)?)
}

fn normalised(rows: &Tensor) -> Result<Tensor> {
    rows.broadcast_div(&rows.sqr()?.sum_keepdim(1)?.sqrt()?)
}

/// `[texts, tokens] u32` of rows of one length.
///
/// # Errors
/// If the rows are of different lengths.
pub fn matrix(rows: &[&[u32]]) -> Result<Tensor> {
    let columns = rows.first().map_or(0, |row| row.len());
    Tensor::from_vec(rows.concat(), (rows.len(), columns), &Device::Cpu)
}
