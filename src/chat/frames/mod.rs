//! The frames of the chat socket (`steward.v1`), as `docs/protocol.md` describes them.
//!
//! In: text from a client, of any kind. Out: a [`ClientFrame`], or a [`Fault`] that the client can
//! act on. Parsing never panics and needs no state.

use serde::Deserialize;
use serde_json::Value;

use crate::store::files::MOST_FILES_OF_A_MESSAGE;
use crate::store::takeover::Change;

mod fault;
mod server;
pub use fault::{ErrorCode, Fault};
pub use server::{AgentFrame, ServerFrame};

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
    /// Whoever is at the other end is writing.
    Typing,
    /// Everything up to this number was read.
    Read {
        /// The number.
        seq: i64,
    },
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
            "typing" => Ok(Self::Typing),
            "read" => read_of(&value),
            other => {
                let shown: String = other.chars().take(40).collect();
                let known = "hello, message, typing, read, take_over, give_back, requeue, close";
                let message = format!("unknown type {shown:?}; known: {known}");
                Err(Fault::new(ErrorCode::UnknownType, message))
            }
        }
    }
}

fn read_of(value: &Value) -> Result<ClientFrame, Fault> {
    #[derive(Deserialize)]
    struct Read {
        seq: u32,
    }
    Read::deserialize(value).map(|Read { seq }| ClientFrame::Read { seq: seq.into() }).map_err(
        |error| Fault::new(ErrorCode::BadFrame, format!("the read cannot be read: {error}")),
    )
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
