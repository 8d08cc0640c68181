//! Which files of an index are whole. A large index takes seconds to read; what this process found whole and nobody
//! has touched since is not read again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::file_stamp::{FileStamp, stamp_of};

/// The files found whole, by directory.
static WHOLE: LazyLock<Mutex<HashMap<PathBuf, HashMap<PathBuf, FileStamp>>>> =
    LazyLock::new(Mutex::default);

/// A file of `index`, which lies in `directory`, that is not as it was written; none if all are.
///
/// # Errors
/// If a file cannot be read.
pub fn first_damaged(index: &tantivy::Index, directory: &Path) -> tantivy::Result<Option<PathBuf>> {
    let before = {
        let mut whole = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
        whole.remove(directory).unwrap_or_default()
    };
    let managed = index.directory().list_managed_files();
    let living = index.load_metas()?.list_segment_files();
    let mut whole = HashMap::new();
    for path in living.intersection(&managed) {
        // Taken first: what is changed while it is read is read again.
        let stamp = stamp_of(&directory.join(path));
        let is_known = stamp.is_some() && before.get(path) == stamp.as_ref();
        if !is_known && !index.directory().validate_checksum(path)? {
            return Ok(Some(path.clone()));
        }
        whole.extend(stamp.map(|stamp| (path.clone(), stamp)));
    }
    WHOLE.lock().unwrap_or_else(PoisonError::into_inner).insert(directory.to_path_buf(), whole);
    Ok(None)
}
