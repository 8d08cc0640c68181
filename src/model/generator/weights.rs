//! The generator's weights: a GGUF file, re-quantised once to Q8_0 where its own format is slow or
//! poor, and the forward pass of its architecture.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The model of one architecture. A clone shares the weights and has a cache of keys and values of
/// its own.
#[derive(Clone)]
pub enum Weights {
    /// Llama and what is shaped like it, SmolLM2 among them.
    Llama(quantized_llama::ModelWeights),
    /// Qwen2 and 2.5: candle's model cannot be cloned, so clones share one cache, which is emptied
    /// at the beginning of a prompt.
    Qwen2(Arc<Mutex<quantized_qwen2::ModelWeights>>),
    /// Qwen3.
    Qwen3(quantized_qwen3::ModelWeights),
}

impl Weights {
    /// Reads a GGUF file.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it is no GGUF file or of an architecture that is not known here.
    pub fn read(path: &Path) -> Result<(Self, Content)> {
        let (mut reader, content) = open(path)?;
        let metadata_only = open(path)?.1;
        let device = Device::Cpu;
        let architecture = text(&content, "general.architecture").unwrap_or_default();
        let weights = match architecture.as_str() {
            "llama" => quantized_llama::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(Self::Llama),
            "qwen2" => quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(|model| Self::Qwen2(Arc::new(Mutex::new(model)))),
            "qwen3" => quantized_qwen3::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(Self::Qwen3),
            other => {
                return Err(Error::setup(format!(
                    "{} is of the architecture `{other}`, which is not known here; known are llama, qwen2 and qwen3",
                    path.display()
                )));
            }
        };
        let weights =
            weights.context(ErrorKind::Setup, || format!("{} cannot be loaded", path.display()))?;
        Ok((weights, metadata_only))
    }

    /// True if a clone keeps what it has read, apart from the original.
    pub fn can_be_forked(&self) -> bool {
        !matches!(self, Self::Qwen2(_))
    }

    /// The logits after the last of `tokens`, which follow `position` tokens already read:
    /// `[vocabulary] f32`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the forward pass fails.
    pub fn forward(&mut self, tokens: &[u32], position: usize) -> Result<Vec<f32>> {
        let run = |weights: &mut Self| -> candle_core::Result<Vec<f32>> {
            let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
            let logits = match weights {
                Self::Llama(model) => model.forward(&input, position)?,
                Self::Qwen2(model) => {
                    let mut model = model
                        .lock()
                        .map_err(|_| candle_core::Error::msg("the model's lock is poisoned"))?;
                    if position == 0 {
                        model.clear_kv_cache();
                    }
                    model.forward(&input, position)?
                }
                Self::Qwen3(model) => model.forward(&input, position)?,
            };
            logits.flatten_all()?.to_dtype(candle_core::DType::F32)?.to_vec1()
        };
        run(self).internal("the generator's forward pass failed")
    }
}

/// A number of the file's metadata.
pub fn number(content: &Content, key: &str) -> Option<u32> {
    content.metadata.get(key).and_then(|value| value.to_u32().ok())
}

/// Tokens that the model can read and write together: its context, or as far as candle's tables of
/// rotary positions go.
pub fn positions(content: &Content) -> usize {
    let architecture = text(content, "general.architecture").unwrap_or_default();
    let context =
        number(content, &format!("{architecture}.context_length")).unwrap_or(2048) as usize;
    context.min(quantized_llama::MAX_SEQ_LEN)
}

/// A text of the file's metadata.
pub fn text(content: &Content, key: &str) -> Option<String> {
    content.metadata.get(key).and_then(|value| value.to_string().ok()).cloned()
}

/// The file to load in place of `source`: `source` itself if candle runs its format fast, else a
/// copy with Q8_0 weights in `cache`, made once.
///
/// # Errors
/// If `source` is no GGUF file or the copy cannot be written.
pub fn fast_copy(source: &Path, cache: &Path) -> Result<PathBuf> {
    let (mut reader, content) = open(source)?;
    let slow = content.tensor_infos.values().any(|info| is_slow(info.ggml_dtype));
    if !slow {
        return Ok(source.to_path_buf());
    }
    let stem =
        source.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = std::fs::metadata(source).map(|metadata| metadata.len()).unwrap_or_default();
    let target = cache.join(format!("{stem}.{bytes}.requantised-q8_0.gguf"));
    if target.is_file() {
        return Ok(target);
    }
    let failed = |problem: &dyn std::fmt::Display| {
        Error::setup(format!(
            "cannot write the re-quantised generator {}: {problem}; make room, or set generator.enabled = false",
            target.display()
        ))
    };
    std::fs::create_dir_all(cache).map_err(|problem| failed(&problem))?;
    let mut names: Vec<&String> = content.tensor_infos.keys().collect();
    names.sort();
    let tensors: Vec<(&str, QTensor)> = names
        .into_iter()
        .map(|name| Ok((name.as_str(), requantised(&content, &mut reader, name)?)))
        .collect::<candle_core::Result<_>>()
        .context(ErrorKind::Setup, || format!("{} cannot be re-quantised", source.display()))?;
    let mut metadata: Vec<(&str, &gguf_file::Value)> =
        content.metadata.iter().map(|(name, value)| (name.as_str(), value)).collect();
    metadata.sort_by_key(|(name, _)| *name);
    // Under another name until it is whole: a copy cut short is never taken for one.
    let partial = tempfile::Builder::new()
        .prefix(".partial-")
        .tempfile_in(cache)
        .map_err(|problem| failed(&problem))?;
    let mut writer = BufWriter::new(partial);
    let borrowed: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    gguf_file::write(&mut writer, &metadata, &borrowed).map_err(|problem| failed(&problem))?;
    writer.flush().map_err(|problem| failed(&problem))?;
    let partial = writer.into_inner().map_err(|problem| failed(&problem))?;
    partial.as_file().sync_all().map_err(|problem| failed(&problem))?;
    partial.persist(&target).map_err(|problem| failed(&problem))?;
    Ok(target)
}

fn open(path: &Path) -> Result<(BufReader<File>, Content)> {
    let file = File::open(path).context(ErrorKind::Setup, || {
        format!("cannot open the generator's weights {}", path.display())
    })?;
    let mut reader = BufReader::new(file);
    let content = Content::read(&mut reader)
        .context(ErrorKind::Setup, || format!("{} is not a GGUF file", path.display()))?;
    Ok((reader, content))
}

/// Formats without a fast path in candle.
fn is_slow(format: GgmlDType) -> bool {
    matches!(format, GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q5_1 | GgmlDType::Q8_1)
}

/// Matrices of slow formats become Q8_0; the rest stays as it is.
fn requantised(
    content: &Content,
    reader: &mut BufReader<File>,
    name: &str,
) -> candle_core::Result<QTensor> {
    let device = Device::Cpu;
    let tensor = content.tensor(reader, name, &device)?;
    let row = tensor.shape().dims().last().copied().unwrap_or_default();
    let is_matrix = tensor.shape().rank() == 2 && row.is_multiple_of(GgmlDType::Q8_0.block_size());
    if !is_matrix || !(is_slow(tensor.dtype()) || tensor.dtype() == GgmlDType::Q6K) {
        return Ok(tensor);
    }
    QTensor::quantize(&tensor.dequantize(&device)?, GgmlDType::Q8_0)
}
