//! Copies of a data directory, made while it is in use, and put back.
//!
//! A backup is a directory: the conversations and what was imported as one SQLite file each, the files of conversations, the secrets, and
//! `backup.json` with the SHA-256 of each file. It is whole once `backup.json` is there. The index is made anew from
//! what was imported; backups of before that was kept have the index in its place.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::identity::{Owner, VerifiedCustomer};
use crate::model::fetch::sha256_of_file;
use crate::retrieve::content::{self, CONTENT_FILE, Content};
use crate::retrieve::index::INDEX_DIRECTORY;
use crate::retrieve::upkeep::{self, Finding};
use crate::store::files::{FILES_DIRECTORY, create_private_directory};
use crate::store::{Store, owner_hash};
use crate::{Error, ErrorKind, Result};

const MANIFEST: &str = "backup.json";
const STORE: &str = "conversations.sqlite";
/// Small files of a data directory that have to come along.
const SMALL_FILES: [&str; 4] = ["visitor.secret", "demo.secret", "team.secret", "demo-shop"];

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
    /// Customers with records who have been erased since: their records were erased again.
    pub accounts_erased_again: usize,
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
    copy_files(&store, &target.join(STORE)).await?;
    store.close().await;
    // After the conversations: whoever is erased in between has no tombstone there yet, and is buried again.
    copy_content(data_dir, &target.join(CONTENT_FILE))?;
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
    // An import that runs here is named, and nothing is touched.
    let importing = content::lock(data_dir)?;
    if store_path.is_file() {
        // Opening takes the lock: so is a server.
        let store = Store::open(store_path, 1).await?;
        stones = Some(store.tombstones().await?);
        store.close().await;
    }
    let present = what_is_there(data_dir, store_path);
    if !present.is_empty() {
        set_aside = Some(move_aside(data_dir, &present, manifest.made_ms)?);
    }
    for name in manifest.files.keys() {
        let to = restored_path(name, data_dir, store_path);
        if let Some(parent) = to.parent() {
            create_private_directory(parent)?;
        }
        fs::copy(source.join(name), &to).context(ErrorKind::Setup, unwritable)?;
        fs::File::open(&to)
            .and_then(|file| file.sync_all())
            .context(ErrorKind::Setup, unwritable)?;
    }
    let store = Store::open(store_path, 1).await?;
    store.check_whole().await?;
    drop(importing);
    let (mut erased_again, mut accounts_erased_again) = (0, 0);
    let (salt, known) = store.tombstones().await?;
    // Hashes of another installation say nothing here.
    if let Some((_, stones)) = stones.filter(|(other, _)| *other == salt) {
        erased_again = store.bury_again(&stones).await?;
        let since: Vec<&str> = stones
            .iter()
            .filter(|stone| !known.contains(stone))
            .map(|(owner_hash, _)| owner_hash.as_str())
            .collect();
        accounts_erased_again = erase_accounts_again(data_dir, &salt, &since)?;
    }
    // Some may have been ended since the backup was made.
    store.end_every_session().await?;
    store
        .note(&crate::store::audit::Actor::Operator, "restore", &manifest.made_ms.to_string())
        .await?;
    store.close().await;
    Ok(Restored { made_ms: manifest.made_ms, erased_again, accounts_erased_again, set_aside })
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

/// What a restore would overwrite.
fn what_is_there(data_dir: &Path, store_path: &Path) -> Vec<PathBuf> {
    let content_path = data_dir.join(CONTENT_FILE);
    let mut files =
        vec![data_dir.join(INDEX_DIRECTORY), restored_path(FILES_DIRECTORY, data_dir, store_path)];
    for database in [store_path, &content_path] {
        files.extend(["", "-wal", "-shm"].map(|suffix| {
            let mut name = database.as_os_str().to_os_string();
            name.push(suffix);
            PathBuf::from(name)
        }));
    }
    files.extend(SMALL_FILES.map(|name| data_dir.join(name)));
    files.retain(|file| file.exists());
    files
}

fn move_aside(data_dir: &Path, files: &[PathBuf], made_ms: i64) -> Result<PathBuf> {
    let unwritable = || format!("cannot write to {}", data_dir.display());
    let aside = data_dir.join(format!("before-restore-{made_ms}-{}", std::process::id()));
    fs::create_dir(&aside).context(ErrorKind::Setup, unwritable)?;
    for from in files {
        let name = from.file_name().ok_or_else(|| Error::internal("a file without a name"))?;
        fs::rename(from, aside.join(name)).context(ErrorKind::Setup, unwritable)?;
    }
    Ok(aside)
}

/// Where a file of a backup belongs. The files of conversations lie beside the conversations.
fn restored_path(name: &str, data_dir: &Path, store_path: &Path) -> PathBuf {
    if name == STORE {
        return store_path.to_path_buf();
    }
    let of_conversations = Path::new(name).starts_with(FILES_DIRECTORY);
    let beside = store_path.parent().filter(|_| of_conversations);
    beside.unwrap_or(data_dir).join(name)
}

/// Copies the files of the conversations that were copied to `copied`. One that is erased meanwhile stays out.
async fn copy_files(store: &Store, copied: &Path) -> Result<()> {
    let copy = Store::open_to_read(copied).await?;
    let ids = copy.file_ids().await?;
    copy.close().await;
    let directory = copied.with_file_name(FILES_DIRECTORY);
    if !ids.is_empty() {
        create_private_directory(&directory)?;
    }
    for id in ids {
        let Some(from) = store.file_path(&id) else { continue };
        match fs::copy(&from, directory.join(&id)) {
            Err(error) if error.kind() != IoErrorKind::NotFound => {
                let message = format!("cannot copy {} into the backup", from.display());
                return Err(Error::setup(message).with_source(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Copies what was imported into `data_dir`, if anything was.
fn copy_content(data_dir: &Path, target: &Path) -> Result<()> {
    match upkeep::inspect(data_dir)? {
        Finding::TakeOver => {
            let mut content = Content::open(data_dir)?;
            upkeep::mend(&mut content, data_dir, None, &mut upkeep::say_nothing)?;
        }
        Finding::Lost(flaw) => {
            tracing::warn!(
                "{flaw}, and there is nothing to make it from: the backup has no articles and records"
            );
        }
        _ => {}
    }
    match Content::open_to_read(data_dir)? {
        Some(mut content) => content.copy_to(target),
        None => Ok(()),
    }
}

/// Erases the records of those of `owner_hashes` from what was restored. Returns how many customers had some.
fn erase_accounts_again(data_dir: &Path, salt: &str, owner_hashes: &[&str]) -> Result<usize> {
    if owner_hashes.is_empty() {
        return Ok(0);
    }
    let mut content = Content::open(data_dir)?;
    if upkeep::inspect(data_dir)? == Finding::TakeOver {
        upkeep::mend(&mut content, data_dir, None, &mut upkeep::say_nothing)?;
    }
    let mut erased = 0;
    for customer in content.customers()? {
        let owner = Owner::Customer(VerifiedCustomer::chosen_by_operator(&customer));
        if owner_hashes.contains(&owner_hash(salt, &owner.key()).as_str()) {
            content.erase_customer(&customer)?;
            erased += 1;
        }
    }
    // An index that was restored holds them too; it is made anew, now and not at the next start.
    if erased > 0 {
        upkeep::mend(&mut content, data_dir, None, &mut upkeep::say_nothing)?;
    }
    Ok(erased)
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
