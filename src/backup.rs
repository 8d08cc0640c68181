//! Copies of a data directory, made while it is in use, and put back.
//!
//! A backup is a directory: the conversations as one SQLite file, the index, the secrets, and `backup.json` with
//! the SHA-256 of each file. It is whole once `backup.json` is there.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::model::fetch::sha256_of_file;
use crate::store::Store;
use crate::{Error, ErrorKind, Result};

const MANIFEST: &str = "backup.json";
const STORE: &str = "conversations.sqlite";
const INDEX: &str = "index";
const META: &str = "meta.json";
/// Small files of a data directory that have to come along.
const SMALL_FILES: [&str; 4] = ["visitor.secret", "demo.secret", "team.secret", "demo-shop"];
/// An import may change the index while it is copied.
const MOST_ATTEMPTS: usize = 10;

/// `backup.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Version of Steward that wrote it.
    version: String,
    /// Milliseconds since 1970.
    made_ms: i64,
    /// SHA-256 of each file, by its path in the backup.
    files: BTreeMap<String, String>,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// Conversations of people who have been erased since: they were erased again.
    pub erased_again: usize,
    /// Where what was there before lies now.
    pub set_aside: Option<PathBuf>,
}

/// Copies the data directory `data_dir`, whose conversations are in `store_path`, into the new directory `target`.
/// A server may go on using it.
///
/// # Errors
/// [`ErrorKind::Setup`] if something cannot be read or written, or `target` is there already.
pub async fn back_up(data_dir: &Path, store_path: &Path, target: &Path) -> Result<()> {
    let unwritable = || format!("cannot write the backup {}", target.display());
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(target).map_err(|error| match error.kind() {
        IoErrorKind::AlreadyExists => {
            Error::setup(format!("{} is there already; name a new directory", target.display()))
        }
        _ => Error::setup(unwritable()).with_source(error),
    })?;
    let store = Store::open_to_read(store_path).await?;
    store.copy_to(&target.join(STORE)).await?;
    store.close().await;
    copy_index(&data_dir.join(INDEX), &target.join(INDEX))?;
    for name in SMALL_FILES {
        let from = data_dir.join(name);
        if from.is_file() {
            fs::copy(&from, target.join(name)).context(ErrorKind::Setup, unwritable)?;
        }
    }
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_string(),
        made_ms: jiff::Timestamp::now().as_millisecond(),
        files: hashes_of(target)?,
    };
    let text = serde_json::to_string_pretty(&manifest).internal("a manifest")?;
    let mut file = tempfile::NamedTempFile::new_in(target).context(ErrorKind::Setup, unwritable)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).context(ErrorKind::Setup, unwritable)?;
    file.as_file().sync_all().context(ErrorKind::Setup, unwritable)?;
    file.persist(target.join(MANIFEST)).context(ErrorKind::Setup, unwritable)?;
    Ok(())
}

/// Puts the backup `source` into `data_dir`. What is there already is set aside, not deleted; people who were erased
/// since the backup was made stay erased.
///
/// # Errors
/// [`ErrorKind::Setup`] if the backup is not whole, or a server uses the data directory.
pub async fn restore(source: &Path, data_dir: &Path, store_path: &Path) -> Result<Restored> {
    let manifest = read_whole(source)?;
    let unwritable = || format!("cannot write to {}", data_dir.display());
    fs::create_dir_all(data_dir).context(ErrorKind::Setup, unwritable)?;
    let mut stones = None;
    let mut set_aside = None;
    if store_path.is_file() {
        // Opening takes the lock: a server that runs here is named, and nothing is touched.
        let store = Store::open(store_path, 1).await?;
        stones = Some(store.tombstones().await?);
        store.close().await;
        drop(store);
        set_aside = Some(move_aside(data_dir, store_path, manifest.made_ms)?);
    }
    for name in manifest.files.keys() {
        let to = if name == STORE { store_path.to_path_buf() } else { data_dir.join(name) };
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).context(ErrorKind::Setup, unwritable)?;
        }
        fs::copy(source.join(name), &to).context(ErrorKind::Setup, unwritable)?;
        fs::File::open(&to)
            .and_then(|file| file.sync_all())
            .context(ErrorKind::Setup, unwritable)?;
    }
    let store = Store::open(store_path, 1).await?;
    store.check_whole().await?;
    let erased_again = match stones {
        // Hashes of another installation say nothing here.
        Some((salt, stones)) if store.tombstones().await?.0 == salt => {
            store.bury_again(&stones).await?
        }
        _ => 0,
    };
    // Some may have been ended since the backup was made.
    store.end_every_session().await?;
    store
        .note(&crate::store::audit::Actor::Operator, "restore", &manifest.made_ms.to_string())
        .await?;
    store.close().await;
    Ok(Restored { made_ms: manifest.made_ms, erased_again, set_aside })
}

