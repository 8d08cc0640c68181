//! What the training and evaluation commands share: texts, their readings, the emotion head.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::eval::report::Report;
use steward::judge::emotion::EmotionHead;
use steward::judge::heads::{EMOTION, emotion_of, shipped};
use steward::judge::softmax::into_probabilities;
use steward::judge::training::folds::keep_apart;
use steward::judge::training::labelled::LabelledConversation;
use steward::judge::training::moods::Moods;
use steward::judge::training::readings::Readings;
use steward::judge::training::sources::{self, EscalatingLabel};
use steward::learning::kept::{is_held_out, labelled};
use steward::model::encoder::Encoder;
use steward::model::manifest;
use steward::retrieve::ingest::Progress;
use steward::store::{KeptConversation, Store};

use super::progress::TerminalProgress;
use super::train::CommonArguments;

#[derive(Args, Default)]
pub struct ReadingsArguments {
    /// Keep what the encoder reads in this file, so that the next run need not read it again.
    #[arg(long)]
    readings: Option<PathBuf>,
}

impl ReadingsArguments {
    /// Reads the texts, with a bar.
    pub fn read<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a str>,
        encoder: &Encoder,
        _config: &Config,
    ) -> anyhow::Result<Readings> {
        let hash = encoder_hash()?;
        let mut bar = TerminalProgress::new("reading");
        let mut before = None;
        let mut show = |done: usize, all: usize| {
            match before {
                None => {
                    bar.begin(all);
                    bar.advance(done);
                }
                Some(before) => bar.advance(done - before),
            }
            before = Some(done);
        };
        let file = self.readings.as_deref();
        Ok(Readings::of(texts, (encoder, &hash), file, &mut show)?)
    }
}

/// All texts of the conversations.
pub fn texts_of(conversations: &[LabelledConversation]) -> impl Iterator<Item = &str> {
    conversations.iter().flat_map(|one| &one.turns).map(|turn| turn.text.as_str())
}

/// Labelled conversations of one source.
pub struct Set {
    /// The file's name, or `store`.
    pub name: String,
    /// What it holds.
    pub conversations: Vec<LabelledConversation>,
    /// How much each of its examples counts.
    pub weight: f32,
}

/// The name of the set that comes from the data directory.
pub const STORE: &str = "store";

impl CommonArguments {
    /// What is trained on, and what is only tested: checked to be apart.
    pub fn sets(
        &self,
        escalating: &[EscalatingLabel],
        config: &Config,
    ) -> anyhow::Result<(Vec<Set>, Vec<Set>)> {
        let read = |path: &Path, weight: f32| -> anyhow::Result<Set> {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            Ok(Set { name, conversations: sources::conversations(path, escalating)?, weight })
        };
        let mut train = Vec::new();
        for file in &self.data {
            train.push(read(&file.path, file.weight)?);
        }
        if self.from_store {
            let kept = kept_conversations(config, true, ALL)?;
            let mut conversations: Vec<_> = kept.iter().map(labelled).collect();
            conversations.retain(|one| !is_held_out(&one.id));
            eprintln!("{} labelled conversations of the store to train on", conversations.len());
            train.push(Set { name: STORE.into(), conversations, weight: 1.0 });
        }
        let mut test = Vec::new();
        for path in &self.test {
            let mut tested = read(path, 1.0)?;
            for trained in &train {
                let dropped =
                    keep_apart(&trained.conversations, &mut tested.conversations, self.drop_known)
                        .with_context(|| format!("{} and {}", trained.name, tested.name))?;
                if dropped > 0 {
                    eprintln!("{}: {dropped} left out that {} has too", tested.name, trained.name);
                }
            }
            test.push(tested);
        }
        Ok((train, test))
    }

