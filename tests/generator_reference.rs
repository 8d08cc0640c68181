//! The generator's tokenizer and logits agree with the references: the model's own tokenizer and
//! llama.cpp.

use std::io::Write;

use serde::Deserialize;
use steward::model::fetch::ModelCache;
use steward::model::generator::requantise::fast_copy;
use steward::model::generator::text::{TokenBytes, WrittenText};
use steward::model::generator::weights::Weights;
use steward::model::gguf_tokenizer::tokenizer_of;
use steward::model::manifest;
use tokenizers::Tokenizer;

fn model() -> (Weights, Tokenizer) {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let artefact = manifest::find("smollm2-135m-instruct").expect("the manifest names it");
    let weights = cache.ensure(&artefact).expect("the weights are fetched");
    let copy = fast_copy(&weights, &cache.directory().join("requantised")).expect("re-quantised");
    let (weights, content) = Weights::read(&copy).expect("readable");
    (weights, tokenizer_of(&content).expect("a tokenizer"))
}

/// `reference/smollm2_tokens.json`: ids of the model's own tokenizer.
#[test]
fn the_tokenizer_gives_the_models_own_ids_and_their_bytes_the_text_again() {
    #[derive(Deserialize)]
    struct Reference {
        text: String,
        ids: Vec<u32>,
    }
    let (_, tokenizer) = model();
    let bytes = TokenBytes::of(&tokenizer);
    let references: Vec<Reference> =
        serde_json::from_str(include_str!("reference/smollm2_tokens.json")).expect("JSON");
    assert_eq!(references.len(), 12);
    for Reference { text, ids } in references {
        let encoding = tokenizer.encode(text.as_str(), false).expect("encodes");
        assert_eq!(encoding.get_ids(), ids, "{text:?}");
        let mut written = WrittenText::default();
        ids.iter().for_each(|&id| written.push(bytes.of_token(id)));
        assert_eq!(written.as_str(), tokenizer.decode(&ids, true).expect("decodes"), "{text:?}");
    }
}

/// `reference/smollm2_logits.json`: llama.cpp on the same Q8_0 file, by
/// `benches/peers/golden_logits.py`. `STEWARD_LOGITS_DUMP` takes the whole vectors for its
/// `--compare`.
#[test]
fn next_token_logits_agree_with_llama_cpp() {
    #[derive(Deserialize)]
    struct Golden {
        stride: usize,
        prompts: Vec<GoldenPrompt>,
    }
    #[derive(Deserialize)]
    struct GoldenPrompt {
        text: String,
        tokens: Vec<u32>,
        norm: f64,
        likeliest: Vec<(u32, f32)>,
        logits: Vec<f32>,
    }
    let golden: Golden =
        serde_json::from_str(include_str!("reference/smollm2_logits.json")).expect("JSON");
    assert_eq!(golden.prompts.len(), 20);
    let (fresh, tokenizer) = model();
    let mut dump = std::env::var_os("STEWARD_LOGITS_DUMP")
        .map(|path| std::fs::File::create(path).expect("the dump can be written"));
    let mut apart = Vec::new();
    for prompt in &golden.prompts {
        let encoding = tokenizer.encode(prompt.text.as_str(), false).expect("encodes");
        assert_eq!(encoding.get_ids(), prompt.tokens, "{:?}", prompt.text);
        let logits = fresh.clone().forward(&prompt.tokens, 0).expect("a forward pass");
        if let Some(dump) = &mut dump {
            let bytes: Vec<u8> = logits.iter().flat_map(|logit| logit.to_le_bytes()).collect();
            dump.write_all(&bytes).expect("the dump can be written");
        }
        let spread: Vec<f32> = logits.iter().step_by(golden.stride).copied().collect();
        let (likeliest, theirs): (Vec<u32>, Vec<f32>) = prompt.likeliest.iter().copied().unzip();
        let ours: Vec<f32> = likeliest.iter().map(|&token| logits[token as usize]).collect();
        let first = (0..logits.len()).max_by(|&l, &r| logits[l].total_cmp(&logits[r]));
        let cosines = [cosine(&spread, &prompt.logits), cosine(&ours, &theirs)];
        let norm = dot(&logits, &logits).sqrt() / prompt.norm;
        let agrees = cosines.iter().all(|cosine| *cosine >= 0.999)
            && (norm - 1.0).abs() < 0.05
            && first == Some(likeliest[0] as usize);
        if !agrees {
            let text = &prompt.text;
            apart.push(format!("{text:?}: cosines {cosines:?}, norm {norm}, first {first:?}"));
        }
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
