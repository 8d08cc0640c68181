//! Logs: to standard error, as text or as JSON lines, each line with its request and conversation.
//!
//! Other crates are kept at `info` whatever is asked for: below it some write down what passes through them,
//! such as the frames of a socket, and no customer's words and no token may be in a log.

use std::io::IsTerminal;
use std::sync::OnceLock;

use anyhow::Context;
use clap::ValueEnum;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::Handle;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

struct Logging {
    filter: Handle<EnvFilter, Registry>,
    verbose: u8,
}

static LOGGING: OnceLock<Logging> = OnceLock::new();

/// Begins to log. `RUST_LOG` goes before `-v`.
pub fn start(verbose: u8, format: LogFormat) {
    let (filter, handle) = reload::Layer::new(first_filter(verbose));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // They would be printed on standard error too, with a panic where that is gone.
        .log_internal_errors(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let lines = lines.with_filter(filter_fn(may_be_logged));
    tracing_subscriber::registry().with(filter).with(lines).init();
    let _ = LOGGING.set(Logging { filter: handle, verbose });
}

/// Logs at `level` from now on; an empty one is what the command line says.
///
/// # Errors
/// If logging has ended.
pub fn log_at(level: &str) -> anyhow::Result<()> {
    let Some(logging) = LOGGING.get() else { return Ok(()) };
    let filter = match level {
        "" => first_filter(logging.verbose),
        level => EnvFilter::new(format!("warn,steward={level}")),
    };
    logging.filter.reload(filter).context("cannot change what is logged")
}

fn first_filter(verbose: u8) -> EnvFilter {
    let level = match verbose {
        0 => "warn,steward=info",
        1 => "info,steward=debug",
        _ => "info,steward=trace",
    };
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level))
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with("steward")
}
