//! Files that hold customers' words: for their owner alone.

use std::fs::File;
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
