//! The flags of `--tune-encoder`, and the tuning itself with a line for each epoch.

use std::path::Path;

use clap::Args;
use steward::config::Config;
use steward::model::encoder::Encoder;
use steward::model::encoder::tune::{EncoderFiles, Tuning, tune};

#[derive(Args)]
pub struct TuningArguments {
    /// Tune the encoder's last layers on the examples first; minutes to hours on a CPU. A run that was
    /// broken off goes on from its checkpoint in --out.
    #[arg(long)]
    tune_encoder: bool,
    /// Last layers that are tuned, 1 to 5; each makes a reading a sixth dearer.
    #[arg(long, default_value_t = Tuning::default().layers, requires = "tune_encoder")]
    layers: usize,
    /// Passes over the examples at most.
    #[arg(long, default_value_t = Tuning::default().epochs, requires = "tune_encoder")]
    epochs: usize,
    /// Of Adam.
    #[arg(long, default_value_t = Tuning::default().learning_rate, requires = "tune_encoder")]
    learning_rate: f64,
    /// Epochs without a better held-out loss after which it ends.
    #[arg(long, default_value_t = Tuning::default().patience, requires = "tune_encoder")]
    patience: usize,
    /// Of the order of the examples.
    #[arg(long, default_value_t = Tuning::default().seed, requires = "tune_encoder")]
    seed: u64,
}

impl TuningArguments {
    /// True if the encoder is to be tuned.
    pub fn is_wanted(&self) -> bool {
        self.tune_encoder
    }

    /// The encoder with its last layers tuned on `(text, label)`, going on from `earlier` ones; the layers
    /// are kept in `directory`.
    pub fn tuned(
        &self,
        config: &Config,
        examples: &[(&str, &str)],
        earlier: Option<&Path>,
        directory: &Path,
    ) -> anyhow::Result<Encoder> {
        anyhow::ensure!((1..=5).contains(&self.layers), "--layers must be 1 to 5");
        let (weights, tokenizer) = steward::setup::encoder_files(config)?;
        let files = EncoderFiles { weights: &weights, tokenizer: &tokenizer, tuned: earlier };
        let settings = Tuning {
            layers: self.layers,
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            patience: self.patience,
            seed: self.seed,
            ..Tuning::default()
        };
        let layers = tune(files, examples, settings, directory, &mut |epoch| {
            let held_out =
                epoch.held_out_loss.map_or(String::new(), |loss| format!(", held out {loss:.4}"));
            eprintln!("epoch {}: loss {:.4}{held_out}", epoch.number, epoch.loss);
        })?;
        Ok(Encoder::load_tuned(&weights, &tokenizer, Some(&layers))?)
    }
}
