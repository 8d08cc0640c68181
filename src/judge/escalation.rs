//! How likely it is that a person must take over, and why: two heads over the conversation's trajectory.

use serde::{Deserialize, Serialize};

use super::softmax::SoftmaxRegression;
use super::trajectory::FEATURES;
use crate::Result;

/// How many reasons there are.
pub const REASONS: usize = 7;

/// Why a person must take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The customer asks for one.
    AsksForPerson,
    /// Steward failed, misunderstood or repeated itself.
    RepeatedFailure,
    /// Strong anger, insult, ultimatum.
    Anger,
    /// Lawyer, regulator, chargeback, press, bad reviews.
    LegalOrPublicThreat,
    /// Danger to people.
    Safety,
    /// Something that only a person may grant.
    PolicyException,
    /// The customer needs particular care.
    VulnerableCustomer,
}

impl Reason {
    /// All, in the order of the head's classes.
    pub const ALL: [Self; REASONS] = [
        Self::AsksForPerson,
        Self::RepeatedFailure,
        Self::Anger,
        Self::LegalOrPublicThreat,
        Self::Safety,
        Self::PolicyException,
        Self::VulnerableCustomer,
    ];

    /// Its name, as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsksForPerson => "asks_for_person",
            Self::RepeatedFailure => "repeated_failure",
            Self::Anger => "anger",
            Self::LegalOrPublicThreat => "legal_or_public_threat",
            Self::Safety => "safety",
            Self::PolicyException => "policy_exception",
            Self::VulnerableCustomer => "vulnerable_customer",
        }
    }

    /// The reason of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// As an agent reads it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AsksForPerson => "the customer asks for a person",
            Self::RepeatedFailure => "the customer was not helped more than once",
            Self::Anger => "the customer is very angry",
            Self::LegalOrPublicThreat => "legal or public threat",
            Self::Safety => "somebody's safety may be at stake",
            Self::PolicyException => "an exception to the rules is asked for",
            Self::VulnerableCustomer => "the customer may need particular care",
        }
    }
}

/// What the heads say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Escalation {
    /// The probability that a person must take over.
    pub probability: f32,
    /// The probability of each of [`Reason::ALL`], should a person take over.
    pub reasons: [f32; REASONS],
}

impl Escalation {
    /// The likeliest reason.
    pub fn reason(&self) -> Reason {
        let likeliest = self.reasons.iter().zip(Reason::ALL).max_by(|l, r| l.0.total_cmp(r.0));
        likeliest.map_or(Reason::AsksForPerson, |(_, reason)| reason)
    }
}

/// The trained heads.
#[derive(Debug, Clone, PartialEq)]
pub struct EscalationHead {
    /// Two classes: it goes on as it is, a person must take over.
    pub(super) risk: SoftmaxRegression,
    /// One class for each reason.
    pub(super) reasons: SoftmaxRegression,
    pub(super) calibration: RiskCalibration,
}

/// From the log-odds that the head says to those that were seen (Platt, 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskCalibration {
    /// Multiplies the log-odds.
    pub slope: f32,
    /// Added to them.
    pub intercept: f32,
}

impl Default for RiskCalibration {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0 }
    }
}

impl EscalationHead {
    /// The heads of two regressions.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if one has another number of classes or features.
    pub fn new(
        risk: SoftmaxRegression,
        reasons: SoftmaxRegression,
        calibration: RiskCalibration,
    ) -> Result<Self> {
        super::head_file::check_shape("escalation", &risk, 2, FEATURES)?;
        super::head_file::check_shape("escalation's reasons", &reasons, REASONS, FEATURES)?;
        Ok(Self { risk, reasons, calibration })
    }

    /// The log-odds that a person must take over, before calibration.
    pub fn log_odds(&self, features: &[f32]) -> f32 {
        let logits = self.risk.logits(features);
        logits[1] - logits[0]
    }

    /// The probability that a person must take over.
    pub fn probability(&self, features: &[f32]) -> f32 {
        let odds = self.calibration.slope * self.log_odds(features) + self.calibration.intercept;
        1.0 / (1.0 + (-odds).exp())
    }

    /// Judges a message by the features of its conversation.
    pub fn judge(&self, features: &[f32]) -> Escalation {
        let mut reasons = [0.0; REASONS];
        let said = self.reasons.probabilities(features, 1.0);
        reasons.iter_mut().zip(said).for_each(|(share, said)| *share = said);
        Escalation { probability: self.probability(features), reasons }
    }
}
