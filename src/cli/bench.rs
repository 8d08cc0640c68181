//! `steward bench …`: speed. `chat`: how long a customer waits for the first text and for the whole reply, and
//! where the time goes.

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Serialize;
use steward::config::Config;
use steward::identity::VerifiedCustomer;
use steward::retrieve::AccountScope;
use steward::turn::{self, Agent, Role, TurnInput, Utterance};

use super::progress::TerminalNarrator;
use super::timing::{ms_since, percentile};

#[derive(Args)]
pub struct BenchArguments {
    #[command(subcommand)]
    what: What,
}

impl BenchArguments {
    /// How many threads are to compute, if that is asked for.
    pub fn threads(&self) -> Option<NonZero<usize>> {
        match &self.what {
            What::Engine(arguments) => arguments.threads,
            _ => None,
        }
    }
}

#[derive(Subcommand)]
enum What {
    /// Turns of one customer, and of several at once.
    Chat(ChatArguments),
    /// A judgement beside the embedding of the same message.
    Judge(super::bench_judge::JudgeArguments),
    /// Messages that reach the disk, from several customers at once.
    Store(super::bench_store::StoreArguments),
    /// The models' passes alone, asked for by JSON lines: what is measured beside a peer.
    Engine(super::bench_engine::EngineArguments),
    /// The running generator: one conversation, many at once, beside the encoder; its memory.
    Generator(super::bench_generator::GeneratorArguments),
    /// An index of any size: writing, opening, searching and changing it.
    Retrieval(super::bench_retrieval::RetrievalArguments),
    /// The desk's list, a long conversation and the search, in a full store.
    Desk(super::bench_desk::DeskArguments),
}

#[derive(Args)]
struct ChatArguments {
    /// Turns of each customer.
    #[arg(long, default_value_t = 40)]
    turns: usize,
    /// Customers at once, in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    customers: Vec<usize>,
    /// Who is signed in.
    #[arg(long, default_value = "c1001")]
    customer: String,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Questions of the kinds that customers ask.
const QUESTIONS: &[&str] = &[
    "What's the status of my last order?",
    "How long does standard shipping take?",
    "What did I buy in my first order?",
    "What is your return policy?",
    "Do you ship to Canada?",
    "hi",
    "How much did I pay for my last order?",
    "Can I exchange boots for another size?",
    "Is the Homestead 6 tent available in Forest?",
    "thanks!",
];

#[derive(Serialize)]
struct Figures {
    customers: usize,
    turns: usize,
    first_text_p50_ms: f64,
    first_text_p95_ms: f64,
    whole_p50_ms: f64,
    whole_p95_ms: f64,
    composed_share: f64,
    stages_mean_ms: Stages,
}

#[derive(Serialize, Default)]
struct Stages {
    understand: f64,
    gather: f64,
    decide: f64,
    compose: f64,
}

pub fn run(arguments: &BenchArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let arguments = match &arguments.what {
        What::Chat(arguments) => arguments,
        What::Engine(arguments) => return super::bench_engine::run(arguments, config),
        What::Generator(arguments) => return super::bench_generator::run(arguments, config),
        What::Retrieval(arguments) => return super::bench_retrieval::run(arguments, config),
        What::Desk(arguments) => return super::bench_desk::run(arguments, config),
        What::Store(arguments) => return super::bench_store::run(arguments, config),
        What::Judge(arguments) => return super::bench_judge::run(arguments, config),
    };
    let agent = steward::setup::agent_with_demo(config, &mut TerminalNarrator)?;
    agent.warm_up()?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let mut figures = Vec::new();
    // Once unmeasured: what is embedded on first sight is embedded then.
    runtime.block_on(one_customer(&agent, &arguments.customer, QUESTIONS.len()))?;
    for &customers in &arguments.customers {
        let measured = runtime.block_on(async {
            let running: Vec<_> = (0..customers.max(1))
                .map(|_| {
                    let (agent, customer, turns) =
                        (agent.clone(), arguments.customer.clone(), arguments.turns);
                    tokio::spawn(async move { one_customer(&agent, &customer, turns).await })
                })
                .collect();
            let mut measured = Vec::new();
            for customer in running {
                measured.extend(customer.await.context("a customer's task stopped")??);
            }
            anyhow::Ok(measured)
        })?;
        figures.push(summary(customers, &measured));
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "customers  turns   first text p50 / p95 ms   whole reply p50 / p95 ms   mean ms: understand gather decide compose"
    );
    for figures in &figures {
        let stages = &figures.stages_mean_ms;
        println!(
            "{:>9}  {:>5}   {:>10.1} / {:>8.1}    {:>11.1} / {:>8.1}   {:>19.1} {:>6.1} {:>6.2} {:>7.1}",
            figures.customers,
            figures.turns,
            figures.first_text_p50_ms,
            figures.first_text_p95_ms,
            figures.whole_p50_ms,
            figures.whole_p95_ms,
            stages.understand,
            stages.gather,
            stages.decide,
            stages.compose
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// One measured turn.
struct Measured {
    first_text: f64,
    whole: f64,
    composed: bool,
    stages: Stages,
}

async fn one_customer(
    agent: &Agent,
    customer: &str,
    turns: usize,
) -> anyhow::Result<Vec<Measured>> {
    let scope = AccountScope::of(&VerifiedCustomer::chosen_by_operator(customer));
    let mut measured = Vec::new();
    let mut conversation: Vec<Utterance> = Vec::new();
    for turn in 0..turns {
        if turn % QUESTIONS.len() == 0 {
            conversation.clear();
        }
        let text = QUESTIONS[turn % QUESTIONS.len()].to_string();
        conversation.push(Utterance { role: Role::Customer, text });
        let (sender, mut deltas) = tokio::sync::mpsc::channel(64);
        let started = Instant::now();
        let input = TurnInput::of(conversation.clone(), Some(scope.clone()));
        let (reply, first_text) = tokio::join!(turn::run(agent, input, Some(sender)), async {
            let first = deltas.recv().await.map(|_| ms_since(started));
            while deltas.recv().await.is_some() {}
            first
        });
        let reply = reply?;
        let whole = ms_since(started);
        let timings = &reply.timings_ms;
        measured.push(Measured {
            first_text: first_text.unwrap_or(whole),
            whole,
            composed: reply.provenance.wording == "composed",
            stages: Stages {
                understand: timings.understand,
                gather: timings.gather,
                decide: timings.decide,
                compose: timings.compose,
            },
        });
        conversation.push(Utterance { role: Role::Agent, text: reply.text });
    }
    Ok(measured)
}

fn summary(customers: usize, measured: &[Measured]) -> Figures {
    let percentile = |value: fn(&Measured) -> f64, share: f64| {
        percentile(&mut measured.iter().map(value).collect::<Vec<_>>(), share)
    };
    let mean = |value: fn(&Measured) -> f64| {
        measured.iter().map(value).sum::<f64>() / measured.len().max(1) as f64
    };
    Figures {
        customers,
        turns: measured.len(),
        first_text_p50_ms: percentile(|m| m.first_text, 0.5),
        first_text_p95_ms: percentile(|m| m.first_text, 0.95),
        whole_p50_ms: percentile(|m| m.whole, 0.5),
        whole_p95_ms: percentile(|m| m.whole, 0.95),
        composed_share: mean(|m| f64::from(u8::from(m.composed))),
        stages_mean_ms: Stages {
            understand: mean(|m| m.stages.understand),
            gather: mean(|m| m.stages.gather),
            decide: mean(|m| m.stages.decide),
            compose: mean(|m| m.stages.compose),
        },
    }
}
