//! `steward eval suggestions`: what is suggested to people over canned conversations.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::eval::suggestions::{SuggestionReport, suggest_all};

use super::eval_conversations::conversations_in;
use super::progress::TerminalNarrator;

#[derive(Args)]
pub struct EvalSuggestionsArguments {
    /// Files of conversations (.yaml, .yml) or directories of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Seed of the sentences that are made untrue.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// More sentences that were made untrue and are marked as supported fail the evaluation.
const MOST_FALSE: f64 = 0.02;

pub fn run(arguments: &EvalSuggestionsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let files = conversations_in(&arguments.paths)?;
    let agent = steward::setup::agent_with_demo(config, &mut TerminalNarrator)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let report = runtime.block_on(suggest_all(&agent, &files, arguments.seed))?;
    let share = |part: usize, all: usize| 100.0 * part as f64 / all.max(1) as f64;
    let falsely = report.falsely_supported.len();
    let passed = report.messages > 0
        && report.supported_without_literals == 0
        && falsely as f64 <= MOST_FALSE * report.made_untrue as f64;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        let SuggestionReport { messages, suggestions, with_three, claims, supported, .. } = report;
        println!("messages                      {messages:>6}");
        println!("suggestions                   {suggestions:>6}");
        println!(
            "messages with three           {with_three:>6} {:>6.1}%",
            share(with_three, messages)
        );
        println!("sentences that state something{claims:>6}");
        println!("  supported                   {supported:>6} {:>6.1}%", share(supported, claims));
        println!("  with a literal not in it    {:>6}", report.supported_without_literals);
        println!("sentences made untrue         {:>6}", report.made_untrue);
        println!(
            "  supported all the same      {falsely:>6} {:>6.1}%",
            share(falsely, report.made_untrue)
        );
        for sentence in &report.falsely_supported {
            println!("    {sentence}");
        }
        println!(
            "read and suggested, median    {:>6.0} ms",
            SuggestionReport::median(&report.made_ms)
        );
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
