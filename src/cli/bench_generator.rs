//! `steward bench generator`: the running generator as conversations use it - one, many at once, beside an encoder
//! that never stops - and its memory over thousands of turns.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use futures_util::future::{try_join, try_join_all};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use steward::config::Config;
use steward::model::encoder::Encoder;
use steward::model::generator::{GenerateRequest, Generator, Piece};
use steward::model::sampler::SamplingSettings;
use steward::telemetry::process::resident_bytes;
use steward::turn::compose::prompt_for;
use steward::turn::extract::Draft;
use tokio::sync::Semaphore;

use super::timing::{median, ms_since};

#[derive(Args)]
pub struct GeneratorArguments {
    /// Conversations at once.
    #[arg(long, default_value = "16")]
    conversations: NonZero<usize>,
    /// Tokens of each answer at most.
    #[arg(long, default_value_t = 48)]
    tokens: usize,
    /// Times that each measure is taken; the middle one counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Turns over which memory is watched; none if it is 0.
    #[arg(long, default_value_t = 0)]
    turns: usize,
}

/// What is measured. Times in milliseconds, memory in MiB; of several conversations the first, the middle and
/// the last one.
#[derive(Serialize)]
struct Figures {
    /// Resident: without models, with both, after the conversations.
    memory_mib: [f64; 3],
    /// What a conversation's remembered past takes.
    past_of_a_conversation_mib: f64,
    one: Rates,
    many: Rates,
    /// First text of a conversation that begins while all others are being answered.
    first_text_beside_the_others_ms: f64,
    /// Tokens a second of all conversations against one.
    many_against_one: f64,
    /// Time of an answer beside an encoder that never stops against the same alone.
    beside_the_encoder: f64,
    /// Passes of 64 tokens that the encoder makes a second by itself, and beside the answer.
    encoder_passes_per_second: [f64; 2],
    /// Resident after each tenth of the turns.
    memory_over_turns_mib: Vec<f64>,
}

/// Of conversations that begin at the same moment.
#[derive(Serialize)]
struct Rates {
    first_text_ms: [f64; 3],
    /// The same when their prompts were read before.
    first_text_again_ms: [f64; 3],
    tokens_per_second: f64,
}

pub fn run(arguments: &GeneratorArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let without_models = resident_mib();
    let conversations = arguments.conversations.get();
    let mut config = config.clone();
    config.generator.queue = config.generator.queue.max(conversations);
    let encoder = Arc::new(steward::setup::encoder(&config)?);
    let generator = steward::setup::generator_of(&config)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let first = question(&mut random);
    let mut bench = Bench { tokens: arguments.tokens, generator, encoder, random };
    bench.encoder.embed_one("Hello")?;
    runtime.block_on(bench.answers(&[first]))?;
    let with_models = resident_mib();
    let rounds: Vec<Round> = (0..arguments.rounds.max(1))
        .map(|_| runtime.block_on(bench.round(conversations)))
        .collect::<anyhow::Result<_>>()?;
    let middle =
        |of: &dyn Fn(&Round) -> f64| median(&mut rounds.iter().map(of).collect::<Vec<_>>());
    let rates = |of: &dyn Fn(&Round) -> &Wave| Rates {
        first_text_ms: [0, 1, 2].map(|place| middle(&|round| of(round).first[place])),
        first_text_again_ms: [0, 1, 2].map(|place| middle(&|round| of(round).first_again[place])),
        tokens_per_second: middle(&|round| of(round).tokens_per_second),
    };
    let asked = rounds.len() * (2 * conversations + 2);
    let after = resident_mib();
    let mut figures = Figures {
        memory_mib: [without_models, with_models, after],
        past_of_a_conversation_mib: (after - with_models) / asked as f64,
        one: rates(&|round| &round.one),
        many: rates(&|round| &round.many),
        first_text_beside_the_others_ms: middle(&|round| round.last_to_come),
        many_against_one: middle(&|round| {
            round.many.tokens_per_second / round.one.tokens_per_second
        }),
        beside_the_encoder: middle(&|round| round.beside),
        encoder_passes_per_second: [0, 1].map(|place| middle(&|round| round.passes[place])),
        memory_over_turns_mib: Vec::new(),
    };
    for turn in 1..=arguments.turns {
        let asked = question(&mut bench.random);
        runtime.block_on(bench.answers(&[asked]))?;
        if turn % arguments.turns.div_ceil(10) == 0 {
            figures.memory_over_turns_mib.push(resident_mib());
        }
    }
    println!("{}", serde_json::to_string_pretty(&figures)?);
    Ok(ExitCode::SUCCESS)
}

/// One measure of everything.
struct Round {
    one: Wave,
    many: Wave,
    last_to_come: f64,
    beside: f64,
    passes: [f64; 2],
}

/// Answers to questions that came at the same moment, and came again.
struct Wave {
    first: [f64; 3],
    first_again: [f64; 3],
    tokens_per_second: f64,
}

/// How one answer went, in milliseconds since it was asked for.
struct Answer {
    first: f64,
    end: f64,
    tokens: usize,
}

struct Bench {
    tokens: usize,
    generator: Generator,
    encoder: Arc<Encoder>,
    random: ChaCha8Rng,
}

