//! `steward eval judgements`: labelled conversations, judged as in a turn.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use steward::config::Config;
use steward::eval::judgements::{Tally, measure};
use steward::judge::conversation::Judge;
use steward::judge::heads::Heads;
use steward::judge::training::labelled;

#[derive(Args)]
pub struct EvalJudgementsArguments {
    /// Labelled conversations, such as tests/judgements/conversations.jsonl.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Print what was judged wrongly.
    #[arg(long)]
    wrong: bool,
}

pub fn run(arguments: &EvalJudgementsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let own = Some(config.agent.heads.as_str()).filter(|path| !path.is_empty());
    let encoder = Arc::new(steward::setup::encoder(config)?);
    let judge = Judge::new(encoder, Heads::load(own.map(Path::new))?);
    let mut conversations = Vec::new();
    for file in &arguments.files {
        conversations.extend(labelled::conversations(file)?);
    }
    let figures = measure(&judge, &conversations)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:<22} {:>8} {:>14} {:>12} {:>11}",
        "", "messages", "satisfaction", "escalation", "sentiment"
    );
    let line = |name: &str, tally: &Tally| {
        println!(
            "{name:<22} {:>8} {:>14} {:>12} {:>11}",
            tally.messages, tally.satisfaction_right, tally.escalation_right, tally.sentiment_right
        );
    };
    figures.cases.iter().for_each(|(case, tally)| line(case, tally));
    line("all", &figures.all);
    println!(
        "dissatisfied: AUC {:.3}, calibration error {:.3}; needs a person: AUC {:.3}, AUPRC {:.3}, calibration \
         error {:.3}, reason right {} of {}",
        figures.dissatisfied_auc,
        figures.dissatisfied_error,
        figures.escalation_auc,
        figures.escalation_average_precision,
        figures.escalation_error,
        figures.reason_right[0],
        figures.reason_right[1]
    );
    if arguments.wrong {
        for miss in &figures.misses {
            println!("{}: {}: {}", miss.conversation, miss.about, miss.text);
        }
    }
    Ok(ExitCode::SUCCESS)
}
