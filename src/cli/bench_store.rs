//! `steward bench store`: how many messages a second reach the disk, and how long an acknowledgement takes.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use steward::config::Config;
use steward::privacy::Masker;
use steward::store::Store;

use super::timing::{ms_since, percentile};

/// Nobody answers here, and more than this many messages may not wait.
const MESSAGES_OF_A_CONVERSATION: usize = 10;

#[derive(Args)]
pub struct StoreArguments {
    /// Customers who write at once, in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,16,128")]
    customers: Vec<usize>,
    /// Seconds for each.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    customers: usize,
    messages: usize,
    messages_per_second: f64,
    acknowledged_p50_ms: f64,
    acknowledged_p99_ms: f64,
}

pub fn run(arguments: &StoreArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    // On the disk of the data directory, not in it.
    config.create_data_dir()?;
    for customers in &arguments.customers {
        let directory = tempfile::tempdir_in(&config.place.data_dir)?;
        let length = Duration::from_secs(arguments.seconds);
        let path = directory.path().join("bench.sqlite");
        let figures = runtime.block_on(measure(&path, *customers, length))?;
        if arguments.json {
            println!("{}", serde_json::to_string(&figures)?);
        } else {
            println!(
                "{customers} customers: {:.0} durable messages a second, acknowledged in {:.1} ms (p50), {:.1} ms (p99)",
                figures.messages_per_second,
                figures.acknowledged_p50_ms,
                figures.acknowledged_p99_ms
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(
    path: &std::path::Path,
    customers: usize,
    length: Duration,
) -> anyhow::Result<Figures> {
    let store = Store::open(path, 1).await?;
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..customers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut id = String::new();
            let text = Masker::default().clean("Where is my order? I have waited for a week now.");
            let mut waits = Vec::new();
            while started.elapsed() < length {
                if waits.len() % MESSAGES_OF_A_CONVERSATION == 0 {
                    id = store.create_conversation("visitor:bench").await?;
                }
                let sent = Instant::now();
                let client_id = waits.len().to_string();
                store
                    .append_customer_message(
                        &id,
                        &client_id,
                        &text,
                        MESSAGES_OF_A_CONVERSATION as u32,
                    )
                    .await?;
                waits.push(ms_since(sent));
            }
            anyhow::Ok(waits)
        }));
    }
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let seconds = started.elapsed().as_secs_f64();
    store.close().await;
    Ok(Figures {
        customers,
        messages: waits.len(),
        messages_per_second: waits.len() as f64 / seconds,
        acknowledged_p50_ms: percentile(&mut waits, 0.5),
        acknowledged_p99_ms: percentile(&mut waits, 0.99),
    })
}
