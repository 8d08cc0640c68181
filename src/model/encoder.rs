//! The sentence encoder: text in, unit vectors out.
//!
//! all-MiniLM-L6-v2: a six-layer BERT with mean pooling over the attention mask and L2
//! normalisation, truncated at 256 tokens, as in Sentence-Transformers (Reimers & Gurevych, 2019).

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// Length of an embedding.
pub const EMBEDDING_SIZE: usize = 384;
/// Tokens beyond this are not read.
pub const MAX_TOKENS: usize = 256;
/// Texts of one forward pass: more only cost memory, since texts are sorted by length first.
const BATCH_SIZE: usize = 32;

/// A loaded encoder. [`Encoder::embed`] takes `&self` and may be called from several threads.
pub struct Encoder {
    model: BertModel,
    tokenizer: Tokenizer,
}

impl Encoder {
    /// Loads the weights (safetensors) and the tokenizer (`tokenizer.json`).
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub fn load(weights: &Path, tokenizer: &Path) -> Result<Self> {
        let weights_bytes = std::fs::read(weights).context(ErrorKind::Setup, || {
            format!("cannot read the encoder's weights {}", weights.display())
        })?;
        let variables =
            VarBuilder::from_buffered_safetensors(weights_bytes, DType::F32, &Device::Cpu)
                .context(ErrorKind::Setup, || {
                    format!("{} is not a safetensors file", weights.display())
                })?;
        let model = BertModel::load(variables, &minilm_config())
            .context(ErrorKind::Setup, || "the encoder's weights do not fit its shape".into())?;
        let mut tokenizer = Tokenizer::from_file(tokenizer).context(ErrorKind::Setup, || {
            format!("cannot read the encoder's tokenizer {}", tokenizer.display())
        })?;
        tokenizer
            .with_truncation(Some(TruncationParams {
                max_length: MAX_TOKENS,
                ..Default::default()
            }))
            .internal("the tokenizer refused its truncation")?;
        tokenizer.with_padding(Some(PaddingParams::default()));
        Ok(Self { model, tokenizer })
    }

    /// Embeds `texts`: one unit vector of [`EMBEDDING_SIZE`] f32 for each, in the same order.
    ///
    /// Blocking: about 10 ms for one short text on one core.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the forward pass fails.
    pub fn embed<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Vec<f32>>> {
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|&index| texts[index].as_ref().len());
        let mut embeddings = vec![Vec::new(); texts.len()];
        for batch in by_length.chunks(BATCH_SIZE) {
            let inputs: Vec<&str> = batch.iter().map(|&index| texts[index].as_ref()).collect();
            let vectors = self.embed_batch(inputs)?;
            for (&index, vector) in batch.iter().zip(vectors) {
                embeddings[index] = vector;
            }
        }
        Ok(embeddings)
    }

    /// Embeds one text.
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub fn embed_one(&self, text: &str) -> Result<Vec<f32>> {
        let mut embeddings = self.embed(&[text])?;
        embeddings.pop().ok_or_else(|| Error::internal("the encoder returned nothing"))
    }

    fn embed_batch(&self, texts: Vec<&str>) -> Result<Vec<Vec<f32>>> {
        let encodings =
            self.tokenizer.encode_batch(texts, true).internal("the encoder's tokenizer failed")?;
        let rows = encodings.len();
        let columns = encodings.first().map_or(0, |encoding| encoding.get_ids().len());
        let ids: Vec<u32> = encodings.iter().flat_map(|e| e.get_ids().iter().copied()).collect();
        let mask: Vec<u32> =
            encodings.iter().flat_map(|e| e.get_attention_mask().iter().copied()).collect();
        self.forward(ids, mask, rows, columns).internal("the encoder's forward pass failed")
    }

    fn forward(
        &self,
        ids: Vec<u32>,
        mask: Vec<u32>,
        rows: usize,
        columns: usize,
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let device = Device::Cpu;
        let ids = Tensor::from_vec(ids, (rows, columns), &device)?;
        let mask = Tensor::from_vec(mask, (rows, columns), &device)?;
        let types = ids.zeros_like()?;
        let hidden = self.model.forward(&ids, &types, Some(&mask))?;
        let weights = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        let summed = hidden.broadcast_mul(&weights)?.sum(1)?;
        let mean = summed.broadcast_div(&weights.sum(1)?)?;
        let norm = mean.sqr()?.sum_keepdim(1)?.sqrt()?;
        mean.broadcast_div(&norm)?.to_vec2::<f32>()
    }
}

/// The shape of all-MiniLM-L6-v2 (its `config.json`).
fn minilm_config() -> Config {
    Config {
        vocab_size: 30522,
        hidden_size: EMBEDDING_SIZE,
        num_hidden_layers: 6,
        num_attention_heads: 12,
        intermediate_size: 1536,
        hidden_act: HiddenAct::Gelu,
        hidden_dropout_prob: 0.0,
        max_position_embeddings: 512,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
        pad_token_id: 0,
        model_type: Some("bert".to_string()),
        ..Config::default()
    }
}
