//! `steward ask`: conversations as JSON lines in, replies as JSON lines out, in the same order.
//!
//! In: `{"customer":"id"|null,"turns":[{"role":"customer","text":"…"}]}`; the last turn is the
//! customer's. Out: the reply with its decision, citations, evidence, scores and timings. A line
//! that cannot be used yields `{"error":…,"line":n}` in its place, and exit code 1 at the end.

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use steward::config::Config;
use steward::config::load::Layers;
use steward::identity::VerifiedCustomer;
use steward::retrieve::scope::AccountScope;
use steward::turn::{self, Reply, Role, TurnInput, Utterance};

#[derive(Args)]
pub struct AskArguments {}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    customer: Option<String>,
    turns: Vec<Utterance>,
}

pub fn run(_arguments: &AskArguments, layers: &Layers) -> anyhow::Result<ExitCode> {
    let config = Config::load(layers)?;
    let agent = steward::setup::agent_with_demo(&config, &mut super::progress::TerminalNarrator)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut all_answered = true;
    for number in 1.. {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).context("cannot read the input")? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let reply = input_of(&line).and_then(|input| {
            let input = input.under(&config.desk);
            let answered = runtime.block_on(turn::run(&agent, input, None));
            answered.map_err(|error| format!("{error:#}"))
        });
        all_answered &= reply.is_ok();
        match write_line(&mut output, reply, number) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            written => written.context("cannot write the output")?,
        }
    }
    Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_line(
    output: &mut impl Write,
    reply: Result<Reply, String>,
    number: usize,
) -> io::Result<()> {
    match reply {
        Ok(reply) => serde_json::to_writer(&mut *output, &reply)?,
        Err(error) => {
            serde_json::to_writer(&mut *output, &json!({ "error": error, "line": number }))?;
        }
    }
    output.write_all(b"\n")?;
    // Each line at once: whoever reads along may be waiting for it.
    output.flush()
}

fn input_of(line: &[u8]) -> Result<TurnInput, String> {
    let request: Request = serde_json::from_slice(line).map_err(|error| {
        // Its line is always 1; ours is named beside the error.
        let reason = error.to_string().replace(" at line 1 column ", " at column ");
        format!("expected {{\"customer\", \"turns\"}}: {reason}")
    })?;
    match request.turns.last() {
        None => return Err("there are no turns".to_string()),
        Some(last) if last.role != Role::Customer => {
            return Err("the last turn must be the customer's".to_string());
        }
        Some(_) => {}
    }
    let customer = request.customer.map(VerifiedCustomer::chosen_by_operator);
    Ok(TurnInput::of(request.turns, customer.as_ref().map(AccountScope::of)))
}
