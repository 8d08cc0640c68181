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
//! removed_files     id                 rows that are gone, whose bytes are still to go
//! attributes        conversation       what the customer said of themselves; see [`attributes`]
//! suggestions       id, conversation   what was suggested to people of the company
//!                   through_seq        the customer's newest message that it knows of
//!                   record             JSON: text, citations, evidence, marks
//!                   outcome            accepted | edited | rejected, with what was sent and what it saved
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
use std::path::Path;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::error::Context;
use crate::private_file;
use crate::turn::{Citation, DecisionKind};
use crate::{Error, ErrorKind, Result};

pub mod attributes;
pub mod audit;
mod committer;
mod desk;
mod erase;
mod fault;
mod figures;
pub mod files;
mod judgements;
pub mod outbox;
mod read;
mod suggestions;
pub mod takeover;
pub mod team;
mod write;
use committer::Committer;
pub use desk::{AgentAppended, DeskEntry, Moved};
pub use erase::{WholeConversation, owner_hash};
pub use fault::DiskFault;
use fault::LastWrite;
pub use figures::Figures;
pub use files::FileInfo;
pub use judgements::{
    KeptConversation, Label, LabelKind, LabelSource, StoredJudgement, WHOLE_CONVERSATION,
};
pub use suggestions::{AgentReply, NewOutcome, NewSuggestion, StoredSuggestion};
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
    /// Held until the last clone is gone: one process serves a data directory.
    _lock: Option<std::sync::Arc<File>>,
}

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the file at `path`, created and brought up to date when needed.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file cannot be used or another process uses it.
    pub async fn open(path: &Path, readers: u32) -> Result<Self> {
        let lock = lock_beside(path)?;
        Self::open_to_write(path, readers, Some(lock)).await
    }

    /// Opens the file at `path` for small changes, beside the process that serves it or alone. That process waits while
    /// they are written, so they must be short; only what it reads again may be changed (the team).
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file cannot be used, or is older than this Steward while it is being served.
    pub async fn open_beside(path: &Path) -> Result<Self> {
        if let Ok(lock) = lock_beside(path) {
            return Self::open_to_write(path, 1, Some(lock)).await;
        }
        let store = Self::open_to_read(path).await?;
        let is_older = store.is_older().await?;
        store.close().await;
        if is_older {
            let message = "an older Steward serves this data directory; start the new one first";
            return Err(Error::setup(message));
        }
        Self::open_to_write(path, 1, None).await
    }

    async fn open_to_write(path: &Path, readers: u32, lock: Option<File>) -> Result<Self> {
        private_file::create(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let writer =
            SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
        let writer = writer.context(ErrorKind::Setup, || {
            format!("cannot open the conversations in {}", path.display())
        })?;
        sqlx::migrate!("./migrations").run(&writer).await.context(ErrorKind::Setup, || {
            format!(
                "cannot bring {} up to date; was it written by a newer Steward?",
                path.display()
            )
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .connect_with(options.read_only(true))
            .await
            .context(ErrorKind::Setup, || format!("cannot read {}", path.display()))?;
        let last_write = LastWrite::default();
        let committer = Committer::start(writer.clone(), last_write.clone());
        Ok(Self {
            writer,
            readers,
            committer,
            last_write,
            files: files::FileDirectory::beside(path),
            telling: std::sync::Arc::default(),
            _lock: lock.map(std::sync::Arc::new),
        })
    }

    /// Opens the file at `path` beside the process that writes it. Every change is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if there is no such file or it cannot be read.
    pub async fn open_to_read(path: &Path) -> Result<Self> {
        let options =
            SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
        let readers = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        let readers = readers.context(ErrorKind::Setup, || {
            format!("cannot read the conversations in {}", path.display())
        })?;
        let last_write = LastWrite::default();
        let committer = Committer::start(readers.clone(), last_write.clone());
        Ok(Self {
            writer: readers.clone(),
            readers,
            committer,
            last_write,
            files: files::FileDirectory::beside(path),
            telling: std::sync::Arc::default(),
            _lock: None,
        })
    }

    /// Writes a copy of everything, as of one moment, into the new file `target`. Others go on reading and writing.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be written.
    pub async fn copy_to(&self, target: &Path) -> Result<()> {
        private_file::create(target)?;
        sqlx::query("VACUUM INTO ?")
            .bind(target.to_string_lossy())
            .execute(&self.readers)
            .await
            .context(ErrorKind::Setup, || format!("cannot write {}", target.display()))?;
        File::open(target)
            .and_then(|file| file.sync_all())
            .context(ErrorKind::Setup, || format!("cannot write {}", target.display()))
    }

    /// What keeps messages from being stored, if the last one could not be.
    pub fn disk_fault(&self) -> Option<DiskFault> {
        self.last_write.fault()
    }

    /// True if an older Steward wrote the file: what is new in it is missing until it is opened to be written.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be read.
    pub async fn is_older(&self) -> Result<bool> {
        let done: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
            .fetch_one(&self.readers)
            .await
            .internal("cannot read which migrations were made")?;
        Ok(usize::try_from(done).unwrap_or(0) < sqlx::migrate!("./migrations").iter().count())
    }

    /// Reads every page and follows every reference.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file is damaged.
    pub async fn check_whole(&self) -> Result<()> {
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)")
            .fetch_all(&self.readers)
            .await
            .context(ErrorKind::Setup, || "the conversations cannot be read".to_string())?;
        let dangling = sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(&self.readers)
            .await
            .internal("cannot check references")?;
        if found.first().map(String::as_str) != Some("ok") || !dangling.is_empty() {
            let message = "the conversations are damaged; restore the newest backup with \
                `steward restore`";
            return Err(Error::setup(format!("{message}: {}", found.join("; "))));
        }
        Ok(())
    }

    /// Closes the connections after what they are doing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn lock_beside(path: &Path) -> Result<File> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).context(ErrorKind::Setup, || {
        format!("cannot create the data directory {}", parent.display())
    })?;
    let lock_path = path.with_extension("lock");
    let lock = File::create(&lock_path)
        .context(ErrorKind::Setup, || format!("cannot write {}", lock_path.display()))?;
    lock.try_lock().map_err(|_| {
        Error::setup(format!(
            "another Steward uses {}; stop it, or choose another --data-dir",
            path.display()
        ))
    })?;
    Ok(lock)
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
