//! `steward train intents`: from labelled utterances.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::eval::intents::IntentFigures;
use steward::judge::head_file::Description;
use steward::judge::heads::{HEAD_FILE, INTENTS};
use steward::judge::softmax::Training;
use steward::judge::training::intents::{IntentTraining, train};
use steward::judge::training::labelled::{Utterance, utterances};
use steward::judge::training::sources;

use super::training_data::{ReadingsArguments, encoder_hash};

#[derive(Args)]
pub struct IntentsArguments {
    /// Utterances with their intents: CSV with a text and an intent column, or JSON lines {"text","label"}.
    #[arg(long, required = true)]
    data: Vec<PathBuf>,
    /// Utterances that are none of the intents, in the same forms; their labels do not matter.
    #[arg(long)]
    none: Vec<PathBuf>,
    /// Where the head and the report are written.
    #[arg(long)]
    out: PathBuf,
    /// Parts of the cross-validation.
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Share of the utterances said rightly that the threshold of the scope lets pass.
    #[arg(long, default_value_t = 0.97)]
    passing: f64,
    /// Penalty on the squared weights.
    #[arg(long, default_value_t = 1e-5)]
    l2: f64,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &IntentsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let examples = read_all(&arguments.data)?;
    let none: Vec<String> = read_all(&arguments.none)?.into_iter().map(|one| one.text).collect();
    let texts = examples.iter().map(|one| one.text.as_str()).chain(none.iter().map(String::as_str));
    let readings = arguments.readings.read(texts, &encoder, config)?;
    let settings = IntentTraining {
        training: Training { l2: arguments.l2, ..Training::default() },
        folds: arguments.folds,
        passing: arguments.passing,
    };
    let (head, held_out) = train(&examples, &none, &readings, settings, |done, all| {
        eprintln!("cross-validated {done} of {all} parts");
    })?;
    let said = held_out.iter().filter_map(|one| Some((one.utterance?, one)));
    let pairs: Vec<(&str, &str)> =
        said.map(|(place, one)| (examples[place].label.as_str(), one.said.as_str())).collect();
    let figures = IntentFigures::of("cross-validated", &pairs);
    println!(
        "{} utterances of {} intents, cross-validated: accuracy {:.4}, macro F1 {:.4}",
        figures.tested,
        head.labels().len(),
        figures.accuracy,
        figures.macro_f1
    );
    if !none.is_empty() {
        let others: Vec<_> = held_out.iter().filter(|one| one.utterance.is_none()).collect();
        let threshold = head.scope_threshold();
        let refused = others.iter().filter(|one| one.scope_score < threshold).count();
        println!("{refused} of {} utterances that are none of them refused", others.len());
    }
    let files = arguments.data.iter().chain(&arguments.none).map(PathBuf::as_path);
    let description = Description::new(INTENTS, &encoder_hash()?, sources::fingerprints(files)?);
    let path = arguments.out.join(HEAD_FILE);
    head.to_file(description)?.write(&path)?;
    println!("wrote {}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn read_all(files: &[PathBuf]) -> anyhow::Result<Vec<Utterance>> {
    let mut all = Vec::new();
    for file in files {
        let read = utterances(file)?;
        anyhow::ensure!(!read.is_empty(), "{} holds no utterances", file.display());
        all.extend(read);
    }
    all.iter()
        .all(|one| !one.text.trim().is_empty())
        .then_some(())
        .context("an utterance is empty")?;
    Ok(all)
}
