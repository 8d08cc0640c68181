//! Conversations on disk (SQLite): what was said, in what order, and what is still to be answered.
//!
//! Owns the file. Knows nothing of sockets or of how a reply is made. What a function returns is
//! committed (WAL, `synchronous = FULL`), so an acknowledgement may follow it at once.
//!
//! ```text
//! conversations     id                 UUID v7
//!                   owner              visitor:<uuid> or customer:<id in the company's records>
//!                   state              bot | queued | agent | closed; see [`takeover`]
//!                   assignee           the person who has it, in state agent
//!                   state_ms           since when it is in this state
//!                   waited_out         in line: the customer was told that nobody came in time
//!                   epoch              grows whenever the state changes; a reply begun under an
//!                                      older epoch is refused (fencing)
//!                   last_seq           number of the newest message; numbers have no gaps
//!                   last_customer_seq  number of the customer's newest message
//!                   answered_seq       customer messages up to here have been answered; written
//!                                      in one transaction with the reply, so each is answered once
//!                   attempts           turns begun since the last reply
//!                   acknowledged       after a hand-off: the one acknowledgement was sent
//!                   created_ms         milliseconds since 1970, as everywhere below
//!                   last_ms, preview, preview_from, waiting_ms     the newest message, the oldest unanswered one
//!                   judged_seq, escalation, escalation_reason, dissatisfied, intent     the newest judgement
//!                                      these nine are kept by triggers, for the desk's list
//!                   owner_name, owner_value, profile     what the customer's records say, and of which index
//!                   snoozed_until_ms   out of the desk's sight until then
//!                   assigned_to        the person who was asked to take it
//!                   read_seq, customer_read_seq     read up to here by the company, by the customer
//! messages          conversation, seq
//!                   author             customer | steward | agent | event
//!                   message_id         the client's id, the reply's id, or the event's id
//!                   text               what was written; the event's name for an event
//!                   citations          JSON list, empty but for replies
//!                   decision           answer | clarify | hand_off, of replies
//!                   answers_seq        the newest customer message that the reply knew of
//!                   agent              the person who wrote it, or who made the event happen
//!                   files              JSON list of what came with it; the table says who may see them
//! decision_records  reply_id -> JSON   what the reply rests on, enough to run it again
//! judgements        conversation, seq -> JSON   how a customer's message was judged
//! labels            conversation, seq  what people said of a message; 0 is the whole conversation
//!                   kind               satisfaction | emotion | escalation | intent | comment | solved
//!                   source, author     agent or survey, and who; each says one thing of a kind
//!                   value              the label
//! files             id                 a file, whose bytes are in the directory `files`; see [`files`]
//!                   uploader           the owner, or `agent:` and a name; client_id: as of messages
//!                   message_seq        the message that took it along, if one did
//! dismissed_gaps    conversation, seq  questions that were put aside; see [`gaps`]
//! question_vectors  conversation, seq  embeddings of questions that nothing answered
//! removed_files     id                 rows that are gone, whose bytes are still to go
//! attributes        conversation       what the customer said of themselves; see [`attributes`]
//! suggestions       id, conversation   what was suggested to people of the company
//!                   through_seq        the customer's newest message that it knows of
//!                   record             JSON: text, citations, evidence, marks
//!                   outcome            accepted | edited | rejected, with what was sent and what it saved
//! conversation_tags conversation, tag
//! notes             conversation, id   private notes; whisper_to names the one reader of a whisper
//! mentions          conversation, note, member     who is named in a note, and when they saw it
//! canned_replies    id, shortcut       prepared words of the company, with variables
//! message_words     rowid              full-text index (FTS5) over messages; a trigger takes out what is deleted
//! message_words_of  id                 the message whose words stand under this rowid
//! summaries         conversation       told in a few sentences; through_seq: as above
//! audit             seq, who, what       see [`audit`]; triggers refuse every change
//! deliveries        id, endpoint       events on their way to webhooks; see [`outbox`]
//! tombstones        owner_hash         customers who were erased, as salted hashes
//! installation      salt               of those hashes, of this installation alone
//! team_members      name               what a member signs in with; upper and lower case are the same
//!                   role               agent | admin
//!                   password_hash      argon2id, as a PHC string
//!                   disabled           may not sign in
//! team_sessions     id, secret_hash    sign-ins; the cookie holds the secret, the store its SHA-256
//!                   member             whose it is
//!                   seen_ms            last used, to a minute
//! team_keys         id, secret_hash    keys of programs, by name and role; revoked_ms once they were
//!                   expires_ms         when it ends by itself
//! team_failures     who_hash           failed sign-ins: salted hashes of names, addresses and browsers
//! team_generation   number             grows with every change of members, sessions and keys
//! ```

use std::fs::File;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqlitePool;

use crate::error::Context;
use crate::turn::{Citation, DecisionKind};
use crate::{Error, Result};

