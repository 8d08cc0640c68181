//! Keeping the index true to the content: at every start and before every import.
//!
//! [`inspect()`] looks and changes nothing, [`decide()`] says what is to be done, [`mend`] does it. An index that is
//! behind follows; any other that does not fit is made anew beside the old one and takes its place at once
//! ([`rebuild()`]). In a data directory of before the content was kept, the content is taken over from the index.

use std::path::Path;
use std::time::{Duration, Instant};

use super::content::{CONTENT_FILE, Change, Content, Kept};
use super::fusion::RetrievalSettings;
use super::index::{INDEX_DIRECTORY, Index};
use super::ingest::Progress;
use super::segments::{Segments, Stamp};
use crate::model::embedding_file::to_bytes;
use crate::{Error, ErrorKind, Result};

mod checksums;
mod decide;
mod inspect;
mod rebuild;
mod take_over;

pub use decide::{Finding, Flaw, IndexState, Reflects, decide};
pub use inspect::{check, inspect};
pub use rebuild::rebuild;

/// Makes embeddings, 384 f32 each, when another encoder made those of the content.
pub type Embed<'a> = &'a dyn Fn(&[String]) -> Result<Vec<Vec<f32>>>;
/// Told what is begun, in words such as "building the index"; gives who shows how far it is.
pub type Narrate<'a> = &'a mut dyn FnMut(&'static str) -> Box<dyn Progress>;

/// How long another process that makes the index is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Rows of the content that are held in memory at a time.
const BATCH: u64 = 256;

/// For those whom nobody watches.
pub fn say_nothing(_stage: &'static str) -> Box<dyn Progress> {
    Box::new(super::ingest::Silent)
}

/// Opens the index of `data_dir` after bringing it up to date. If that cannot be done now, as on a full disk or beside
/// an import, an index that can be used as it is is opened all the same.
///
/// # Errors
/// [`ErrorKind::Setup`] if it cannot be used and not be repaired either.
pub fn open(
    data_dir: &Path,
    settings: RetrievalSettings,
    embed: Embed,
    narrate: Narrate,
) -> Result<Index> {
    let finding = inspect(data_dir)?;
    if finding != Finding::Current {
        let mended = content_in_time(data_dir, &finding)
            .and_then(|mut content| mend(&mut content, data_dir, Some(embed), narrate));
        match mended {
            Ok(()) => {}
            Err(error) if finding.is_usable() && error.kind() == ErrorKind::Busy => {
                tracing::info!("an import is under way; its changes are seen as they come");
            }
            Err(error) if finding.is_usable() => tracing::warn!(
                %error,
                "{finding}, and that cannot be mended now; going on with the index as it is"
            ),
            Err(error) => return Err(error),
        }
    }
    Index::open_with(data_dir, settings)
}

/// Opens the content; where nothing can be searched without it, whoever makes the index now is waited for.
fn content_in_time(data_dir: &Path, finding: &Finding) -> Result<Content> {
    let begun = Instant::now();
    loop {
        match Content::open(data_dir) {
            Err(error)
                if error.kind() == ErrorKind::Busy
                    && !finding.is_usable()
                    && begun.elapsed() < LONGEST_WAIT =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            outcome => return outcome,
        }
    }
}

/// Makes the index of `data_dir` reflect all of `content`, whose lock is held.
///
/// # Errors
/// [`ErrorKind::Setup`] if the index is damaged and nothing is known of what it held, or `embed` is needed and not
/// given; else those of writing.
pub fn mend(
    content: &mut Content,
    data_dir: &Path,
    embed: Option<Embed>,
    narrate: Narrate,
) -> Result<()> {
    let directory = data_dir.join(INDEX_DIRECTORY);
    loop {
        // Taking over and embedding leave something else to be done.
        let finding = inspect::with_content(data_dir, content)?;
        if finding != Finding::Current {
            tracing::info!("{finding}");
        }
        match finding {
            Finding::Current => return Ok(()),
            Finding::LeftOver => return rebuild::tidy(data_dir),
            Finding::TakeOver => take_over::take_over(content, &directory)?,
            Finding::Behind { index, .. } => return follow(content, &directory, index),
            Finding::OtherEncoder => embed_again(content, embed, narrate)?,
            Finding::Rebuild(_) => return rebuild(content, data_dir, narrate),
            Finding::Lost(flaw) => return Err(lost(data_dir, &flaw)),
            Finding::ContentUnreadable(reason) => return Err(Error::setup(reason)),
        }
    }
}

/// Makes the index of `data_dir` anew, even if it seems whole.
///
/// # Errors
/// As [`mend`], and [`ErrorKind::Busy`] during an import.
pub fn mend_by_hand(data_dir: &Path, embed: Embed, narrate: Narrate) -> Result<()> {
    let mut content = Content::open(data_dir)?;
    let finding = inspect::with_content(data_dir, &mut content)?;
    if content.state().change > 0 && finding != Finding::OtherEncoder {
        return rebuild(&mut content, data_dir, narrate);
    }
    mend(&mut content, data_dir, Some(embed), narrate)
}

/// Brings in what changed after the change `from`.
fn follow(content: &mut Content, directory: &Path, from: u64) -> Result<()> {
    let mut segments = Segments::open(directory)?;
    let mut from_position = 0;
    loop {
        let entries = content.changed_after(from, from_position, BATCH)?;
        let Some(last) = entries.last() else { break };
        from_position = last.position + 1;
        for entry in &entries {
            segments.follow(entry)?;
        }
    }
    segments.commit(&Stamp::of(content))?;
    segments.finish()
}

/// Embeds anew what another encoder or splitter embedded. Each batch is a change, so a crash loses one.
fn embed_again(content: &mut Content, embed: Option<Embed>, narrate: Narrate) -> Result<()> {
    let Some(embed) = embed else {
        return Err(Error::setup(
            "what was imported was embedded by another version of Steward; \
             `steward index rebuild` embeds it anew",
        ));
    };
    let mut progress = narrate("embedding anew what was imported");
    progress.begin(content.count_made_by_others()?);
    loop {
        let entries = content.made_by_others(BATCH)?;
        if entries.is_empty() {
            return Ok(());
        }
        let mut steps = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(kept) = entry.kept else { continue };
            let texts = kept.item.texts_to_embed();
            let embeddings = if texts.is_empty() { Vec::new() } else { embed(&texts)? };
            let embeddings = embeddings.iter().flat_map(|embedding| to_bytes(embedding)).collect();
            let kept = Kept { hash: kept.item.hash()?, item: kept.item, embeddings };
            steps.push(Change::Put { position: entry.position, kept });
        }
        content.change(&steps)?;
        progress.advance(steps.len());
    }
}

fn lost(data_dir: &Path, flaw: &Flaw) -> Error {
    Error::setup(format!(
        "{flaw}, and there is no {CONTENT_FILE} to make it from in {}; move the directory \
         {INDEX_DIRECTORY} away and import again, or put back a backup with `steward restore`",
        data_dir.display()
    ))
}
