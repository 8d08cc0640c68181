//! Imports: files in, upserts out.
//!
//! The files are read twice. The first pass finds every bad line and every id that comes again, so
//! that a strict import can refuse before anything is written; the second embeds what is new and
//! commits every [`ImportOptions::commit_every`] items, so that an import that is killed goes on
//! where it was: what is there unchanged is not embedded again. An import that replaces all that was
//! there takes the rest away with its last commit.

mod accounts;
mod csv;
mod files;
mod html;
mod jsonl;
mod knowledge;
mod markdown;
mod outline;
mod preview;
mod tau_retail;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;

pub use accounts::{import_accounts, records_in};
pub use knowledge::{checked as checked_article, documents_in, import_documents, import_knowledge};
pub use markdown::parse_body as article_of_markdown;
pub use preview::html_of_markdown;

use super::writer::Writer;

/// The shape of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// By the extension of each file.
    #[default]
    ByExtension,
    /// `users.json`, `orders.json` and `products.json` of tau-bench's retail store (accounts only).
    TauRetail,
}

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The shape of the files.
    pub format: Format,
    /// Import nothing if any line is bad.
    pub strict: bool,
    /// Items between two commits.
    pub commit_every: usize,
    /// Whether what is not in the files stays.
    pub rest: Rest,
}

/// What becomes of items of the same sort that an import does not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rest {
    /// They stay.
    #[default]
    Kept,
    /// They are removed, unless they are more than half of what is there: then nothing is imported. Nor is it if any
    /// line is bad, since what it brings is not known.
    Removed,
    /// They are removed, however many they are.
    RemovedAll,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { format: Format::ByExtension, strict: false, commit_every: 500, rest: Rest::Kept }
    }
}

/// A place in the files: a line, an entry by its key, or the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Line from 1, if the file is read by lines.
    pub line: Option<usize>,
    /// The entry's key, if the file is one JSON object.
    pub entry: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if let Some(entry) = &self.entry {
            write!(formatter, " (entry {entry})")?;
        }
        Ok(())
    }
}

/// Something that could not be imported, or that a reader should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub place: Place,
    /// What, in words.
    pub reason: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.reason)
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Items that are new or changed.
    pub imported: usize,
    /// Items that were in the index as they are.
    pub unchanged: usize,
    /// Items that were there and are not in the files, if they had to go.
    pub removed: usize,
    /// More than half of what is there would have been removed, so nothing was imported: how many, and of how many.
    pub too_many_to_remove: Option<(usize, usize)>,
    /// Lines or files that could not be read.
    pub problems: Vec<Remark>,
    /// Ids that came more than once, files of other types.
    pub notices: Vec<Remark>,
    /// True if a strict import refused.
    pub refused: bool,
}

/// How far an import is, for whoever shows it.
pub trait Progress {
    /// The number of items is known.
    fn begin(&mut self, items: usize);
    /// So many are done.
    fn advance(&mut self, items: usize);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _items: usize) {}
    fn advance(&mut self, _items: usize) {}
}

/// What a reader of files hands on: an item, or the reason why there is none.
type Sink<'a, T> = dyn FnMut(Place, std::result::Result<T, String>) -> crate::Result<()> + 'a;

/// The first pass: which items are good and are the last of their key.
struct Survey {
    keep: Vec<bool>,
    /// All keys, as `key_of` gives them.
    keys: HashSet<String>,
    report: ImportReport,
}

impl Survey {
    /// Reads everything once. `key_of` gives the key that a later item of the same key replaces.
    fn take<T>(
        options: &ImportOptions,
        read: impl FnOnce(&mut Sink<T>) -> crate::Result<()>,
        key_of: impl Fn(&T) -> String,
    ) -> crate::Result<Survey> {
        let mut report = ImportReport::default();
        let mut keep: Vec<bool> = Vec::new();
        let mut seen: HashMap<String, (usize, Place)> = HashMap::new();
        read(&mut |place, item| {
            match item {
                Err(reason) => report.problems.push(Remark { place, reason }),
                Ok(item) => {
                    let key = key_of(&item);
                    if let Some((earlier, earlier_place)) = seen.get(&key) {
                        keep[*earlier] = false;
                        let reason =
                            format!("{key} was given before at {earlier_place}; this one is kept");
                        report.notices.push(Remark { place: place.clone(), reason });
                    }
                    seen.insert(key, (keep.len(), place));
                    keep.push(true);
                }
            }
            Ok(())
        })?;
        let needs_all = options.strict || options.rest != Rest::Kept;
        report.refused = needs_all && !report.problems.is_empty();
        Ok(Survey { keep, keys: seen.into_keys().collect(), report })
    }

    fn kept(&self) -> usize {
        self.keep.iter().filter(|&&keep| keep).count()
    }
}

/// The keys with this prefix that have to go because the import does not bring them; `None`, with a word in the report,
/// if they are too many.
fn keys_to_remove(
    writer: &mut Writer,
    rest: Rest,
    prefix: &str,
    keys: &HashSet<String>,
    report: &mut ImportReport,
) -> crate::Result<Option<Vec<String>>> {
    if rest == Rest::Kept {
        return Ok(Some(Vec::new()));
    }
    let present = writer.present(prefix)?;
    let others: Vec<String> =
        present.iter().filter(|key| !keys.contains(&key[prefix.len()..])).cloned().collect();
    if rest == Rest::Removed && others.len() * 2 > present.len() {
        report.too_many_to_remove = Some((others.len(), present.len()));
        return Ok(None);
    }
    report.removed = others.len();
    Ok(Some(others))
}