/// The manifest, after every file was held against it.
fn read_whole(source: &Path) -> Result<Manifest> {
    let path = source.join(MANIFEST);
    let text = fs::read_to_string(&path).context(ErrorKind::Setup, || {
        format!("{} is no whole backup: cannot read {}", source.display(), path.display())
    })?;
    let manifest: Manifest = serde_json::from_str(&text)
        .context(ErrorKind::Setup, || format!("{} cannot be used", path.display()))?;
    let found = hashes_of(source)?;
    for (name, hash) in &manifest.files {
        if found.get(name) != Some(hash) {
            let message = format!("{} is missing or was changed", source.join(name).display());
            return Err(Error::setup(message));
        }
    }
    Ok(manifest)
}

fn move_aside(data_dir: &Path, store_path: &Path, made_ms: i64) -> Result<PathBuf> {
    let unwritable = || format!("cannot write to {}", data_dir.display());
    let aside = data_dir.join(format!("before-restore-{made_ms}-{}", std::process::id()));
    fs::create_dir(&aside).context(ErrorKind::Setup, unwritable)?;
    let with = |suffix: &str| {
        let mut name = store_path.as_os_str().to_os_string();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut files = vec![with(""), with("-wal"), with("-shm"), data_dir.join(INDEX)];
    files.extend(SMALL_FILES.map(|name| data_dir.join(name)));
    for from in files {
        if from.exists() {
            let name = from.file_name().ok_or_else(|| Error::internal("a file without a name"))?;
            fs::rename(&from, aside.join(name)).context(ErrorKind::Setup, unwritable)?;
        }
    }
    Ok(aside)
}

/// Copies an index as of one commit: segments never change, and `meta.json` says which belong to it.
fn copy_index(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for _ in 0..MOST_ATTEMPTS {
        if try_to_copy_index(from, to)? {
            return Ok(());
        }
    }
    let message = "the index changes faster than it can be copied; try again after the import";
    Err(Error::new(ErrorKind::Busy, message))
}

/// False if the index changed meanwhile.
fn try_to_copy_index(from: &Path, to: &Path) -> Result<bool> {
    let failed = || format!("cannot copy the index {}", from.display());
    if to.is_dir() {
        fs::remove_dir_all(to).context(ErrorKind::Setup, failed)?;
    }
    fs::create_dir(to).context(ErrorKind::Setup, failed)?;
    let meta = fs::read(from.join(META)).context(ErrorKind::Setup, failed)?;
    for entry in fs::read_dir(from).context(ErrorKind::Setup, failed)? {
        let entry = entry.context(ErrorKind::Setup, failed)?;
        let name = entry.file_name();
        if name == META || name.to_string_lossy().ends_with(".lock") || !entry.path().is_file() {
            continue;
        }
        match fs::copy(entry.path(), to.join(&name)) {
            Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(false),
            copied => copied.context(ErrorKind::Setup, failed)?,
        };
    }
    fs::write(to.join(META), &meta).context(ErrorKind::Setup, failed)?;
    Ok(fs::read(from.join(META)).context(ErrorKind::Setup, failed)? == meta)
}

/// SHA-256 of every file but the manifest, by its path.
fn hashes_of(directory: &Path) -> Result<BTreeMap<String, String>> {
    let mut hashes = BTreeMap::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(at) = waiting.pop() {
        let failed = || format!("cannot read {}", at.display());
        for entry in fs::read_dir(&at).context(ErrorKind::Setup, failed)? {
            let path = entry.context(ErrorKind::Setup, failed)?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let name = path.strip_prefix(directory).internal("a path outside its directory")?;
            let name = name.to_string_lossy().replace('\\', "/");
            if name == MANIFEST {
                continue;
            }
            let hash = sha256_of_file(&path)?;
            hashes.insert(name, hash);
        }
    }
    Ok(hashes)
}
