//! What the training and evaluation commands share: texts, their readings, the emotion head.

use std::path::{Path, PathBuf};

use clap::Args;
use steward::config::Config;
use steward::judge::emotion::EmotionHead;
use steward::judge::heads::{EMOTION, emotion_of, shipped};
use steward::judge::training::labelled::LabelledConversation;
use steward::judge::training::moods::Moods;
use steward::judge::training::readings::Readings;
use steward::judge::training::sources::{self, EscalatingLabel, WeightedFile};
use steward::model::encoder::Encoder;
use steward::model::manifest;
use steward::retrieve::ingest::Progress;

use super::progress::TerminalProgress;

#[derive(Args)]
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

/// The conversations of all files, and the weight of each.
pub fn read_all(
    files: &[WeightedFile],
    escalating: &[EscalatingLabel],
) -> anyhow::Result<(Vec<LabelledConversation>, Vec<f32>)> {
    let (mut all, mut weights) = (Vec::new(), Vec::new());
    for file in files {
        let read = sources::conversations(&file.path, escalating)?;
        weights.resize(weights.len() + read.len(), file.weight);
        all.extend(read);
    }
    Ok((all, weights))
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
