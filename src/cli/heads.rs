//! `steward heads …`: a new head beside the old one, and its installation once it is better.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use steward::config::Config;
use steward::judge::conversation::Judge;
use steward::judge::heads::{ESCALATION, HEAD_FILE, Heads, INTENTS, SATISFACTION};
use steward::learning::kept::{is_held_out, labelled};
use steward::learning::shadow::{Comparison, Verdict, compare};

use super::training_data::{ALL, kept_conversations};

#[derive(Args)]
pub struct HeadsArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Judge recent conversations with both, without showing anybody the new one's judgements.
    Compare(CompareArguments),
    /// Put the new heads where `agent.heads` looks, if they are better on labelled conversations.
    Adopt(AdoptArguments),
}

#[derive(Args)]
struct CompareArguments {
    /// The directory with the new heads: satisfaction/head.safetensors and so on.
    #[arg(long)]
    candidate: PathBuf,
    /// Conversations to judge, the newest.
    #[arg(long, default_value_t = 500)]
    recent: u32,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct AdoptArguments {
    /// The directory with the new heads.
    #[arg(long)]
    candidate: PathBuf,
}

pub fn run(arguments: &HeadsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        What::Compare(arguments) => show(arguments, config),
        What::Adopt(arguments) => adopt(arguments, config),
    }
}

/// The comparison over the newest conversations; labels count only where nothing was trained on.
fn compared(candidate: &Path, recent: u32, config: &Config) -> anyhow::Result<[Comparison; 2]> {
    let held: Vec<&str> = [INTENTS, SATISFACTION, ESCALATION]
        .into_iter()
        .filter(|kind| candidate.join(kind).join(HEAD_FILE).exists())
        .collect();
    anyhow::ensure!(
        !held.is_empty(),
        "{} holds no head: expected {SATISFACTION}/{HEAD_FILE} or {ESCALATION}/{HEAD_FILE}",
        candidate.display()
    );
    let own = Some(config.agent.heads.as_str()).filter(|path| !path.is_empty());
    let encoder = Arc::new(steward::setup::encoder(config)?);
    let old = Judge::new(encoder, Heads::load(own.map(Path::new))?);
    let new = old.with_heads(Heads::load(Some(candidate))?)?;
    let mut conversations: Vec<_> =
        kept_conversations(config, false, recent)?.iter().map(labelled).collect();
    anyhow::ensure!(
        !conversations.is_empty(),
        "there are no conversations in {}",
        config.place.data_dir.display()
    );
    for conversation in conversations.iter_mut().filter(|one| !is_held_out(&one.id)) {
        for turn in &mut conversation.turns {
            (turn.satisfaction, turn.escalation) = (None, None);
        }
    }
    Ok(compare(&old, &new, &conversations)?)
}

fn show(arguments: &CompareArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let compared = compared(&arguments.candidate, arguments.recent, config)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&compared)?);
    } else {
        compared.iter().for_each(print);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(one: &Comparison) {
    println!(
        "{}: {} messages, mean difference {:.3}, on different sides of one half {:.1} %",
        one.told,
        one.messages,
        one.mean_difference,
        100.0 * one.disagreement
    );
    println!(
        "  {} labelled that nothing was trained on: AUC {:.3} -> {:.3}, log loss {:.3} -> {:.3}, better in \
         {:.1} % of draws: {}",
        one.labelled,
        one.old_auc,
        one.new_auc,
        one.old_log_loss,
        one.new_log_loss,
        100.0 * one.better_in,
        match one.verdict {
            Verdict::Better => "better",
            Verdict::NotBetter => "not better",
            Verdict::TooFewLabels => "too few labels to say",
        }
    );
}

fn adopt(arguments: &AdoptArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let target = &config.agent.heads;
    anyhow::ensure!(
        !target.is_empty(),
        "agent.heads is not set: it must name the directory that holds the heads in use"
    );
    let compared = compared(&arguments.candidate, ALL, config)?;
    let mut adopted = 0;
    for (one, kind) in compared.iter().zip([SATISFACTION, ESCALATION]) {
        let file = arguments.candidate.join(kind).join(HEAD_FILE);
        if !file.exists() {
            continue;
        }
        print(one);
        if one.verdict != Verdict::Better {
            println!("  {kind} stays as it is");
            continue;
        }
        install(&file, &Path::new(target).join(kind))?;
        println!("  {kind} adopted into {target}; the server uses it from its next start on");
        adopted += 1;
    }
    Ok(if adopted > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Puts the head into `directory` in one step; the one before it is kept beside it.
fn install(file: &Path, directory: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write into {}", directory.display());
    std::fs::create_dir_all(directory).with_context(cannot)?;
    let target = directory.join(HEAD_FILE);
    if target.exists() {
        std::fs::copy(&target, target.with_extension("previous")).with_context(cannot)?;
    }
    let mut copy = tempfile::NamedTempFile::new_in(directory).with_context(cannot)?;
    std::io::copy(&mut std::fs::File::open(file)?, &mut copy).with_context(cannot)?;
    copy.as_file().sync_all().with_context(cannot)?;
    copy.persist(&target).with_context(cannot)?;
    Ok(())
}
