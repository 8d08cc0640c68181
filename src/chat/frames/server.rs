//! Frames from the server: those for everybody, and those for people of the company alone.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{ErrorCode, Fault};
use crate::store::desk::Note;
use crate::store::takeover::Holding;
use crate::store::{Author, ConversationState, FileInfo, StoredMessage};
use crate::turn::{Citation, DecisionKind};

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The hello was accepted.
    Ready {
        /// The conversation.
        conversation: String,
        /// Number of its newest message.
        seq: i64,
        /// Everything after this number follows. Less than the client asked for if the server knows of
        /// fewer messages than the client: then what the client has beyond it is no more.
        after: i64,
        /// Who answers.
        state: ConversationState,
    },
    /// The message is on disk.
    Ack {
        /// The client's id.
        id: String,
        /// Its number.
        seq: i64,
        /// The text as it is kept, if something was masked in it.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A message of the customer, sent from another tab or before this socket was opened.
    Message {
        /// The client's id.
        id: String,
        /// Its number.
        seq: i64,
        /// Always `customer`.
        from: Author,
        /// What was written.
        text: String,
        /// What came with it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileInfo>,
    },
    /// The next words of a reply that is being written.
    Delta {
        /// The reply's id.
        reply: String,
        /// To be put after what came before.
        text: String,
    },
    /// A finished reply.
    Reply {
        /// Its id, that of its deltas.
        reply: String,
        /// Its number.
        seq: i64,
        /// `steward` or `agent`.
        from: Author,
        /// All of it.
        text: String,
        /// Its sources.
        citations: Vec<Citation>,
        /// What was decided; null when a person wrote it.
        decision: Option<DecisionKind>,
        /// The person who wrote it.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What came with it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileInfo>,
    },
    /// Something happened.
    Event {
        /// Its number; for `typing` and `busy` that of the message being answered, for `agent_typing` that of the newest, for `read`
        /// how far a person has read.
        seq: i64,
        /// `typing`, `busy`, `agent_typing`, `read`, or the name of a [`crate::store::takeover::HoldingEvent`].
        event: String,
        /// For `busy`: after how long the reply is begun.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// Something could not be done. The socket stays open unless a close frame follows.
    Error {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: String,
        /// When to try again, if that helps.
        retry_after_ms: Option<u64>,
        /// The client's id of the message that was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
}

impl ServerFrame {
    /// An event that nothing more is to be said of.
    pub fn event(seq: i64, event: impl Into<String>) -> Self {
        Self::Event { seq, event: event.into(), retry_after_ms: None }
    }

    /// There is no room for the answer to message `seq`; it is begun after `wait`.
    pub fn busy(seq: i64, wait: Duration) -> Self {
        let retry_after_ms = u64::try_from(wait.as_millis()).ok();
        Self::Event { seq, event: "busy".to_string(), retry_after_ms }
    }
}

/// What the server says to a person of the company, beside every [`ServerFrame`]. A type of its own, so
/// that no customer's socket can be given one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentFrame {
    /// How a customer's message was judged.
    Judgement {
        /// The message's number.
        seq: i64,
        /// [`crate::judge::judgement::Judgement`].
        judgement: Value,
    },
    /// Who has the conversation.
    Holding {
        /// Who answers.
        state: ConversationState,
        /// The person who has it.
        assignee: Option<String>,
        /// Grows with every change.
        epoch: i64,
    },
    /// Somebody is writing.
    Typing {
        /// `customer`, or the name of a person of the company.
        who: String,
    },
    /// The customer has read everything up to a number.
    Read {
        /// The number.
        seq: i64,
    },
    /// A private note was written.
    Note(Note),
}

impl From<Holding> for AgentFrame {
    fn from(Holding { state, assignee, epoch }: Holding) -> Self {
        Self::Holding { state, assignee, epoch }
    }
}

impl From<Fault> for ServerFrame {
    fn from(fault: Fault) -> Self {
        let Fault { code, message, retry_after_ms, id } = fault;
        Self::Error { code, message, retry_after_ms, id }
    }
}

impl From<&StoredMessage> for ServerFrame {
    fn from(stored: &StoredMessage) -> Self {
        let StoredMessage {
            seq, author, message_id, text, citations, decision, agent, files, ..
        } = stored.clone();
        match author {
            Author::Customer => Self::Message { id: message_id, seq, from: author, text, files },
            Author::Event => Self::event(seq, text),
            Author::Steward | Author::Agent => {
                let name = agent.filter(|_| author == Author::Agent);
                Self::Reply {
                    reply: message_id,
                    seq,
                    from: author,
                    text,
                    citations,
                    decision,
                    name,
                    files,
                }
            }
        }
    }
}
