//! `steward eval support`: the support head over sentences that were labelled by hand.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use steward::config::Config;
use steward::eval::support::{LABELS, Separation, figures, judged, labelled};
use steward::turn::support::SupportChecker;

#[derive(Args)]
pub struct EvalSupportArguments {
    /// Labelled sentences, such as tests/support/sentences.jsonl: JSON lines {"sentence","evidence","label"}.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Print every sentence that the check lets pass wrongly, or stops wrongly.
    #[arg(long)]
    wrong: bool,
}

pub fn run(arguments: &EvalSupportArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let checker = SupportChecker::shipped(Arc::new(steward::setup::encoder(config)?))?;
    let mut sentences = Vec::new();
    for file in &arguments.files {
        sentences.extend(labelled(file)?);
    }
    let judged = judged(sentences, &checker)?;
    let figures = figures(&judged);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} sentences; balanced accuracy of the head over the three labels {:.3}, calibration error {:.3}",
        figures.sentences, figures.balanced_accuracy, figures.calibration_error
    );
    println!("right is {:>14} {:>12} {:>8}", "-> supported", "contradicted", "absent");
    for (label, row) in LABELS.iter().zip(figures.confusion) {
        println!("{:<12} {:>10} {:>12} {:>8}", format!("{label:?}"), row[0], row[1], row[2]);
    }
    println!("supported or not    passed  stopped  balanced  precision");
    let line = |name: &str, of: &Separation| {
        let Separation { supported_passed, others_stopped, balanced_accuracy, precision } = of;
        println!(
            "{name:<18} {supported_passed:>7.3} {others_stopped:>8.3} {balanced_accuracy:>9.3} {precision:>10.3}"
        );
    };
    line("words alone", &figures.words);
    line("own words", &figures.own_words);
    line("head", &figures.head);
    line("check", &figures.check);
    if arguments.wrong {
        let is_supported = |label| label == LABELS[0];
        for one in judged.iter().filter(|one| one.passes != is_supported(one.labelled.label)) {
            println!(
                "\n{:?}, {}",
                one.labelled.label,
                if one.passes { "passed" } else { "stopped" }
            );
            println!("  {}\n  {:?}", one.labelled.sentence, one.support);
            one.labelled.evidence.iter().for_each(|text| println!("    - {text}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
