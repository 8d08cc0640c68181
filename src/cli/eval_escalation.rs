//! `steward eval escalation`: how a dialogue ended, on STAR.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::star::{ENDINGS, cross_validated, features};
use steward::judge::training::star;

use super::training_data::{self, ReadingsArguments, moods_of};

#[derive(Args)]
pub struct EvalEscalationArguments {
    /// star.jsonl.gz: heads are trained on nine tenths of its dialogues and tested on the tenth.
    #[arg(long)]
    star: PathBuf,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &EvalEscalationArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let mut all = Vec::new();
    let dialogues = star::dialogues(&arguments.star)?;
    let conversations: Vec<_> = dialogues.iter().map(|one| one.conversation.clone()).collect();
    let texts = training_data::texts_of(&conversations).chain([""]);
    let readings = arguments.readings.read(texts, &encoder, config)?;
    let moods = moods_of(None)?;
    let of = |dialogue| features(dialogue, &readings, &moods);
    let features = dialogues.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    for (name, ending) in ENDINGS {
        all.push(cross_validated(name, ending, &dialogues, &features)?);
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<40} {:>7} {:>6} {:>6} {:>6} {:>6}", "", "cases", "share", "AUC", "AUPRC", "ECE");
    for one in all {
        println!(
            "{:<40} {:>7} {:>6.3} {:>6.3} {:>6.3} {:>6.3}",
            one.set, one.cases, one.positive, one.auc, one.average_precision, one.calibration_error
        );
    }
    Ok(ExitCode::SUCCESS)
}
