//! What several commands share: the data directory, the encoder, a progress bar.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use steward::model::encoder::Encoder;
use steward::model::fetch::ModelCache;
use steward::model::manifest;
use steward::retrieve::ingest::Progress;

#[derive(Args, Debug, Clone)]
pub struct DataArguments {
    /// The directory that everything Steward writes lives in.
    #[arg(long, global = true, env = "STEWARD_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

/// Loads the encoder, fetching it first if need be.
pub fn load_encoder() -> anyhow::Result<Encoder> {
    let offline = std::env::var("STEWARD_OFFLINE").is_ok_and(|value| value == "true");
    let cache = ModelCache::new(ModelCache::default_directory(), offline);
    let weights = cache.ensure(&manifest::find("minilm-l6-v2")?)?;
    let tokenizer = cache.ensure(&manifest::find("minilm-l6-v2-tokenizer")?)?;
    Ok(Encoder::load(&weights, &tokenizer)?)
}

/// A bar on a terminal, nothing elsewhere.
pub struct TerminalProgress {
    what: &'static str,
    bar: ProgressBar,
}

impl TerminalProgress {
    pub fn new(what: &'static str) -> Self {
        Self { what, bar: ProgressBar::hidden() }
    }
}

impl Progress for TerminalProgress {
    fn begin(&mut self, items: usize) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        self.bar = ProgressBar::new(items as u64);
        let template = "{msg} {bar:30} {pos}/{len} {per_sec} about {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(self.what);
    }

    fn advance(&mut self, items: usize) {
        self.bar.inc(items as u64);
    }
}

impl Drop for TerminalProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
