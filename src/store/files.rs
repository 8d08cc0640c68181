//! Files of conversations: a row each here, their bytes in the directory `files` beside the store's own file.
//!
//! A file is kept under its random id, readable by its owner alone, and belongs to a conversation from the moment it is stored; a message
//! takes it along later. Whatever deletes a row leaves the id in `removed_files` (a trigger), in the same transaction; the bytes go
//! after the commit, or at the next sweep if the process ended in between. So no file outlives its person.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::{Row, Sqlite, Transaction};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::{ConversationState, Store, from_word, now_ms};
use crate::error::Context;
use crate::privacy::CleanText;
use crate::{Error, ErrorKind, Result};

/// Directory of the files, beside the store's file.
pub const FILES_DIRECTORY: &str = "files";
/// Files of one message.
pub const MOST_FILES_OF_A_MESSAGE: usize = 10;
const INCOMING: &str = "incoming-";

/// A file, as everybody who may see it is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Random.
    pub id: String,
    /// Cleaned (see [`crate::files::name`]).
    pub name: String,
    /// Its media type, as its bytes say.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
}

/// A file with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// What is told of it.
    pub info: FileInfo,
    /// The conversation.
    pub conversation: String,
    /// Whose conversation it is.
    pub owner: String,
    /// Who brought it: the owner's key, or `agent:` and a name.
    pub uploader: String,
    /// The message that it came with; none while it waits for one.
    pub message_seq: Option<i64>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// A file to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The conversation.
    pub conversation: String,
    /// Chosen by the client; the same id of the same uploader is the same file.
    pub client_id: String,
    /// Who brings it.
    pub uploader: String,
    /// Its name.
    pub name: CleanText,
    /// Its media type.
    pub media_type: &'static str,
    /// Its size.
    pub bytes: i64,
}

/// How much room there is for files, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRoom {
    /// In one conversation.
    pub of_conversation: i64,
    /// In all of them together.
    pub of_all: i64,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAdded {
    /// Stored now, or before under the same client's id.
    Stored(FileInfo),
    /// There is no such conversation any more, or it is over.
    Closed,
    /// The conversation has so many bytes of files already.
    ConversationFull(i64),
    /// There is no more room for files at all.
    AllFull,
}

/// The uploader's key of the person `agent` of the company. No owner's key begins so.
pub fn agent_key(agent: &str) -> String {
    format!("agent:{agent}")
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(super) struct FileDirectory {
    path: PathBuf,
}

impl FileDirectory {
    pub fn beside(store_path: &Path) -> Self {
        let parent = store_path.parent().unwrap_or(Path::new("."));
        Self { path: parent.join(FILES_DIRECTORY) }
    }

    /// The path of a file; none for what is no id.
    fn path_of(&self, id: &str) -> Option<PathBuf> {
        Uuid::try_parse(id).ok().map(|id| self.path.join(id.to_string()))
    }

    fn create(&self) -> Result<()> {
        create_private_directory(&self.path)
    }
}

/// Creates the directory for its owner alone.
pub(crate) fn create_private_directory(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).context(ErrorKind::Setup, || format!("cannot create {}", path.display()))
}

impl Store {
    /// A file to write into, which is gone if nothing is made of it. Blocking.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be written.
    pub fn incoming_file(&self) -> Result<NamedTempFile> {
        self.files.create()?;
        // Mode 0600, which it keeps when it is renamed.
        tempfile::Builder::new()
            .prefix(INCOMING)
            .tempfile_in(&self.files.path)
            .context(ErrorKind::Setup, || format!("cannot write to {}", self.files.path.display()))
    }

