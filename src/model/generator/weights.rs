//! The generator's weights: a GGUF file, and the forward pass of its architecture.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex};

use candle_core::quantized::gguf_file::{self, Content};
use candle_core::{Device, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The model of one architecture. A clone shares the weights and has a cache of keys and values of
/// its own.
#[derive(Clone)]
pub enum Weights {
    /// Llama and what is shaped like it, SmolLM2 among them.
    Llama(Box<quantized_llama::ModelWeights>),
    /// Qwen2 and 2.5: candle's model cannot be cloned, so clones share one cache, which is emptied
    /// at the beginning of a prompt.
    Qwen2(Arc<Mutex<quantized_qwen2::ModelWeights>>),
    /// Qwen3: shared likewise, for a clone would copy a cache of 4,096 positions for each layer.
    Qwen3(Arc<Mutex<quantized_qwen3::ModelWeights>>),
}

impl Weights {
    /// Reads a GGUF file.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it is no GGUF file or of an architecture that is not known here.
    pub fn read(path: &Path) -> Result<(Self, Content)> {
        let (mut reader, mut content) = open(path)?;
        let metadata_only = open(path)?.1;
        // Without it candle makes Qwen3's rotary tables in f16, whose cosines are wrong from a few
        // hundred tokens on.
        content.metadata.insert("general.dtype".to_string(), gguf_file::Value::U32(0));
        let device = Device::Cpu;
        let architecture = text(&content, "general.architecture").unwrap_or_default();
        let weights = match architecture.as_str() {
            "llama" => quantized_llama::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(|model| Self::Llama(Box::new(model))),
            "qwen2" => quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(|model| Self::Qwen2(Arc::new(Mutex::new(model)))),
            "qwen3" => quantized_qwen3::ModelWeights::from_gguf(content, &mut reader, &device)
                .map(|model| Self::Qwen3(Arc::new(Mutex::new(model)))),
            other => {
                return Err(Error::setup(format!(
                    "{} is of the architecture `{other}`, which is not known here; known are llama, qwen2 and qwen3",
                    path.display()
                )));
            }
        };
        let weights = weights.context(ErrorKind::Setup, || {
            format!("{} cannot be loaded; if it is damaged, remove it", path.display())
        })?;
        Ok((weights, metadata_only))
    }

    /// True if a clone keeps what it has read, apart from the original.
    pub fn can_be_forked(&self) -> bool {
        matches!(self, Self::Llama(_))
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
                    let mut model = lock(model);
                    if position == 0 {
                        model.clear_kv_cache();
                    }
                    model.forward(&input, position)?
                }
                Self::Qwen3(model) => {
                    let mut model = lock(model);
                    if position == 0 {
                        model.clear_kv_cache();
                    }
                    model.forward(&input, position)?
                }
            };
            logits.flatten_all()?.to_dtype(candle_core::DType::F32)?.to_vec1()
        };
        run(self).internal("the generator's forward pass failed")
    }
}

/// After a panic the cache may be half written; it is emptied at the beginning of each prompt.
fn lock<T>(model: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    model.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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

pub(super) fn open(path: &Path) -> Result<(BufReader<File>, Content)> {
    let file = File::open(path).context(ErrorKind::Setup, || {
        format!("cannot open the generator's weights {}", path.display())
    })?;
    let mut reader = BufReader::new(file);
    let content = Content::read(&mut reader)
        .context(ErrorKind::Setup, || format!("{} is not a GGUF file", path.display()))?;
    Ok((reader, content))
}
