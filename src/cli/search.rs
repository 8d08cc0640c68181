//! `steward search [--customer ID] [--json] QUERY`: what the agent would find.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use steward::config::Config;
use steward::identity::VerifiedCustomer;
use steward::retrieve::{AccountScope, RecordHit, TextQuery, text};

#[derive(Args)]
pub struct SearchArguments {
    /// The question, in a customer's words.
    #[arg(required = true)]
    query: Vec<String>,
    /// Also search the account of this customer.
    #[arg(long)]
    customer: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// At most this many hits of each sort: account records, articles, public records.
    #[arg(long, default_value_t = 5)]
    limit: usize,
}

#[derive(Serialize)]
struct Hits {
    hits: Vec<Hit>,
}

#[derive(Serialize)]
struct Hit {
    source: String,
    title: String,
    text: String,
    score: f32,
}

pub fn run(arguments: &SearchArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let index = steward::setup::index_for(config, &mut super::progress::TerminalNarrator)?;
    if index.is_empty()? {
        eprintln!(
            "note: the index in {} is empty; see `steward import`",
            config.place.data_dir.display()
        );
    }
    let query = arguments.query.join(" ");
    let embedding = steward::setup::encoder(config)?.embed_one(&query)?;
    let limit = arguments.limit;
    let mut hits = Vec::new();
    if let Some(customer) = &arguments.customer {
        let scope = AccountScope::of(&VerifiedCustomer::chosen_by_operator(customer));
        hits.extend(index.search_account(&scope, &query, limit)?.into_iter().map(hit_of_record));
    }
    let passages =
        index.search_passages(&TextQuery { text: &query, embedding: &embedding, limit })?;
    hits.extend(passages.into_iter().map(|hit| Hit {
        source: hit.passage.document_id,
        title: hit.passage.title,
        text: hit.passage.text,
        score: hit.score,
    }));
    let public = index.public_records(&TextQuery { text: &query, embedding: &embedding, limit })?;
    hits.extend(public.into_iter().map(hit_of_record));
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    print(&Hits { hits }, arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

fn hit_of_record(hit: RecordHit) -> Hit {
    let record = &hit.record;
    let name = text::label_of(&record.fields);
    Hit {
        source: record.key(),
        title: match name {
            Some(name) => format!("{} {} ({name})", record.kind, record.id),
            None => format!("{} {}", record.kind, record.id),
        },
        text: text::text_of_fields(&record.fields).trim_end().to_string(),
        score: hit.score,
    }
}

fn print(hits: &Hits, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string(hits)?);
        return Ok(());
    }
    if hits.hits.is_empty() {
        println!("nothing found");
    }
    for hit in &hits.hits {
        println!("{:.3}  {}  [{}]", hit.score, hit.title, hit.source);
        for line in hit.text.lines().take(6) {
            println!("       {line}");
        }
    }
    Ok(())
}
