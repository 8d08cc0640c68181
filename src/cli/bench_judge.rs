//! `steward bench judge`: what a judgement costs beside the embedding of the same message, in alternation,
//! and how long the heads take to load.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use steward::config::Config;
use steward::dialogue::{Role, Utterance};
use steward::judge::conversation::{Explain, Judge};
use steward::judge::heads::Heads;

use super::timing::{median, ms_since};

#[derive(Args)]
pub struct JudgeArguments {
    /// Messages of each conversation, all by the customer and the agent in turn.
    #[arg(long, default_value_t = 7)]
    turns: usize,
    /// Conversations.
    #[arg(long, default_value_t = 40)]
    conversations: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    messages: usize,
    embed_ms: f64,
    judge_ms: f64,
    /// Of the medians.
    ratio: f64,
    heads_load_ms: f64,
}

const CUSTOMER: [&str; 4] = [
    "Hi, my parcel number {n} should have been here on Monday.",
    "I have looked at the tracking page already and it still says in transit, order {n}.",
    "That is what you told me last time as well, case {n}.",
    "Can somebody please call me back about number {n}?",
];
const AGENT: [&str; 3] = [
    "I'm sorry to hear that. It left our warehouse under number {n}.",
    "The carrier says that parcel {n} will arrive within two days.",
    "I've made a note in case {n}.",
];

pub fn run(arguments: &JudgeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = Arc::new(steward::setup::encoder(config)?);
    let judge = Judge::new(encoder.clone(), Heads::load(None)?);
    let (mut embedding, mut judging) = (Vec::new(), Vec::new());
    for number in 0..arguments.conversations {
        let mut conversation: Vec<Utterance> = Vec::new();
        for turn in 0..arguments.turns {
            let is_customer = turn % 2 == 0;
            let texts: &[&str] = if is_customer { &CUSTOMER } else { &AGENT };
            // Every message is new, as it is in life: nothing is remembered of it.
            let name = format!("{number}{turn:02}");
            let text = texts[turn / 2 % texts.len()].replace("{n}", &name);
            let role = if is_customer { Role::Customer } else { Role::Agent };
            conversation.push(Utterance { role, text: text.clone() });
            if !is_customer {
                // Replies are read after they were sent.
                judge.read(&[&text])?;
                continue;
            }
            let embed = || -> anyhow::Result<f64> {
                let started = Instant::now();
                encoder.embed_one(&text)?;
                Ok(ms_since(started))
            };
            let judged = || -> anyhow::Result<f64> {
                let started = Instant::now();
                judge.judge(&conversation, Explain::Turns)?;
                Ok(ms_since(started))
            };
            if number % 2 == 0 {
                embedding.push(embed()?);
                judging.push(judged()?);
            } else {
                judging.push(judged()?);
                embedding.push(embed()?);
            }
        }
    }
    let started = Instant::now();
    Heads::load(None)?;
    let heads_load_ms = ms_since(started);
    let (embed_ms, judge_ms) = (median(&mut embedding), median(&mut judging));
    let ratio = judge_ms / embed_ms;
    let figures = Figures { messages: judging.len(), embed_ms, judge_ms, ratio, heads_load_ms };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        println!(
            "{} messages: embedding {:.2} ms, judgement {:.2} ms, ratio {:.2}; heads load in {:.1} ms",
            figures.messages, embed_ms, judge_ms, ratio, heads_load_ms
        );
    }
    Ok(ExitCode::SUCCESS)
}
