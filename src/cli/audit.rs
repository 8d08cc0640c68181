//! `steward audit verify|list`: who did what, and whether the log is as it was written.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use steward::config::Config;
use steward::store::Store;
use steward::store::audit::AuditHead;

#[derive(Args)]
pub struct AuditArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Recompute every hash of the log. Prints its head: note it down elsewhere, and name it the next time.
    Verify {
        /// A head that was printed before; fails if the log was shortened or rewritten since.
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<AuditHead>,
    },
    /// Print the newest entries as JSON lines.
    List {
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

pub fn run(arguments: &AuditArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    runtime.block_on(async {
        let store = Store::open_to_read(&config.store_path()).await?;
        if store.is_older().await? {
            bail!("an older Steward wrote this data directory; start `steward serve` once to bring it up to date");
        }
        match &arguments.what {
            What::Verify { head } => {
                let head = store.verify_audit(head.as_ref()).await?;
                println!("the audit log is whole: {} entries, head {head}", head.seq);
            }
            What::List { limit } => {
                for entry in store.audit_entries(*limit).await? {
                    println!("{}", serde_json::to_string(&entry)?);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
