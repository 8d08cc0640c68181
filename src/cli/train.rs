//! `steward train …`: heads trained on labelled conversations, with a report on how good they are.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use steward::config::Config;
use steward::judge::training::sources::WeightedFile;

use super::training_data::ReadingsArguments;

#[derive(Args)]
pub struct TrainArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// What a customer wants.
    Intents(super::train_intents::IntentsArguments),
    /// What a customer feels; ships with Steward, the other heads learn beside it.
    Emotion(super::train_emotion::EmotionArguments),
    /// How satisfied a customer is.
    Satisfaction(super::train_satisfaction::SatisfactionArguments),
    /// Whether a person must take over, and why.
    Escalation(super::train_escalation::EscalationArguments),
}

/// What all trainings are given.
#[derive(Args)]
pub struct CommonArguments {
    /// Labelled conversations or utterances (docs/training.md says in which forms). FILE=WEIGHT makes
    /// each of its examples count so much.
    #[arg(long, required_unless_present = "from_store", value_name = "FILE[=WEIGHT]")]
    pub data: Vec<WeightedFile>,
    /// Also the conversations of the data directory that agents labelled or customers rated, but for the
    /// fifth that `steward heads compare` looks at.
    #[arg(long)]
    pub from_store: bool,
    /// Labelled conversations or utterances that are only tested.
    #[arg(long, value_name = "FILE")]
    pub test: Vec<PathBuf>,
    /// Take out of --test what is in the training data too, in place of refusing it.
    #[arg(long)]
    pub drop_known: bool,
    /// Weigh each class by its frequency to minus this power: 0 leaves the classes as they are, 1 makes
    /// them equal. Probabilities are calibrated to the real frequencies all the same.
    #[arg(long, default_value_t = 0.0)]
    pub balance: f32,
    /// Where the head and the report are written.
    #[arg(long)]
    pub out: PathBuf,
    #[command(flatten)]
    pub readings: ReadingsArguments,
}

pub fn run(arguments: &TrainArguments, config: &Config) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        What::Intents(arguments) => super::train_intents::run(arguments, config),
        What::Emotion(arguments) => super::train_emotion::run(arguments, config),
        What::Satisfaction(arguments) => super::train_satisfaction::run(arguments, config),
        What::Escalation(arguments) => super::train_escalation::run(arguments, config),
    }
}
