//! Making the index anew, beside the old one, and putting it in its place.
//!
//! Segments have names that never come again, so the new ones are moved in beside the old ones; then `meta.json`, which
//! says what belongs to the index, is replaced at once. Before that the old index is there, after it the new one, and
//! whoever searches the old one goes on: its files are mapped. Killed at any point, [`tidy`] removes what is left.

use std::fs;
use std::path::Path;

use tantivy::directory::{Directory, META_LOCK, MmapDirectory};

use super::super::content::Content;
use super::super::index::INDEX_DIRECTORY;
use super::super::segments::{LOCK_FILES, Segments, Stamp, sweep, sync};
use super::super::snapshot::META_FILE;
use super::{BATCH, Narrate};
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// Where the new index grows; gone once it is in its place and the old one's files are removed.
pub const FRESH_DIRECTORY: &str = "index.new";

/// Makes the index of `data_dir` anew from `content`, whose lock is held.
///
/// # Errors
/// [`ErrorKind::Setup`] or [`ErrorKind::Internal`] if it cannot be written; the old index is as it was then.
pub fn rebuild(content: &mut Content, data_dir: &Path, narrate: Narrate) -> Result<()> {
    let fresh = data_dir.join(FRESH_DIRECTORY);
    remove_directory(&fresh)?;
    let mut progress = narrate("building the index");
    progress.begin(content.count_changed_after(0)?);
    let mut segments = Segments::open(&fresh)?;
    let mut from_position = 0;
    loop {
        let entries = content.changed_after(0, from_position, BATCH)?;
        let Some(last) = entries.last() else { break };
        from_position = last.position + 1;
        for entry in &entries {
            if let Some(kept) = &entry.kept {
                segments.add(&entry.key, entry.position, kept)?;
            }
        }
        progress.advance(entries.len());
    }
    segments.commit(&Stamp::of(content))?;
    segments.finish()?;
    let directory = data_dir.join(INDEX_DIRECTORY);
    move_in(&fresh, &directory)?;
    tidy(data_dir)
}

/// Removes what an interrupted rebuild left.
///
/// # Errors
/// [`ErrorKind::Setup`] if something cannot be removed.
pub fn tidy(data_dir: &Path) -> Result<()> {
    sweep(&data_dir.join(INDEX_DIRECTORY))?;
    remove_directory(&data_dir.join(FRESH_DIRECTORY))
}

fn move_in(fresh: &Path, directory: &Path) -> Result<()> {
    let failed = || format!("cannot put the new index into {}", directory.display());
    fs::create_dir_all(directory).context(ErrorKind::Setup, failed)?;
    let mmap = MmapDirectory::open(directory).context(ErrorKind::Setup, failed)?;
    let _lock = mmap.acquire_lock(&META_LOCK).context(ErrorKind::Setup, failed)?;
    for entry in fs::read_dir(fresh).context(ErrorKind::Setup, failed)? {
        let entry = entry.context(ErrorKind::Setup, failed)?;
        let name = entry.file_name();
        if name != META_FILE && !name.to_string_lossy().starts_with(LOCK_FILES) {
            fs::rename(entry.path(), directory.join(&name)).context(ErrorKind::Setup, failed)?;
        }
    }
    sync(directory)?;
    fs::rename(fresh.join(META_FILE), directory.join(META_FILE))
        .context(ErrorKind::Setup, failed)?;
    sync(directory)
}

fn remove_directory(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::setup(format!("cannot remove {}", directory.display())).with_source(error))
        }
        _ => Ok(()),
    }
}
