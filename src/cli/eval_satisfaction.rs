//! `steward eval satisfaction`: how satisfied a customer is, on the public sets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::satisfaction::{cross_validated, figures, told_by, transferred};
use steward::judge::heads::{EMOTION, Heads, emotion_of, shipped};
use steward::judge::training::moods::Moods;
use steward::judge::training::uss;

use super::training_data::{self, ReadingsArguments};

/// The sets, by the names of their files.
const SETS: [&str; 2] = ["sgd", "mwoz"];

#[derive(Args)]
pub struct EvalSatisfactionArguments {
    /// The directory with uss_sgd.tsv and uss_mwoz.tsv.
    #[arg(long)]
    data: PathBuf,
    /// Also train on one set and test on the other, and test the shipped head on both.
    #[arg(long)]
    transfer: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &EvalSatisfactionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let moods = Moods::One(emotion_of(&shipped(EMOTION)?)?);
    let mut sets = Vec::new();
    for set in SETS {
        let dialogues = uss::dialogues(&arguments.data.join(format!("uss_{set}.tsv")))?;
        sets.push(dialogues.into_iter().map(|(one, _)| one).collect::<Vec<_>>());
    }
    let texts = sets.iter().flat_map(|set| training_data::texts_of(set));
    let readings = arguments.readings.read(texts, &encoder, config)?;
    let mut all = Vec::new();
    for (set, conversations) in SETS.iter().zip(&sets) {
        let rated = cross_validated(conversations, &readings, &moods, &|_, _| ())?;
        all.push((set.to_string(), figures(&rated)));
    }
    if arguments.transfer {
        for (from, to) in [(0, 1), (1, 0)] {
            let rated = transferred(&sets[from], &sets[to], &readings, &moods)?;
            all.push((format!("{} to {}", SETS[from], SETS[to]), figures(&rated)));
        }
        let heads = Heads::load(None)?;
        for (set, conversations) in SETS.iter().zip(&sets) {
            let rated = told_by(&heads.satisfaction, conversations, &readings, &moods)?;
            all.push((format!("shipped to {set}"), figures(&rated)));
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:<16} {:>9} {:>6} {:>6} {:>9} {:>6}",
        "", "messages", "UAR", "kappa", "AUC(<3)", "ECE"
    );
    for (set, one) in all {
        println!(
            "{set:<16} {:>9} {:>6.3} {:>6.3} {:>9.3} {:>6.3}",
            one.messages,
            one.unweighted_average_recall,
            one.kappa,
            one.dissatisfied_auc,
            one.calibration_error
        );
    }
    Ok(ExitCode::SUCCESS)
}
