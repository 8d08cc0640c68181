//! Trains the escalation head: the risk on all labelled turns, the reason on those that need a person.

use super::examples::{Example, Rows};
use super::labelled::{EscalationLabel, LabelledConversation};
use crate::Result;
use crate::judge::escalation::{EscalationHead, REASONS, RiskCalibration};
use crate::judge::softmax::Training;

/// How the two heads are trained.
const RISK_TRAINING: Training = Training { l2: 1e-4, balance: 0.0, steps: 100 };
const REASON_TRAINING: Training = Training { l2: 1e-4, balance: 0.0, steps: 100 };

/// Examples of one source.
pub struct Source<'a> {
    /// What the examples were made of.
    pub conversations: &'a [LabelledConversation],
    /// Turns with a label.
    pub examples: &'a [Example],
    /// How much each turn counts.
    pub weight: f32,
}

impl Source<'_> {
    /// The label of an example.
    pub fn label_of(&self, example: &Example) -> Option<EscalationLabel> {
        self.conversations[example.conversation].turns[example.turn].escalation
    }
}

/// Rows of two classes: it goes on as it is, a person is needed.
fn risk_rows<'a>(sources: &[Source<'a>]) -> Rows<'a> {
    let mut rows = Rows::new(2);
    for source in sources {
        for example in source.examples {
            let needed = matches!(source.label_of(example), Some(EscalationLabel::Needed(_)));
            rows.push_class(&example.features, usize::from(needed), source.weight);
        }
    }
    rows
}

fn balanced_rows<'a>(sources: &[Source<'a>], balance: f32) -> Rows<'a> {
    let mut rows = risk_rows(sources);
    rows.balance(balance);
    rows
}

/// Rows of one class for each reason.
fn reason_rows<'a>(sources: &[Source<'a>]) -> Rows<'a> {
    let mut rows = Rows::new(REASONS);
    for source in sources {
        for example in source.examples {
            if let Some(EscalationLabel::Needed(Some(reason))) = source.label_of(example) {
                rows.push_class(&example.features, reason as usize, source.weight);
            }
        }
    }
    rows
}

/// The log-odds of each example, source by source, from a head that did not see its fold.
///
/// # Errors
/// As [`Rows::held_out_logits`].
pub fn held_out_log_odds(
    sources: &[Source<'_>],
    balance: f32,
    fold_of: &[usize],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<f64>> {
    let logits =
        balanced_rows(sources, balance).held_out_logits(fold_of, RISK_TRAINING, progress)?;
    Ok(logits.iter().map(|logits| f64::from(logits[1] - logits[0])).collect())
}

/// Trains on all sources.
///
/// # Errors
/// If there are no examples of a kind.
pub fn train(
    sources: &[Source<'_>],
    balance: f32,
    calibration: RiskCalibration,
) -> Result<EscalationHead> {
    let reasons = reason_rows(sources).train(REASON_TRAINING)?;
    let risk = balanced_rows(sources, balance).train(RISK_TRAINING)?;
    EscalationHead::new(risk, reasons, calibration)
}
