//! The plain types that travel through a turn, and those it is given and gives back.

use serde::{Deserialize, Serialize};

use super::mode::{Delivery, ModeSettings};
pub use crate::dialogue::{Role, Utterance};
use crate::judge::judgement::Judgement;
use crate::privacy;
use crate::retrieve::scope::AccountScope;

/// What a turn is given: the conversation up to and including the customer's message, and the key
/// to the customer's account when the customer is signed in.
#[derive(Debug, Clone)]
pub struct TurnInput {
    /// The conversation's id in the store, by which it is given to one judge or another; empty elsewhere.
    pub id: String,
    /// Oldest first; the last one is the customer's message to answer.
    pub conversation: Vec<Utterance>,
    /// Who answers, after the settings.
    pub modes: ModeSettings,
    /// `None` for a visitor: knowledge and public records only.
    pub scope: Option<AccountScope>,
    /// The message came with files, which Steward cannot read.
    pub has_files: bool,
}

impl TurnInput {
    /// The last message of a conversation that is not in the store. What must not be kept is masked, as the
    /// chat does before it stores a message.
    pub fn of(mut conversation: Vec<Utterance>, scope: Option<AccountScope>) -> Self {
        for utterance in &mut conversation {
            if let Some(masked) = privacy::mask(&utterance.text) {
                utterance.text = masked;
            }
        }
        Self {
            id: String::new(),
            conversation,
            scope,
            has_files: false,
            modes: ModeSettings::default(),
        }
    }

    /// The same, where these settings say who answers.
    pub fn under(self, modes: &ModeSettings) -> Self {
        Self { modes: modes.clone(), ..self }
    }
}

/// What the policy decided to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Reply from the evidence, or with small talk.
    Answer,
    /// Ask what is needed to answer.
    Clarify,
    /// A person takes over.
    HandOff,
}

/// The name and score of the intent that the message is closest to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntentScore {
    /// Name from the intents file, or `out_of_scope`.
    pub name: String,
    /// Cosine similarity to the nearest examples, 0 to 1.
    pub score: f32,
}

/// A source that the reply rests on, with the words it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Document id (`returns-and-exchanges`) or record key (`order/FH-20417`).
    pub source: String,
    /// What a reader sees: an article's title, or `Order FH-20417`.
    pub title: String,
    /// The sentence of the source, word for word.
    pub quote: String,
}

/// A piece of evidence considered in the turn, whether cited or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// Passage id or fact id, stable between imports of the same content.
    pub id: String,
    /// Document id or record key.
    pub source: String,
    /// What a reader sees as its title.
    pub title: String,
    /// Its words.
    pub text: String,
    /// How well it fits the question, higher is better.
    pub score: f32,
}

/// Milliseconds spent in each stage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTimings {
    /// Embedding, intent, entities.
    pub understand: f64,
    /// Search.
    pub gather: f64,
    /// Policy.
    pub decide: f64,
    /// From decision to the last text, but for the checks.
    pub compose: f64,
    /// Evidence checks.
    pub check: f64,
    /// From the start of the turn to the first checked text.
    pub first_text: f64,
    /// The whole turn.
    pub total: f64,
}

/// What produced a reply: enough to run it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of Steward.
    pub steward: String,
    /// SHA-256 of the encoder's weights, first 16 hex digits.
    pub encoder: String,
    /// SHA-256 of the generator's weights, first 16 hex digits; empty when it is off.
    pub generator: String,
    /// SHA-256 of the prompt templates, first 16 hex digits.
    pub prompts: String,
    /// Hash of the index's content.
    pub index: String,
    /// `extractive` or `composed`: who wrote the sentence that was sent.
    pub wording: String,
}

/// An answer that did not go to the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withheld {
    /// Its words.
    pub text: String,
    /// What was decided.
    pub decision: DecisionKind,
    /// Its sources.
    pub citations: Vec<Citation>,
}

/// The finished turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What the customer reads.
    pub text: String,
    /// What was decided.
    pub decision: DecisionKind,
    /// Whether that is the answer, or a person was asked for one.
    pub mode: Delivery,
    /// How sure the answer is, 0 to 1; see [`super::mode::confidence`].
    pub confidence: f32,
    /// The answer that is only suggested, if a person was asked for one.
    pub suggested: Option<Withheld>,
    /// Sources with quotes, in the order in which the text uses them.
    pub citations: Vec<Citation>,
    /// Everything considered.
    pub evidence: Vec<EvidenceItem>,
    /// What the customer wanted.
    pub intent: IntentScore,
    /// Probability that the customer is not dissatisfied.
    pub satisfaction: Option<f32>,
    /// Probability that the matter needs or will demand a person.
    pub escalation: Option<f32>,
    /// How the message was judged; for agents, never for the customer.
    pub judgement: Option<Judgement>,
    /// Why a person takes over, for the agent's desk; empty otherwise.
    pub hand_off_reason: Option<String>,
    /// Where the time went.
    pub timings_ms: StageTimings,
    /// What produced it.
    pub provenance: Provenance,
}