    /// Stores `incoming`, whose bytes are written, as `file`, if there is `room`.
    pub async fn add_file(
        &self,
        file: NewFile,
        incoming: NamedTempFile,
        room: FileRoom,
    ) -> Result<FileAdded> {
        let mut transaction = self.begin().await?;
        if let Some(known) = known_file(&mut transaction, &file).await? {
            return Ok(FileAdded::Stored(known));
        }
        let state: Option<String> =
            sqlx::query_scalar("SELECT state FROM conversations WHERE id = ?")
                .bind(&file.conversation)
                .fetch_optional(&mut *transaction)
                .await
                .internal("cannot read a conversation")?;
        match state.map(from_word::<ConversationState>).transpose()? {
            None | Some(ConversationState::Closed) => return Ok(FileAdded::Closed),
            Some(_) => {}
        }
        let (here, everywhere): (i64, i64) = sqlx::query_as(
            "SELECT coalesce(sum(bytes) FILTER (WHERE conversation = ?), 0), coalesce(sum(bytes), 0) FROM files",
        )
        .bind(&file.conversation)
        .fetch_one(&mut *transaction)
        .await
        .internal("cannot count files")?;
        if here.saturating_add(file.bytes) > room.of_conversation {
            return Ok(FileAdded::ConversationFull(here));
        }
        if everywhere.saturating_add(file.bytes) > room.of_all {
            return Ok(FileAdded::AllFull);
        }
        let id = Uuid::new_v4().to_string();
        let info = FileInfo {
            id: id.clone(),
            name: file.name.as_str().to_string(),
            media_type: file.media_type.to_string(),
            bytes: file.bytes,
        };
        sqlx::query(
            "INSERT INTO files (id, conversation, client_id, uploader, name, type, bytes, created_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&id)
        .bind(&file.conversation)
        .bind(&file.client_id)
        .bind(&file.uploader)
        .bind(&info.name)
        .bind(&info.media_type)
        .bind(info.bytes)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await
        .internal("cannot store a file")?;
        // The bytes are there before the row is: a row without bytes never lasts.
        let path = self.files.path.join(&id);
        tokio::task::spawn_blocking(move || keep(incoming, &path))
            .await
            .internal("a file was not kept")??;
        if let Err(error) = transaction.commit().await {
            self.unlink(vec![id]).await?;
            return Err(error).internal("cannot commit a file");
        }
        Ok(FileAdded::Stored(info))
    }

    /// The file, with whose it is.
    pub async fn file(&self, id: &str) -> Result<Option<StoredFile>> {
        let row = sqlx::query(
            "SELECT files.*, owner FROM files JOIN conversations ON conversations.id = conversation WHERE files.id = ?",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await
        .internal("cannot read a file")?;
        row.map(|row| stored_file(&row)).transpose()
    }

    /// The files of a conversation, the oldest first.
    pub async fn files(&self, conversation: &str) -> Result<Vec<StoredFile>> {
        let rows = sqlx::query(
            "SELECT files.*, owner FROM files JOIN conversations ON conversations.id = conversation
             WHERE conversation = ? ORDER BY files.created_ms, files.id",
        )
        .bind(conversation)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read files")?;
        rows.iter().map(stored_file).collect()
    }

    /// What came with message `seq`.
    pub async fn files_of_message(&self, conversation: &str, seq: i64) -> Result<Vec<FileInfo>> {
        let files: Option<String> =
            sqlx::query_scalar("SELECT files FROM messages WHERE conversation = ? AND seq = ?")
                .bind(conversation)
                .bind(seq)
                .fetch_optional(&self.readers)
                .await
                .internal("cannot read a message's files")?;
        files.map_or_else(|| Ok(Vec::new()), |files| serde_json::from_str(&files).internal(BAD_ROW))
    }

    /// Where the bytes of the file are.
    pub fn file_path(&self, id: &str) -> Option<PathBuf> {
        self.files.path_of(id)
    }

    /// The ids of all files.
    pub async fn file_ids(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT id FROM files")
            .fetch_all(&self.readers)
            .await
            .internal("cannot list files")
    }

    /// Removes files that no message took along for `age_ms`, and what is left of others: bytes without a row. Returns how many.
    pub async fn remove_stray_files(&self, age_ms: i64) -> Result<u64> {
        let removed = sqlx::query("DELETE FROM files WHERE message_seq IS NULL AND created_ms < ?")
            .bind(now_ms() - age_ms)
            .execute(&self.writer)
            .await
            .internal("cannot remove files")?
            .rows_affected();
        self.remove_bytes_of_gone_files().await?;
        let directory = self.files.path.clone();
        let oldest = std::time::Duration::from_millis(u64::try_from(age_ms).unwrap_or(0));
        let listed = tokio::task::spawn_blocking(move || older_than(&directory, oldest));
        let listed = listed.await.internal("the files were not listed")??;
        let mut strays = Vec::new();
        for name in listed {
            let row: Option<i64> = sqlx::query_scalar("SELECT 1 FROM files WHERE id = ?")
                .bind(&name)
                .fetch_optional(&self.readers)
                .await
                .internal("cannot look for a file")?;
            if row.is_none() {
                strays.push(name);
            }
        }
        let count = strays.len() as u64;
        self.unlink(strays).await?;
        Ok(removed + count)
    }

    /// Removes the bytes of the files whose rows are gone.
    pub(super) async fn remove_bytes_of_gone_files(&self) -> Result<()> {
        let gone: Vec<String> = sqlx::query_scalar("SELECT id FROM removed_files")
            .fetch_all(&self.writer)
            .await
            .internal("cannot list removed files")?;
        if gone.is_empty() {
            return Ok(());
        }
        self.unlink(gone.clone()).await?;
        let mut transaction = self.begin().await?;
        for id in gone {
            sqlx::query("DELETE FROM removed_files WHERE id = ?")
                .bind(id)
                .execute(&mut *transaction)
                .await
                .internal("cannot forget a removed file")?;
        }
        transaction.commit().await.internal("cannot commit a removal")
    }

    async fn unlink(&self, names: Vec<String>) -> Result<()> {
        let directory = self.files.path.clone();
        let removing = move || {
            for name in names {
                let path = directory.join(&name);
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        let message = format!("cannot remove {}", path.display());
                        return Err(Error::internal(message).with_source(error));
                    }
                    _ => {}
                }
            }
            Ok(())
        };
        tokio::task::spawn_blocking(removing).await.internal("files were not removed")?
    }
}

