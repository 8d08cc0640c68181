//! The manifest of model files: `models/manifest.toml`, compiled into the binary.
//!
//! Each [`Artefact`] is one file with its size, its SHA-256 and the sources it may come from.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Error, Result};

/// One model file, pinned by hash.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// A short unique name: the directory it is cached under.
    pub name: String,
    /// What it is used for, in words.
    pub role: String,
    /// SPDX licence identifier.
    pub licence: String,
    /// File name in the cache.
    pub file: String,
    /// Exact size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lowercase hexadecimal.
    pub sha256: String,
    /// Where it is on the Hugging Face hub.
    pub hub: HubSource,
    /// The Python wheel that carries the same file.
    pub wheel: WheelSource,
}

/// A file of a Hugging Face repository at a revision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSource {
    pub repository: String,
    pub revision: String,
    pub path: String,
}

/// A file inside a Python wheel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WheelSource {
    pub package: String,
    pub version: String,
    pub path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    artefact: Vec<Artefact>,
}

/// Every artefact of the shipped manifest.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] if the manifest that was compiled in cannot be read.
pub fn shipped() -> Result<Vec<Artefact>> {
    parse(include_str!("../../models/manifest.toml"))
}

/// Reads a manifest.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] naming the line at fault.
pub fn parse(text: &str) -> Result<Vec<Artefact>> {
    let manifest: ManifestFile = toml::from_str(text).map_err(|source| {
        Error::setup("models/manifest.toml cannot be read").with_source(source)
    })?;
    Ok(manifest.artefact)
}

/// The artefact called `name`.
///
/// # Errors
/// [`crate::ErrorKind::Input`] that lists the names there are.
pub fn find(name: &str) -> Result<Artefact> {
    let artefacts = shipped()?;
    let names: Vec<String> = artefacts.iter().map(|artefact| artefact.name.clone()).collect();
    artefacts.into_iter().find(|artefact| artefact.name == name).ok_or_else(|| {
        Error::input(format!("there is no model '{name}'; there are: {}", names.join(", ")))
    })
}

impl Artefact {
    /// Where the file lies under the model cache `cache_dir`.
    pub fn cached_path(&self, cache_dir: &Path) -> PathBuf {
        cache_dir.join(&self.name).join(&self.file)
    }
}
