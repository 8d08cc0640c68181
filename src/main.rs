//! The `steward` program: reads the command line and calls the library.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use steward::config::load::Layers;
use steward::config::{Config, Place};

mod cli;

#[derive(Parser)]
#[command(
    name = "steward",
    version,
    about = "A self-hosted customer service agent that runs its own models."
)]
struct Arguments {
    #[command(flatten)]
    global: GlobalArguments,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command takes.
#[derive(Args)]
pub struct GlobalArguments {
    /// Settings file [default: ./config.toml if it is there].
    #[arg(long, global = true, value_name = "FILE", env = "STEWARD_CONFIG")]
    config: Option<PathBuf>,
    /// Where everything that Steward writes is kept.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "STEWARD_DATA_DIR",
        default_value = "data"
    )]
    data_dir: PathBuf,
    /// Use only the model files that are already on this machine.
    #[arg(long, global = true, env = "STEWARD_OFFLINE")]
    offline: bool,
    /// Say more on standard error; twice for still more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// How log lines are written.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "STEWARD_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: cli::logging::LogFormat,
}

impl GlobalArguments {
    /// The settings of a command without flags of its own for them.
    fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.layers())?)
    }

    /// The layers of settings under the flags of a command.
    fn layers(&self) -> Layers {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Layers {
            file: self.config.clone(),
            environment: std::env::vars_os().filter_map(utf8).collect(),
            flags: Vec::new(),
            place: Place { data_dir: self.data_dir.clone(), offline: self.offline },
            whole: None,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Serve the chat: the socket, the widget and the demo page.
    Serve(cli::serve::ServeArguments),
    /// Talk to the agent in the terminal.
    Chat(cli::chat::ChatArguments),
    /// Answer conversations: JSON lines in, JSON lines out.
    Ask(cli::ask::AskArguments),
    /// Judge conversations: intent, sentiment, satisfaction, escalation; JSON lines in and out.
    Classify(cli::classify::ClassifyArguments),
    /// Search knowledge, public records and, for a customer, the account.
    Search(cli::search::SearchArguments),
    /// Import knowledge (articles) or accounts (records).
    Import(cli::import::ImportArguments),
    /// Check the index against what was imported, or make it anew.
    Index(cli::index::IndexArguments),
    /// Measure how fast turns are.
    Bench(cli::bench::BenchArguments),
    /// Measure Steward's answers.
    Eval(cli::eval::EvalArguments),
    /// Train the heads that judge, on labelled conversations.
    Train(cli::train::TrainArguments),
    /// Compare new heads with those in use, and put them in their place once they are better.
    Heads(cli::heads::HeadsArguments),
    /// Copy the data directory, while it is in use.
    Backup(cli::backup::BackupArguments),
    /// Put a backup in place of what the data directory holds.
    Restore(cli::backup::RestoreArguments),
    /// Check whether everything that serving needs is in order.
    Doctor(cli::doctor::DoctorArguments),
    /// Give out or erase what is known of one person.
    People(cli::people::PeopleArguments),
    /// Show who did what, and verify that the log of it is whole.
    Audit(cli::audit::AuditArguments),
    /// Say who signs in to Steward, and which programs hold keys.
    Team(cli::team::TeamArguments),
    /// List, fetch or verify the model files.
    Models(cli::models::ModelsArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let threads = match &arguments.command {
        Command::Bench(arguments) => arguments.threads(),
        _ => None,
    };
    // SAFETY: nothing has been started yet: this is the only thread.
    unsafe { steward::model::compute::limit_compute_threads(threads) };
    let global = &arguments.global;
    cli::logging::start(global.verbose, global.log_format);
    let outcome = match &arguments.command {
        Command::Serve(arguments) => cli::serve::run(arguments, global.layers()),
        Command::Chat(arguments) => cli::chat::run(arguments, &global.layers()),
        Command::Ask(arguments) => cli::ask::run(arguments, &global.layers()),
        Command::Classify(arguments) => {
            global.config().and_then(|config| cli::classify::run(arguments, &config))
        }
        Command::Search(arguments) => {
            global.config().and_then(|config| cli::search::run(arguments, &config))
        }
        Command::Import(arguments) => {
            global.config().and_then(|config| cli::import::run(arguments, &config))
        }
        Command::Index(arguments) => {
            global.config().and_then(|config| cli::index::run(arguments, &config))
        }
        Command::Bench(arguments) => {
            global.config().and_then(|config| cli::bench::run(arguments, &config))
        }
        Command::Eval(arguments) => {
            global.config().and_then(|config| cli::eval::run(arguments, &config))
        }
        Command::Train(arguments) => {
            global.config().and_then(|config| cli::train::run(arguments, &config))
        }
        Command::Heads(arguments) => {
            global.config().and_then(|config| cli::heads::run(arguments, &config))
        }
        Command::Backup(arguments) => {
            global.config().and_then(|config| cli::backup::back_up(arguments, &config))
        }
        Command::Restore(arguments) => {
            global.config().and_then(|config| cli::backup::restore(arguments, &config))
        }
        Command::Doctor(arguments) => {
            global.config().and_then(|config| cli::doctor::run(arguments, &config))
        }
        Command::People(arguments) => {
            global.config().and_then(|config| cli::people::run(arguments, &config))
        }
        Command::Audit(arguments) => {
            global.config().and_then(|config| cli::audit::run(arguments, &config))
        }
        Command::Team(arguments) => {
            global.config().and_then(|config| cli::team::run(arguments, &config))
        }
        Command::Models(arguments) => cli::models::run(arguments, global.offline),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
