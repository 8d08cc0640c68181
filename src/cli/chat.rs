//! `steward chat`: a conversation in the terminal, with the same agent that serves the socket.
//!
//! Works piped: one message a line on standard input, replies on standard output, nothing else.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::config::load::Layers;
use steward::identity::VerifiedCustomer;
use steward::retrieve::scope::AccountScope;
use steward::turn::{self, Agent, Reply, Role, TurnInput, Utterance};
use tokio::sync::mpsc;

#[derive(Args)]
pub struct ChatArguments {
    /// Be this customer; a visitor without it.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

const DELTA_QUEUE: usize = 64;

pub fn run(arguments: &ChatArguments, layers: &Layers) -> anyhow::Result<ExitCode> {
    let config = Config::load(layers)?;
    let agent = steward::setup::agent_with_demo(&config, &mut super::progress::TerminalNarrator)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let customer = arguments.customer.as_deref().map(VerifiedCustomer::chosen_by_operator);
    let scope = customer.as_ref().map(AccountScope::of);
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    if interactive {
        let who = customer.as_ref().map_or("a visitor", |customer| customer.id());
        show(&format!("You are {who}. Write a message and press Enter; Ctrl-D ends.\n"))?;
    }
    let mut conversation = Vec::new();
    let mut input = io::stdin().lock();
    loop {
        if interactive {
            show("\nyou      ")?;
        }
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).context("cannot read the input")? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line).trim().to_string();
        if text.is_empty() {
            continue;
        }
        conversation.push(Utterance { role: Role::Customer, text });
        let input = TurnInput::of(conversation.clone(), scope.clone()).under(&config.desk);
        if interactive {
            show("steward  ")?;
        }
        let reply = match runtime.block_on(answer(&agent, input)) {
            Ok(reply) => reply,
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(error),
        };
        conversation.push(Utterance { role: Role::Agent, text: reply.text });
    }
    if interactive {
        show("\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the reply as it is written, then its sources.
async fn answer(agent: &Agent, input: TurnInput) -> anyhow::Result<Reply> {
    let (sender, mut deltas) = mpsc::channel::<String>(DELTA_QUEUE);
    let print = async move {
        let mut shown = String::new();
        while let Some(text) = deltas.recv().await {
            show(&text)?;
            shown.push_str(&text);
        }
        anyhow::Ok(shown)
    };
    let (reply, shown) = tokio::join!(turn::run(agent, input, Some(sender)), print);
    let (reply, shown) = (reply?, shown?);
    let mut rest = reply.text.strip_prefix(shown.as_str()).unwrap_or("").to_string() + "\n";
    for (number, citation) in reply.citations.iter().enumerate() {
        let quote = citation.quote.trim();
        rest += &format!(
            "  [{}] {}: \u{201c}{quote}\u{201d}
",
            number + 1,
            citation.title
        );
    }
    show(&rest)?;
    Ok(reply)
}

/// Written at once. An output that was closed is an error here, where `print!` would panic.
fn show(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
