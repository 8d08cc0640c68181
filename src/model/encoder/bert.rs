//! The encoder's arithmetic: texts in, unit vectors out, on the calling thread.
//!
//! all-MiniLM-L6-v2: a six-layer BERT with mean pooling over the attention mask and L2
//! normalisation, truncated at 256 tokens, as in Sentence-Transformers (Reimers & Gurevych, 2019).

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use tokenizers::{Encoding, PaddingParams, Tokenizer, TruncationParams};

use crate::error::Context;
use crate::{ErrorKind, Result};

use super::network::{Arithmetic, Network, Tail, matrix};
use super::{BATCH_SIZE, EMBEDDING_SIZE, MAX_TOKENS, READING_SIZE, TokenStates};

/// The weights and the tokenizer.
pub(super) struct Bert {
    network: Network,
    tail: Option<Tail>,
    tokenizer: Tokenizer,
}

impl Bert {
    /// Loads the weights (safetensors) and the tokenizer (`tokenizer.json`).
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a file is missing or is not what it should be.
    pub(super) fn load(weights: &Path, tokenizer: &Path, tuned: Option<&Path>) -> Result<Self> {
        let network = Network::load(&variables_of(weights)?, Arithmetic::Fused)
            .context(ErrorKind::Setup, || "the encoder's weights do not fit its shape".into())?;
        let tail = tuned
            .map(|path| {
                Tail::load(&variables_of(path)?).context(ErrorKind::Setup, || {
                    format!("{} holds no last layers of the encoder", path.display())
                })
            })
            .transpose()?;
        Ok(Self { network, tail, tokenizer: padding_tokenizer(tokenizer)? })
    }

    /// Reads `texts`: the parts of a [`super::Reading`] for each, in the same order. Texts of
    /// about one length are read together: a short text beside a long one would cost as much as the
    /// long one.
    pub(super) fn read(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|&index| texts[index].len());
        let mut readings = vec![Vec::new(); texts.len()];
        for alike in by_length.chunk_by(|&left, &right| are_alike(&texts[left], &texts[right])) {
            for batch in alike.chunks(BATCH_SIZE) {
                let inputs = batch.iter().map(|&index| texts[index].as_str()).collect();
                for (&index, reading) in batch.iter().zip(self.read_batch(inputs)?) {
                    readings[index] = reading;
                }
            }
        }
        Ok(readings)
    }

    fn read_batch(&self, texts: Vec<&str>) -> Result<Vec<Vec<f32>>> {
        let encodings = self.encode(texts)?;
        let (ids, mask) = rows_of(&encodings);
        self.forward(&ids, &mask).internal("the encoder's forward pass failed")
    }

    fn encode(&self, texts: Vec<&str>) -> Result<Vec<Encoding>> {
        self.tokenizer.encode_batch(texts, true).internal("the encoder's tokenizer failed")
    }

    /// Every token of `texts`, in the same order, in one pass.
    pub(super) fn tokens(&self, texts: &[String]) -> Result<Vec<TokenStates>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let encodings = self.encode(texts.iter().map(String::as_str).collect())?;
        let (ids, mask) = rows_of(&encodings);
        let last = || -> candle_core::Result<Vec<f32>> {
            let states = self.network.hidden_states(&matrix(&ids)?, &matrix(&mask)?)?;
            states[READ_OUT[0].0].flatten_all()?.to_vec1()
        };
        let rows = last().internal("the encoder's forward pass failed")?;
        let width = ids[0].len();
        let of_text = |(text, encoding): (usize, &Encoding)| {
            let mask = encoding.get_attention_mask();
            let tokens = mask.iter().filter(|&&is_token| is_token == 1).count();
            let written = |token: &String| token.contains(|c: char| c.is_ascii_digit());
            // The marks at the beginning and at the end are no tokens of the text.
            let own = 1..tokens.saturating_sub(1).max(1);
            let row = |token| (text * width + token) * EMBEDDING_SIZE;
            let states = rows[row(own.start)..row(own.end)].chunks_exact(EMBEDDING_SIZE);
            TokenStates {
                ids: encoding.get_ids()[own.clone()].to_vec(),
                has_digit: encoding.get_tokens()[own].iter().map(written).collect(),
                states: states.flat_map(|state| pooled(state, Pool::Mean)).collect(),
            }
        };
        Ok(encodings.iter().enumerate().map(of_text).collect())
    }

    fn forward(&self, ids: &[&[u32]], mask: &[&[u32]]) -> candle_core::Result<Vec<Vec<f32>>> {
        let mask_rows = matrix(mask)?;
        let states = self.network.hidden_states(&matrix(ids)?, &mask_rows)?;
        let tokens: Vec<usize> =
            mask.iter().map(|row| row.iter().filter(|&&is_token| is_token == 1).count()).collect();
        let width = mask.first().map_or(0, |row| row.len());
        let mut readings = vec![Vec::with_capacity(READING_SIZE); tokens.len()];
        let mut read_out = |state: &Tensor, pool: Pool| -> candle_core::Result<()> {
            let rows = state.flatten_all()?.to_vec1::<f32>()?;
            for (text, reading) in readings.iter_mut().enumerate() {
                let start = text * width * EMBEDDING_SIZE;
                let own = &rows[start..start + tokens[text] * EMBEDDING_SIZE];
                reading.extend(pooled(own, pool));
            }
            Ok(())
        };
        for (layer, pool) in READ_OUT {
            read_out(&states[layer], pool)?;
        }
        if let Some(tail) = &self.tail {
            let tuned = tail.last_state(&states, &mask_rows)?;
            read_out(&tuned, Pool::Mean)?;
            read_out(&tuned, Pool::Max)?;
        }
        Ok(readings)
    }
}

/// The tokens' numbers, and which of them are no padding.
fn rows_of(encodings: &[Encoding]) -> (Vec<&[u32]>, Vec<&[u32]>) {
    encodings.iter().map(|encoding| (encoding.get_ids(), encoding.get_attention_mask())).unzip()
}

fn variables_of(path: &Path) -> Result<VarBuilder<'static>> {
    let bytes = std::fs::read(path).context(ErrorKind::Setup, || {
        format!("cannot read the encoder's weights {}", path.display())
    })?;
    VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)
        .context(ErrorKind::Setup, || format!("{} is not a safetensors file", path.display()))
}

/// The tokenizer, truncating as the encoder does.
pub(super) fn tokenizer_of(path: &Path) -> Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_file(path).context(ErrorKind::Setup, || {
        format!("cannot read the encoder's tokenizer {}", path.display())
    })?;
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..Default::default() }))
        .internal("the tokenizer refused its truncation")?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

fn padding_tokenizer(path: &Path) -> Result<Tokenizer> {
    let mut tokenizer = tokenizer_of(path)?;
    tokenizer.with_padding(Some(PaddingParams::default()));
    Ok(tokenizer)
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

/// True if `longer` is not much longer than `shorter`, so that padding costs less than a pass.
fn are_alike(shorter: &str, longer: &str) -> bool {
    longer.len() <= 2 * shorter.len() + 32
}
