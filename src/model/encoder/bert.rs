//! The encoder's arithmetic: tokens in, unit vectors out, on the calling thread.
//!
//! all-MiniLM-L6-v2: a six-layer BERT with mean pooling and L2 normalisation, truncated at 256 tokens, as
//! in Sentence-Transformers (Reimers & Gurevych, 2019). Its matrices are quantized to eight bits when
//! they are loaded.

use std::path::Path;

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use steward_engine::encoder::{Embeddings, EncoderLayer, EncoderScratch, Linear, Norm};
use steward_engine::product::{Matrix, RealMatrix};
use steward_engine::quantized::QuantizedMatrix;

use crate::error::Context;
use crate::model::compute::Compute;
use crate::model::compute::share::Work;
use crate::{Error, ErrorKind, Result};

use super::network::{HEADS, INTERMEDIATE_SIZE, LAYERS, NORM_EPSILON, POSITIONS, VOCABULARY};
use super::{EMBEDDING_SIZE, Precision, READING_SIZE};

/// The weights, and what passes compute into.
pub struct Bert {
    compute: &'static Compute,
    embeddings: Embeddings,
    layers: Vec<EncoderLayer>,
    /// Other last layers over the same first ones.
    tail: Vec<EncoderLayer>,
    scratch: EncoderScratch,
}

impl Bert {
    /// Loads the weights (safetensors), and other last layers if there are any.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub fn load(weights: &Path, tuned: Option<&Path>, precision: Precision) -> Result<Self> {
        let variables = variables_of(weights)?;
        let load = || -> candle_core::Result<_> {
            let layers = (0..LAYERS).map(|number| layer(&variables, number, precision));
            Ok((embeddings(&variables)?, layers.collect::<candle_core::Result<Vec<_>>>()?))
        };
        let (embeddings, layers) = load()
            .context(ErrorKind::Setup, || "the encoder's weights do not fit its shape".into())?;
        let tail = match tuned {
            None => Vec::new(),
            Some(path) => tail(&variables_of(path)?, precision)
                .context(ErrorKind::Setup, || {
                    format!("{} holds no last layers of the encoder", path.display())
                })?,
        };
        if tail.len() == LAYERS {
            return Err(Error::setup("at least the encoder's first layer must be shared"));
        }
        let compute = Compute::of_process()?;
        Ok(Self { compute, embeddings, layers, tail, scratch: EncoderScratch::default() })
    }

    /// Reads `texts`, tokens each: the parts of a [`super::Reading`] for each.
    pub fn read(&mut self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let mut parts: Vec<[Vec<f32>; READ_OUT.len()]> = vec![Default::default(); texts.len()];
        let mut readings = vec![Vec::with_capacity(READING_SIZE); texts.len()];
        let shared = LAYERS - self.tail.len();
        let mut tail_states = Vec::new();
        let mut states = self.begin(texts)?;
        for (number, layer) in self.layers.iter().enumerate() {
            if number == shared {
                tail_states.clone_from(&states);
            }
            through(layer, self.compute, &lengths, &mut states, &mut self.scratch);
            for (place, (_, pool)) in
                READ_OUT.iter().enumerate().filter(|(_, (read, _))| *read == number)
            {
                for (rows, parts) in texts_of(&states, &lengths).zip(&mut parts) {
                    parts[place] = pooled(rows, *pool);
                }
            }
        }
        for (reading, parts) in readings.iter_mut().zip(parts) {
            reading.extend(parts.into_iter().flatten());
        }
        if !self.tail.is_empty() {
            for layer in &self.tail {
                through(layer, self.compute, &lengths, &mut tail_states, &mut self.scratch);
            }
            for (rows, reading) in texts_of(&tail_states, &lengths).zip(&mut readings) {
                reading.extend(pooled(rows, Pool::Mean));
                reading.extend(pooled(rows, Pool::Max));
            }
        }
        Ok(readings)
    }

    /// The states of all tokens of each text after the last layer, unit vectors.
    pub fn tokens(&mut self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let mut states = self.begin(texts)?;
        for layer in &self.layers {
            through(layer, self.compute, &lengths, &mut states, &mut self.scratch);
        }
        let of_text = |rows: &[f32]| {
            rows.chunks_exact(EMBEDDING_SIZE).flat_map(|state| pooled(state, Pool::Mean)).collect()
        };
        Ok(texts_of(&states, &lengths).map(of_text).collect())
    }

    fn begin(&self, texts: &[&[u32]]) -> Result<Vec<f32>> {
        self.embeddings.begin(self.compute.turn(Work::Beside).on(), texts).map_err(Error::internal)
    }
}

/// Takes the states through a layer, in a turn of its own on the threads: the generator waits for no more than that.
fn through(
    layer: &EncoderLayer,
    compute: &Compute,
    lengths: &[usize],
    states: &mut [f32],
    scratch: &mut EncoderScratch,
) {
    layer.forward(compute.turn(Work::Beside).on(), lengths, states, scratch);
}

