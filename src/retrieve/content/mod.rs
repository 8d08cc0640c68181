//! What was imported, on disk (SQLite): the truth that the index is made from.
//!
//! Owns `content.sqlite` in the data directory, a file of its own so that an import can write beside a running server.
//! What a function returns is committed (WAL, `synchronous = FULL`). Knows nothing of the index.
//!
//! ```text
//! items    position        order of first import, kept when the item comes again
//!          key             d/<document id> or r/<kind>/<record id>
//!          change          the change that made it so
//!          customer        the owner of a record
//!          hash            as in the index; this and all below are absent once it was removed
//!          made_by         the encoder and splitter of the embeddings
//!          content         the document or record as JSON
//!          embeddings      384 f32, little endian, for each passage or for the record's name
//!          updated_ms      when it was imported or edited as it is; absent for what came before this was kept
//! state    identity        random, so that the index of another content is not taken for its own
//!          change          number of the newest change; 0 while nothing was ever imported
//!          rebuild_before  an index that reflects less than this has to be made anew
//! ```
//!
//! A change is one transaction. What is removed leaves its key and the change that removed it, so that an index that
//! is behind can follow. What is erased leaves nothing at all: an index that is behind an erasure is made anew.
//!
//! Every call is blocking and may be made from any thread. A [`Content`] that was opened to be written holds a lock
//! over the content and the index: one process, one import, at a time.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection, Row};

use crate::error::Context;
use crate::private_file;
use crate::{Error, ErrorKind, Result};

mod change;
mod read;

pub use change::Change;
pub use read::{Entry, Kept, Known};

/// The file's name in the data directory.
pub const CONTENT_FILE: &str = "content.sqlite";
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The open content.
#[derive(Debug)]
pub struct Content {
    connection: SqliteConnection,
    state: ContentState,
    /// Held by whoever may write.
    _lock: Option<File>,
}

/// How far the content is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentState {
    /// Random, made with the file.
    pub identity: String,
    /// Number of the newest change; 0 while nothing was ever imported.
    pub change: u64,
    /// An index that reflects less than this has to be made anew.
    pub rebuild_before: u64,
}

impl Content {
    /// Opens the content of `data_dir` to be written, created and brought up to date when needed.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if another import has it; [`ErrorKind::Setup`] if it cannot be used.
    pub fn open(data_dir: &Path) -> Result<Content> {
        let path = data_dir.join(CONTENT_FILE);
        let lock = lock(data_dir)?;
        private_file::create(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let unusable = || {
            format!(
                "cannot open {}; is it damaged, or was it written by a newer Steward? \
                 `steward restore` puts back a backup",
                path.display()
            )
        };
        let (connection, state) = wait(async || {
            let opened = SqliteConnection::connect_with(&options).await;
            let mut connection = opened.context(ErrorKind::Setup, unusable)?;
            sqlx::migrate!("./migrations/content")
                .run(&mut connection)
                .await
                .context(ErrorKind::Setup, unusable)?;
            let state = read_state(&mut connection).await?;
            Ok((connection, state))
        })?;
        Ok(Content { connection, state, _lock: Some(lock) })
    }

    /// Opens the content of `data_dir` beside whoever writes it; `None` if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be read.
    pub fn open_to_read(data_dir: &Path) -> Result<Option<Content>> {
        let path = data_dir.join(CONTENT_FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let options =
            SqliteConnectOptions::new().filename(&path).read_only(true).busy_timeout(BUSY_TIMEOUT);
        let (connection, state) = wait(async || {
            let opened = SqliteConnection::connect_with(&options).await;
            let mut connection =
                opened.context(ErrorKind::Setup, || format!("cannot read {}", path.display()))?;
            let state = read_state(&mut connection).await?;
            Ok((connection, state))
        })?;
        Ok(Some(Content { connection, state, _lock: None }))
    }

    /// How far it is, as of opening it and of the changes made since through it.
    pub fn state(&self) -> &ContentState {
        &self.state
    }

    /// Writes a copy of everything, as of one moment, into the new file `target`. Others go on reading and writing.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be written.
    pub fn copy_to(&mut self, target: &Path) -> Result<()> {
        let unwritable = || format!("cannot write {}", target.display());
        private_file::create(target)?;
        let connection = &mut self.connection;
        wait(async || {
            let copy = sqlx::query("VACUUM INTO ?").bind(target.to_string_lossy());
            copy.execute(connection).await.context(ErrorKind::Setup, unwritable).map(drop)
        })?;
        File::open(target).and_then(|file| file.sync_all()).context(ErrorKind::Setup, unwritable)
    }

    /// Reads every page.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file is damaged.
    pub fn check_whole(&mut self) -> Result<()> {
        let connection = &mut self.connection;
        let found: String = wait(async || {
            let check = sqlx::query_scalar("PRAGMA integrity_check(1)");
            check.fetch_one(connection).await.context_content()
        })?;
        if found != "ok" {
            return Err(Error::setup(found)).context_content();
        }
        Ok(())
    }
}

/// Never imported into, if a first start was killed before the tables were there.
async fn read_state(connection: &mut SqliteConnection) -> Result<ContentState> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'state'")
        .fetch_one(&mut *connection)
        .await
        .context_content()?;
    if tables == 0 {
        return Ok(ContentState::default());
    }
    let row = sqlx::query("SELECT identity, change, rebuild_before FROM state")
        .fetch_one(connection)
        .await
        .context_content()?;
    Ok(ContentState {
        identity: row.try_get("identity").context_content()?,
        change: number(&row, "change")?,
        rebuild_before: number(&row, "rebuild_before")?,
    })
}

/// SQLite's integers are signed; ours use all 64 bits.
fn number(row: &SqliteRow, column: &str) -> Result<u64> {
    row.try_get::<i64, _>(column).context_content().map(i64::cast_unsigned)
}

/// Runs asynchronous work to its end, whatever thread this is: some belong to a runtime that must not be blocked on.
fn wait<T: Send>(work: impl AsyncFnOnce() -> Result<T> + Send) -> Result<T> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.internal("cannot start a runtime for the content")?.block_on(work())
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("content".to_string());
        let thread =
            thread.spawn_scoped(scope, run).internal("cannot start a thread for the content")?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Takes the lock over the content and the index of `data_dir`, held until the file is dropped.
///
/// # Errors
/// [`ErrorKind::Busy`] if another import has it; [`ErrorKind::Setup`] if it cannot be written.
pub fn lock(data_dir: &Path) -> Result<File> {
    let lock_path = data_dir.join(CONTENT_FILE).with_extension("lock");
    let lock = File::create(&lock_path).context(ErrorKind::Setup, || {
        format!("cannot write {}; is the directory writable?", lock_path.display())
    })?;
    lock.try_lock().map_err(|_| {
        let directory = data_dir.display();
        let message = format!("another import is writing to {directory}; wait until it is done");
        Error::new(ErrorKind::Busy, message)
    })?;
    Ok(lock)
}

/// Marks a failed read of the content.
trait ContentContext<T> {
    /// [`ErrorKind::Setup`]: the content cannot be read, and what to do about it.
    fn context_content(self) -> Result<T>;
}

impl<T, E: Into<Box<dyn std::error::Error + Send + Sync>>> ContentContext<T>
    for std::result::Result<T, E>
{
    fn context_content(self) -> Result<T> {
        self.context(ErrorKind::Setup, || {
            format!(
                "what was imported cannot be read ({CONTENT_FILE} in the data directory); \
                 `steward restore` puts back a backup"
            )
        })
    }
}
