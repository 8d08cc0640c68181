//! The generator on its real weights.

use std::sync::LazyLock;

use steward::model::chat_template::PromptMessage;
use steward::model::fetch::ModelCache;
use steward::model::generator::requantise::fast_copy;
use steward::model::generator::weights::Weights;
use steward::model::generator::{Finish, GenerateRequest, Generator, Piece, Summary};
use steward::model::gguf_tokenizer::tokenizer_of;
use steward::model::literal::ungrounded_literals;
use steward::model::manifest;
use steward::model::sampler::SamplingSettings;

fn weights() -> std::path::PathBuf {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let artefact = manifest::find("smollm2-135m-instruct").expect("the manifest names it");
    cache.ensure(&artefact).expect("the weights are fetched")
}

fn q8_0() -> std::path::PathBuf {
    fast_copy(&weights(), &ModelCache::default_directory().join("requantised"))
        .expect("re-quantised")
}

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| {
    Generator::start(&weights(), &ModelCache::default_directory().join("requantised"), 4)
        .expect("the generator starts")
});

fn request(user: &str, evidence: Option<Vec<String>>, max_new_tokens: usize) -> GenerateRequest {
    GenerateRequest {
        messages: vec![
            PromptMessage {
                role: "system",
                content: "You are a helpful support agent of a shop.".to_string(),
            },
            PromptMessage { role: "user", content: user.to_string() },
        ],
        sampling: SamplingSettings { temperature: 0.7, ..Default::default() },
        evidence,
        stop: Vec::new(),
        max_new_tokens,
    }
}

async fn answer(request: GenerateRequest) -> (String, Summary) {
    let mut stream = GENERATOR.generate(request).expect("there is room");
    let mut text = String::new();
    while let Some(piece) = stream.next().await {
        match piece.expect("the engine works") {
            Piece::Text(piece) => text.push_str(&piece),
            Piece::End(summary) => return (text, summary),
        }
    }
    panic!("the stream ended without a summary");
}

#[test]
fn the_tokenizer_gives_the_models_own_ids() {
    #[derive(serde::Deserialize)]
    struct Reference {
        text: String,
        ids: Vec<u32>,
    }
    let (_, content) = Weights::read(&q8_0()).expect("readable");
    let tokenizer = tokenizer_of(&content).expect("a tokenizer");
    let references: Vec<Reference> =
        serde_json::from_str(include_str!("reference/smollm2_tokens.json"))
            .expect("the reference is JSON");
    assert!(references.len() >= 5);
    for reference in references {
        let encoding = tokenizer.encode(reference.text.as_str(), false).expect("encodes");
        assert_eq!(encoding.get_ids(), reference.ids, "{:?}", reference.text);
    }
}

/// Golden logits of llama.cpp on the same Q8_0 file, made by benches/peers/golden_logits.py.
#[test]
fn next_token_logits_agree_with_llama_cpp() {
    #[derive(serde::Deserialize)]
    struct Golden {
        prompts: Vec<GoldenPrompt>,
        stride: usize,
    }
    #[derive(serde::Deserialize)]
    struct GoldenPrompt {
        text: String,
        tokens: Vec<u32>,
        first_choice: u32,
        logits: Vec<f32>,
    }
    let golden: Golden = serde_json::from_str(include_str!("reference/smollm2_logits.json"))
        .expect("the golden file is JSON");
    assert_eq!(golden.prompts.len(), 20);
    let (fresh, content) = Weights::read(&q8_0()).expect("readable");
    let tokenizer = tokenizer_of(&content).expect("a tokenizer");
    for prompt in &golden.prompts {
        let ids =
            tokenizer.encode(prompt.text.as_str(), false).expect("encodes").get_ids().to_vec();
        assert_eq!(ids, prompt.tokens, "{:?}", prompt.text);
        let logits = fresh.clone().forward(&ids, 0).expect("a forward pass");
        let ours: Vec<f32> = logits.iter().step_by(golden.stride).copied().collect();
        let cosine = cosine(&ours, &prompt.logits);
        assert!(cosine >= 0.999, "cosine {cosine} for {:?}", prompt.text);
        let first = (0..logits.len()).max_by(|&l, &r| logits[l].total_cmp(&logits[r]));
        assert_eq!(first, Some(prompt.first_choice as usize), "{:?}", prompt.text);
    }
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

#[tokio::test]
async fn a_seed_gives_the_same_answer_and_the_shared_beginning_is_read_once() {
    let (first, summary) = answer(request("Where is my order?", None, 24)).await;
    let (second, again) = answer(request("Where is my order?", None, 24)).await;
    assert_eq!(first, second);
    assert!(!first.trim().is_empty());
    assert!(again.reused_tokens > 5, "{again:?}");
    assert!(again.reused_tokens < again.prompt_tokens);
    assert_eq!(summary.prompt_tokens, again.prompt_tokens);
    let (_, other) = answer(request("What is your return policy?", None, 4)).await;
    assert_eq!(other.reused_tokens, again.reused_tokens);
}

#[tokio::test]
async fn no_literal_outside_the_evidence_is_written() {
    let evidence = vec!["Order #W2611340 is pending. Its total is $536.65.".to_string()];
    for (seed, question) in [
        "What is the total of order #W2611340?",
        "List five prices and three dates.",
        "When was it shipped? Give the date.",
    ]
    .iter()
    .enumerate()
    {
        let mut request =
            request(&format!("{} {question}", evidence[0]), Some(evidence.clone()), 60);
        request.sampling =
            SamplingSettings { temperature: 1.2, seed: seed as u64, ..Default::default() };
        let (text, summary) = answer(request).await;
        let open_end = summary.finish == Finish::Length;
        let mut found = ungrounded_literals(&text, &[evidence[0].as_str()]);
        if open_end {
            found.retain(|literal| literal.end < text.len());
        }
        assert!(found.is_empty(), "{text:?}: {found:?}");
    }
}

#[tokio::test]
async fn a_reader_who_goes_away_stops_the_work_and_a_full_queue_is_refused() {
    let generator =
        Generator::start(&weights(), &ModelCache::default_directory().join("requantised"), 1)
            .expect("starts");
    let long = || request("Tell me a very long story about a mountain.", None, 1500);
    let mut running = generator.generate(long()).expect("there is room");
    running.next().await.expect("a piece").expect("the engine works");
    let waiting = generator.generate(long()).expect("one may wait");
    let refused = generator.generate(long()).err().expect("the queue is full");
    assert_eq!(refused.kind(), steward::ErrorKind::Busy);
    drop(running);
    drop(waiting);
    // The engine is free again long before 1,500 tokens could have been written.
    let mut next = loop {
        match generator.generate(request("Hi", None, 2)) {
            Ok(stream) => break stream,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    };
    while let Some(piece) = next.next().await {
        if let Piece::End(summary) = piece.expect("the engine works") {
            assert!(summary.new_tokens <= 2);
        }
    }
}
