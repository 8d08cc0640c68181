//! Imports articles: Markdown, HTML and JSON lines.

use std::path::PathBuf;

use super::files::{self, SourceFile};
use super::outline::LONGEST_HEADING_CHARS;
use super::{ImportOptions, ImportReport, Place, Progress, Sink, Survey};
use super::{html, jsonl, keys_to_remove, markdown};
use crate::Result;
use crate::model::encoder::Encoder;
use crate::retrieve::document::Document;
use crate::retrieve::index::Index;
use crate::retrieve::item::{DOCUMENT_KEYS, Item};
use crate::retrieve::writer::Writer;

const EXTENSIONS: &[&str] = &["md", "markdown", "html", "htm", "jsonl", "ndjson"];
const LONGEST_ID_CHARS: usize = 512;
const LONGEST_URL_CHARS: usize = 2048;
/// Articles whose passages are embedded together.
const BATCH: usize = 32;

/// Imports the articles in `paths`, files or directories.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if a path does not exist; else those of the index and the encoder.
/// Bad lines are no error: they are in the report.
pub fn import_knowledge(
    index: &Index,
    encoder: &Encoder,
    paths: &[PathBuf],
    options: &ImportOptions,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let mut notices = Vec::new();
    let sources = files::find(paths, EXTENSIONS, &mut notices)?;
    let read = |sink: &mut Sink<Document>| read_documents(&sources, sink);
    let survey = Survey::take(options, read, |document: &Document| document.id.clone())?;
    progress.begin(survey.kept());
    let Survey { keep, keys, mut report } = survey;
    report.notices.extend(notices);
    if report.refused {
        return Ok(report);
    }
    let mut writer = index.writer()?;
    let rest = keys_to_remove(&mut writer, options.rest, DOCUMENT_KEYS, &keys, &mut report)?;
    let Some(rest) = rest else { return Ok(report) };
    let mut importer = Importer {
        writer,
        encoder,
        batch: Vec::new(),
        since_commit: 0,
        commit_every: options.commit_every,
    };
    let mut place_in_order = 0;
    read_documents(&sources, &mut |_, document| {
        let Ok(document) = document else { return Ok(()) };
        let is_kept = keep.get(place_in_order).copied().unwrap_or(false);
        place_in_order += 1;
        if !is_kept {
            return Ok(());
        }
        progress.advance(1);
        let item = Item::Document(document);
        if importer.writer.has(&item)? {
            report.unchanged += 1;
            return Ok(());
        }
        report.imported += 1;
        importer.add(item)
    })?;
    importer.finish(&rest)?;
    Ok(report)
}

/// Imports articles that are in memory already, as an evaluation's corpus is.
///
/// # Errors
/// Those of the index and the encoder.
pub fn import_documents(
    index: &Index,
    encoder: &Encoder,
    documents: Vec<Document>,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let commit_every = ImportOptions::default().commit_every;
    let writer = index.writer()?;
    let mut importer =
        Importer { writer, encoder, batch: Vec::new(), since_commit: 0, commit_every };
    progress.begin(documents.len());
    for document in documents {
        progress.advance(1);
        let item = Item::Document(document);
        if importer.writer.has(&item)? {
            report.unchanged += 1;
        } else {
            report.imported += 1;
            importer.add(item)?;
        }
    }
    importer.finish(&[])?;
    Ok(report)
}

/// The articles in `paths` without importing them, in the order of the files; bad ones are left out.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if a path does not exist.
pub fn documents_in(paths: &[PathBuf]) -> Result<Vec<Document>> {
    let sources = files::find(paths, EXTENSIONS, &mut Vec::new())?;
    let mut documents = Vec::new();
    read_documents(&sources, &mut |_, document| {
        documents.extend(document.ok());
        Ok(())
    })?;
    Ok(documents)
}

struct Importer<'a> {
    writer: Writer,
    encoder: &'a Encoder,
    batch: Vec<Item>,
    since_commit: usize,
    commit_every: usize,
}

impl Importer<'_> {
    fn add(&mut self, item: Item) -> Result<()> {
        self.batch.push(item);
        if self.batch.len() < BATCH.min(self.commit_every.max(1)) {
            return Ok(());
        }
        self.write_batch()?;
        if self.since_commit >= self.commit_every {
            self.since_commit = 0;
            self.writer.commit()?;
        }
        Ok(())
    }

    fn write_batch(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let texts: Vec<Vec<String>> = batch.iter().map(Item::texts_to_embed).collect();
        let embeddings = self.encoder.embed(&texts.concat())?;
        let mut rest = embeddings.as_slice();
        self.since_commit += batch.len();
        for (item, texts) in batch.into_iter().zip(&texts) {
            let (own, after) = rest.split_at(texts.len());
            rest = after;
            self.writer.upsert(item, own)?;
        }
        Ok(())
    }

    /// Takes away what has one of these keys, with the last commit.
    fn finish(mut self, keys_to_remove: &[String]) -> Result<()> {
        self.write_batch()?;
        keys_to_remove.iter().try_for_each(|key| self.writer.remove(key))?;
        self.writer.finish()
    }
}

fn read_documents(sources: &[SourceFile], sink: &mut Sink<Document>) -> Result<()> {
    let sink: &mut Sink<Document> = &mut |place, document| sink(place, document.and_then(checked));
    for source in sources {
        let path = &source.path;
        let at = |line: Option<usize>| Place { file: path.clone(), line, entry: None };
        match files::extension_of(path).as_str() {
            "md" | "markdown" => {
                let document = files::read_article(path)
                    .and_then(|text| markdown::parse(&text, &source.default_id));
                sink(at(None), document)?;
            }
            "html" | "htm" => {
                let document = files::read_article(path)
                    .and_then(|text| html::parse(&text, &source.default_id));
                sink(at(None), document)?;
            }
            "jsonl" | "ndjson" => files::each_line(path, &mut |number, line| {
                sink(at(Some(number)), line.and_then(jsonl::parse_article))
            })?,
            _ => sink(at(None), Err(files::unknown_extension(path, EXTENSIONS)))?,
        }
    }
    Ok(())
}

/// An article whose id, title and so on can be kept with each of its passages.
pub fn checked(document: Document) -> std::result::Result<Document, String> {
    let Document { id, title, url, language, audience, .. } = &document;
    let required = [("id", id, LONGEST_ID_CHARS), ("title", title, LONGEST_HEADING_CHARS)];
    if let Some((name, ..)) = required.iter().find(|(_, value, _)| value.trim().is_empty()) {
        return Err(format!("`{name}` is empty"));
    }
    let optional = [
        ("url", url, LONGEST_URL_CHARS),
        ("language", language, LONGEST_HEADING_CHARS),
        ("audience", audience, LONGEST_HEADING_CHARS),
    ];
    let given =
        optional.iter().filter_map(|(name, value, most)| Some((*name, value.as_ref()?, *most)));
    for (name, value, most) in required.into_iter().chain(given) {
        if value.chars().count() > most {
            return Err(format!("`{name}` is longer than {most} characters"));
        }
    }
    Ok(document)
}
