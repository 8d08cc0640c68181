//! What is known of one person, in the store and in the index: given out, or erased.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use crate::error::Context;
use crate::identity::Owner;
use crate::retrieve::Index;
use crate::retrieve::record::Record;
use crate::retrieve::scope::AccountScope;
use crate::retrieve::writer::Writer;
use crate::store::attributes::Attributes;
use crate::store::audit::Actor;
use crate::store::desk::Note;
use crate::store::files::StoredFile;
use crate::store::{
    Author, FileInfo, Label, Store, StoredJudgement, StoredSuggestion, StoredSummary,
    WholeConversation,
};
use crate::turn::Citation;
use crate::{Error, ErrorKind, Result};

/// How long an import that is under way is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Records of one account in an export.
const MOST_RECORDS: usize = 1_000_000;

/// Everything that Steward knows of one person.
#[derive(Debug, Serialize)]
pub struct Export {
    /// `customer:<id>` or `visitor:<uuid>`.
    pub owner: String,
    /// Oldest first.
    pub conversations: Vec<ExportedConversation>,
    /// The account, as it was imported.
    pub records: Vec<Record>,
}

/// One conversation of an export.
#[derive(Debug, Serialize)]
pub struct ExportedConversation {
    /// Its id.
    pub id: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// What was said.
    pub messages: Vec<ExportedMessage>,
    /// How the customer's messages were judged.
    pub judgements: Vec<ExportedJudgement>,
    /// What people said of them.
    pub labels: Vec<Label>,
    /// Private notes of the company beside it.
    pub notes: Vec<Note>,
    /// Tags that people gave it.
    pub tags: Vec<String>,
    /// What the customer said of themselves.
    pub attributes: Attributes,
    /// What was sent with them.
    pub files: Vec<ExportedFile>,
    /// What was suggested to people of the company, and what they made of it.
    pub suggestions: Vec<StoredSuggestion>,
    /// The newest summary.
    pub summary: Option<StoredSummary>,
}

/// One file of an export.
#[derive(Debug, Serialize)]
pub struct ExportedFile {
    /// What is told of it.
    #[serde(flatten)]
    pub info: FileInfo,
    /// The message that it came with.
    pub seq: Option<i64>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// All of it, in base64; none if its bytes are not there any more.
    pub content: Option<String>,
}

/// One message of an export.
#[derive(Debug, Serialize)]
pub struct ExportedMessage {
    /// Its number.
    pub seq: i64,
    /// Who wrote it.
    pub from: Author,
    /// What was written, or the event's name.
    pub text: String,
    /// Sources of a reply.
    pub citations: Vec<Citation>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// One judgement of an export.
#[derive(Debug, Serialize)]
pub struct ExportedJudgement {
    /// The message.
    pub seq: i64,
    /// As it was stored.
    pub judgement: serde_json::Value,
}

/// What an erasure took away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Conversations.
    pub conversations: usize,
    /// Records of the account.
    pub records: usize,
    /// Ids of those conversations.
    #[serde(skip)]
    pub gone: Vec<String>,
}

/// The person named `customer:<id>` or `visitor:<uuid>`, as whoever may ask for others says it.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if the name has another form.
pub fn owner_named(name: &str) -> Result<Owner> {
    Owner::from_stored_key(name).filter(|_| !name.ends_with(':')).ok_or_else(|| {
        Error::input(format!("{name:?} names nobody; expected customer:<id> or visitor:<uuid>"))
    })
}

/// Everything that is known of `owner`.
///
/// # Errors
/// Those of the store and the index.
pub async fn export(
    store: &Store,
    index: &Index,
    owner: &Owner,
    actor: &Actor<'_>,
) -> Result<Export> {
    let mut conversations = Vec::new();
    for whole in store.export_owner(&owner.key(), actor).await? {
        let files = whole.files.clone();
        let mut conversation = exported(whole);
        for file in files {
            conversation.files.push(exported_file(store, file).await?);
        }
        conversations.push(conversation);
    }
    Ok(Export { owner: owner.key(), conversations, records: records_of(index, owner)? })
}

/// Erases everything that is known of `owner`; a tombstone keeps it erased when a backup is restored. The account
/// comes back if it is imported again: take it out of the records as well.
///
/// # Errors
/// Those of the store and the index.
pub async fn erase(
    store: &Store,
    index: &Index,
    owner: &Owner,
    actor: &Actor<'_>,
) -> Result<Erased> {
    let records = records_of(index, owner)?.len();
    // The records first, out of what is kept and out of the index: if they cannot be written now, the tombstone is not
    // there yet.
    if let Some(customer) = owner.customer() {
        let (index, scope) = (index.clone(), AccountScope::of(customer));
        let erasing = move || writer_in_time(&index)?.erase_account(&scope);
        tokio::task::spawn_blocking(erasing)
            .await
            .internal("an erasure stopped unexpectedly")??;
    }
    let gone = store.erase_owner(&owner.key(), actor).await?;
    Ok(Erased { conversations: gone.len(), records, gone })
}

/// The writer of the index; a short import or another erasure is waited for.
fn writer_in_time(index: &Index) -> Result<Writer> {
    let begun = Instant::now();
    loop {
        match index.writer() {
            Err(error) if error.kind() == ErrorKind::Busy && begun.elapsed() < LONGEST_WAIT => {
                std::thread::sleep(Duration::from_millis(100));
            }
            outcome => return outcome,
        }
    }
}

fn records_of(index: &Index, owner: &Owner) -> Result<Vec<Record>> {
    let Some(customer) = owner.customer() else { return Ok(Vec::new()) };
    index.account_records(&AccountScope::of(customer), MOST_RECORDS)
}

async fn exported_file(store: &Store, file: StoredFile) -> Result<ExportedFile> {
    let path = store.file_path(&file.info.id);
    let read = tokio::task::spawn_blocking(move || path.and_then(|path| std::fs::read(path).ok()));
    let bytes = read.await.internal("a file was not read")?;
    Ok(ExportedFile {
        info: file.info,
        seq: file.message_seq,
        created_ms: file.created_ms,
        content: bytes.map(|bytes| BASE64.encode(bytes)),
    })
}

fn exported(conversation: WholeConversation) -> ExportedConversation {
    let WholeConversation {
        id,
        created_ms,
        messages,
        judgements,
        labels,
        notes,
        tags,
        attributes,
        suggestions,
        summary,
        ..
    } = conversation;
    let messages = messages.into_iter().map(|message| ExportedMessage {
        seq: message.seq,
        from: message.author,
        text: message.text,
        citations: message.citations,
        created_ms: message.created_ms,
    });
    let judgements = judgements
        .into_iter()
        .map(|StoredJudgement { seq, judgement }| ExportedJudgement { seq, judgement });
    ExportedConversation {
        id,
        created_ms,
        messages: messages.collect(),
        judgements: judgements.collect(),
        labels,
        notes,
        tags,
        attributes,
        files: Vec::new(),
        suggestions,
        summary,
    }
}
