//! Who answers: Steward by itself, or a person to whom Steward suggests a reply. One rule for the chat, the terminal
//! and the evaluation.
//!
//! Pure. In: the settings, and what the turn decided with how surely. Out: whether the reply goes to the customer. A
//! hand-off goes out in every mode: the customer is told that a person takes over.

use serde::{Deserialize, Serialize};

use super::account::answer::Outcome;
use super::decide::{Decision, Plan};
use super::gather::Evidence;
use super::types::DecisionKind;

/// Who answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Steward answers by itself.
    #[default]
    Answer,
    /// A person answers every message; Steward suggests.
    Suggest,
    /// A person answers messages of the intents in `suggest_intents`.
    ByIntent,
}

/// `[desk]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModeSettings {
    /// Who answers.
    pub mode: Mode,
    /// Intents whose messages a person answers, in the mode `by_intent`.
    pub suggest_intents: Vec<String>,
    /// A reply that is less sure than this, 0 to 1, is only suggested, in every mode; 0: never.
    pub answer_from: f32,
}

/// What becomes of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It goes to the customer.
    Answered,
    /// A person is asked to answer, and it is suggested to them.
    Suggested,
}

/// What becomes of the reply that `decision` leads to.
pub fn delivery(settings: &ModeSettings, decision: &Decision, confidence: f32) -> Delivery {
    if decision.kind == DecisionKind::HandOff {
        return Delivery::Answered;
    }
    let by_mode = match settings.mode {
        Mode::Answer => false,
        Mode::Suggest => true,
        Mode::ByIntent => settings.suggest_intents.contains(&decision.intent.name),
    };
    match by_mode || confidence < settings.answer_from {
        true => Delivery::Suggested,
        false => Delivery::Answered,
    }
}

/// Why a reply is only suggested, in words for the desk.
pub fn reason(settings: &ModeSettings, confidence: f32) -> String {
    if confidence < settings.answer_from {
        return format!("Steward is not sure enough of its answer ({confidence:.2})");
    }
    match settings.mode {
        Mode::ByIntent => "people answer messages of this intent".to_string(),
        _ => "people answer here; Steward suggests".to_string(),
    }
}

/// How sure a decision is, 0 to 1: the strength of what it rests on. For facts, how surely they are meant; for
/// passages, the cosine of the nearest one quoted; for a phrase, the nearness of the intent that calls for it; where
/// nothing was found, the best of what was not enough.
pub fn confidence(decision: &Decision, evidence: &Evidence) -> f32 {
    let account = match evidence.account.outcome {
        Outcome::Nothing => 0.0,
        _ => evidence.account.strength,
    };
    let quoted = |sentences: &[usize]| {
        let cosines = sentences
            .iter()
            .map(|&sentence| evidence.passages[evidence.sentences[sentence].passage].cosine);
        cosines.fold(0.0, f32::max)
    };
    let found = match &decision.plan {
        Plan::Facts(_) | Plan::Instead(_) | Plan::Which(_) | Plan::List(_) => account,
        Plan::Passages(sentences) => quoted(sentences),
        Plan::Guide(_, sentences) => quoted(sentences).max(decision.intent.score),
        Plan::Say("unsure" | "unsure_again" | "no_knowledge") => {
            evidence.passages.iter().map(|found| found.cosine).fold(0.0, f32::max).min(0.4)
        }
        Plan::Say("not_found" | "no_records" | "sign_in") => account.max(decision.intent.score),
        Plan::Say("empty") | Plan::Foreign(_) => 1.0,
        Plan::Say(_) => decision.intent.score,
    };
    found.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::intents::{Intent, IntentKind};

    fn decision(kind: DecisionKind, intent: &str) -> Decision {
        Decision {
            kind,
            plan: Plan::Say("thanks"),
            intent: Intent { name: intent.into(), kind: IntentKind::SmallTalk, score: 0.9 },
            hand_off_reason: None,
            apologise: false,
        }
    }

    #[test]
    fn the_mode_the_intent_and_the_confidence_decide() {
        let asked = decision(DecisionKind::Answer, "returns_policy");
        let mut settings = ModeSettings::default();
        assert_eq!(delivery(&settings, &asked, 0.0), Delivery::Answered);
        settings.answer_from = 0.6;
        assert_eq!(delivery(&settings, &asked, 0.59), Delivery::Suggested);
        assert_eq!(delivery(&settings, &asked, 0.6), Delivery::Answered);
        settings.mode = Mode::ByIntent;
        assert_eq!(delivery(&settings, &asked, 0.9), Delivery::Answered);
        settings.suggest_intents = vec!["returns_policy".to_string()];
        assert_eq!(delivery(&settings, &asked, 0.9), Delivery::Suggested);
        assert_eq!(
            delivery(&settings, &decision(DecisionKind::Answer, "other"), 0.9),
            Delivery::Answered
        );
        settings.mode = Mode::Suggest;
        assert_eq!(
            delivery(&settings, &decision(DecisionKind::Clarify, "x"), 1.0),
            Delivery::Suggested
        );
    }

    #[test]
    fn a_hand_off_goes_out_in_every_mode() {
        let handed = decision(DecisionKind::HandOff, "human");
        for mode in [Mode::Answer, Mode::Suggest, Mode::ByIntent] {
            let settings =
                ModeSettings { mode, answer_from: 1.0, suggest_intents: vec!["human".into()] };
            assert_eq!(delivery(&settings, &handed, 0.0), Delivery::Answered);
        }
    }
}
