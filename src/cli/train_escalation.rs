//! `steward train escalation`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::escalation::EscalationFigures;
use steward::judge::escalation::RiskCalibration;
use steward::judge::head_file::Description;
use steward::judge::heads::{ESCALATION, HEAD_FILE, mood_hash};
use steward::judge::training::examples::examples;
use steward::judge::training::labelled::EscalationLabel;
use steward::judge::training::sources::{self, EscalatingLabel};
use steward::judge::training::{escalation, escalation::Source};

use super::train::CommonArguments;
use super::training_data::{encoder_hash, moods_of, shipped_emotion, texts_of};

#[derive(Args)]
pub struct EscalationArguments {
    #[command(flatten)]
    common: CommonArguments,
    /// A label of utterances that means that a person is needed, and the reason if it says so.
    #[arg(long, value_name = "LABEL[=REASON]")]
    escalates: Vec<EscalatingLabel>,
    /// Labelled conversations or utterances that are only tested.
    #[arg(long)]
    test: Vec<PathBuf>,
    /// Emotion heads for conversations that the shipped one was trained on (`steward train emotion --moods`).
    #[arg(long)]
    moods: Option<PathBuf>,
    /// Parts of the cross-validation by conversation.
    #[arg(long, default_value_t = 10)]
    folds: usize,
}

pub fn run(arguments: &EscalationArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let common = &arguments.common;
    let read = |path: &PathBuf| sources::conversations(path, &arguments.escalates);
    let files: Vec<PathBuf> = common.data.iter().map(|file| file.path.clone()).collect();
    let all = files.iter().chain(&arguments.test).map(read).collect::<Result<Vec<_>, _>>()?;
    let readings =
        common.readings.read(all.iter().flat_map(|one| texts_of(one)), &encoder, config)?;
    let moods = moods_of(arguments.moods.as_deref())?;
    let labelled = all
        .iter()
        .map(|one| examples(one, &readings, &moods, |turn| turn.escalation.is_some()))
        .collect::<Result<Vec<_>, _>>()?;
    let sources: Vec<Source<'_>> = common
        .data
        .iter()
        .zip(all.iter().zip(&labelled))
        .map(|(file, (conversations, examples))| Source {
            conversations,
            examples,
            weight: file.weight,
        })
        .collect();
    let fold_of: Vec<usize> = sources
        .iter()
        .flat_map(|source| source.examples.iter().map(|e| e.conversation % arguments.folds))
        .collect();
    let held_out = escalation::held_out_log_odds(&sources, &fold_of, &|done, all| {
        eprintln!("cross-validated {done} of {all} parts");
    })?;
    let mut held_out = held_out.into_iter();
    let mut tables = Vec::new();
    let mut union = Vec::new();
    for (file, source) in files.iter().zip(&sources) {
        let cases: Vec<(f64, bool)> = source
            .examples
            .iter()
            .zip(held_out.by_ref())
            .map(|(example, odds)| (1.0 / (1.0 + (-odds).exp()), is_needed(source, example)))
            .collect();
        tables.push(EscalationFigures::of(&name_of(file), &cases));
        if file.extension().is_none_or(|extension| extension != "csv") {
            union.extend(cases);
        }
    }
    let head = escalation::train(&sources, RiskCalibration::default())?;
    for (file, (conversations, examples)) in
        arguments.test.iter().zip(all.iter().zip(&labelled).skip(files.len()))
    {
        let source = Source { conversations, examples, weight: 1.0 };
        let cases: Vec<(f64, bool)> = examples
            .iter()
            .map(|example| {
                let said = f64::from(head.probability(&example.features));
                (said, is_needed(&source, example))
            })
            .collect();
        tables.push(EscalationFigures::of(&format!("{} (test)", name_of(file)), &cases));
        union.extend(cases);
    }
    tables.push(EscalationFigures::of("all but training utterances", &union));
    for one in &tables {
        println!(
            "{:<36} {:>6} {:.3} AUC {:.3} AUPRC {:.3} ECE {:.3}",
            one.set, one.cases, one.positive, one.auc, one.average_precision, one.calibration_error
        );
    }
    let data = sources::fingerprints(files.iter().map(PathBuf::as_path))?;
    let description = Description::new(ESCALATION, &encoder_hash()?, data);
    head.to_file(description, mood_hash(&shipped_emotion()?))?
        .write(&common.out.join(HEAD_FILE))?;
    Ok(ExitCode::SUCCESS)
}

fn is_needed(source: &Source<'_>, example: &steward::judge::training::examples::Example) -> bool {
    matches!(source.label_of(example), Some(EscalationLabel::Needed(_)))
}

fn name_of(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
