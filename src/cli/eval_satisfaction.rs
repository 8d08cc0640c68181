//! `steward eval satisfaction`: how satisfied a customer is, on the public sets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::satisfaction::{cross_validated, figures};
use steward::judge::heads::{EMOTION, emotion_of, shipped};
use steward::judge::training::moods::Moods;
use steward::judge::training::uss;

use super::training_data::{self, ReadingsArguments};

#[derive(Args)]
pub struct EvalSatisfactionArguments {
    /// The directory with uss_sgd.tsv and uss_mwoz.tsv.
    #[arg(long)]
    data: PathBuf,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &EvalSatisfactionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let moods = Moods::One(emotion_of(&shipped(EMOTION)?)?);
    let mut all = Vec::new();
    for set in ["sgd", "mwoz"] {
        let dialogues = uss::dialogues(&arguments.data.join(format!("uss_{set}.tsv")))?;
        let conversations: Vec<_> = dialogues.into_iter().map(|(one, _)| one).collect();
        let texts = training_data::texts_of(&conversations);
        let readings = arguments.readings.read(texts, &encoder, config)?;
        let rated = cross_validated(&conversations, &readings, &moods, &|_, _| ())?;
        all.push((set, figures(&rated)));
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:<6} {:>9} {:>6} {:>6} {:>9} {:>6}",
        "", "messages", "UAR", "kappa", "AUC(<3)", "ECE"
    );
    for (set, one) in all {
        println!(
            "{set:<6} {:>9} {:>6.3} {:>6.3} {:>9.3} {:>6.3}",
            one.messages,
            one.unweighted_average_recall,
            one.kappa,
            one.dissatisfied_auc,
            one.calibration_error
        );
    }
    Ok(ExitCode::SUCCESS)
}
