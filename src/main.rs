//! The `steward` program: reads the command line and calls the library.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod cli;

#[derive(Parser)]
#[command(
    name = "steward",
    version,
    about = "A self-hosted customer service agent that runs its own models."
)]
struct Arguments {
    #[command(flatten)]
    data: cli::data::DataArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List, fetch or verify the model files.
    Models(cli::models::ModelsArguments),
    /// Import knowledge (articles) or accounts (records).
    Import(cli::import::ImportArguments),
    /// Search knowledge, public records and, for a customer, the account.
    Search(cli::search::SearchArguments),
    /// Measure over labelled data.
    #[command(subcommand)]
    Eval(EvalCommand),
}

#[derive(Subcommand)]
enum EvalCommand {
    /// Whether the right article is found from the dialogue alone.
    Retrieval(cli::eval_retrieval::EvalRetrievalArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let data_dir = arguments.data.data_dir;
    let outcome = match arguments.command {
        Command::Models(arguments) => cli::models::run(&arguments),
        Command::Import(arguments) => cli::import::run(&arguments, &data_dir),
        Command::Search(arguments) => cli::search::run(&arguments, &data_dir),
        Command::Eval(EvalCommand::Retrieval(arguments)) => {
            cli::eval_retrieval::run(&arguments, &data_dir)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