/// True if each of the files is there, of this conversation and this uploader, and came with no message yet.
pub(super) async fn are_waiting(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    uploader: &str,
    ids: &[String],
) -> Result<bool> {
    for (place, id) in ids.iter().enumerate() {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM files WHERE id = ? AND conversation = ? AND uploader = ? AND message_seq IS NULL",
        )
        .bind(id)
        .bind(conversation)
        .bind(uploader)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot look for a file")?;
        if found.is_none() || ids[..place].contains(id) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives files that [`are_waiting`] to message `seq`.
pub(super) async fn attach(
    transaction: &mut Transaction<'static, Sqlite>,
    ids: &[String],
    seq: i64,
) -> Result<Vec<FileInfo>> {
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        let row = sqlx::query(
            "UPDATE files SET message_seq = ? WHERE id = ? RETURNING id, name, type, bytes",
        )
        .bind(seq)
        .bind(id)
        .fetch_one(&mut **transaction)
        .await
        .internal("cannot attach a file")?;
        files.push(info_of(&row)?);
    }
    Ok(files)
}

async fn known_file(
    transaction: &mut Transaction<'static, Sqlite>,
    file: &NewFile,
) -> Result<Option<FileInfo>> {
    let row = sqlx::query(
        "SELECT id, name, type, bytes FROM files WHERE conversation = ? AND uploader = ? AND client_id = ?",
    )
    .bind(&file.conversation)
    .bind(&file.uploader)
    .bind(&file.client_id)
    .fetch_optional(&mut **transaction)
    .await
    .internal("cannot look for a file")?;
    row.map(|row| info_of(&row)).transpose()
}

/// Puts the bytes where they are kept, and sees to it that they are on disk.
fn keep(incoming: NamedTempFile, path: &Path) -> Result<()> {
    let unwritable = || format!("cannot write {}", path.display());
    incoming.as_file().sync_all().context(ErrorKind::Internal, unwritable)?;
    incoming.persist_noclobber(path).context(ErrorKind::Internal, unwritable)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::File::open(directory)
        .and_then(|directory| directory.sync_all())
        .context(ErrorKind::Internal, unwritable)
}

/// Names in the directory of what has not changed for so long.
fn older_than(directory: &Path, age: std::time::Duration) -> Result<Vec<String>> {
    let unreadable = || format!("cannot list {}", directory.display());
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.context(ErrorKind::Internal, unreadable)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.context(ErrorKind::Internal, unreadable)?;
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = modified.is_ok_and(|then| then.elapsed().is_ok_and(|passed| passed >= age));
        if is_old && let Ok(name) = entry.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

fn info_of(row: &sqlx::sqlite::SqliteRow) -> Result<FileInfo> {
    Ok(FileInfo {
        id: row.try_get("id").internal(BAD_ROW)?,
        name: row.try_get("name").internal(BAD_ROW)?,
        media_type: row.try_get("type").internal(BAD_ROW)?,
        bytes: row.try_get("bytes").internal(BAD_ROW)?,
    })
}

fn stored_file(row: &sqlx::sqlite::SqliteRow) -> Result<StoredFile> {
    Ok(StoredFile {
        info: info_of(row)?,
        conversation: row.try_get("conversation").internal(BAD_ROW)?,
        owner: row.try_get("owner").internal(BAD_ROW)?,
        uploader: row.try_get("uploader").internal(BAD_ROW)?,
        message_seq: row.try_get("message_seq").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a row of the files has an unexpected shape";
