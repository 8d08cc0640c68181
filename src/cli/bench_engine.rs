//! `steward bench engine`: the models' passes by themselves, for a program that measures a peer beside them
//! (`benches/peers/engine.py`).
//!
//! JSON lines in, JSON lines out. The first line says which files were loaded; each request names a work
//! and is answered with milliseconds, or with what was computed.

use std::io::{BufRead, Write};
use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use steward::config::Config;
use steward::model::compute::Compute;
use steward::model::compute::share::Work;
use steward::model::encoder::EMBEDDING_SIZE;
use steward::model::encoder::bert::Bert;
use steward::model::generator::weights::{self, Precision};
use steward_engine::cache::Cache;
use steward_engine::decoder::{Decoder, DecoderScratch, Segment};

use super::timing::ms_since;

#[derive(Args)]
pub struct EngineArguments {
    /// Threads that compute; one less than there are cores if it is not given.
    #[arg(long)]
    pub threads: Option<NonZero<usize>>,
}

#[derive(Deserialize)]
#[serde(tag = "work", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// Reads tokens into an empty cache.
    Prefill { tokens: Vec<u32> },
    /// Reads tokens unmeasured, then writes one after the other of `next`.
    Decode { tokens: Vec<u32>, next: Vec<u32> },
    /// The same for several texts at once.
    DecodeTogether { tokens: Vec<u32>, next: Vec<u32>, texts: usize },
    /// The logits after the last token.
    Logits { tokens: Vec<u32> },
    /// Reads texts with the encoder.
    Encode { ids: Vec<Vec<u32>> },
    /// Their embeddings.
    Embed { ids: Vec<Vec<u32>> },
}

pub fn run(_: &EngineArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let file = steward::setup::generator_file(config)?;
    let (encoder, tokenizer) = steward::setup::encoder_files(config)?;
    let mut bench = EngineBench {
        bert: Bert::load(&encoder, None, config.engine.encoder)?,
        decoder: weights::read(&file, Precision::AsStored)?.0,
        compute: Compute::of_process()?,
        scratch: DecoderScratch::default(),
    };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}",
        json!({"ready": true, "generator": file, "encoder": encoder, "tokenizer": tokenizer})
    )?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("standard input cannot be read")?;
        if line.trim().is_empty() {
            continue;
        }
        let request: Request = serde_json::from_str(&line).context("not a request")?;
        writeln!(out, "{}", bench.answer(&request)?)?;
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

struct EngineBench {
    bert: Bert,
    decoder: Decoder,
    compute: &'static Compute,
    scratch: DecoderScratch,
}

impl EngineBench {
    fn answer(&mut self, request: &Request) -> anyhow::Result<Value> {
        let mut cache = Cache::new(self.decoder.cache_shape());
        Ok(match request {
            Request::Prefill { tokens } => {
                let started = Instant::now();
                self.read(&mut [&mut cache], tokens)?;
                milliseconds(started)
            }
            Request::Decode { tokens, next } => {
                self.read(&mut [&mut cache], tokens)?;
                let started = Instant::now();
                for token in next {
                    self.read(&mut [&mut cache], std::slice::from_ref(token))?;
                }
                milliseconds(started)
            }
            Request::DecodeTogether { tokens, next, texts } => {
                self.read(&mut [&mut cache], tokens)?;
                let mut caches = vec![cache; *texts];
                let mut caches: Vec<&mut Cache> = caches.iter_mut().collect();
                let started = Instant::now();
                for token in next {
                    self.read(&mut caches, std::slice::from_ref(token))?;
                }
                milliseconds(started)
            }
            Request::Logits { tokens } => {
                json!({"logits": self.read(&mut [&mut cache], tokens)?.first()})
            }
            Request::Encode { ids } => {
                let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
                let started = Instant::now();
                self.bert.read(&ids)?;
                milliseconds(started)
            }
            Request::Embed { ids } => {
                let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
                let readings = self.bert.read(&ids)?;
                let embeddings: Vec<&[f32]> =
                    readings.iter().map(|reading| &reading[..EMBEDDING_SIZE]).collect();
                json!({"embeddings": embeddings})
            }
        })
    }

    /// Reads the same tokens into each of the caches.
    fn read(&mut self, caches: &mut [&mut Cache], tokens: &[u32]) -> anyhow::Result<Vec<Vec<f32>>> {
        let mut segments: Vec<Segment> =
            caches.iter_mut().map(|cache| Segment { cache, tokens, wants_logits: true }).collect();
        let pass = self.decoder.forward(
            self.compute.turn(Work::Generator).on(),
            &mut segments,
            &mut self.scratch,
        );
        self.compute.generator_rests();
        pass.map_err(anyhow::Error::msg)
    }
}

fn milliseconds(started: Instant) -> Value {
    json!({"ms": ms_since(started)})
}
