//! `steward models list|pull|verify`: the model files and whether they are whole.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use steward::model::fetch::{CacheState, ModelCache};
use steward::model::manifest;

#[derive(Args)]
pub struct ModelsArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print each file with its state.
    List,
    /// Fetch what is missing.
    Pull,
    /// Read every file again and compare its SHA-256.
    Verify,
}

pub fn run(arguments: &ModelsArguments, offline: bool) -> anyhow::Result<ExitCode> {
    let cache = ModelCache::new(ModelCache::default_directory(), offline);
    let mut all_right = true;
    for artefact in manifest::shipped()? {
        if matches!(arguments.action, Action::Pull) {
            cache.ensure(&artefact)?;
        }
        let rehash = matches!(arguments.action, Action::Verify);
        let state = match cache.state(&artefact, rehash)? {
            CacheState::Present => "present",
            CacheState::Absent => "absent",
            CacheState::Wrong => "WRONG",
        };
        all_right &= state == "present";
        println!(
            "{:<24} {:<18} {:>6.1} MB  {:<10} {state:<8} {}",
            artefact.name,
            artefact.role,
            artefact.bytes as f64 / 1e6,
            artefact.licence,
            artefact.cached_path(cache.directory()).display()
        );
    }
    let listing = matches!(arguments.action, Action::List);
    Ok(if listing || all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
