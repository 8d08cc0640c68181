//! `steward bench desk`: how long the desk's list, its counts, a page of a long conversation and a search take in a full store.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use steward::config::Config;
use steward::privacy::Masker;
use steward::store::Store;
use steward::store::desk::{Filter, ListState, Search, Sort};
use steward::store::takeover::Change;

use super::timing::{median, ms_since, percentile};

/// Entries of a page, and messages of one.
const PAGE: u32 = 50;
const MESSAGES: u32 = 200;

#[derive(Args)]
pub struct DeskArguments {
    /// Conversations, a third of them in line for a person.
    #[arg(long, default_value_t = 10_000)]
    conversations: usize,
    /// Messages of one long conversation.
    #[arg(long, default_value_t = 5_000)]
    messages: usize,
    /// How often each is measured.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figure {
    what: &'static str,
    p50_ms: f64,
    worst_ms: f64,
}

pub fn run(arguments: &DeskArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    // On the disk of the data directory, not in it.
    config.create_data_dir()?;
    let directory = tempfile::tempdir_in(&config.place.data_dir)?;
    let path = directory.path().join("bench.sqlite");
    for figure in runtime.block_on(measure(&path, arguments))? {
        if arguments.json {
            println!("{}", serde_json::to_string(&figure)?);
        } else {
            let Figure { what, p50_ms, worst_ms } = figure;
            println!("{what}: {p50_ms:.1} ms (p50), {worst_ms:.1} ms (worst)");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(path: &std::path::Path, arguments: &DeskArguments) -> anyhow::Result<Vec<Figure>> {
    let store = Store::open(path, 4).await?;
    let long = fill(&store, arguments).await?;
    let (newest, open) = (ListState::All, ListState::Open);
    let list = |state, sort, words: Option<&str>| {
        let filter = Filter { state, words: words.map(str::to_string), ..Filter::default() };
        let store = store.clone();
        async move { store.list(&filter, sort, None, PAGE).await.map(|page| page.entries.len()) }
    };
    let first = store.list(&Filter::default(), Sort::Urgency, None, PAGE).await?.next;
    let search = |words: &str| Search { words: words.into(), limit: PAGE, ..Search::default() };
    let (common, rare) = (search("order"), search("order number 4711"));
    let rounds = arguments.rounds.max(1);
    let middle = i64::try_from(arguments.messages / 2)?;
    Ok(vec![
        timed("list, open, by urgency", rounds, || list(open, Sort::Urgency, None)).await?,
        timed("list, open, by urgency, next page", rounds, || async {
            let filter = Filter::default();
            let page = store.list(&filter, Sort::Urgency, first.as_ref(), PAGE).await?;
            Ok(page.entries.len())
        })
        .await?,
        timed("list, open, by waiting", rounds, || list(open, Sort::Waiting, None)).await?,
        timed("list, all, newest first", rounds, || list(newest, Sort::Newest, None)).await?,
        timed("list, all, with words", rounds, || list(newest, Sort::Newest, Some("4711"))).await?,
        timed("counts", rounds, || async { store.counts("Ada").await.map(|_| 1) }).await?,
        timed("messages, newest page", rounds, || async {
            store.messages_through(&long, i64::MAX, MESSAGES).await.map(|page| page.len())
        })
        .await?,
        timed("messages, a page in the middle", rounds, || async {
            store.messages_through(&long, middle, MESSAGES).await.map(|page| page.len())
        })
        .await?,
        timed("search, a word in every message", rounds, || async {
            store.search(&common).await.map(|hits| hits.len())
        })
        .await?,
        timed("search, three words", rounds, || async {
            store.search(&rare).await.map(|hits| hits.len())
        })
        .await?,
    ])
}

async fn timed<F>(
    what: &'static str,
    rounds: usize,
    mut once: impl FnMut() -> F,
) -> anyhow::Result<Figure>
where
    F: Future<Output = steward::Result<usize>>,
{
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let started = Instant::now();
        let found = once().await?;
        times.push(ms_since(started));
        anyhow::ensure!(found > 0, "{what} found nothing to measure");
    }
    Ok(Figure { what, p50_ms: median(&mut times), worst_ms: percentile(&mut times, 1.0) })
}

/// Fills the store; returns the long conversation.
async fn fill(store: &Store, arguments: &DeskArguments) -> anyhow::Result<String> {
    let masker = Masker::new(&[]);
    for at in 0..arguments.conversations {
        let id = store.create_conversation(&format!("customer:c{at}")).await?;
        let text = masker.clean(&format!(
            "Where is my order number {at}? I have been waiting for it since Monday, and nobody could tell me so far."
        ));
        store.append_customer_message(&id, "m", &text, 9).await?;
        let judgement = json!({
            "intent": { "name": "track_order" },
            "satisfaction": { "dissatisfied": (at % 97) as f64 / 97.0 },
            "escalation": { "probability": (at % 89) as f64 / 89.0, "reason": "repeated_failure" },
        });
        store.put_judgement(&id, 1, &judgement).await?;
        if at % 3 == 0 {
            store.change(&id, Change::HandOff).await?;
        }
    }
    let long = store.create_conversation("customer:long").await?;
    store.change(&long, Change::HandOff).await?;
    for at in 0..arguments.messages {
        let text = masker.clean(&format!("Message {at}: still about that order, please."));
        store.append_customer_message(&long, &at.to_string(), &text, 9).await?;
    }
    Ok(long)
}
