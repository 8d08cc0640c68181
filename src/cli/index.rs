//! `steward index check|rebuild`: whether the index is true to what was imported, and making it anew by hand.

use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Subcommand};
use steward::config::Config;
use steward::retrieve::upkeep::{self, Finding};
use steward::setup;

use super::progress::TerminalNarrator;

#[derive(Args)]
pub struct IndexArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Hold every file and entry of the index against what was imported; changes nothing.
    Check,
    /// Make the index anew from what was imported. Servers and searches go on meanwhile.
    Rebuild,
}

pub fn run(arguments: &IndexArguments, config: &Config) -> anyhow::Result<ExitCode> {
    match arguments.what {
        What::Check => {
            let finding = upkeep::check(&config.place.data_dir)?;
            println!("{finding}");
            Ok(match finding {
                Finding::Current => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            })
        }
        What::Rebuild => {
            let begun = Instant::now();
            let index = setup::rebuilt_index(config, &mut TerminalNarrator)?;
            let statistics = index.statistics()?;
            println!(
                "made anew in {:.1} s: {} articles in {} passages, {} public and {} account records",
                begun.elapsed().as_secs_f32(),
                statistics.documents,
                statistics.passages,
                statistics.public_records,
                statistics.account_records
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}
