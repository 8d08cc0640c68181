//! Labelled conversations that nothing was trained on, judged as in a turn: what is right, case by case.

use std::collections::BTreeMap;

use serde::Serialize;

use super::calibration::{average_precision, expected_calibration_error, roc_auc};
use crate::Result;
use crate::dialogue::{Role, Utterance};
use crate::judge::conversation::{Explain, Judge};
use crate::judge::judgement::Judgement;
use crate::judge::satisfaction::NEUTRAL;
use crate::judge::training::labelled::{EscalationLabel, LabelledConversation, LabelledTurn};

/// What is right of some messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Customers' messages with labels.
    pub messages: usize,
    /// Of which dissatisfaction was told rightly: on the right side of one half.
    pub satisfaction_right: usize,
    /// Of which the need of a person was told rightly.
    pub escalation_right: usize,
    /// Of which the feeling is pleasant, neutral or unpleasant as said.
    pub sentiment_right: usize,
}

/// A message that was judged wrongly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Miss {
    /// The conversation.
    pub conversation: String,
    /// The message.
    pub text: String,
    /// What was expected and what was said.
    pub about: String,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgementFigures {
    /// All messages.
    pub all: Tally,
    /// By what the conversation is a case of.
    pub cases: BTreeMap<String, Tally>,
    /// Matters that need a person and whose reason was told rightly, of those that need one.
    pub reason_right: [usize; 2],
    /// Area under the ROC curve of P(dissatisfied).
    pub dissatisfied_auc: f64,
    /// Expected calibration error of P(dissatisfied), ten bins.
    pub dissatisfied_error: f64,
    /// Area under the ROC curve of P(a person is needed).
    pub escalation_auc: f64,
    /// Area under its precision-recall curve.
    pub escalation_average_precision: f64,
    /// Its expected calibration error, ten bins.
    pub escalation_error: f64,
    /// What was judged wrongly.
    pub misses: Vec<Miss>,
}

/// Judges every labelled message of the conversations.
///
/// # Errors
/// As [`Judge::judge`].
pub fn measure(judge: &Judge, conversations: &[LabelledConversation]) -> Result<JudgementFigures> {
    let mut counts = Counts::default();
    for conversation in conversations {
        let mut said: Vec<Utterance> = Vec::new();
        for turn in &conversation.turns {
            said.push(Utterance { role: turn.role, text: turn.text.clone() });
            if turn.role == Role::Customer {
                counts.add(conversation, turn, &judge.judge(&said, Explain::Nothing)?);
            }
        }
    }
    Ok(JudgementFigures {
        all: counts.all,
        cases: counts.cases,
        reason_right: counts.reason_right,
        dissatisfied_auc: roc_auc(&counts.dissatisfied),
        dissatisfied_error: expected_calibration_error(&counts.dissatisfied, 10),
        escalation_auc: roc_auc(&counts.escalation),
        escalation_average_precision: average_precision(&counts.escalation),
        escalation_error: expected_calibration_error(&counts.escalation, 10),
        misses: counts.misses,
    })
}

#[derive(Default)]
struct Counts {
    all: Tally,
    cases: BTreeMap<String, Tally>,
    reason_right: [usize; 2],
    dissatisfied: Vec<(f64, bool)>,
    escalation: Vec<(f64, bool)>,
    misses: Vec<Miss>,
}

impl Counts {
    fn add(
        &mut self,
        conversation: &LabelledConversation,
        turn: &LabelledTurn,
        judgement: &Judgement,
    ) {
        let (Some(ratings), Some(needed), Some(emotion)) =
            (turn.satisfaction, turn.escalation, turn.emotion)
        else {
            return;
        };
        let is_dissatisfied = ratings[..NEUTRAL - 1].iter().sum::<f32>() > 0.5;
        let dissatisfied = f64::from(judgement.satisfaction.dissatisfied);
        let needs_person = needed != EscalationLabel::None;
        let escalation = f64::from(judgement.escalation.probability);
        self.dissatisfied.push((dissatisfied, is_dissatisfied));
        self.escalation.push((escalation, needs_person));
        if let EscalationLabel::Needed(Some(reason)) = needed {
            self.reason_right[0] += usize::from(judgement.escalation.reason == reason);
            self.reason_right[1] += 1;
        }
        let satisfaction_right = (dissatisfied >= 0.5) == is_dissatisfied;
        let escalation_right = (escalation >= 0.5) == needs_person;
        let sentiment_right = judgement.sentiment.emotion.sign() == emotion.sign();
        let case = conversation.case.clone().unwrap_or_default();
        for tally in [&mut self.all, self.cases.entry(case).or_default()] {
            tally.messages += 1;
            tally.satisfaction_right += usize::from(satisfaction_right);
            tally.escalation_right += usize::from(escalation_right);
            tally.sentiment_right += usize::from(sentiment_right);
        }
        for (what, probability, is, right) in [
            ("dissatisfied", dissatisfied, is_dissatisfied, satisfaction_right),
            ("needs a person", escalation, needs_person, escalation_right),
        ] {
            if !right {
                self.misses.push(Miss {
                    conversation: conversation.id.clone(),
                    text: turn.text.clone(),
                    about: format!("{}{what}, said {probability:.2}", if is { "" } else { "not " }),
                });
            }
        }
    }
}
