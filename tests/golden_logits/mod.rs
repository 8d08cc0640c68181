//! `reference/smollm2_logits.json`: llama.cpp's logits on the re-quantised SmolLM2, written by
//! `benches/peers/golden_logits.py`, and the model to hold against them.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::Write;

use serde::Deserialize;
use steward::model::fetch::ModelCache;
use steward::model::generator::requantise::{Changes, fast_copy};
use steward::model::generator::weights::{self, Precision};
use steward::model::gguf_tokenizer::tokenizer_of;
use steward::model::manifest;
use steward_engine::cache::Cache;
use steward_engine::decoder::{Decoder, DecoderScratch, Segment};
use steward_engine::product::On;
use steward_engine::{Isa, Pool};
use tokenizers::Tokenizer;

#[derive(Deserialize)]
pub struct Golden {
    /// Of the whole vectors every this manyth logit is kept.
    pub stride: usize,
    pub prompts: Vec<GoldenPrompt>,
}

#[derive(Deserialize)]
pub struct GoldenPrompt {
    pub text: String,
    pub tokens: Vec<u32>,
    /// The likeliest token in f32 arithmetic.
    pub first_choice: usize,
    /// The likeliest 64 tokens in llama.cpp's Q8_0 arithmetic, with their logits.
    pub likeliest: Vec<(u32, f32)>,
    pub q8_0: Vec<f32>,
    pub exact: Vec<f32>,
}

impl Golden {
    pub fn read() -> Self {
        let golden: Self =
            serde_json::from_str(include_str!("../reference/smollm2_logits.json")).expect("JSON");
        assert_eq!(golden.prompts.len(), 29);
        golden
    }

    /// Steward's logits for each prompt, whole; `STEWARD_LOGITS_DUMP` takes those of the fastest instructions
    /// for the script's `--compare`.
    pub fn ours(&self, decoder: &Decoder, isa: Isa) -> Vec<Vec<f32>> {
        let ours: Vec<Vec<f32>> =
            self.prompts.iter().map(|prompt| logits(decoder, isa, &prompt.tokens)).collect();
        if let Some(path) = std::env::var_os("STEWARD_LOGITS_DUMP")
            && isa == Isa::best()
        {
            let bytes: Vec<u8> = ours.iter().flatten().flat_map(|l| l.to_le_bytes()).collect();
            let mut file = std::fs::File::create(path).expect("the dump can be written");
            file.write_all(&bytes).expect("the dump can be written");
        }
        ours
    }
}

/// The logits after the last of `tokens`.
pub fn logits(decoder: &Decoder, isa: Isa, tokens: &[u32]) -> Vec<f32> {
    let pool = Pool::new(1).expect("a pool");
    let mut cache = Cache::new(decoder.cache_shape());
    let mut segments = [Segment { cache: &mut cache, tokens, wants_logits: true }];
    decoder
        .forward(On { pool: &pool, isa }, &mut segments, &mut DecoderScratch::default())
        .expect("a pass")
        .remove(0)
}

/// The model as it is shipped: fetched, re-quantised, read.
pub fn model(precision: Precision) -> (Decoder, Tokenizer) {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let artefact = manifest::find("smollm2-135m-instruct").expect("the manifest names it");
    let weights = cache.ensure(&artefact).expect("the weights are fetched");
    let copy = fast_copy(&weights, &Changes::default(), &cache.directory().join("requantised"))
        .expect("re-quantised");
    let (decoder, content) = weights::read(&copy, precision).expect("readable");
    (decoder, tokenizer_of(&content).expect("a tokenizer"))
}

pub fn first_choice(logits: &[f32]) -> usize {
    (0..logits.len()).max_by(|&l, &r| logits[l].total_cmp(&logits[r])).expect("logits")
}

pub fn every(stride: usize, logits: &[f32]) -> Vec<f32> {
    logits.iter().step_by(stride).copied().collect()
}

pub fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}
