//! The generator's arithmetic without rounding: the same Q8_0 weights with activations in f32, here
//! and in llama.cpp. What is left is the order of summation, so the bar is high.

mod golden_logits;

use steward::model::generator::weights::Precision;
use steward_engine::Isa;

use golden_logits::{Golden, cosine, every, first_choice, model};

#[test]
fn in_f32_the_logits_are_llama_cpps() {
    let golden = Golden::read();
    let (decoder, _) = model(Precision::Real);
    for (prompt, logits) in golden.prompts.iter().zip(golden.ours(&decoder, Isa::best())) {
        let cosine = cosine(&every(golden.stride, &logits), &prompt.exact);
        assert!(cosine >= 0.9999, "cosine {cosine} for {:?}", prompt.text);
        assert_eq!(first_choice(&logits), prompt.first_choice, "{:?}", prompt.text);
    }
}