pub mod attributes;
pub mod audit;
mod committer;
pub mod desk;
mod erase;
mod fault;
mod figures;
pub mod files;
pub mod gaps;
mod judgements;
mod open;
pub mod outbox;
pub mod outcomes;
mod read;
mod suggestions;
mod summaries;
pub mod takeover;
pub mod team;
mod write;
use committer::Committer;
pub use desk::{AgentAppended, Moved};
pub use erase::{WholeConversation, owner_hash};
pub use fault::DiskFault;
use fault::LastWrite;
pub use figures::Figures;
pub use files::FileInfo;
pub use judgements::{
    KeptConversation, Label, LabelKind, LabelSource, StoredJudgement, WHOLE_CONVERSATION,
};
pub use suggestions::{AgentReply, NewOutcome, NewSuggestion, StoredSuggestion};
pub use summaries::StoredSummary;
pub use takeover::ConversationState;
use takeover::HoldingEvent;

/// Who wrote a stored message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer or visitor.
    Customer,
    /// Steward.
    Steward,
    /// A person of the company.
    Agent,
    /// Nobody: something happened, such as a hand-off.
    Event,
}

/// One conversation, without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// UUID v7.
    pub id: String,
    /// See [`crate::identity::Owner::key`].
    pub owner: String,
    /// Who answers.
    pub state: ConversationState,
    /// The person who has it.
    pub assignee: Option<String>,
    /// Grows whenever the state changes.
    pub epoch: i64,
    /// Number of the newest message; 0 while there is none.
    pub last_seq: i64,
    /// A person of the company has read up to here.
    pub read_seq: i64,
    /// The customer has read up to here.
    pub customer_read_seq: i64,
}

/// One stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its number in the conversation, from 1.
    pub seq: i64,
    /// Who wrote it.
    pub author: Author,
    /// The client's id of a customer's message, the reply's id, or the event's id.
    pub message_id: String,
    /// What was written, or the event's name.
    pub text: String,
    /// Sources of a reply.
    pub citations: Vec<Citation>,
    /// What was decided, for a reply.
    pub decision: Option<DecisionKind>,
    /// The newest customer message that a reply knew of.
    pub answers_seq: Option<i64>,
    /// The person who wrote it, or who made the event happen.
    pub agent: Option<String>,
    /// What came with it.
    pub files: Vec<FileInfo>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

impl StoredMessage {
    /// An event that happened now.
    #[cfg(test)]
    pub(crate) fn event(seq: i64, name: &str) -> Self {
        write::message(seq, Author::Event, "", name)
    }

    /// True for the events that tell that somebody else has the conversation now.
    pub fn changes_holder(&self) -> bool {
        self.author == Author::Event && HoldingEvent::of_name(&self.text).is_some()
    }
}

/// Puts each reply after what it answered.
pub fn in_order(messages: &mut [StoredMessage]) {
    messages.sort_by_key(|message| match message.answers_seq {
        Some(answered) => (answered, true, message.seq),
        None => (message.seq, false, message.seq),
    });
}

/// What became of a customer's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// Stored under this number.
    New(i64),
    /// It had been stored before, under this number.
    Known(i64),
    /// Refused: this many messages wait for an answer already.
    TooManyWaiting,
    /// Refused: the conversation is closed.
    Closed,
    /// Refused: one of its files is not there, or came with another message.
    UnknownFile,
}

/// The right to answer a conversation as it stood when the turn began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnTicket {
    /// The conversation.
    pub conversation: String,
    /// Whose it is.
    pub owner: String,
    /// Who answered when the turn began.
    pub state: ConversationState,
    /// The epoch under which the reply may be stored.
    pub epoch: i64,
    /// The newest customer message that the reply will know of.
    pub through_seq: i64,
    /// Which attempt this is, from 1.
    pub attempt: i64,
}

/// A reply to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReply {
    /// UUID v7.
    pub reply_id: String,
    /// What the customer reads.
    pub text: String,
    /// Its sources.
    pub citations: Vec<Citation>,
    /// What was decided; a hand-off queues the conversation.
    pub decision: DecisionKind,
    /// What the reply rests on.
    pub record: serde_json::Value,
    /// How the message that it answers was judged.
    pub judgement: Option<serde_json::Value>,
    /// What is suggested to people, where they answer.
    pub suggestions: Vec<NewSuggestion>,
}

/// The conversations. Cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    committer: Committer,
    last_write: LastWrite,
    /// Where the bytes of files are.
    files: files::FileDirectory,
    /// Who is told what happens.
    telling: std::sync::Arc<ArcSwap<outbox::Telling>>,
    /// Held until the store is closed or its last clone is gone: one process serves a data directory.
    lock: Option<std::sync::Arc<File>>,
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The word that an enum is stored as: its name in snake case, as in the frames.
fn word_of<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value).internal("a stored word cannot be written")? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Error::internal(format!("{other} is no word"))),
    }
}

fn from_word<T: for<'de> Deserialize<'de>>(word: String) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).internal("unknown word in the store")
}