    /// What tells the content of what was trained on.
    pub fn fingerprints(&self, train: &[Set]) -> anyhow::Result<BTreeMap<String, String>> {
        let mut all = sources::fingerprints(self.data.iter().map(|file| file.path.as_path()))?;
        for store in train.iter().filter(|set| set.name == STORE) {
            all.insert(STORE.into(), format!("{} conversations", store.conversations.len()));
        }
        Ok(all)
    }
}

impl CommonArguments {
    /// Prints a report's figures and writes the whole into `part` of the report in `--out`.
    pub fn show(&self, report: &Report, part: &str) -> anyhow::Result<()> {
        show(report, &self.out.join("report").join(part))
    }
}

/// Prints a report's figures and writes the whole into `directory`.
pub fn show(report: &Report, directory: &Path) -> anyhow::Result<()> {
    print!("{}: {} messages, ", report.title, report.messages);
    match &report.event {
        Some(event) => println!(
            "{:.3} {}: AUC {:.3}, AUPRC {:.3}, calibration error {:.3}; from {:.2} on precision {:.3}, \
             recall {:.3}; UAR {:.3}, kappa {:.3}",
            event.share,
            event.event,
            event.auc,
            event.average_precision,
            event.calibration_error,
            event.threshold,
            event.precision,
            event.recall,
            report.unweighted_average_recall,
            report.kappa
        ),
        None => println!("accuracy {:.4}, macro F1 {:.4}", report.accuracy, report.macro_f1),
    }
    for slice in report.slices.iter().filter(|slice| slice.is_worse) {
        println!(
            "  worse for messages that are {}: {:.3} ({:.3} to {:.3}, {} messages)",
            slice.name, slice.figure, slice.interval[0], slice.interval[1], slice.messages
        );
    }
    Ok(report.write(directory)?)
}

/// Tells how many parts of a cross-validation are done, as a bar.
pub fn folds_bar(folds: usize) -> impl Fn(usize, usize) + Sync {
    let bar = std::sync::Mutex::new(TerminalProgress::new("cross-validating"));
    if let Ok(mut bar) = bar.lock() {
        bar.begin(folds);
    }
    move |_, _| {
        if let Ok(mut bar) = bar.lock() {
            bar.advance(1);
        }
    }
}

/// Logits as probabilities.
pub fn shares_at(logits: Vec<f32>, temperature: f32) -> Vec<f64> {
    let mut shares: Vec<f32> = logits.into_iter().map(|logit| logit / temperature).collect();
    into_probabilities(&mut shares);
    shares.into_iter().map(f64::from).collect()
}

/// No limit that anybody reaches.
pub const ALL: u32 = u32::MAX;

/// The newest conversations of the data directory; a server may be writing it.
pub fn kept_conversations(
    config: &Config,
    labelled: bool,
    limit: u32,
) -> anyhow::Result<Vec<KeptConversation>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open_to_read(&config.store_path()).await?;
        let kept = store.kept_conversations(labelled, limit).await?;
        store.close().await;
        Ok(kept)
    })
}

/// Says whether the encoder's vocabulary has a word whole.
pub fn knows_word(config: &Config) -> anyhow::Result<impl Fn(&str) -> bool + use<>> {
    let tokenizer = steward::setup::encoder_tokenizer(config)?;
    Ok(move |word: &str| tokenizer.token_to_id(word).is_some())
}

/// The first 16 hex digits of the SHA-256 of the encoder's weights.
pub fn encoder_hash() -> anyhow::Result<String> {
    Ok(manifest::find("minilm-l6-v2")?.sha256[..16].to_string())
}

/// The emotion head that ships with Steward.
pub fn shipped_emotion() -> anyhow::Result<EmotionHead> {
    Ok(emotion_of(&shipped(EMOTION)?)?)
}

/// The emotion heads of `directory`; without one the shipped head.
pub fn moods_of(directory: Option<&Path>) -> anyhow::Result<Moods> {
    Ok(match directory {
        Some(directory) => Moods::read(directory)?,
        None => Moods::One(shipped_emotion()?),
    })
}
