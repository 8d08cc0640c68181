//! The shipped heads on conversations that nothing was trained on, and what a judgement costs.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use steward::config::Config;
use steward::dialogue::{Role, Utterance};
use steward::eval::judgements::measure;
use steward::judge::conversation::{Explain, Judge};
use steward::judge::heads::Heads;
use steward::judge::judgement::Moved;
use steward::judge::training::labelled::conversations;

fn judge() -> Judge {
    let encoder = steward::setup::encoder(&Config::default()).unwrap();
    Judge::new(Arc::new(encoder), Heads::load(None).unwrap())
}

fn customer(text: &str) -> Utterance {
    Utterance { role: Role::Customer, text: text.to_string() }
}

fn agent(text: &str) -> Utterance {
    Utterance { role: Role::Agent, text: text.to_string() }
}

#[test]
fn the_canned_conversations_are_judged_rightly_but_for_a_few() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgements/conversations.jsonl");
    let conversations = conversations(&file).unwrap();
    assert!(conversations.len() >= 50);
    let figures = measure(&judge(), &conversations).unwrap();
    // docs/evaluation.md has the figures measured; below these something has broken.
    let least = |right: usize, share: f64| right as f64 >= share * figures.all.messages as f64;
    assert!(least(figures.all.satisfaction_right, 0.80), "{figures:#?}");
    assert!(least(figures.all.escalation_right, 0.80), "{figures:#?}");
    assert!(figures.escalation_auc >= 0.92 && figures.dissatisfied_auc >= 0.90, "{figures:#?}");
    let unharmed = ["capitals", "harmless_words", "happy", "neutral_how_to"];
    for (case, tally) in figures.cases.iter().filter(|(case, _)| unharmed.contains(&case.as_str()))
    {
        assert!(tally.messages - tally.escalation_right <= 1, "{case}: {figures:#?}");
    }
}

#[test]
fn a_judgement_names_what_moved_it() {
    let judge = judge();
    let conversation = [
        customer("Where is my parcel?"),
        agent("It arrives on Monday."),
        customer("It is a disgrace that you lied to me again. My order number is 1042."),
    ];
    let judgement = judge.judge(&conversation, Explain::Words).unwrap();
    assert!(judgement.satisfaction.dissatisfied > 0.5, "{judgement:#?}");
    assert!((judgement.satisfaction.ratings.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    for cause in &judgement.causes {
        let text: Vec<char> = conversation[cause.turn].text.chars().collect();
        let named: String = text[cause.start..cause.end].iter().collect();
        assert_eq!(named, cause.text, "offsets are in characters of the turn");
    }
    let strongest =
        judgement.causes.iter().find(|cause| cause.turn == 2 && cause.by > 0.0).unwrap();
    assert_eq!((strongest.moved, strongest.text.as_str()), (Moved::Escalation, "disgrace"));
    assert!(judgement.causes.iter().any(|cause| cause.moved == Moved::Dissatisfied));
    assert!(judgement.causes.iter().any(|cause| cause.turn < 2), "earlier turns count too");
}

#[test]
fn the_same_words_are_judged_by_what_went_before() {
    let judge = judge();
    let risk = |conversation: &[Utterance]| {
        judge.judge(conversation, Explain::Nothing).unwrap().escalation.probability
    };
    let first = risk(&[customer("I can't log in.")]);
    let again = risk(&[
        customer("I can't log in."),
        agent("Please reset your password."),
        customer("I did, it doesn't work."),
        agent("Please reset your password."),
        customer("I can't log in."),
    ]);
    assert!(again > first + 0.2, "{first} then {again}");
}

#[test]
fn only_a_customers_message_is_judged_and_odd_ones_are_survived() {
    let judge = judge();
    assert!(judge.judge(&[], Explain::Words).is_err());
    assert!(judge.judge(&[customer("hi"), agent("hello")], Explain::Words).is_err());
    let long = "very ".repeat(5000);
    for odd in ["", " ", "\u{0}", "🙂🙂🙂", "اين طلبي؟", "&&&&", &long] {
        let judgement = judge.judge(&[customer(odd)], Explain::Words).unwrap();
        assert!((0.0..=1.0).contains(&judgement.escalation.probability), "{odd}");
        assert!(judgement.satisfaction.rating.is_finite());
    }
    let many: Vec<Utterance> = (0..400).map(|n| customer(&format!("message {n}"))).collect();
    assert!(judge.judge(&many, Explain::Turns).unwrap().causes.iter().all(|c| c.turn < 400));
}

#[test]
fn the_heads_are_there_at_once() {
    Heads::load(None).unwrap();
    let started = Instant::now();
    Heads::load(None).unwrap();
    // Measured under 10 ms (`steward bench judge`); a wide berth, for a busy machine.
    assert!(started.elapsed().as_millis() < 500);
}
