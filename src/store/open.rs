//! How the file is opened, copied and looked over.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Store;
use super::committer::Committer;
use super::fault::{DiskFault, LastWrite};
use super::files::FileDirectory;
use crate::error::Context;
use crate::private_file;
use crate::{Error, ErrorKind, Result};

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
        let store = Self {
            writer,
            readers,
            committer,
            last_write,
            files: FileDirectory::beside(path),
            telling: std::sync::Arc::default(),
            lock: lock.map(std::sync::Arc::new),
        };
        let indexed = store.index_words().await?;
        if indexed > 0 {
            tracing::info!(indexed, "the words of messages were indexed for the search");
        }
        Ok(store)
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
            files: FileDirectory::beside(path),
            telling: std::sync::Arc::default(),
            lock: None,
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

    /// Closes the connections after what they are doing, and leaves the data directory to the next process, whoever else still holds
    /// a clone: none of them can write any more.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        if let Some(lock) = &self.lock
            && let Err(error) = lock.unlock()
        {
            tracing::warn!(%error, "the data directory stays locked until this process ends");
        }
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
