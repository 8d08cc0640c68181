//! `steward backup` and `steward restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::backup;
use steward::config::Config;

#[derive(Args)]
pub struct BackupArguments {
    /// The new directory to write.
    target: PathBuf,
}

#[derive(Args)]
pub struct RestoreArguments {
    /// A directory that `steward backup` wrote.
    source: PathBuf,
}

pub fn back_up(arguments: &BackupArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let (data_dir, target) = (&config.place.data_dir, &arguments.target);
    runtime()?.block_on(backup::back_up(data_dir, &config.store_path(), target))?;
    println!("backed up {} to {}", data_dir.display(), target.display());
    Ok(ExitCode::SUCCESS)
}

pub fn restore(arguments: &RestoreArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let data_dir = &config.place.data_dir;
    let restored =
        runtime()?.block_on(backup::restore(&arguments.source, data_dir, &config.store_path()))?;
    let made = jiff::Timestamp::from_millisecond(restored.made_ms)?;
    println!("restored the backup of {made} to {}", data_dir.display());
    if restored.erased_again > 0 {
        println!(
            "{} conversations of people erased since were erased again",
            restored.erased_again
        );
    }
    if restored.accounts_erased_again > 0 {
        println!(
            "the records of {} customers erased since were erased again",
            restored.accounts_erased_again
        );
    }
    if let Some(aside) = restored.set_aside {
        println!(
            "what was there before lies in {}; delete it once you do not need it",
            aside.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new().context("cannot start the async runtime")
}
