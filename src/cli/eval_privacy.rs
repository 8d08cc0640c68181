//! `steward eval privacy`: what is masked in labelled messages, and what is not.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::eval::privacy;

#[derive(Args)]
pub struct EvalPrivacyArguments {
    /// Labelled messages, as tests/privacy/messages.txt.
    set: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Print what was missed or masked wrongly.
    #[arg(long)]
    wrong: bool,
}

pub fn run(arguments: &EvalPrivacyArguments) -> anyhow::Result<ExitCode> {
    let path = &arguments.set;
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let report = privacy::evaluate(&privacy::read(&text)?);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} messages, {} of them with nothing to mask", report.messages, report.clean);
    println!(
        "{:<14} {:>6} {:>7} {:>6} {:>10} {:>7}",
        "kind", "found", "missed", "wrong", "precision", "recall"
    );
    for (kind, counts) in &report.kinds {
        let (name, precision, recall) = (kind.name(), counts.precision(), counts.recall());
        println!(
            "{name:<14} {:>6} {:>7} {:>6} {precision:>10.3} {recall:>7.3}",
            counts.found, counts.missed, counts.wrong
        );
    }
    if arguments.wrong {
        for fault in &report.faults {
            println!("{fault}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
