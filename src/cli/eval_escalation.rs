//! `steward eval escalation`: how a dialogue ended, on STAR, and the shipped head on labelled conversations.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use std::sync::Arc;
use steward::config::Config;
use steward::dialogue::{Role, Utterance};
use steward::eval::escalation::EscalationFigures;
use steward::eval::star::{ENDINGS, cross_validated, features};
use steward::judge::conversation::{Explain, Judge};
use steward::judge::heads::Heads;
use steward::judge::training::labelled::{self, EscalationLabel};
use steward::judge::training::star;

use super::training_data::{self, ReadingsArguments, moods_of};

#[derive(Args)]
pub struct EvalEscalationArguments {
    /// star.jsonl.gz: heads are trained on nine tenths of its dialogues and tested on the tenth.
    #[arg(long)]
    star: Option<PathBuf>,
    /// Labelled conversations on which the heads of the settings are tested.
    #[arg(long)]
    data: Vec<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &EvalEscalationArguments, config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        arguments.star.is_some() || !arguments.data.is_empty(),
        "nothing to test: give --star FILE, --data FILE or both"
    );
    let encoder = Arc::new(steward::setup::encoder(config)?);
    let mut all = Vec::new();
    if let Some(file) = &arguments.star {
        let dialogues = star::dialogues(file)?;
        let conversations: Vec<_> = dialogues.iter().map(|one| one.conversation.clone()).collect();
        let texts = training_data::texts_of(&conversations).chain([""]);
        let readings = arguments.readings.read(texts, &encoder, config)?;
        let moods = moods_of(None)?;
        let of = |dialogue| features(dialogue, &readings, &moods);
        let features = dialogues.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        for (name, ending) in ENDINGS {
            all.push(cross_validated(name, ending, &dialogues, &features)?);
        }
    }
    let own = Some(config.agent.heads.as_str()).filter(|path| !path.is_empty());
    let judge = Judge::new(encoder.clone(), Heads::load(own.map(std::path::Path::new))?);
    for file in &arguments.data {
        let mut cases = Vec::new();
        for conversation in labelled::conversations(file)? {
            let mut said: Vec<Utterance> = Vec::new();
            for turn in &conversation.turns {
                said.push(Utterance { role: turn.role, text: turn.text.clone() });
                if let (Role::Customer, Some(label)) = (turn.role, turn.escalation) {
                    let judgement = judge.judge(&said, Explain::Nothing)?;
                    let probability = f64::from(judgement.escalation.probability);
                    cases.push((probability, label != EscalationLabel::None));
                }
            }
        }
        all.push(EscalationFigures::of(&file.display().to_string(), &cases));
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
