//! The encoder agrees with Sentence-Transformers.
//!
//! Golden vectors: `reference/minilm_embeddings.json`, made with sentence-transformers on the same
//! weights (mean pooling, normalised, truncated at 256 tokens).

use serde::Deserialize;
use steward::model::encoder::{Encoder, Precision};
use steward::model::fetch::ModelCache;
use steward::model::manifest;

#[derive(Deserialize)]
struct Golden {
    text: String,
    embedding: Vec<f32>,
}

fn encoder(precision: Precision) -> Encoder {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let weights = cache.ensure(&manifest::find("minilm-l6-v2").unwrap()).unwrap();
    let tokenizer = cache.ensure(&manifest::find("minilm-l6-v2-tokenizer").unwrap()).unwrap();
    Encoder::load_as(&weights, &tokenizer, None, precision).unwrap()
}

#[test]
fn embeddings_agree_with_the_reference_alone_and_in_a_batch() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/minilm_embeddings.json");
    let goldens: Vec<Golden> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    // Eight bits turn a vector by up to two degrees; without rounding only the order of summation is left.
    for (precision, allowed) in [(Precision::F32, 1e-5), (Precision::Int8, 1e-3)] {
        let encoder = encoder(precision);
        let texts: Vec<&str> = goldens.iter().map(|golden| golden.text.as_str()).collect();
        let batch = encoder.embed(&texts).unwrap();
        for (golden, batched) in goldens.iter().zip(&batch) {
            let alone = encoder.embed_one(&golden.text).unwrap();
            assert_eq!(&alone, batched, "{precision:?}: company changes {}", golden.text);
            let cosine: f32 = alone.iter().zip(&golden.embedding).map(|(a, b)| a * b).sum();
            assert!(1.0 - cosine < allowed, "{precision:?}, {}: cosine {cosine}", golden.text);
        }
    }
}

/// The demo shop's articles, sentence by sentence.
fn sentences() -> Vec<String> {
    let articles = concat!(env!("CARGO_MANIFEST_DIR"), "/index/knowledge");
    let mut paths: Vec<_> =
        std::fs::read_dir(articles).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut sentences = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).unwrap().replace('\n', " ");
        let pieces = text.split(". ").map(str::trim).filter(|piece| piece.len() > 20);
        sentences.extend(pieces.map(str::to_string));
    }
    sentences
}

#[test]
fn eight_bits_turn_no_real_sentence_by_more_than_a_thousandth() {
    let sentences = sentences();
    let sentences = &sentences[..1000];
    let exact = encoder(Precision::F32).embed(sentences).unwrap();
    let rounded = encoder(Precision::Int8).embed(sentences).unwrap();
    let cosine = |(left, right): (&Vec<f32>, &Vec<f32>)| -> f32 {
        left.iter().zip(right).map(|(a, b)| a * b).sum()
    };
    let mut cosines: Vec<f32> = exact.iter().zip(&rounded).map(cosine).collect();
    cosines.sort_by(f32::total_cmp);
    let mean = cosines.iter().sum::<f32>() / 1000.0;
    println!("cosines of 1,000 sentences: least {}, mean {mean}", cosines[0]);
    assert!(cosines[0] >= 0.999, "{} is the least", cosines[0]);
}
