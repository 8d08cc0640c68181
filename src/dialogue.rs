//! A conversation as everything in Steward reads it: who said what, oldest first.

use serde::{Deserialize, Serialize};

/// Who wrote a turn of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The customer.
    Customer,
    /// Whoever answers: Steward or a person. Read from `agent`, `steward` or `assistant`.
    #[serde(alias = "steward", alias = "assistant", alias = "bot")]
    Agent,
}

/// One utterance of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Who wrote it.
    pub role: Role,
    /// What was written.
    pub text: String,
}
