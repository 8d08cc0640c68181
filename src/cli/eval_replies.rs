//! `steward eval replies`: what the generator makes of evidence, beside the evidence's own words, a template, and the generator without
//! its adapter.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use steward::config::Config;
use steward::eval::questions;
use steward::eval::replies::{self, ReplyFigures, Writer, Written};
use steward::eval::reply_cases::{self, ReplyCase};
use steward::setup;
use steward::turn::compose::{Composer, NO_ADAPTER};
use steward::turn::phrases::Phrases;
use steward::turn::support::SupportChecker;

use super::eval::questions_over;
use super::eval_conversations::conversations_in;
use super::progress::TerminalNarrator;

#[derive(Args)]
pub struct EvalRepliesArguments {
    /// Files of canned conversations (.yaml, .yml) or directories of them, over the demo shop.
    paths: Vec<PathBuf>,
    /// Kinds of question, such as tests/answers/retail.toml, over the data directory; needs --records.
    #[arg(long, requires = "records")]
    answers: Option<PathBuf>,
    /// The records that the questions are made of, as they were imported.
    #[arg(long)]
    records: Vec<PathBuf>,
    /// Dialogues with knowledge and people's replies (dialogues.jsonl of DSTC11 track 5); only entities that nothing is trained on.
    #[arg(long)]
    grounded: Option<PathBuf>,
    /// Cases of each set at most, evenly taken.
    #[arg(long, default_value_t = 200)]
    count: usize,
    /// Seed of the generated questions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print this many replies of each set, unselected.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Print every reply as a JSON line in place of the figures.
    #[arg(long)]
    json: bool,
    /// Write every reply as a JSON line to this file, beside the figures.
    #[arg(long, conflicts_with = "json")]
    out: Option<PathBuf>,
}

/// A writer's replies.
#[derive(Serialize)]
struct ByWriter {
    writer: &'static str,
    #[serde(flatten)]
    written: Written,
}

pub fn run(arguments: &EvalRepliesArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let cases = runtime.block_on(cases(arguments, config))?;
    anyhow::ensure!(
        !cases.is_empty(),
        "there is nothing to phrase: give conversations, --answers or --grounded"
    );
    let mut with = config.clone();
    with.generator.enabled = true;
    let mut without = with.clone();
    without.generator.adapter = NO_ADAPTER.to_string();
    let support = SupportChecker::shipped(Arc::new(setup::encoder(config)?))?;
    let composer = |config: &Config| -> anyhow::Result<Composer> {
        let generator = setup::generator_of(config)?;
        Ok(Composer { generator, settings: config.generator.clone(), support: support.clone() })
    };
    let mut composers = vec![("base", composer(&without)?)];
    if with.generator.adapter != NO_ADAPTER {
        composers.push(("adapter", composer(&with)?));
    }
    let mut writers = vec![("extractive", Writer::Extractive), ("template", Writer::Template)];
    for (name, composer) in &composers {
        writers.push((name, Writer::Generator(composer)));
    }
    let phrases = Phrases::shipped()?;
    let mut all: Vec<ByWriter> = Vec::new();
    for case in &cases {
        for (name, writer) in &writers {
            let mut written = runtime.block_on(replies::write(case, *writer))?;
            replies::judge(&mut written, &support, &phrases)?;
            all.push(ByWriter { writer: name, written });
        }
    }
    let mut lines = String::new();
    for one in &all {
        lines.push_str(&serde_json::to_string(one)?);
        lines.push('\n');
    }
    if arguments.json {
        print!("{lines}");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &arguments.out {
        std::fs::write(file, lines).with_context(|| format!("cannot write {}", file.display()))?;
    }
    print_figures(&all, &phrases);
    print_replies(&all, &cases, arguments.show);
    Ok(ExitCode::SUCCESS)
}

async fn cases(
    arguments: &EvalRepliesArguments,
    config: &Config,
) -> anyhow::Result<Vec<ReplyCase>> {
    let mut plain = config.clone();
    plain.generator.enabled = false;
    let mut cases = Vec::new();
    if !arguments.paths.is_empty() {
        let agent = setup::agent_with_demo(&plain, &mut TerminalNarrator)?;
        let files = conversations_in(&arguments.paths)?;
        let found = reply_cases::of_conversations(&agent, &files).await?;
        cases.extend(evenly(found, arguments.count));
    }
    if let Some(file) = &arguments.answers {
        let (kinds, records) = questions_over(file, &arguments.records)?;
        let asked = questions::generate(&kinds, &records, 2 * arguments.count, arguments.seed);
        let agent = setup::agent(&plain)?;
        let found = reply_cases::of_questions(&agent, &asked).await?;
        cases.extend(evenly(found, arguments.count));
    }
    if let Some(file) = &arguments.grounded {
        cases.extend(evenly(reply_cases::of_grounded(file)?, arguments.count));
    }
    Ok(cases)
}

/// At most `count`, from beginning to end.
fn evenly(cases: Vec<ReplyCase>, count: usize) -> Vec<ReplyCase> {
    let step = cases.len().div_ceil(count.max(1)).max(1);
    cases.into_iter().step_by(step).collect()
}

fn print_figures(all: &[ByWriter], phrases: &Phrases) {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for one in all {
        let group = (one.written.set, one.writer);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    println!(
        "set            writer      replies survived complete ungrounded supported unsupported words courteous repeating  BLEU-4 ROUGE-L  median ms"
    );
    for (set, writer) in groups {
        let of = all.iter().filter(|one| (one.written.set, one.writer) == (set, writer));
        let written: Vec<&Written> = of.map(|one| &one.written).collect();
        let ReplyFigures {
            replies,
            survived,
            complete,
            ungrounded_literals,
            supported_sentences,
            unsupported,
            words,
            courteous,
            repeating,
            bleu,
            rouge_l,
            ms,
        } = replies::figures(&written, phrases);
        let score =
            |score: Option<f64>| score.map_or("-".to_string(), |score| format!("{score:.3}"));
        println!(
            "{set:<14} {writer:<11} {replies:>7} {:>7.1}% {:>7.1}% {ungrounded_literals:>10} {:>8.1}% {:>10.1}% {words:>5.1} {:>8.1}% {:>8.1}% {:>7} {:>7} {ms:>10.0}",
            100.0 * survived,
            100.0 * complete,
            100.0 * supported_sentences,
            100.0 * unsupported,
            100.0 * courteous,
            100.0 * repeating,
            score(bleu),
            score(rouge_l),
        );
    }
}

fn print_replies(all: &[ByWriter], cases: &[ReplyCase], show: usize) {
    let writers = all.len() / cases.len().max(1);
    let mut shown = std::collections::HashMap::<&str, usize>::new();
    for of_case in all.chunks(writers.max(1)) {
        let first = &of_case[0].written;
        let already = shown.entry(first.set).or_default();
        if *already >= show {
            continue;
        }
        *already += 1;
        println!("\n[{}] {}", first.set, first.question);
        for fact in &first.facts {
            println!("    - {fact}");
        }
        for one in of_case {
            println!("  {}: {}", one.writer, one.written.reply);
            if one.written.draft != one.written.reply {
                println!("      as written: {}", one.written.draft);
            }
        }
        if let Some(human) = &first.human {
            println!("  person: {human}");
        }
    }
}