impl Bench {
    async fn round(&mut self, conversations: usize) -> anyhow::Result<Round> {
        let one = self.wave(1).await?;
        let many = self.wave(conversations).await?;
        let last_to_come = self.last_to_come(conversations).await?;
        // The same answer alone and beside, its prompt read before.
        let asked = [question(&mut self.random)];
        self.answers(&asked).await?;
        let alone = self.answers(&asked).await?[0].end;
        let resting = EncoderLoop::start(self.encoder.clone());
        tokio::time::sleep(Duration::from_millis(300)).await;
        let by_itself = resting.stop()?;
        let looping = EncoderLoop::start(self.encoder.clone());
        let beside = self.answers(&asked).await?[0].end;
        let passes = [by_itself, looping.stop()?];
        Ok(Round { one, many, last_to_come, beside: beside / alone, passes })
    }

    async fn wave(&mut self, conversations: usize) -> anyhow::Result<Wave> {
        let asked: Vec<String> = (0..conversations).map(|_| question(&mut self.random)).collect();
        let first = firsts(&self.answers(&asked).await?);
        let again = self.answers(&asked).await?;
        let tokens: usize = again.iter().map(|answer| answer.tokens).sum();
        let end = again.iter().map(|answer| answer.end).fold(0.0, f64::max);
        let tokens_per_second = tokens as f64 / end * 1e3;
        Ok(Wave { first, first_again: firsts(&again), tokens_per_second })
    }

    /// Asks for answers whose prompts were read before, and once all are being written, for one more: how long
    /// that one waits for its first text.
    async fn last_to_come(&mut self, conversations: usize) -> anyhow::Result<f64> {
        let others: Vec<String> = (1..conversations).map(|_| question(&mut self.random)).collect();
        let last = question(&mut self.random);
        self.answers(&others).await?;
        let begun = Semaphore::new(0);
        let others_answered = try_join_all(
            others.iter().map(|question| self.answer(question, || begun.add_permits(1))),
        );
        let last_answered = async {
            let _all = begun.acquire_many(u32::try_from(others.len())?).await?;
            self.answer(&last, || ()).await
        };
        let (_, last) = try_join(others_answered, last_answered).await?;
        Ok(last.first)
    }

    /// Asks all questions at the same moment.
    async fn answers(&self, questions: &[String]) -> anyhow::Result<Vec<Answer>> {
        try_join_all(questions.iter().map(|question| self.answer(question, || ()))).await
    }

    /// Calls `begun` with the first text.
    async fn answer(&self, question: &str, begun: impl FnOnce()) -> anyhow::Result<Answer> {
        let asked = Instant::now();
        let since = || ms_since(asked);
        let mut random = ChaCha8Rng::seed_from_u64(question.len() as u64);
        let supported = (0..4).map(|_| fact(question, &mut random)).collect();
        let draft = Draft { supported, ..Draft::default() };
        let mut stream = self.generator.generate(GenerateRequest {
            messages: prompt_for(question, &draft)?,
            sampling: SamplingSettings::default(),
            evidence: None,
            stop: Vec::new(),
            max_new_tokens: self.tokens,
        })?;
        let mut first = None;
        let mut begun = Some(begun);
        while let Some(piece) = stream.next().await {
            // An answer without a word has begun too.
            begun.take().into_iter().for_each(|begun| begun());
            match piece? {
                Piece::Text(_) => _ = first.get_or_insert_with(since),
                Piece::End(summary) => {
                    let (end, tokens) = (since(), summary.new_tokens);
                    return Ok(Answer { first: first.unwrap_or(end), end, tokens });
                }
            }
        }
        anyhow::bail!("an answer broke off")
    }
}

/// An encoder that reads without a break.
struct EncoderLoop {
    stopping: Arc<AtomicBool>,
    begun: Instant,
    thread: JoinHandle<anyhow::Result<usize>>,
}

impl EncoderLoop {
    fn start(encoder: Arc<Encoder>) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let is_stopping = stopping.clone();
        let read = move || {
            let text = "my order has not come yet and nobody has told me why ".repeat(5);
            let mut passes = 0;
            while !is_stopping.load(Ordering::Relaxed) {
                encoder.embed_one(&text)?;
                passes += 1;
            }
            Ok(passes)
        };
        Self { stopping, begun: Instant::now(), thread: std::thread::spawn(read) }
    }

    /// Passes a second.
    fn stop(self) -> anyhow::Result<f64> {
        self.stopping.store(true, Ordering::Relaxed);
        let passes = self.thread.join().map_err(|_| anyhow::anyhow!("the encoder broke off"))??;
        Ok(passes as f64 / self.begun.elapsed().as_secs_f64())
    }
}

/// A question that was not asked before.
fn question(random: &mut ChaCha8Rng) -> String {
    format!("Where is order {}, and what did I pay for it?", random.random_range(10_000..99_999))
}

/// A sentence as evidence has them.
fn fact(question: &str, random: &mut ChaCha8Rng) -> String {
    let order: String = question.chars().filter(char::is_ascii_digit).collect();
    let (day, dollars) = (random.random_range(1..29), random.random_range(10..900));
    format!("Order {order} of {day} October costs ${dollars}.50 and was shipped two days later.")
}

fn firsts(answers: &[Answer]) -> [f64; 3] {
    let mut firsts: Vec<f64> = answers.iter().map(|answer| answer.first).collect();
    firsts.sort_by(f64::total_cmp);
    [firsts[0], firsts[firsts.len() / 2], firsts[firsts.len() - 1]]
}

/// 0 where the system does not say.
fn resident_mib() -> f64 {
    resident_bytes().unwrap_or_default() / f64::from(1 << 20)
}
