//! The index of knowledge and accounts: opening it and asking it.
//!
//! Every call is blocking (microseconds to milliseconds); async callers use `spawn_blocking`.
//! What can be asked is in [`super::search`], what can be written in [`super::writer`].

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use lru::LruCache;
use tantivy::index::SegmentId;
use tantivy::{DocId, IndexReader, ReloadPolicy};

use super::content::Content;
use super::document::Passage;
use super::fusion::RetrievalSettings;
use super::known::Known;
use super::schema::{self, Fields};
use super::segments::open_tantivy;
use super::snapshot::{DamagedContext, META_FILE, Snapshot};
use super::upkeep;
use crate::Result;
use crate::file_stamp::{FileStamp, stamp_of};

/// The index's directory in the data directory.
pub const INDEX_DIRECTORY: &str = "index";
/// A commit that could not be loaded is tried again after this.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// About 20 MB: all passages of most companies.
const MOST_PASSAGES_READ: NonZero<usize> = NonZero::new(20_000).unwrap();

/// The open index. Clones share everything.
#[derive(Clone)]
pub struct Index {
    pub(super) shared: Arc<Shared>,
    /// Knowledge that is tried in place of what is saved.
    pub(super) knowledge: Option<Arc<Snapshot>>,
}

pub(super) struct Shared {
    pub data_dir: PathBuf,
    pub directory: PathBuf,
    pub tantivy: tantivy::Index,
    pub fields: Fields,
    pub settings: RetrievalSettings,
    reader: IndexReader,
    /// Passages that were found lately. What a segment holds at a place never changes.
    pub passages_read: Mutex<LruCache<(SegmentId, DocId), Passage>>,
    current: RwLock<Loaded>,
    /// Held while a commit is loaded.
    reload: Mutex<Reload>,
}

struct Reload {
    known: Known,
    /// Which commit could not be loaded, and when that was tried.
    failed: Option<(MetaStamp, Instant)>,
}

#[derive(Clone)]
struct Loaded {
    snapshot: Arc<Snapshot>,
    stamp: MetaStamp,
}

/// Tells one version of `meta.json` from another: it is replaced at every commit.
type MetaStamp = Option<FileStamp>;

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
    /// Opens `data_dir/index` as it is with the default settings, and makes it if it is not there. [`upkeep::open`]
    /// brings it up to date first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if it cannot be made, is damaged, or was made by another version.
    pub fn open(data_dir: &Path) -> Result<Index> {
        Self::open_with(data_dir, RetrievalSettings::default())
    }

    /// As [`Index::open`], with other weights.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_with(data_dir: &Path, settings: RetrievalSettings) -> Result<Index> {
        let (data_dir, directory) = (data_dir.to_path_buf(), data_dir.join(INDEX_DIRECTORY));
        let (schema, fields) = schema::build();
        let tantivy = open_tantivy(&directory, schema)?;
        let stamp = meta_stamp(&directory);
        let reader = tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .context_damaged()?;
        let mut known = Known::new()?;
        let snapshot = Arc::new(known.follow(reader.searcher(), &fields)?);
        let shared = Shared {
            data_dir,
            directory,
            tantivy,
            fields,
            settings,
            reader,
            passages_read: Mutex::new(LruCache::new(MOST_PASSAGES_READ)),
            current: RwLock::new(Loaded { snapshot, stamp }),
            reload: Mutex::new(Reload { known, failed: None }),
        };
        Ok(Index { shared: Arc::new(shared), knowledge: None })
    }

    /// The kinds of public records, sorted.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
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
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn statistics(&self) -> Result<Statistics> {
        let snapshot = self.snapshot()?;
        Ok(Statistics {
            documents: snapshot.passages.documents(),
            passages: snapshot.passages.len(),
            public_records: snapshot.public_records.len(),
            account_records: snapshot.account_records,
        })
    }

    /// 16 hex digits that change when any content changes, and only then.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn content_hash(&self) -> Result<String> {
        Ok(self.snapshot()?.content_hash.clone())
    }

    /// True if nothing is in it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.snapshot()?.searcher.num_docs() == 0)
    }

    /// True once any import has committed, even one that brought nothing.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn ever_imported(&self) -> Result<bool> {
        Ok(self.shared.tantivy.load_metas().context_damaged()?.payload.is_some())
    }

    /// The articles: the newest commit, or what is tried in its place.
    pub(super) fn knowledge(&self) -> Result<Arc<Snapshot>> {
        match &self.knowledge {
            Some(tried) => Ok(Arc::clone(tried)),
            None => self.snapshot(),
        }
    }

    /// The newest commit, of whichever process made it. While another thread loads it, or if it cannot be loaded,
    /// searches go on with the one before.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let loaded = self.loaded();
        let stamp = meta_stamp(&self.shared.directory);
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        let Ok(mut reload) = self.shared.reload.try_lock() else { return Ok(loaded.snapshot) };
        if reload.failed.is_some_and(|(which, when)| which == stamp && when.elapsed() < RETRY_AFTER)
        {
            return Ok(loaded.snapshot);
        }
        match self.load_newest(&mut reload.known) {
            Ok(snapshot) => Ok(snapshot),
            Err(error) => {
                let directory = self.shared.directory.display();
                tracing::error!(
                    %error,
                    "the index in {directory} cannot be read any more; searches go on with what was read before"
                );
                reload.failed = Some((stamp, Instant::now()));
                self.mend_aside();
                Ok(loaded.snapshot)
            }
        }
    }

    /// Makes the index anew from the content, while searches go on; the next one loads it.
    fn mend_aside(&self) {
        let data_dir = self.shared.data_dir.clone();
        let mend = move || {
            let mended = Content::open(&data_dir).and_then(|mut content| {
                upkeep::mend(&mut content, &data_dir, None, &mut upkeep::say_nothing)
            });
            match mended {
                Ok(()) => tracing::info!("the index was mended"),
                Err(error) => tracing::error!(%error, "the index cannot be mended now"),
            }
        };
        // Without a thread it is mended at the next start.
        drop(std::thread::Builder::new().name("mend-index".to_string()).spawn(mend));
    }

    /// Waits until what is committed is what is searched.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn refresh(&self) -> Result<()> {
        let mut reload = self.shared.reload.lock().unwrap_or_else(PoisonError::into_inner);
        self.load_newest(&mut reload.known).map(|_| ())
    }

    fn load_newest(&self, known: &mut Known) -> Result<Arc<Snapshot>> {
        // The stamp is taken first: a commit in between is then noticed at the next search.
        let stamp = meta_stamp(&self.shared.directory);
        let loaded = self.loaded();
        if stamp == loaded.stamp {
            return Ok(loaded.snapshot);
        }
        self.shared.reader.reload().context_damaged()?;
        let snapshot = Arc::new(known.follow(self.shared.reader.searcher(), &self.shared.fields)?);
        let mut current = self.shared.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Loaded { snapshot: Arc::clone(&snapshot), stamp };
        Ok(snapshot)
    }

    fn loaded(&self) -> Loaded {
        self.shared.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn meta_stamp(directory: &Path) -> MetaStamp {
    stamp_of(&directory.join(META_FILE))
}
