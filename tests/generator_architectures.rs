//! The generator on tiny random models of each architecture: right logits in any division of the
//! prompt, text through the whole engine, and copies in a fast format.

mod tiny_gguf;

use std::path::Path;

use candle_core::quantized::GgmlDType;
use steward::model::chat_template::PromptMessage;
use steward::model::generator::requantise::{Changes, fast_copy};
use steward::model::generator::weights::{self, Precision};
use steward::model::generator::{Finish, GenerateRequest, Generator, Piece, Summary};
use steward::model::sampler::SamplingSettings;
use steward_engine::cache::Cache;
use steward_engine::decoder::{Decoder, DecoderScratch, Segment};
use steward_engine::product::On;
use steward_engine::{Isa, Pool};
use tiny_gguf::TinyModel;

const ARCHITECTURES: [&str; 3] = ["llama", "qwen2", "qwen3"];

fn tokens(count: usize) -> Vec<u32> {
    (0..count as u32).map(|place| 3 + place * 37 % 250).collect()
}

fn assert_near(ours: &[f32], reference: &[f64], what: &str) {
    assert_eq!(ours.len(), reference.len(), "{what}");
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (f64::from(*ours) - reference).abs();
        assert!(error < 1e-3 * reference.abs().max(1.0), "{what}: {ours} is not {reference}");
    }
}

#[test]
fn logits_follow_the_definition_however_the_prompt_is_divided() {
    let directory = tempfile::tempdir().expect("a directory");
    for architecture in ARCHITECTURES {
        let model = TinyModel::random(architecture, 11);
        let path = directory.path().join(format!("{architecture}.gguf"));
        model.write(&path, GgmlDType::F32);
        let (decoder, _) = weights::read(&path, Precision::AsStored).expect("readable");
        // 300 positions: rotary tables in f16 are wrong by then.
        let all = tokens(300);
        let reference = model.logits(&all);
        for chunks in [vec![300], vec![128, 172], vec![298, 1, 1], vec![2, 297, 1]] {
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                let logits = in_chunks(&decoder, isa, &all, &chunks);
                assert_near(&logits, &reference, &format!("{architecture} in {chunks:?} {isa:?}"));
            }
        }
    }
}

/// The logits after a text that is read in pieces.
fn in_chunks(decoder: &Decoder, isa: Isa, tokens: &[u32], chunks: &[usize]) -> Vec<f32> {
    let pool = Pool::new(2).expect("a pool");
    let mut cache = Cache::new(decoder.cache_shape());
    let mut scratch = DecoderScratch::default();
    let mut logits = Vec::new();
    for chunk in chunks {
        let read = cache.len();
        let tokens = &tokens[read..read + chunk];
        let mut segments = [Segment { cache: &mut cache, tokens, wants_logits: true }];
        let pass = decoder.forward(On { pool: &pool, isa }, &mut segments, &mut scratch);
        logits = pass.expect("a forward pass").remove(0);
    }
    logits
}

fn request(user: &str) -> GenerateRequest {
    GenerateRequest {
        messages: vec![
            PromptMessage { role: "system", content: "Be brief, be kind. ".repeat(12) },
            PromptMessage { role: "user", content: user.to_string() },
        ],
        sampling: SamplingSettings { temperature: 1.0, ..Default::default() },
        evidence: None,
        stop: Vec::new(),
        max_new_tokens: 20,
    }
}

async fn answer(generator: &Generator, request: GenerateRequest) -> (String, Summary) {
    let mut stream = generator.generate(request).expect("there is room");
    let mut text = String::new();
    while let Some(piece) = stream.next().await {
        match piece.expect("the engine works") {
            Piece::Text(piece) => text.push_str(&piece),
            Piece::End(summary) => return (text, summary),
        }
    }
    panic!("the stream ended without a summary");
}

#[tokio::test]
async fn every_architecture_answers_and_one_request_leaves_nothing_for_the_next() {
    let directory = tempfile::tempdir().expect("a directory");
    for architecture in ARCHITECTURES {
        let path = directory.path().join(format!("{architecture}.gguf"));
        TinyModel::random(architecture, 5).write(&path, GgmlDType::Q8_0);
        let generator = Generator::start(&path, &Changes::default(), directory.path(), 4, 1 << 24)
            .expect("starts");
        let (first, summary) = answer(&generator, request("Hello there")).await;
        answer(&generator, request("Something else")).await;
        let (again, second) = answer(&generator, request("Hello there")).await;
        assert_eq!(first, again, "{architecture}");
        assert!(summary.prompt_tokens > 200 && summary.new_tokens > 0, "{summary:?}");
        assert!(second.reused_tokens > 0, "{architecture}: {second:?}");
        for length in 120..132 {
            let (_, summary) = answer(&generator, request(&"x".repeat(length))).await;
            assert!(matches!(summary.finish, Finish::Length | Finish::Stop));
        }
    }
}

#[test]
fn a_slow_format_is_copied_once_and_known_by_its_content() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path().join("cache");
    let path = directory.path().join("model.gguf");
    let copies = || {
        let names = std::fs::read_dir(&cache).expect("a cache").flatten();
        names.filter(|entry| entry.path().extension().is_some_and(|e| e == "gguf")).count()
    };
    std::fs::create_dir_all(&cache).expect("a cache");
    let half_written = cache.join(".partial-left-by-a-killed-run");
    std::fs::write(&half_written, b"GGUF").expect("written");

    TinyModel::random("llama", 1).write(&path, GgmlDType::Q4_1);
    let copy = fast_copy(&path, &Changes::default(), &cache).expect("copied");
    let made = std::fs::metadata(&copy).expect("there").modified().expect("a time");
    assert!(!half_written.exists());
    assert_eq!(fast_copy(&path, &Changes::default(), &cache).expect("found"), copy);
    assert_eq!(std::fs::metadata(&copy).expect("there").modified().expect("a time"), made);
    let near = |path: &Path| {
        let (decoder, _) = weights::read(path, Precision::AsStored).expect("readable");
        in_chunks(&decoder, Isa::best(), &tokens(9), &[9])
    };
    let cosine = cosine(&near(&path), &near(&copy));
    assert!(cosine > 0.999, "{cosine}");

    // Trained further: the same name, the same size, other weights.
    TinyModel::random("llama", 2).write(&path, GgmlDType::Q4_1);
    assert_ne!(fast_copy(&path, &Changes::default(), &cache).expect("copied"), copy);
    assert_eq!(copies(), 2);

    let fast = directory.path().join("fast.gguf");
    TinyModel::random("llama", 1).write(&fast, GgmlDType::Q8_0);
    assert_eq!(fast_copy(&fast, &Changes::default(), &cache).expect("as it is"), fast);
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

#[test]
fn what_is_not_known_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("model.gguf");
    let problem = |model: TinyModel| {
        model.write(&path, GgmlDType::Q8_0);
        Generator::start(&path, &Changes::default(), directory.path(), 1, 1 << 24)
            .err()
            .expect("refused")
            .to_string()
    };
    let mut model = TinyModel::random("llama", 1);
    model.architecture = "mamba";
    assert!(problem(model).contains("`mamba`"));
    let mut model = TinyModel::random("llama", 1);
    model.pre_tokenizer = "tekken";
    assert!(problem(model).contains("`tekken`"));
    std::fs::write(&path, b"no model at all").expect("written");
    let problem = Generator::start(&path, &Changes::default(), directory.path(), 1, 1 << 24)
        .err()
        .expect("refused")
        .to_string();
    assert!(problem.contains("is not a GGUF file"), "{problem}");
}
