//! The frames of the chat socket (`steward.v1`), as `docs/protocol.md` describes them.
//!
//! In: text from a client, of any kind. Out: a [`ClientFrame`], or a [`Fault`] that the client can
//! act on. Parsing never panics and needs no state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::files::MOST_FILES_OF_A_MESSAGE;
use crate::store::takeover::{Change, Holding, NotYours};
use crate::store::{Author, ConversationState, FileInfo, StoredMessage};
use crate::turn::{Citation, DecisionKind};

/// The subprotocol that a client asks for.
pub const SUBPROTOCOL: &str = "steward.v1";

/// Longest id of a message that a client may choose, in bytes.
pub const MAX_MESSAGE_ID_BYTES: usize = 128;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// Who it is, and where it left off.
    Hello(Hello),
    /// The customer wrote something.
    Message {
        /// Chosen by the client; the same id is the same message.
        id: String,
        /// What was written.
        text: String,
        /// Ids of files that were brought before.
        files: Vec<String>,
    },
    /// A person of the company takes the conversation, or lets it go.
    Holding(HoldingFrame),
}

/// What a person wants to do with the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HoldingFrame {
    /// Answer from now on.
    TakeOver {
        /// Even if another person has it.
        #[serde(default)]
        from_another: bool,
    },
    /// Leave the word to Steward.
    GiveBack {},
    /// Put it back in line for another person.
    Requeue {},
    /// It is over.
    Close {},
}

impl HoldingFrame {
    /// The change that the person `agent` asks for.
    pub fn by(self, agent: &str) -> Change<'_> {
        match self {
            Self::TakeOver { from_another } => Change::TakeOver { agent, from_another },
            Self::GiveBack {} => Change::GiveBack { agent },
            Self::Requeue {} => Change::Requeue { agent },
            Self::Close {} => Change::Close { agent },
        }
    }
}

/// The first frame of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hello {
    /// A visitor's or customer's token.
    pub token: String,
    /// The conversation to go on with; a new one when absent.
    #[serde(default)]
    pub conversation: Option<String>,
    /// The newest number that the client has seen; everything after it is sent again.
    #[serde(default)]
    pub after: Option<u64>,
}

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
        /// What came with it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileInfo>,
    },
    /// Something happened.
    Event {
        /// Its number; for `typing` that of the message being answered.
        seq: i64,
        /// `typing`, or the name of a [`crate::store::takeover::HoldingEvent`].
        event: String,
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
}

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

impl ClientFrame {
    /// Reads a text frame.
    ///
    /// # Errors
    /// A [`Fault`] with code `bad_frame` or `unknown_type`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bad = |reason: String| Fault::new(ErrorCode::BadFrame, reason);
        let value: Value = serde_json::from_str(text)
            .map_err(|error| bad(format!("the frame is not valid JSON: {error}")))?;
        let Value::Object(fields) = &value else {
            return Err(bad("the frame must be a JSON object".to_string()));
        };
        let Some(Value::String(kind)) = fields.get("type") else {
            return Err(bad("the frame must have a \"type\" that is a text".to_string()));
        };
        match kind.as_str() {
            "hello" => Hello::deserialize(&value)
                .map(ClientFrame::Hello)
                .map_err(|error| bad(format!("the hello cannot be read: {error}"))),
            "message" => message_of(&value),
            "take_over" | "give_back" | "requeue" | "close" => HoldingFrame::deserialize(&value)
                .map(ClientFrame::Holding)
                .map_err(|error| bad(format!("the {kind} cannot be read: {error}"))),
            other => {
                let shown: String = other.chars().take(40).collect();
                let known = "hello, message, take_over, give_back, requeue, close";
                let message = format!("unknown type {shown:?}; known: {known}");
                Err(Fault::new(ErrorCode::UnknownType, message))
            }
        }
    }
}

fn message_of(value: &Value) -> Result<ClientFrame, Fault> {
    #[derive(Deserialize)]
    struct Message {
        id: String,
        text: Option<String>,
        #[serde(default)]
        files: Vec<String>,
    }
    let Message { id, text, files } = Message::deserialize(value).map_err(|error| {
        Fault::new(ErrorCode::BadFrame, format!("the message cannot be read: {error}"))
    })?;
    if id.is_empty() || id.len() > MAX_MESSAGE_ID_BYTES {
        let message = format!("a message's id must have 1 to {MAX_MESSAGE_ID_BYTES} bytes");
        return Err(Fault::new(ErrorCode::BadFrame, message));
    }
    let Some(text) = text.or_else(|| (!files.is_empty()).then(String::new)) else {
        let message = "the message cannot be read: it has neither a text nor files";
        return Err(Fault::new(ErrorCode::BadFrame, message).of_message(&id));
    };
    if files.len() > MOST_FILES_OF_A_MESSAGE {
        let message = format!("a message has at most {MOST_FILES_OF_A_MESSAGE} files");
        return Err(Fault::new(ErrorCode::BadFrame, message).of_message(&id));
    }
    Ok(ClientFrame::Message { id, text, files })
}

impl From<&StoredMessage> for ServerFrame {
    fn from(stored: &StoredMessage) -> Self {
        let StoredMessage { seq, author, message_id, text, citations, decision, files, .. } =
            stored.clone();
        match author {
            Author::Customer => Self::Message { id: message_id, seq, from: author, text, files },
            Author::Event => Self::Event { seq, event: text },
            Author::Steward | Author::Agent => Self::Reply {
                reply: message_id,
                seq,
                from: author,
                text,
                citations,
                decision,
                files,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_of_unusable_frame_has_its_code() {
        let code = |text: &str| ClientFrame::parse(text).map_err(|fault| fault.code);
        for bad in ["", "{", "[]", "null", "{}", r#"{"type":1}"#, r#"{"type":"hello"}"#] {
            assert_eq!(code(bad), Err(ErrorCode::BadFrame), "{bad}");
        }
        assert_eq!(code(r#"{"type":"message","id":"","text":"x"}"#), Err(ErrorCode::BadFrame));
        assert_eq!(code(r#"{"type":"dance"}"#), Err(ErrorCode::UnknownType));
        assert_eq!(code(&"[".repeat(60_000)), Err(ErrorCode::BadFrame));
    }

    #[test]
    fn an_error_is_written_as_the_protocol_says() {
        let fault = Fault::new(ErrorCode::EmptyMessage, "say something");
        assert_eq!(
            serde_json::to_string(&ServerFrame::from(fault)).unwrap(),
            r#"{"type":"error","code":"empty_message","message":"say something","retry_after_ms":null}"#
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = ClientFrame::parse(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn no_json_makes_the_parser_panic(
            kind in "hello|message|.*", id in ".*", token in any::<i64>(), after in any::<f64>(),
        ) {
            let frame = serde_json::json!({"type": kind, "id": id, "text": [token], "after": after});
            let _ = ClientFrame::parse(&frame.to_string());
        }

        #[test]
        fn a_message_is_read_as_it_was_written(id in ".{1,30}", text in ".*") {
            let frame = serde_json::json!({"type": "message", "id": id, "text": text, "more": 1});
            let parsed = ClientFrame::parse(&frame.to_string());
            prop_assert_eq!(parsed, Ok(ClientFrame::Message { id, text, files: Vec::new() }));
        }
    }
}
