//! `steward eval intents`: intent heads on the public sets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::intents::{measure, measure_few, measure_head, measure_scope};
use steward::judge::head_file::HeadFile;
use steward::judge::heads::{HEAD_FILE, INTENTS, intents_of};
use steward::judge::training::labelled::utterances;

/// Seeded draws of the ten examples.
const DRAWS: u64 = 5;

#[derive(Args)]
pub struct EvalIntentsArguments {
    /// The directory with banking77_*.csv, clinc150_full.json and bitext_*.csv; with --head a file of
    /// labelled utterances.
    #[arg(long)]
    data: PathBuf,
    /// The directory of a head that `steward train intents` wrote, which is tested on the file.
    #[arg(long)]
    head: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &EvalIntentsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    if let Some(directory) = &arguments.head {
        let head = intents_of(&HeadFile::read(&directory.join(HEAD_FILE), INTENTS)?)?;
        let test = utterances(&arguments.data)?;
        let name = arguments.data.display().to_string();
        let figures = measure_head(&name, &encoder, &head, &test)?;
        if arguments.json {
            println!("{}", serde_json::to_string_pretty(&figures)?);
        } else {
            println!("accuracy {:.4}, macro F1 {:.4}", figures.accuracy, figures.macro_f1);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let file = |name: &str| arguments.data.join(name);
    let banking = |half: &str| utterances(&file(&format!("banking77_{half}.csv")));
    let bitext = |half: &str| utterances(&file(&format!("bitext_{half}.csv")));
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
