//! Whether the demo shop is all that a data directory knows.
//!
//! A mark in the directory, made when the demo shop was imported and taken away before anything
//! else is. While it is there the demo page may sign in the shop's invented customers.

use std::fs;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// True while the demo shop is all that was imported into `data_dir`.
pub fn is_in_use(data_dir: &Path) -> bool {
    mark(data_dir).is_file()
}

/// The demo shop was imported into `data_dir`, which held nothing before.
///
/// # Errors
/// [`ErrorKind::Setup`] if the mark cannot be written.
pub fn mark_in_use(data_dir: &Path) -> Result<()> {
    let path = mark(data_dir);
    fs::write(&path, "the demo shop is all that was imported here\n")
        .context(ErrorKind::Setup, || format!("cannot write {}", path.display()))
}

/// Something else is about to be imported into `data_dir`.
///
/// # Errors
/// [`ErrorKind::Setup`] if the mark cannot be removed: then nothing may be imported.
pub fn end(data_dir: &Path) -> Result<()> {
    let path = mark(data_dir);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != IoErrorKind::NotFound => {
            Err(Error::setup(format!("cannot remove {}", path.display())).with_source(error))
        }
        _ => Ok(()),
    }
}

fn mark(data_dir: &Path) -> PathBuf {
    data_dir.join("demo-shop")
}
