//! Looking at an index and the content without changing either.

use std::path::Path;

use tantivy::directory::{Directory, META_LOCK, MmapDirectory};
use tantivy::{IndexReader, ReloadPolicy};

use super::super::content::Content;
use super::super::index::{INDEX_DIRECTORY, Index};
use super::super::item::CONTENT_VERSION;
use super::super::schema;
use super::super::segments::Stamp;
use super::super::snapshot::META_FILE;
use super::super::text;
use super::checksums;
use super::decide::{Finding, Flaw, IndexState, Reflects, decide};
use super::rebuild::FRESH_DIRECTORY;
use crate::Result;

/// What is to be done about the index of `data_dir`. Reads each of its files, but those that this process found whole
/// before.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] if neither the content can be read nor the index be used.
pub fn inspect(data_dir: &Path) -> Result<Finding> {
    let seen = Content::open_to_read(data_dir).and_then(|content| match content {
        Some(mut content) => with_content(data_dir, &mut content),
        None => Ok(decide(look_at(data_dir), None, false)),
    });
    seen.or_else(|error| match look_at(data_dir) {
        IndexState::Whole { reflects: Reflects::Content(stamp), .. }
            if stamp.made_by == CONTENT_VERSION =>
        {
            Ok(Finding::ContentUnreadable(error.to_string()))
        }
        _ => Err(error),
    })
}

/// As [`inspect`]; an index that seems current is held against the content, entry by entry.
///
/// # Errors
/// As [`inspect`].
pub fn check(data_dir: &Path) -> Result<Finding> {
    let finding = inspect(data_dir)?;
    if finding != Finding::Current {
        return Ok(finding);
    }
    let Some(mut content) = Content::open_to_read(data_dir)? else { return Ok(finding) };
    if content.state().change == 0 {
        return Ok(finding);
    }
    if Index::open(data_dir)?.content_hash()? == content.content_hash()? {
        return Ok(finding);
    }
    Ok(Finding::Rebuild(Flaw::Differs))
}

/// What is to be done, for whoever has the content open.
pub fn with_content(data_dir: &Path, content: &mut Content) -> Result<Finding> {
    let was_imported = content.state().change > 0;
    let has_others = was_imported && !content.made_by_others(1)?.is_empty();
    Ok(decide(look_at(data_dir), Some(content.state()), has_others))
}

fn look_at(data_dir: &Path) -> IndexState {
    let directory = data_dir.join(INDEX_DIRECTORY);
    if !directory.join(META_FILE).exists() {
        return IndexState::Missing;
    }
    match try_to_look_at(&directory) {
        Err(error) => IndexState::Damaged(error.to_string()),
        Ok(None) => IndexState::OtherSchema,
        Ok(Some(reflects)) => {
            let left_over = data_dir.join(FRESH_DIRECTORY).exists();
            IndexState::Whole { reflects, left_over }
        }
    }
}

/// `None` if it has another schema.
fn try_to_look_at(directory: &Path) -> tantivy::Result<Option<Reflects>> {
    let mmap = MmapDirectory::open(directory)?;
    // An import that is under way removes no file while this is held. It cannot be had where nothing can be written.
    let lock = mmap.acquire_lock(&META_LOCK);
    let index = tantivy::Index::open(mmap)?;
    if index.schema() != schema::build().0 {
        return Ok(None);
    }
    let metas = index.load_metas()?;
    if let Some(file) = checksums::first_damaged(&index, directory)? {
        let message = format!("{} was changed", file.display());
        return Err(tantivy::TantivyError::InternalError(message));
    }
    drop(lock);
    text::register(index.tokenizers());
    // A file that is not there at all has no checksum.
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
    let _: IndexReader = reader.try_into()?;
    Ok(Some(match metas.payload {
        None => Reflects::Nothing,
        Some(payload) => match serde_json::from_str::<Stamp>(&payload) {
            Ok(stamp) => Reflects::Content(stamp),
            Err(_) => Reflects::Imports,
        },
    }))
}
