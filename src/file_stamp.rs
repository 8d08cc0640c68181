//! Telling one version of a file from another without reading it.

use std::path::Path;
use std::time::SystemTime;

/// When a file was last written, its length, and which one of its name it is.
pub type FileStamp = (SystemTime, u64, u64);

/// None if there is no such file.
pub fn stamp_of(path: &Path) -> Option<FileStamp> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.modified().ok()?, metadata.len(), inode))
}
