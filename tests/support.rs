//! The support head over the real encoder: held against the probabilities that its training computed, and what it lets through.

use std::sync::Arc;

use serde::Deserialize;
use steward::config::Config;
use steward::model::encoder::Precision;
use steward::turn::support::SupportChecker;

/// What `training/support/train.py` wrote beside the head.
const REFERENCE: &str = include_str!("reference/support.json");

#[derive(Deserialize)]
struct Judged {
    sentence: String,
    evidence: Vec<String>,
    probabilities: [f32; 3],
}

fn checker(precision: Precision) -> SupportChecker {
    let mut config = Config::default();
    config.engine.encoder = precision;
    let encoder = steward::setup::encoder(&config).expect("the encoder loads");
    SupportChecker::shipped(Arc::new(encoder)).expect("the head is shipped")
}

#[test]
fn the_head_judges_as_its_training_did() {
    // It was trained over the encoder in f32; eight bits move a judgement a little.
    for (precision, allowed) in [(Precision::F32, 0.01), (Precision::Int8, 0.05)] {
        let checker = checker(precision);
        let cases: Vec<Judged> = serde_json::from_str(REFERENCE).unwrap();
        assert!(cases.len() >= 10);
        for Judged { sentence, evidence, probabilities } in cases {
            let known = checker.read(&evidence).unwrap();
            let found = checker.judge(&sentence, &known).unwrap();
            let found = [found.supported, found.contradicted, found.absent];
            let gap = found.iter().zip(probabilities).map(|(ours, theirs)| (ours - theirs).abs());
            assert!(
                gap.fold(0.0, f32::max) < allowed,
                "{precision:?}, {sentence}: {found:?}, not {probabilities:?}"
            );
        }
    }
}

#[test]
fn any_text_is_judged() {
    let checker = checker(Precision::default());
    let long = "very long words ".repeat(400);
    let texts = ["", " ", "\u{0}\u{1F600}", "12", long.as_str()];
    for evidence in [vec![], vec![String::new()], vec![long.clone(); 8], vec!["Yes.".to_string()]] {
        let known = checker.read(&evidence).unwrap();
        for text in texts {
            let found = checker.judge(text, &known).unwrap();
            let sum = found.supported + found.contradicted + found.absent;
            assert!(
                (sum - 1.0).abs() < 1e-4,
                "{text:?} beside {} texts: {found:?}",
                evidence.len()
            );
        }
    }
}
