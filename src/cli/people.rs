//! `steward people export|erase`: what is known of one person.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use steward::config::Config;
use steward::data_request;
use steward::setup;
use steward::store::Store;
use steward::store::audit::Actor;

#[derive(Args)]
pub struct PeopleArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write everything that is known of a person, as JSON.
    Export {
        /// customer:ID or visitor:UUID.
        person: String,
        /// The file to write [default: standard output].
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Erase everything that is known of a person. Restoring an older backup does not bring it back.
    Erase {
        /// customer:ID or visitor:UUID.
        person: String,
        /// Do it: there is no way back.
        #[arg(long)]
        yes: bool,
    },
}

pub fn run(arguments: &PeopleArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    runtime.block_on(async {
        let index = setup::index(config)?;
        match &arguments.what {
            What::Export { person, out } => {
                let owner = data_request::owner_named(person)?;
                let store = Store::open(&config.store_path(), 1).await?;
                let export =
                    data_request::export(&store, &index, &owner, &Actor::Operator).await?;
                let text = serde_json::to_string_pretty(&export)?;
                match out {
                    Some(path) => std::fs::write(path, text + "\n")
                        .with_context(|| format!("cannot write {}", path.display()))?,
                    None => println!("{text}"),
                }
                store.close().await;
            }
            What::Erase { person, yes } => {
                let owner = data_request::owner_named(person)?;
                if !yes {
                    bail!("this erases everything that is known of {person}; say --yes to do it");
                }
                let store = Store::open(&config.store_path(), 1).await?;
                let erased = data_request::erase(&store, &index, &owner, &Actor::Operator).await?;
                println!(
                    "erased {} conversations and {} records of {person}; take the person out of the \
                     records that you import as well",
                    erased.conversations, erased.records
                );
                store.close().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
