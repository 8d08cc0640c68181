//! The generator's arithmetic without rounding: the same Q8_0 weights with activations in f32, here
//! and in llama.cpp. What is left is the order of summation, so the bar is high.

mod golden_logits;

use golden_logits::{Golden, cosine, every, first_choice, model};

#[test]
fn in_f32_the_logits_are_llama_cpps() {
    // SAFETY: the only test of this program; nothing else reads the environment meanwhile. candle
    // reads the variable when the weights are loaded.
    unsafe { std::env::set_var("CANDLE_DEQUANTIZE_ALL", "1") };
    let golden = Golden::read();
    let (weights, _) = model();
    for (prompt, logits) in golden.prompts.iter().zip(golden.ours(&weights)) {
        let cosine = cosine(&every(golden.stride, &logits), &prompt.exact);
        assert!(cosine >= 0.9999, "cosine {cosine} for {:?}", prompt.text);
        assert_eq!(first_choice(&logits), prompt.first_choice, "{:?}", prompt.text);
    }
}
