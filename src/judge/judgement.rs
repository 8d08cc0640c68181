//! What is said of a customer's message: intent, feeling, satisfaction, escalation, and what moved it.
//!
//! The plain types that are stored with the message and shown to agents; never to the customer.

use serde::{Deserialize, Serialize};

use super::emotion::{EMOTIONS, Emotion};
use super::escalation::{Escalation, Reason};
use super::satisfaction::{RATINGS, Satisfaction};

/// The judgement of one message in its conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the customer wants.
    pub intent: JudgedIntent,
    /// What the customer feels.
    pub sentiment: JudgedSentiment,
    /// How satisfied the customer is.
    pub satisfaction: JudgedSatisfaction,
    /// Whether a person must take over.
    pub escalation: JudgedEscalation,
    /// What moved satisfaction and escalation, the strongest first.
    pub causes: Vec<Cause>,
    /// What tells the heads from others: 16 hex digits.
    pub heads: String,
}

/// The likeliest intent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedIntent {
    /// Its name; `out_of_scope` if the message is none of the intents.
    pub name: String,
    /// Its probability, 0 to 1.
    pub score: f32,
}

/// The feeling of the message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedSentiment {
    /// Probability of a pleasant feeling less that of an unpleasant one, -1 to 1.
    pub score: f32,
    /// The likeliest feeling.
    pub emotion: Emotion,
    /// Its probability, 0 to 1.
    pub probability: f32,
}

/// How satisfied the customer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedSatisfaction {
    /// Mean rating at this message, 1 (furious) to 5 (delighted).
    pub rating: f32,
    /// Probability of a rating below 3.
    pub dissatisfied: f32,
    /// Probabilities of the ratings 1 to 5.
    pub ratings: [f32; RATINGS],
    /// Mean rating of the conversation so far.
    pub conversation_rating: f32,
    /// The probability of a rating below 3, of the conversation so far.
    pub conversation_dissatisfied: f32,
}

/// Whether a person must take over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedEscalation {
    /// The probability that the matter needs or will demand a person, 0 to 1.
    pub probability: f32,
    /// The likeliest reason, should it.
    pub reason: Reason,
    /// The probability of that reason among the reasons.
    pub reason_probability: f32,
}

/// What a cause moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The probability of a rating below 3.
    Dissatisfied,
    /// The probability that a person must take over.
    Escalation,
}

/// A turn, or words of the message, that moved a probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// What it moved.
    pub moved: Moved,
    /// By how much: the probability less that without these words.
    pub by: f32,
    /// Index of the turn in the conversation, from 0.
    pub turn: usize,
    /// Place in the turn's text: characters (Unicode scalar values) before it.
    pub start: usize,
    /// Characters up to its end.
    pub end: usize,
    /// The words.
    pub text: String,
}

impl JudgedSentiment {
    /// Of the probabilities of [`Emotion::ALL`].
    pub fn of(shares: &[f32; EMOTIONS]) -> Self {
        let score = shares.iter().zip(Emotion::ALL).map(|(p, e)| p * f32::from(e.sign())).sum();
        let likeliest = shares.iter().zip(Emotion::ALL).max_by(|l, r| l.0.total_cmp(r.0));
        let (probability, emotion) = likeliest.map_or((0.0, Emotion::Neutral), |(p, e)| (*p, e));
        Self { score, emotion, probability }
    }
}

impl JudgedSatisfaction {
    /// Of the ratings at the customer's turns, oldest first.
    pub fn of(turns: &[Satisfaction]) -> Self {
        let now = turns.last().copied().unwrap_or_default();
        let conversation = Satisfaction::of_conversation(turns);
        Self {
            rating: now.mean(),
            dissatisfied: now.dissatisfied(),
            ratings: now.ratings,
            conversation_rating: conversation.mean(),
            conversation_dissatisfied: conversation.dissatisfied(),
        }
    }
}

impl From<&Escalation> for JudgedEscalation {
    fn from(escalation: &Escalation) -> Self {
        let reason = escalation.reason();
        let reason_probability = escalation.reasons[reason as usize];
        Self { probability: escalation.probability, reason, reason_probability }
    }
}
