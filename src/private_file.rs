//! Files that hold customers' words: for their owner alone.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::error::Context;
use crate::{ErrorKind, Result};

/// Creates the file at `path` if it is not there, with mode 0600; SQLite gives the files beside it the same.
///
/// # Errors
/// [`ErrorKind::Setup`] if it cannot be written.
pub fn create(path: &Path) -> Result<()> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .context(ErrorKind::Setup, || format!("cannot write {}", path.display()))
        .map(drop)
}

/// Replaces the file at `path` at once by one with these bytes, for its owner alone; after a crash it is the old one or
/// the new one.
///
/// # Errors
/// [`ErrorKind::Internal`] if it cannot be written, as on a full disk.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let failed = || format!("cannot write {}", path.display());
    let written = || -> std::io::Result<()> {
        // Made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|problem| problem.error)?;
        File::open(directory)?.sync_all()
    };
    written().context(ErrorKind::Internal, failed)
}
