//! The generator's tokenizer and logits agree with the references: the model's own tokenizer and
//! llama.cpp.

mod golden_logits;

use steward::model::generator::weights::Precision;
use steward_engine::Isa;

use golden_logits::{Golden, cosine, every, first_choice, model};
use serde::Deserialize;
use steward::model::generator::text::{TokenBytes, WrittenText};

/// `reference/smollm2_tokens.json`: ids of the model's own tokenizer.
#[test]
fn the_tokenizer_gives_the_models_own_ids_and_their_bytes_the_text_again() {
    #[derive(Deserialize)]
    struct Reference {
        text: String,
        ids: Vec<u32>,
    }
    let (_, tokenizer) = model(Precision::AsStored);
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

/// As it is shipped: Q8_0 weights, activations rounded to 8 bits, by kernels that round otherwise
/// than llama.cpp's. The rounding moves all logits of a prompt together (no probability changes), so
/// whole vectors are compared around their means; the likeliest tokens as they are. Two that are closer than
/// the rounding of either side may change places.
#[test]
fn next_token_logits_agree_with_llama_cpp() {
    let golden = Golden::read();
    let (decoder, tokenizer) = model(Precision::AsStored);
    let mut apart = Vec::new();
    for (prompt, logits) in golden.prompts.iter().zip(golden.ours(&decoder, Isa::best())) {
        let encoding = tokenizer.encode(prompt.text.as_str(), false).expect("encodes");
        assert_eq!(encoding.get_ids(), prompt.tokens, "{:?}", prompt.text);
        let (likeliest, theirs): (Vec<u32>, Vec<f32>) = prompt.likeliest.iter().copied().unzip();
        let ours: Vec<f32> = likeliest.iter().map(|&token| logits[token as usize]).collect();
        let likeliest_cosine = cosine(&ours, &theirs);
        let correlation = cosine(&centred(&every(golden.stride, &logits)), &centred(&prompt.q8_0));
        let first = first_choice(&logits);
        let is_tie = theirs[0] - theirs[1] < ROUNDING && first == likeliest[1] as usize;
        let is_first = first == likeliest[0] as usize || is_tie;
        let agrees = likeliest_cosine >= 0.999 && correlation >= 0.996 && is_first;
        if !agrees {
            let text = &prompt.text;
            apart.push(format!("{text:?}: {likeliest_cosine}, {correlation}, first {first}"));
        }
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

/// By how much two logits may come nearer or part, of values around 30.
const ROUNDING: f32 = 0.15;

fn centred(logits: &[f32]) -> Vec<f32> {
    let mean = logits.iter().sum::<f32>() / logits.len() as f32;
    logits.iter().map(|logit| logit - mean).collect()
}
