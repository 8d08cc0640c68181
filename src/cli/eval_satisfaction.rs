//! `steward eval satisfaction`: how satisfied a customer is, on the public sets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::satisfaction::measure;

#[derive(Args)]
pub struct EvalSatisfactionArguments {
    /// The directory with uss_sgd.tsv and uss_mwoz.tsv.
    #[arg(long)]
    data: PathBuf,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &EvalSatisfactionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let mut all = Vec::new();
    for set in ["sgd", "mwoz"] {
        let file = arguments.data.join(format!("uss_{set}.tsv"));
        all.push((set, measure(&encoder, &file)?));
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
