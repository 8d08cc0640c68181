//! The generator's tokenizer, built from the vocabulary and merges inside its GGUF file.
//!
//! Candle's own reader does not know SmolLM2's pre-tokenizer and silently takes GPT-2's, which gives
//! wrong ids; here an unknown pre-tokenizer is an error that names it.

use ahash_map::vocabulary_of;
use candle_core::quantized::gguf_file::{Content, Value};
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, SplitDelimiterBehavior, Tokenizer};

use crate::error::Context;
use crate::{Error, Result};

/// Qwen2's pre-tokenizer: GPT-4's pattern with single digits.
const QWEN2_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Token types of GGUF: those that are matched whole and never split.
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;

/// Builds the tokenizer.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] if the file has no vocabulary of byte-pair merges or a pre-tokenizer
/// that is not known here.
pub fn tokenizer_of(content: &Content) -> Result<Tokenizer> {
    let tokens = strings(content, "tokenizer.ggml.tokens")?;
    let merges: Vec<(String, String)> = strings(content, "tokenizer.ggml.merges")?
        .iter()
        .filter_map(|merge| merge.split_once(' '))
        .map(|(left, right)| (left.to_string(), right.to_string()))
        .collect();
    let model = BPE::builder().vocab_and_merges(vocabulary_of(&tokens), merges).build().map_err(
        |problem| Error::setup(format!("the model file's vocabulary cannot be used: {problem}")),
    )?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(pre_tokenizer(content)?));
    tokenizer.with_decoder(Some(ByteLevel::new(false, false, false)));
    let types = integers(content, "tokenizer.ggml.token_type");
    let special: Vec<AddedToken> = tokens
        .iter()
        .zip(types)
        .filter(|(_, kind)| matches!(*kind, CONTROL | USER_DEFINED))
        .map(|(token, kind)| AddedToken::from(token.clone(), kind == CONTROL).normalized(false))
        .collect();
    tokenizer.add_special_tokens(special).internal("the tokenizer refused its special tokens")?;
    Ok(tokenizer)
}

fn pre_tokenizer(content: &Content) -> Result<PreTokenizerWrapper> {
    let name = content
        .metadata
        .get("tokenizer.ggml.pre")
        .and_then(|value| value.to_string().ok())
        .map_or("gpt-2", String::as_str);
    let byte_level = |use_regex| PreTokenizerWrapper::from(ByteLevel::new(false, true, use_regex));
    let steps = match name {
        // Every digit on its own, then GPT-2's byte level.
        "smollm" => vec![Digits::new(true).into(), byte_level(true)],
        "gpt-2" | "gpt2" | "default" => vec![byte_level(true)],
        "qwen2" => {
            let split = Split::new(
                SplitPattern::Regex(QWEN2_PATTERN.to_string()),
                SplitDelimiterBehavior::Isolated,
                false,
            )
            .internal("the pre-tokenizer's pattern is not valid")?;
            vec![split.into(), byte_level(false)]
        }
        other => {
            return Err(Error::setup(format!(
                "the model file asks for the pre-tokenizer `{other}`, which is not known here; \
                 known are smollm, gpt-2 and qwen2"
            )));
        }
    };
    Ok(Sequence::new(steps).into())
}

fn strings(content: &Content, key: &str) -> Result<Vec<String>> {
    let values = content.metadata.get(key).and_then(|value| value.to_vec().ok());
    let strings: Option<Vec<String>> = values
        .and_then(|values| values.iter().map(|value| value.to_string().ok().cloned()).collect());
    strings.ok_or_else(|| {
        Error::setup(format!(
            "the model file has no `{key}`; is it a GGUF file with a byte-pair vocabulary?"
        ))
    })
}

fn integers(content: &Content, key: &str) -> Vec<i64> {
    let as_integer = |value: &Value| match value {
        Value::I32(number) => i64::from(*number),
        Value::U32(number) => i64::from(*number),
        Value::I64(number) => *number,
        _ => 0,
    };
    content
        .metadata
        .get(key)
        .and_then(|value| value.to_vec().ok())
        .map(|values| values.iter().map(as_integer).collect())
        .unwrap_or_default()
}

mod ahash_map {
    //! The vocabulary in the map type that `tokenizers` asks for, made without naming its crate.

    use tokenizers::models::bpe::Vocab;

    pub(super) fn vocabulary_of(tokens: &[String]) -> Vocab {
        tokens.iter().enumerate().map(|(id, token)| (token.clone(), id as u32)).collect()
    }
}
