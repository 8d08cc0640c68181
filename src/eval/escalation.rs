//! Figures of the probability that a matter needs a person. A case is a customer's turn, or a dialogue.

use serde::Serialize;

use super::calibration::{average_precision, expected_calibration_error, roc_auc};

/// Figures of the probability that a person is needed.
#[derive(Debug, Clone, Serialize)]
pub struct EscalationFigures {
    /// Where the cases come from.
    pub set: String,
    /// Cases.
    pub cases: usize,
    /// Share of them that need a person.
    pub positive: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Area under the precision-recall curve.
    pub average_precision: f64,
    /// Expected calibration error, ten bins.
    pub calibration_error: f64,
}

impl EscalationFigures {
    /// The figures of `(probability, a person is needed)`.
    pub fn of(set: &str, cases: &[(f64, bool)]) -> Self {
        let positives = cases.iter().filter(|(_, positive)| *positive).count();
        Self {
            set: set.to_string(),
            cases: cases.len(),
            positive: positives as f64 / cases.len().max(1) as f64,
            auc: roc_auc(cases),
            average_precision: average_precision(cases),
            calibration_error: expected_calibration_error(cases, 10),
        }
    }
}
