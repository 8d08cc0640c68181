//! Why a frame or message cannot be used, as the client is told.

use serde::Serialize;

use crate::store::takeover::NotYours;

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not an object, or a field is missing or of the wrong type.
    BadFrame,
    /// The frame's type is not known.
    UnknownType,
    /// A message came before the hello.
    HelloRequired,
    /// A second hello came.
    AlreadyGreeted,
    /// The token is not one of ours, was changed, or is for somebody else.
    TokenRefused,
    /// The token was good once.
    TokenExpired,
    /// There is no such conversation, or it is not this customer's.
    UnknownConversation,
    /// The message has no text.
    EmptyMessage,
    /// The message is longer than allowed.
    MessageTooLong,
    /// A file of the message is not there, is somebody else's, or came with another message.
    UnknownFile,
    /// Too many messages in a short time.
    RateLimited,
    /// Too many messages wait for an answer.
    TooManyWaiting,
    /// The conversation is over.
    ConversationClosed,
    /// Only people of the company may do this.
    AgentsOnly,
    /// The person does not have the conversation: take it over first.
    NotHeld,
    /// Another person has it.
    HeldByAnother,
    /// The message could not be put on disk; it can be sent again.
    NotStored,
    /// A fault of the server.
    Internal,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 18] = [
        Self::BadFrame,
        Self::UnknownType,
        Self::HelloRequired,
        Self::AlreadyGreeted,
        Self::TokenRefused,
        Self::TokenExpired,
        Self::UnknownConversation,
        Self::EmptyMessage,
        Self::MessageTooLong,
        Self::UnknownFile,
        Self::RateLimited,
        Self::TooManyWaiting,
        Self::ConversationClosed,
        Self::AgentsOnly,
        Self::NotHeld,
        Self::HeldByAnother,
        Self::NotStored,
        Self::Internal,
    ];
}

/// A frame or message that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// When to try again, if that helps.
    pub retry_after_ms: Option<u64>,
    /// The message that was refused.
    pub id: Option<String>,
}

impl Fault {
    /// A fault that trying again does not mend.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, id: None }
    }

    /// The fault of a certain message.
    pub fn of_message(mut self, id: &str) -> Self {
        self.id = Some(id.to_string());
        self
    }

    /// Says when trying again may help.
    pub fn retry_after(mut self, delay: std::time::Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self
    }
}

impl From<NotYours> for Fault {
    fn from(why: NotYours) -> Self {
        match why {
            NotYours::Closed => {
                let message = "this conversation is over; please begin a new one";
                Self::new(ErrorCode::ConversationClosed, message)
            }
            NotYours::NotHeld => {
                let message = "you do not have this conversation; take it over first";
                Self::new(ErrorCode::NotHeld, message)
            }
            NotYours::HeldBy(name) => {
                let message = format!("{name} has this conversation");
                Self::new(ErrorCode::HeldByAnother, message)
            }
        }
    }
}
