//! The generator's weights: a GGUF file, read into the engine's own layout.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use half::f16;
use steward_engine::decoder::{Decoder, DecoderLayer, DecoderShape};
use steward_engine::ops::Pairing;
use steward_engine::product::{Matrix, RealMatrix};
use steward_engine::quantized::{Bits, GROUP, QuantizedMatrix};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// Positions at most, whatever the model's context is: the rotary tables are made for all of them.
const MOST_POSITIONS: usize = 32_768;

/// How exactly weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Quantized weights as they are, with activations in eight bits.
    #[default]
    AsStored,
    /// Everything in f32: what rounding costs is measured against it.
    Real,
}

/// Reads a GGUF file: the model, and the file's metadata.
///
/// # Errors
/// [`ErrorKind::Setup`] if it is no GGUF file or of an architecture that is not known here.
pub fn read(path: &Path, precision: Precision) -> Result<(Decoder, Content)> {
    let (reader, content) = open(path)?;
    let architecture = text(&content, "general.architecture").unwrap_or_default();
    let pairing = match architecture.as_str() {
        "llama" => Pairing::Adjacent,
        "qwen2" | "qwen3" => Pairing::Halves,
        other => {
            return Err(Error::setup(format!(
                "{} is of the architecture `{other}`, which is not known here; known are llama, qwen2 and qwen3",
                path.display()
            )));
        }
    };
    let mut file = WeightFile { path, content, reader, precision };
    let decoder = file.decoder(&architecture, pairing).context(ErrorKind::Setup, || {
        format!("{} cannot be loaded; if it is damaged, remove it", path.display())
    })?;
    Ok((decoder, file.content))
}

struct WeightFile<'a> {
    path: &'a Path,
    content: Content,
    reader: BufReader<File>,
    precision: Precision,
}