/// The rows of each text.
fn texts_of<'a>(states: &'a [f32], lengths: &'a [usize]) -> impl Iterator<Item = &'a [f32]> {
    let mut rest = states;
    lengths.iter().map(move |length| {
        let (rows, after) = rest.split_at(length * EMBEDDING_SIZE);
        rest = after;
        rows
    })
}

fn variables_of(path: &Path) -> Result<VarBuilder<'static>> {
    let bytes = std::fs::read(path).context(ErrorKind::Setup, || {
        format!("cannot read the encoder's weights {}", path.display())
    })?;
    VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)
        .context(ErrorKind::Setup, || format!("{} is not a safetensors file", path.display()))
}

fn embeddings(weights: &VarBuilder) -> candle_core::Result<Embeddings> {
    let embeddings = weights.pp("embeddings");
    let size = EMBEDDING_SIZE;
    let words = embeddings.get((VOCABULARY, size), "word_embeddings.weight")?;
    let positions = embeddings.get((POSITIONS, size), "position_embeddings.weight")?;
    // All texts are of the first kind.
    let kind = embeddings.get((2, size), "token_type_embeddings.weight")?.get(0)?;
    Ok(Embeddings {
        words: words.flatten_all()?.to_vec1()?,
        positions: positions.broadcast_add(&kind)?.flatten_all()?.to_vec1()?,
        norm: norm(&embeddings.pp("LayerNorm"))?,
    })
}

/// The layers that the weights hold, up to the last one.
fn tail(weights: &VarBuilder, precision: Precision) -> candle_core::Result<Vec<EncoderLayer>> {
    let is_held = |number: &usize| {
        weights.contains_tensor(&format!("encoder.layer.{number}.output.dense.weight"))
    };
    let first = (0..LAYERS).find(is_held).unwrap_or(LAYERS - 1);
    (first..LAYERS).map(|number| layer(weights, number, precision)).collect()
}

fn layer(
    weights: &VarBuilder,
    number: usize,
    precision: Precision,
) -> candle_core::Result<EncoderLayer> {
    let layer = weights.pp(format!("encoder.layer.{number}"));
    let attention = layer.pp("attention");
    let size = EMBEDDING_SIZE;
    let linear = |parts: &[VarBuilder], from: usize, to: usize| {
        let mut values = Vec::new();
        let mut bias = Vec::new();
        for part in parts {
            values.extend(part.get((to, from), "weight")?.flatten_all()?.to_vec1::<f32>()?);
            bias.extend(part.get(to, "bias")?.to_vec1::<f32>()?);
        }
        let weight = match precision {
            Precision::Int8 => {
                Matrix::Quantized(QuantizedMatrix::quantize(to * parts.len(), from, &values))
            }
            Precision::F32 => Matrix::Real(RealMatrix::pack(to * parts.len(), from, &values)),
        };
        candle_core::Result::Ok(Linear { weight, bias })
    };
    let heads = ["self.query", "self.key", "self.value"].map(|part| attention.pp(part));
    Ok(EncoderLayer {
        heads: HEADS,
        query_key_value: linear(&heads, size, size)?,
        attended: linear(&[attention.pp("output.dense")], size, size)?,
        attended_norm: norm(&attention.pp("output.LayerNorm"))?,
        intermediate: linear(&[layer.pp("intermediate.dense")], size, INTERMEDIATE_SIZE)?,
        output: linear(&[layer.pp("output.dense")], INTERMEDIATE_SIZE, size)?,
        output_norm: norm(&layer.pp("output.LayerNorm"))?,
    })
}

fn norm(weights: &VarBuilder) -> candle_core::Result<Norm> {
    let vector = |name: &str| weights.get(EMBEDDING_SIZE, name)?.to_vec1();
    Ok(Norm { weight: vector("weight")?, bias: vector("bias")?, epsilon: NORM_EPSILON as f32 })
}

/// How the rows of a text's tokens become one.
#[derive(Clone, Copy)]
enum Pool {
    Mean,
    Max,
}

/// Layers, counted from 0, and what is read out of them: the parts of a [`super::Reading`].
const READ_OUT: [(usize, Pool); 4] =
    [(5, Pool::Mean), (3, Pool::Mean), (1, Pool::Mean), (5, Pool::Max)];

/// One unit vector of the rows of a text's tokens.
fn pooled(rows: &[f32], pool: Pool) -> Vec<f32> {
    let mut pooled = match pool {
        Pool::Mean => vec![0.0; EMBEDDING_SIZE],
        Pool::Max => vec![f32::NEG_INFINITY; EMBEDDING_SIZE],
    };
    for row in rows.chunks_exact(EMBEDDING_SIZE) {
        for (one, value) in pooled.iter_mut().zip(row) {
            match pool {
                Pool::Mean => *one += value,
                Pool::Max => *one = one.max(*value),
            }
        }
    }
    let length = pooled.iter().map(|value| value * value).sum::<f32>().sqrt();
    pooled.iter_mut().for_each(|value| *value /= length);
    pooled
}
