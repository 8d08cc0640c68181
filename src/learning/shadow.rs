//! A new head beside the old one, on the same conversations: where they differ, and which is better.
//!
//! Better is said only of labelled conversations that neither was trained on, and only if the difference
//! is beyond chance: a bootstrap over conversations.

use serde::Serialize;

use crate::Result;
use crate::dialogue::{Role, Utterance};
use crate::eval::calibration::roc_auc;
use crate::judge::conversation::{Explain, Judge};
use crate::judge::judgement::Judgement;
use crate::judge::satisfaction::NEUTRAL;
use crate::judge::training::labelled::{EscalationLabel, LabelledConversation};

/// Draws of the bootstrap.
const DRAWS: usize = 1000;
/// Share of the draws in which the new head must be better.
const SURE: f64 = 0.95;
/// Fewer labelled messages, or messages of one kind, say nothing.
const LEAST_OF_A_KIND: usize = 20;
/// Probabilities are held this far from 0 and 1.
const EDGE: f64 = 1e-4;

/// Which head is better at telling something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The new one, beyond chance.
    Better,
    /// No difference beyond chance.
    NotBetter,
    /// Too few labels to say.
    TooFewLabels,
}

/// How the two heads tell one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What is told: `dissatisfied` or `escalation`.
    pub told: &'static str,
    /// Messages that both judged.
    pub messages: usize,
    /// Mean difference of the probabilities, without sign.
    pub mean_difference: f64,
    /// Share of messages on different sides of one half.
    pub disagreement: f64,
    /// Messages with a label.
    pub labelled: usize,
    /// Area under the ROC curve of the old head on these.
    pub old_auc: f64,
    /// The same of the new head.
    pub new_auc: f64,
    /// Mean log loss of the old head on these, in nats; the verdict is by this.
    pub old_log_loss: f64,
    /// The same of the new head.
    pub new_log_loss: f64,
    /// Share of bootstrap draws of conversations in which the new head's loss is smaller.
    pub better_in: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// A message as both heads judge it.
struct Case {
    conversation: usize,
    old: f64,
    new: f64,
    label: Option<bool>,
}

/// Judges every customer's message with both.
///
/// # Errors
/// As [`Judge::judge`].
pub fn compare(
    old: &Judge,
    new: &Judge,
    conversations: &[LabelledConversation],
) -> Result<[Comparison; 2]> {
    let (mut satisfaction, mut escalation) = (Vec::new(), Vec::new());
    for (number, conversation) in conversations.iter().enumerate() {
        let mut said: Vec<Utterance> = Vec::new();
        for turn in &conversation.turns {
            said.push(Utterance { role: turn.role, text: turn.text.clone() });
            if turn.role != Role::Customer {
                continue;
            }
            let both = [old.judge(&said, Explain::Nothing)?, new.judge(&said, Explain::Nothing)?];
            let case = |probability: fn(&Judgement) -> f32, label| Case {
                conversation: number,
                old: probability(&both[0]).into(),
                new: probability(&both[1]).into(),
                label,
            };
            let dissatisfied =
                turn.satisfaction.map(|shares| shares[..NEUTRAL - 1].iter().sum::<f32>() > 0.5);
            let needed = turn.escalation.map(|label| label != EscalationLabel::None);
            satisfaction.push(case(|j| j.satisfaction.dissatisfied, dissatisfied));
            escalation.push(case(|j| j.escalation.probability, needed));
        }
    }
    Ok([compared("dissatisfied", &satisfaction), compared("escalation", &escalation)])
}

fn compared(told: &'static str, cases: &[Case]) -> Comparison {
    let count = cases.len().max(1) as f64;
    let labelled: Vec<(&Case, bool)> =
        cases.iter().filter_map(|case| case.label.map(|label| (case, label))).collect();
    let auc = |probability: fn(&Case) -> f64| {
        let pairs: Vec<_> = labelled.iter().map(|(case, is)| (probability(case), *is)).collect();
        roc_auc(&pairs)
    };
    let mean = |probability: fn(&Case) -> f64| {
        let losses = labelled.iter().map(|(case, is)| log_loss(probability(case), *is));
        losses.sum::<f64>() / labelled.len().max(1) as f64
    };
    let positive = labelled.iter().filter(|(_, is)| *is).count();
    let enough = positive.min(labelled.len() - positive) >= LEAST_OF_A_KIND;
    let better_in = share_better(&labelled);
    Comparison {
        told,
        messages: cases.len(),
        mean_difference: cases.iter().map(|case| (case.new - case.old).abs()).sum::<f64>() / count,
        disagreement: cases.iter().filter(|case| (case.new >= 0.5) != (case.old >= 0.5)).count()
            as f64
            / count,
        labelled: labelled.len(),
        old_auc: auc(|case| case.old),
        new_auc: auc(|case| case.new),
        old_log_loss: mean(|case| case.old),
        new_log_loss: mean(|case| case.new),
        better_in,
        verdict: match (enough, better_in >= SURE) {
            (false, _) => Verdict::TooFewLabels,
            (true, true) => Verdict::Better,
            (true, false) => Verdict::NotBetter,
        },
    }
}

fn log_loss(probability: f64, is: bool) -> f64 {
    let of_truth = if is { probability } else { 1.0 - probability };
    -of_truth.clamp(EDGE, 1.0 - EDGE).ln()
}

/// Draws whole conversations with replacement, seeded, so that the same data says the same.
fn share_better(labelled: &[(&Case, bool)]) -> f64 {
    use rand::{RngExt, SeedableRng};
    let mut gains: std::collections::BTreeMap<usize, f64> = std::collections::BTreeMap::new();
    for (case, is) in labelled {
        *gains.entry(case.conversation).or_default() +=
            log_loss(case.old, *is) - log_loss(case.new, *is);
    }
    let gains: Vec<f64> = gains.into_values().collect();
    if gains.is_empty() {
        return 0.0;
    }
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let better = (0..DRAWS).filter(|_| {
        let drawn = (0..gains.len()).map(|_| gains[random.random_range(0..gains.len())]);
        drawn.sum::<f64>() > 0.0
    });
    better.count() as f64 / DRAWS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(old: fn(bool) -> f64, new: fn(bool) -> f64, count: usize) -> Vec<Case> {
        let of = |place: usize| {
            let is = place.is_multiple_of(2);
            Case { conversation: place / 4, old: old(is), new: new(is), label: Some(is) }
        };
        (0..count).map(of).collect()
    }

    #[test]
    fn a_head_is_better_only_beyond_chance_and_with_enough_labels() {
        let good = |is| if is { 0.9 } else { 0.1 };
        let unsure = |_| 0.5;
        let found = compared("x", &cases(unsure, good, 100));
        assert_eq!(found.verdict, Verdict::Better);
        assert!(found.new_auc > 0.99 && (found.old_auc - 0.5).abs() < 1e-9);
        assert_eq!(compared("x", &cases(good, unsure, 100)).verdict, Verdict::NotBetter);
        assert_eq!(compared("x", &cases(good, good, 100)).verdict, Verdict::NotBetter);
        assert_eq!(compared("x", &cases(unsure, good, 30)).verdict, Verdict::TooFewLabels);
        assert_eq!(compared("x", &[]).verdict, Verdict::TooFewLabels);
    }
}