impl WeightFile<'_> {
    fn decoder(&mut self, architecture: &str, pairing: Pairing) -> Result<Decoder> {
        let number = |key: &str| number(&self.content, &format!("{architecture}.{key}"));
        let wanted = |key: &str| {
            number(key).map(|value| value as usize).ok_or_else(|| {
                Error::setup(format!("the file does not say its `{architecture}.{key}`"))
            })
        };
        let float = |key: &str| {
            let value = self.content.metadata.get(&format!("{architecture}.{key}"))?;
            value.to_f32().ok()
        };
        if number("expert_count").is_some_and(|experts| experts > 0) {
            return Err(Error::setup("models of several experts are not known here"));
        }
        let (hidden, heads) = (wanted("embedding_length")?, wanted("attention.head_count")?);
        let head =
            number("attention.key_length").map_or(hidden / heads.max(1), |value| value as usize);
        if number("rope.dimension_count").is_some_and(|turned| turned as usize != head) {
            return Err(Error::setup("heads that are turned in part are not known here"));
        }
        let layers = wanted("block_count")?;
        let mut shape = DecoderShape {
            hidden,
            heads,
            key_value_heads: number("attention.head_count_kv")
                .map_or(heads, |value| value as usize),
            head,
            feed_forward: wanted("feed_forward_length")?,
            epsilon: float("attention.layer_norm_rms_epsilon").unwrap_or(1e-5),
            pairing,
            rotary_base: float("rope.freq_base").unwrap_or(10_000.0),
            rotary_factors: None,
            positions: number("context_length").unwrap_or(2048) as usize,
        };
        shape.positions = shape.positions.min(MOST_POSITIONS);
        shape.rotary_factors = self.vector_if_there("rope_freqs.weight")?;
        let embeddings = Arc::new(self.matrix(&["token_embd.weight"])?);
        let output = match self.has("output.weight") {
            true => Arc::new(self.matrix(&["output.weight"])?),
            false => embeddings.clone(),
        };
        let layers = (0..layers).map(|number| self.layer(number)).collect::<Result<_>>()?;
        let norm = self.vector("output_norm.weight")?;
        Decoder::new(shape, embeddings, layers, norm, output).map_err(Error::setup)
    }

    fn layer(&mut self, number: usize) -> Result<DecoderLayer> {
        let name = |part: &str| format!("blk.{number}.{part}");
        let [query, key, value] = ["attn_q", "attn_k", "attn_v"].map(name);
        let weight = |part: &String| format!("{part}.weight");
        let biases = [&query, &key, &value].map(|part| format!("{part}.bias"));
        let bias = match biases.iter().any(|bias| self.has(bias)) {
            false => None,
            true => {
                let parts = biases.iter().map(|bias| self.vector(bias));
                Some(parts.collect::<Result<Vec<_>>>()?.concat())
            }
        };
        let query_norm = self.vector_if_there(&name("attn_q_norm.weight"))?;
        let key_norm = self.vector_if_there(&name("attn_k_norm.weight"))?;
        Ok(DecoderLayer {
            attention_norm: self.vector(&name("attn_norm.weight"))?,
            query_key_value: self.matrix(&[&weight(&query), &weight(&key), &weight(&value)])?,
            bias,
            head_norms: query_norm.zip(key_norm).map(|(query, key)| [query, key]),
            attended: self.matrix(&[&name("attn_output.weight")])?,
            feed_forward_norm: self.vector(&name("ffn_norm.weight"))?,
            gate_up: self.matrix(&[&name("ffn_gate.weight"), &name("ffn_up.weight")])?,
            down: self.matrix(&[&name("ffn_down.weight")])?,
        })
    }

    fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    fn tensor(&mut self, name: &str) -> Result<QTensor> {
        let read = self.content.tensor(&mut self.reader, name, &Device::Cpu);
        read.context(ErrorKind::Setup, || format!("no tensor `{name}` in {}", self.path.display()))
    }

    fn vector(&mut self, name: &str) -> Result<Vec<f32>> {
        real(&self.tensor(name)?)
    }

    fn vector_if_there(&mut self, name: &str) -> Result<Option<Vec<f32>>> {
        if self.has(name) { self.vector(name).map(Some) } else { Ok(None) }
    }

    /// Matrices of one width under each other.
    fn matrix(&mut self, names: &[&str]) -> Result<Matrix> {
        let parts = names.iter().map(|name| self.tensor(name)).collect::<Result<Vec<QTensor>>>()?;
        let sizes = parts.iter().map(|part| part.shape().dims2());
        let sizes = sizes.collect::<candle_core::Result<Vec<_>>>().internal("not a matrix")?;
        let inputs = sizes[0].1;
        if sizes.iter().any(|size| size.1 != inputs) {
            return Err(Error::setup(format!("{names:?} are not of one width")));
        }
        let outputs = sizes.iter().map(|size| size.0).sum();
        let all = |format: GgmlDType| parts.iter().all(|part| part.dtype() == format);
        let is_real = |part: &QTensor| {
            matches!(part.dtype(), GgmlDType::F32 | GgmlDType::F16 | GgmlDType::BF16)
        };
        let is_divisible = inputs.is_multiple_of(GROUP);
        if self.precision == Precision::Real || !is_divisible || parts.iter().any(is_real) {
            let values = parts.iter().map(real).collect::<Result<Vec<_>>>()?.concat();
            return Ok(Matrix::Real(RealMatrix::pack(outputs, inputs, &values)));
        }
        let bytes = || {
            let bytes = parts.iter().map(|part| part.data().map(|data| data.into_owned()));
            bytes.collect::<candle_core::Result<Vec<_>>>().internal("a tensor without data")
        };
        let groups = inputs / GROUP;
        let place = |output: usize, group: usize| output * groups + group;
        let packed = if all(GgmlDType::Q8_0) {
            let bytes = bytes()?.concat();
            let (blocks, _) = bytes.as_chunks::<34>();
            QuantizedMatrix::pack(outputs, inputs, Bits::Eight, |output, group| {
                let [low, high, weights @ ..] = blocks[place(output, group)];
                (f16::from_le_bytes([low, high]), weights.map(|weight| weight as i8))
            })
        } else if all(GgmlDType::Q4_0) {
            let bytes = bytes()?.concat();
            let (blocks, _) = bytes.as_chunks::<18>();
            QuantizedMatrix::pack(outputs, inputs, Bits::Four, |output, group| {
                let [low, high, pairs @ ..] = blocks[place(output, group)];
                let weight = |input: usize| (pairs[input % 16] >> (input / 16 * 4)) & 15;
                let weights = std::array::from_fn(|input| weight(input) as i8 - 8);
                (f16::from_le_bytes([low, high]), weights)
            })
        } else {
            let values = parts.iter().map(real).collect::<Result<Vec<_>>>()?.concat();
            QuantizedMatrix::quantize(outputs, inputs, &values)
        };
        Ok(Matrix::Quantized(packed))
    }
}

fn real(tensor: &QTensor) -> Result<Vec<f32>> {
    let values = tensor.dequantize(&Device::Cpu).and_then(|values: Tensor| {
        values.flatten_all()?.to_dtype(candle_core::DType::F32)?.to_vec1()
    });
    values.internal("a tensor cannot be read as f32")
}

/// A number of the file's metadata.
pub fn number(content: &Content, key: &str) -> Option<u32> {
    content.metadata.get(key).and_then(|value| value.to_u32().ok())
}

/// A text of the file's metadata.
pub fn text(content: &Content, key: &str) -> Option<String> {
    content.metadata.get(key).and_then(|value| value.to_string().ok()).cloned()
}

pub(super) fn open(path: &Path) -> Result<(BufReader<File>, Content)> {
    let file = File::open(path).context(ErrorKind::Setup, || {
        format!("cannot open the generator's weights {}", path.display())
    })?;
    let mut reader = BufReader::new(file);
    let content = Content::read(&mut reader)
        .context(ErrorKind::Setup, || format!("{} is not a GGUF file", path.display()))?;
    Ok((reader, content))
}
