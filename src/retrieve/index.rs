//! The index of knowledge and accounts: opening it and asking it.
//!
//! Every call is blocking (microseconds to milliseconds); async callers use `spawn_blocking`.
//! What can be asked is in [`super::search`], what can be written in [`super::writer`].

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::SystemTime;

use tantivy::directory::MmapDirectory;
use tantivy::schema::Schema;
use tantivy::{IndexReader, ReloadPolicy};

use super::fusion::RetrievalSettings;
use super::schema::{self, Fields};
use super::snapshot::{DamagedContext, Snapshot};
use super::text;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The open index. Clones share everything.
#[derive(Clone)]
pub struct Index {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub directory: PathBuf,
    pub tantivy: tantivy::Index,
    pub fields: Fields,
    pub settings: RetrievalSettings,
    reader: IndexReader,
    current: RwLock<Loaded>,
    reload: Mutex<()>,
}

#[derive(Clone)]
struct Loaded {
    snapshot: Arc<Snapshot>,
    stamp: MetaStamp,
}

/// Tells one version of `meta.json` from another: it is replaced at every commit.
type MetaStamp = Option<(SystemTime, u64, u64)>;

/// What the index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Statistics {
    /// Articles.
    pub documents: usize,
    /// Pieces of articles.
    pub passages: usize,
    /// Records that anybody may read.
    pub public_records: usize,
    /// Records that belong to customers.
    pub account_records: usize,
}

impl Index {
    /// Opens `data_dir/index` with the default settings, and makes it if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be made, is damaged, or was made by another version.
    pub fn open(data_dir: &Path) -> Result<Index> {
        Self::open_with(data_dir, RetrievalSettings::default())
    }

    /// As [`Index::open`], with other weights.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_with(data_dir: &Path, settings: RetrievalSettings) -> Result<Index> {
        let directory = data_dir.join("index");
        std::fs::create_dir_all(&directory).context(ErrorKind::Setup, || {
            format!("cannot make the index directory {}", directory.display())
        })?;
        let (schema, fields) = schema::build();
        let tantivy = open_tantivy(&directory, schema)?;
        text::register(tantivy.tokenizers());
        let stamp = meta_stamp(&directory);
        let reader = tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .context_damaged()?;
        let snapshot = Arc::new(Snapshot::load(reader.searcher(), &fields)?);
        let current = RwLock::new(Loaded { snapshot, stamp });
        let reload = Mutex::new(());
        let shared = Shared { directory, tantivy, fields, settings, reader, current, reload };
        Ok(Index { shared: Arc::new(shared) })
    }

    /// The kinds of public records, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn public_kinds(&self) -> Result<Vec<String>> {
        let snapshot = self.snapshot()?;
        let mut kinds: Vec<String> =
            snapshot.public_records.iter().map(|record| record.kind.clone()).collect();
        kinds.sort();
        kinds.dedup();
        Ok(kinds)
    }

    /// How much the index holds.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn statistics(&self) -> Result<Statistics> {
        let snapshot = self.snapshot()?;
        let documents = snapshot.passages.iter().filter(|passage| passage.ordinal == 0).count();
        Ok(Statistics {
            documents,
            passages: snapshot.passages.len(),
            public_records: snapshot.public_records.len(),
            account_records: snapshot.account_records,
        })
    }

    /// 16 hex digits that change when any content changes, and only then.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn content_hash(&self) -> Result<String> {
        Ok(self.snapshot()?.content_hash.clone())
    }

    /// True if nothing is in it.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.snapshot()?.searcher.num_docs() == 0)
    }

    /// True once any import has committed, even one that brought nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn ever_imported(&self) -> Result<bool> {
        Ok(self.shared.tantivy.load_metas().context_damaged()?.payload.is_some())
    }

    /// The newest commit, of whichever process made it. While another thread loads it, searches
    /// go on with the one before.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let loaded = self.loaded();
        let stamp = meta_stamp(&self.shared.directory);
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        match self.shared.reload.try_lock() {
            Ok(_guard) => self.load_newest(),
            Err(_) => Ok(loaded.snapshot),
        }
    }

    /// Waits until what is committed is what is searched.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the index is damaged.
    pub fn refresh(&self) -> Result<()> {
        let _guard = self.shared.reload.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.load_newest().map(|_| ())
    }

    fn load_newest(&self) -> Result<Arc<Snapshot>> {
        // The stamp is taken first: a commit in between is then noticed at the next search.
        let stamp = meta_stamp(&self.shared.directory);
        let loaded = self.loaded();
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        self.shared.reader.reload().context_damaged()?;
        let snapshot =
            Arc::new(Snapshot::load(self.shared.reader.searcher(), &self.shared.fields)?);
        let mut current =
            self.shared.current.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        *current = Loaded { snapshot: Arc::clone(&snapshot), stamp };
        Ok(snapshot)
    }

    fn loaded(&self) -> Loaded {
        self.shared.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

/// The key of a record's document in the index.
pub(super) fn record_key(kind: &str, id: &str) -> String {
    format!("r/{kind}/{id}")
}

/// The key shared by a document's passages.
pub(super) fn document_key(id: &str) -> String {
    format!("d/{id}")
}

fn open_tantivy(directory: &Path, schema: Schema) -> Result<tantivy::Index> {
    let mmap = MmapDirectory::open(directory).context(ErrorKind::Setup, || {
        format!("cannot open the index directory {}", directory.display())
    })?;
    let exists = tantivy::Index::exists(&mmap).context_damaged()?;
    if !exists {
        return tantivy::Index::create(mmap, schema, tantivy::IndexSettings::default()).context(
            ErrorKind::Setup,
            || {
                format!(
                    "cannot make an index in {}; is the directory writable?",
                    directory.display()
                )
            },
        );
    }
    let index = tantivy::Index::open(mmap).context(ErrorKind::Setup, || {
        format!(
            "the index in {} is damaged; move that directory away and import again",
            directory.display()
        )
    })?;
    if index.schema() != schema {
        return Err(Error::setup(format!(
            "the index in {} was made by another version of Steward; move that directory away and \
             import again",
            directory.display()
        )));
    }
    Ok(index)
}

fn meta_stamp(directory: &Path) -> MetaStamp {
    let metadata = std::fs::metadata(directory.join("meta.json")).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.modified().ok()?, metadata.len(), inode))
}
