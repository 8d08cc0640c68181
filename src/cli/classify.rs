//! `steward classify`: conversations as JSON lines in, judgements of their last message out, in the same
//! order.
//!
//! In: `{"turns":[{"role":"customer","text":"…"}]}`; the last turn is the customer's. Out: intent,
//! sentiment, satisfaction and escalation with what moved them. A line that cannot be used yields
//! `{"error":…,"line":n}` in its place, and exit code 1 at the end.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use steward::config::Config;
use steward::judge::conversation::{Explain, Judge};
use steward::judge::heads::Heads;
use steward::judge::judgement::Judgement;
use steward::turn::Utterance;

#[derive(Args)]
pub struct ClassifyArguments {
    /// Also tell which words of the message moved the judgement: one reading for each word.
    #[arg(long)]
    words: bool,
}

#[derive(Deserialize)]
struct Request {
    turns: Vec<Utterance>,
}

pub fn run(arguments: &ClassifyArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let own = Some(config.agent.heads.as_str()).filter(|path| !path.is_empty());
    let heads = Heads::load(own.map(Path::new))?;
    let judge = Judge::new(Arc::new(steward::setup::encoder(config)?), heads);
    let explain = if arguments.words { Explain::Words } else { Explain::Turns };
    let mut output = BufWriter::new(io::stdout().lock());
    let mut all_judged = true;
    for (number, line) in io::stdin().lock().split(b'\n').enumerate() {
        let line = line.context("cannot read the input")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let judged = judged(&judge, &line, explain);
        all_judged &= judged.is_ok();
        match write_line(&mut output, judged, number + 1) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            written => written.context("cannot write the output")?,
        }
    }
    Ok(if all_judged { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn judged(judge: &Judge, line: &[u8], explain: Explain) -> Result<Judgement, String> {
    let request: Request = serde_json::from_slice(line).map_err(|error| {
        // Its line is always 1; ours is named beside the error.
        let reason = error.to_string().replace(" at line 1 column ", " at column ");
        format!("expected {{\"turns\"}}: {reason}")
    })?;
    judge.judge(&request.turns, explain).map_err(|error| format!("{error:#}"))
}

fn write_line(
    output: &mut impl Write,
    judged: Result<Judgement, String>,
    number: usize,
) -> io::Result<()> {
    match judged {
        Ok(judgement) => serde_json::to_writer(&mut *output, &judgement)?,
        Err(error) => {
            serde_json::to_writer(&mut *output, &json!({ "error": error, "line": number }))?;
        }
    }
    output.write_all(b"\n")?;
    output.flush()
}
