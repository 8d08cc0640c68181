//! Finding files and reading their text: UTF-8 only, with or without BOM, LF or CRLF.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::{Place, Remark};
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// A longer line is not data but an accident.
pub const LONGEST_LINE_BYTES: usize = 1 << 20;
/// A longer article is read by nobody.
const LONGEST_ARTICLE_BYTES: u64 = 16 << 20;
const BOM: &str = "\u{feff}";

/// A file to read, with the id it gives to an article that has none of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the directory that was named, without extension, with `/`.
    pub default_id: String,
}

/// The files among `paths` and below them, sorted within each directory. A directory's files of
/// other types and links that lead out of it are passed over with a notice; hidden files are passed over in silence.
///
/// # Errors
/// [`ErrorKind::Input`] if a path does not exist or cannot be listed.
pub fn find(
    paths: &[PathBuf],
    extensions: &[&str],
    notices: &mut Vec<Remark>,
) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in paths {
        let reading = || format!("cannot read {}", path.display());
        let metadata = std::fs::metadata(path).context(ErrorKind::Input, reading)?;
        if metadata.is_dir() {
            let real_root = path.canonicalize().context(ErrorKind::Input, reading)?;
            walk(path, path, &real_root, extensions, &mut files, notices)?;
        } else if !metadata.is_file() {
            let message = format!("{} is neither a file nor a directory", path.display());
            return Err(Error::input(message));
        } else {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push(SourceFile { path: path.clone(), default_id: stem });
        }
    }
    Ok(files)
}

fn walk(
    root: &Path,
    directory: &Path,
    real_root: &Path,
    extensions: &[&str],
    files: &mut Vec<SourceFile>,
    notices: &mut Vec<Remark>,
) -> Result<()> {
    let listing = || format!("cannot list {}", directory.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).context(ErrorKind::Input, listing)? {
        entries.push(entry.context(ErrorKind::Input, listing)?);
    }
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // A link to a directory could lead in a circle, so only real directories are entered.
        if entry.file_type().context(ErrorKind::Input, listing)?.is_dir() {
            walk(root, &path, real_root, extensions, files, notices)?;
        } else if !is_file_within(real_root, &path) {
            let reason = "not a file, or a link that leads out of the directory; it is not read";
            notices.push(Remark {
                place: Place { file: path, line: None, entry: None },
                reason: reason.to_string(),
            });
        } else if extensions.contains(&extension_of(&path).as_str()) {
            let relative = path.strip_prefix(root).unwrap_or(&path).with_extension("");
            let parts: Vec<String> =
                relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            files.push(SourceFile { default_id: parts.join("/"), path });
        } else {
            let place = Place { file: path, line: None, entry: None };
            notices.push(Remark { place, reason: "not of a type that is imported".to_string() });
        }
    }
    Ok(())
}

/// Whether the path is a file that lies below the directory, links followed: what somebody else packed must not bring in
/// other files of this machine, or a pipe that never ends.
fn is_file_within(real_root: &Path, path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with(real_root) && real.is_file())
}

/// The extension in lower case, empty if there is none.
pub fn extension_of(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Why a file of this extension cannot be read.
pub fn unknown_extension(path: &Path, extensions: &[&str]) -> String {
    match extension_of(path).as_str() {
        "gz" | "zip" | "bz2" | "xz" | "zst" => {
            "compressed files are not read; unpack it first".into()
        }
        _ => format!("unknown type of file; expected one of .{}", extensions.join(", .")),
    }
}

/// The whole text of an article, without BOM, with LF.
pub fn read_article(path: &Path) -> std::result::Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if metadata.len() > LONGEST_ARTICLE_BYTES {
        return Err(format!("larger than {} MiB", LONGEST_ARTICLE_BYTES >> 20));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..place].iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("not UTF-8 (line {line}); save it as UTF-8")
    })?;
    Ok(text.strip_prefix(BOM).unwrap_or(&text).replace("\r\n", "\n"))
}

/// Hands every line that is not empty to `sink`, with its number from 1. A line that is too long
/// or not UTF-8 comes as the reason why.
pub fn each_line(path: &Path, sink: &mut LineSink) -> Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return sink(0, Err(format!("cannot be read: {error}"))),
    };
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        bytes.clear();
        match read_limited_line(&mut reader, &mut bytes) {
            Err(error) => return sink(number, Err(format!("cannot be read: {error}"))),
            Ok(LineEnd::File) if bytes.is_empty() => return Ok(()),
            Ok(LineEnd::TooLong) => {
                sink(number, Err(format!("longer than {} KiB", LONGEST_LINE_BYTES >> 10)))?;
                continue;
            }
            Ok(_) => {}
        }
        match std::str::from_utf8(&bytes) {
            Err(_) => sink(number, Err("not UTF-8; save the file as UTF-8".to_string()))?,
            Ok(line) => {
                let line = if number == 1 { line.strip_prefix(BOM).unwrap_or(line) } else { line };
                if !line.trim().is_empty() {
                    sink(number, Ok(line.trim_end_matches(['\r', '\n'])))?;
                }
            }
        }
    }
}

/// Takes a line by its number, or the reason why it cannot be read.
type LineSink<'a> = dyn FnMut(usize, std::result::Result<&str, String>) -> Result<()> + 'a;

enum LineEnd {
    Newline,
    File,
    TooLong,
}

/// Reads up to a newline; past the limit the rest is read but not kept.
fn read_limited_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<LineEnd> {
    let mut too_long = false;
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok(if too_long { LineEnd::TooLong } else { LineEnd::File });
        }
        let newline = available.iter().position(|&byte| byte == b'\n');
        let taken = newline.map_or(available.len(), |place| place + 1);
        too_long |= line.len() + taken > LONGEST_LINE_BYTES;
        if !too_long {
            line.extend_from_slice(&available[..taken]);
        }
        reader.consume(taken);
        if newline.is_some() {
            return Ok(if too_long { LineEnd::TooLong } else { LineEnd::Newline });
        }
    }
}
