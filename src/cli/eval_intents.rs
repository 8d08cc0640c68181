//! `steward eval intents`: intent heads on the public sets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::intents::{labelled_csv, measure, measure_few, measure_scope};

/// Seeded draws of the ten examples.
const DRAWS: u64 = 5;

#[derive(Args)]
pub struct EvalIntentsArguments {
    /// The directory with banking77_*.csv, clinc150_full.json and bitext_*.csv.
    #[arg(long)]
    data: PathBuf,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &EvalIntentsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let file = |name: &str| arguments.data.join(name);
    let banking =
        |half: &str| labelled_csv(&file(&format!("banking77_{half}.csv")), "text", "category");
    let bitext =
        |half: &str| labelled_csv(&file(&format!("bitext_{half}.csv")), "utterance", "intent");
    let (train, test) = (banking("train")?, banking("test")?);
    let figures = [
        measure("Banking77", &encoder, &train, &test)?,
        measure_few("Banking77, 10 of each", &encoder, &train, &test, 10, DRAWS)?,
        measure("Bitext", &encoder, &bitext("train")?, &bitext("test")?)?,
    ];
    let scope = measure_scope(&encoder, &file("clinc150_full.json"))?;
    if arguments.json {
        let both = serde_json::json!({"intents": figures, "clinc150": scope});
        println!("{}", serde_json::to_string_pretty(&both)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<24} {:>6} {:>9} {:>9}", "", "tested", "accuracy", "macro F1");
    for one in &figures {
        println!("{:<24} {:>6} {:>9.4} {:>9.4}", one.set, one.tested, one.accuracy, one.macro_f1);
    }
    println!(
        "CLINC150, one threshold: {:.4} of in-scope questions right, {:.4} of the others refused",
        scope.in_scope_accuracy, scope.out_of_scope_recall
    );
    Ok(ExitCode::SUCCESS)
}
