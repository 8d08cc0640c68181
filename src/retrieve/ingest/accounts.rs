//! Imports records: JSON lines, CSV, and the shapes of other stores.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::files::{self, SourceFile};
use super::keys_to_remove;
use super::{Format, ImportOptions, ImportReport, Place, Progress, Remark, Sink, Survey};
use super::{csv, jsonl, tau_retail};
use crate::Result;
use crate::model::encoder::Encoder;
use crate::retrieve::index::Index;
use crate::retrieve::item::{Item, RECORD_KEYS};
use crate::retrieve::record::Record;

const EXTENSIONS: &[&str] = &["jsonl", "ndjson", "csv"];
const TAU_EXTENSIONS: &[&str] = &["json"];

/// Imports the records in `paths`, files or directories. The encoder embeds the names of public
/// records only.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if a path does not exist; else those of the index and the encoder.
/// Bad lines are no error: they are in the report.
pub fn import_accounts(
    index: &Index,
    encoder: &Encoder,
    paths: &[PathBuf],
    options: &ImportOptions,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let mut notices = Vec::new();
    let extensions = match options.format {
        Format::ByExtension => EXTENSIONS,
        Format::TauRetail => TAU_EXTENSIONS,
    };
    let sources = files::find(paths, extensions, &mut notices)?;
    let read = |sink: &mut Sink<Record>| read_records(&sources, options.format, sink);
    let survey = Survey::take(options, read, Record::key)?;
    progress.begin(survey.kept());
    let Survey { keep, keys, mut report } = survey;
    report.notices.extend(notices);
    report.notices.extend(kinds_of_mixed_ownership(&sources, options.format)?);
    if report.refused {
        return Ok(report);
    }
    let mut writer = index.writer()?;
    let rest = keys_to_remove(&mut writer, options.rest, RECORD_KEYS, &keys, &mut report)?;
    let Some(rest) = rest else { return Ok(report) };
    let mut place_in_order = 0;
    let mut since_commit = 0;
    read_records(&sources, options.format, &mut |_, record| {
        let Ok(record) = record else { return Ok(()) };
        let is_kept = keep.get(place_in_order).copied().unwrap_or(false);
        place_in_order += 1;
        if !is_kept {
            return Ok(());
        }
        progress.advance(1);
        let item = Item::Record(record);
        if writer.has(&item)? {
            report.unchanged += 1;
            return Ok(());
        }
        let texts = item.texts_to_embed();
        let embeddings = if texts.is_empty() { Vec::new() } else { encoder.embed(&texts)? };
        writer.upsert(item, &embeddings)?;
        report.imported += 1;
        since_commit += 1;
        if since_commit >= options.commit_every {
            since_commit = 0;
            writer.commit()?;
        }
        Ok(())
    })?;
    rest.iter().try_for_each(|key| writer.remove(key))?;
    writer.finish()?;
    Ok(report)
}

/// The first public record of each kind that has owned records as well: an owner may be missing, and
/// then everybody can read it.
fn kinds_of_mixed_ownership(sources: &[SourceFile], format: Format) -> Result<Vec<Remark>> {
    let mut owned: HashSet<String> = HashSet::new();
    let mut public: BTreeMap<String, Place> = BTreeMap::new();
    read_records(sources, format, &mut |place, record| {
        if let Ok(record) = record {
            if record.is_public() {
                public.entry(record.kind).or_insert(place);
            } else {
                owned.insert(record.kind);
            }
        }
        Ok(())
    })?;
    public.retain(|kind, _| owned.contains(kind));
    let remark = |(kind, place)| Remark {
        place,
        reason: format!(
            "this {kind} has no `customer_id` though others have: everybody can read it"
        ),
    };
    Ok(public.into_iter().map(remark).collect())
}

fn read_records(sources: &[SourceFile], format: Format, sink: &mut Sink<Record>) -> Result<()> {
    for source in sources {
        let path = &source.path;
        let at = |line: Option<usize>| Place { file: path.clone(), line, entry: None };
        match (format, files::extension_of(path).as_str()) {
            (Format::TauRetail, "json") => tau_retail::read(path, sink)?,
            (Format::ByExtension, "csv") => csv::read(path, sink)?,
            (Format::ByExtension, "jsonl" | "ndjson") => {
                files::each_line(path, &mut |number, line| {
                    sink(at(Some(number)), line.and_then(jsonl::parse_record))
                })?;
            }
            (Format::TauRetail, _) => {
                sink(at(None), Err(files::unknown_extension(path, TAU_EXTENSIONS)))?;
            }
            (Format::ByExtension, "json") => sink(
                at(None),
                Err("one JSON document is not read; expected .jsonl or .csv, or name the \
                     `--format`"
                    .to_string()),
            )?,
            _ => sink(at(None), Err(files::unknown_extension(path, EXTENSIONS)))?,
        }
    }
    Ok(())
}

/// The records in `paths` without importing them, in the order of the files; bad ones are left out.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if a path does not exist.
pub fn records_in(paths: &[PathBuf], format: Format) -> Result<Vec<Record>> {
    let extensions = match format {
        Format::ByExtension => EXTENSIONS,
        Format::TauRetail => TAU_EXTENSIONS,
    };
    let sources = files::find(paths, extensions, &mut Vec::new())?;
    let mut records = Vec::new();
    read_records(&sources, format, &mut |_, record| {
        records.extend(record.ok());
        Ok(())
    })?;
    Ok(records)
}
