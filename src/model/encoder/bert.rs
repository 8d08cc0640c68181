//! The encoder's arithmetic: texts in, unit vectors out, on the calling thread.
//!
//! all-MiniLM-L6-v2: a six-layer BERT with mean pooling over the attention mask and L2
//! normalisation, truncated at 256 tokens, as in Sentence-Transformers (Reimers & Gurevych, 2019).

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

use crate::error::Context;
use crate::{ErrorKind, Result};

use super::{BATCH_SIZE, EMBEDDING_SIZE, MAX_TOKENS};

/// The weights and the tokenizer.
pub(super) struct Bert {
    model: BertModel,
    tokenizer: Tokenizer,
}

impl Bert {
    /// Loads the weights (safetensors) and the tokenizer (`tokenizer.json`).
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub(super) fn load(weights: &Path, tokenizer: &Path) -> Result<Self> {
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

    /// Embeds `texts`: one unit vector for each, in the same order. Texts of about one length are
    /// read together: a short text beside a long one would cost as much as the long one.
    pub(super) fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|&index| texts[index].len());
        let mut embeddings = vec![Vec::new(); texts.len()];
        for alike in by_length.chunk_by(|&left, &right| are_alike(&texts[left], &texts[right])) {
            for batch in alike.chunks(BATCH_SIZE) {
                let inputs = batch.iter().map(|&index| texts[index].as_str()).collect();
                for (&index, vector) in batch.iter().zip(self.embed_batch(inputs)?) {
                    embeddings[index] = vector;
                }
            }
        }
        Ok(embeddings)
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

/// True if `longer` is not much longer than `shorter`, so that padding costs less than a pass.
fn are_alike(shorter: &str, longer: &str) -> bool {
    longer.len() <= 2 * shorter.len() + 32
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
