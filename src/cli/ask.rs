//! `steward ask`: JSON lines in, JSON lines out, the same turn as in the chat.

use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use steward::identity::VerifiedCustomer;
use steward::model::fetch::ModelCache;
use steward::retrieve::AccountScope;
use steward::turn::{self, Agent, AgentSettings, Role, TurnInput, Utterance};

#[derive(Args)]
pub struct AskArguments {}

/// One line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default)]
    customer: Option<String>,
    turns: Vec<Utterance>,
}

pub fn run(_arguments: &AskArguments, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let models = ModelCache::new(ModelCache::default_directory(), false);
    let agent = Agent::load(data_dir, &models, AgentSettings::default())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut output = std::io::stdout().lock();
    let mut all_answered = true;
    for (index, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answered = match request(&line) {
            Ok(input) => runtime
                .block_on(turn::run(&agent, input, None))
                .map_err(|error| error.to_string())
                .and_then(|reply| serde_json::to_value(reply).map_err(|error| error.to_string())),
            Err(problem) => Err(problem),
        };
        all_answered &= answered.is_ok();
        let answer =
            answered.unwrap_or_else(|problem| json!({"error": problem, "line": index + 1}));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn request(line: &str) -> Result<TurnInput, String> {
    let request: Request = serde_json::from_str(line).map_err(|problem| {
        format!(
            "not a request: {problem}; expected {{\"customer\":\"id\" or null,\"turns\":[{{\"role\":\"customer\",\"text\":\"…\"}}]}}"
        )
    })?;
    match request.turns.last() {
        None => return Err("`turns` is empty; give at least the customer's message".to_string()),
        Some(last) if last.role != Role::Customer => {
            return Err("the last turn must be the customer's".to_string());
        }
        Some(_) => {}
    }
    let customer = request.customer.map(VerifiedCustomer::chosen_by_operator);
    Ok(TurnInput { conversation: request.turns, scope: customer.as_ref().map(AccountScope::of) })
}
