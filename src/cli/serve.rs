//! `steward serve`: the server, until Ctrl-C or SIGTERM. SIGHUP reads the settings again.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;
use steward::config::Config;
use steward::config::load::Layers;
use steward::http::tls::Certificates;
use steward::http::{self, AppState};
use steward::setup;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::logging;
use super::progress::TerminalNarrator;

#[derive(Args)]
pub struct ServeArguments {
    /// Address and port to listen on [default: server.listen of the settings].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

pub fn run(arguments: &ServeArguments, mut layers: Layers) -> anyhow::Result<ExitCode> {
    if let Some(listen) = &arguments.listen {
        layers.flags.push(("--listen".into(), "server.listen".into(), listen.clone()));
    }
    let config = Config::load(&layers)?;
    logging::log_at(&config.telemetry.log_level)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let outcome = runtime.block_on(serve(config, layers));
    // Blocking work that was asked to stop may still hold a thread; the process need not wait.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, layers: Layers) -> anyhow::Result<ExitCode> {
    config.create_data_dir()?;
    // The certificate and the address are looked at before the models are read: what is wrong is said at once.
    Certificates::open(&config.server.tls)?;
    let listener = listen(&config.server.listen).await?;
    let address = listener.local_addr()?;
    let shutdown = stop_on_signal()?;
    // Listened for from here on: one that comes before there is anything to reload must not end the process.
    let hangups = Hangups::new()?;
    let for_agent = config.clone();
    let loading = tokio::task::spawn_blocking(move || {
        setup::agent_with_demo(&for_agent, &mut TerminalNarrator)
    });
    let agent = tokio::select! {
        agent = loading => agent.context("the agent's loader failed")??,
        () = shutdown.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    let warmed = agent.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = warmed.warm_up() {
            tracing::warn!(%error, "the articles could not be embedded ahead");
        }
    });
    let demo = config.server.demo;
    let scheme = if config.server.serves_tls() { "https" } else { "http" };
    let state = AppState::open_over(layers, agent).await?;
    let page = if demo { ", with the demo page at /" } else { "" };
    tokio::spawn(reload_on(hangups, state.clone()));
    // A closed output is no reason not to serve.
    let _ = writeln!(io::stdout(), "Steward listens on {scheme}://{address}{page}");
    http::serve(state, listener, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "{address} is in use by another program; stop it, or choose another address with \
             --listen or server.listen"
        ),
        ErrorKind::AddrNotAvailable => anyhow!(
            "this machine has no address {address}; choose another with --listen or server.listen"
        ),
        ErrorKind::PermissionDenied => anyhow!(
            "not allowed to listen on {address}; ports below 1024 need privileges, choose another \
             with --listen or server.listen"
        ),
        _ => anyhow!("cannot listen on {address}: {error}"),
    })
}

/// Reads the settings again at each SIGHUP; settings that cannot be used change nothing.
async fn reload_on(mut hangups: Hangups, state: Arc<AppState>) {
    while hangups.next().await {
        let taken = state.read_settings_again().await;
        match taken {
            Ok(taken) => {
                let (changed, needs_restart) = (&taken.changed, &taken.needs_restart);
                tracing::info!(?changed, ?needs_restart, "the settings were read again");
                if let Err(error) = logging::log_at(&taken.config.telemetry.log_level) {
                    tracing::error!(error = format!("{error:#}"), "the log level stays");
                }
            }
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the settings were read again and cannot be used; nothing has changed"
            ),
        }
    }
}

/// Cancelled by the first Ctrl-C or SIGTERM; a second one ends the process at once.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let cancelled = shutdown.clone();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        // Whoever read our messages may be gone; the signal must be obeyed all the same.
        let _ = writeln!(
            io::stderr(),
            "stopping: replies under way are finished first (again to stop at once)"
        );
        cancelled.cancel();
        signals.next().await;
        std::process::exit(1);
    });
    Ok(shutdown)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
        let terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// SIGHUP: read the settings again.
#[cfg(unix)]
struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    fn new() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).map(Self).context("cannot listen for SIGHUP")
    }

    /// True once another one came; false if none can come any more.
    async fn next(&mut self) -> bool {
        self.0.recv().await.is_some()
    }
}

#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    fn new() -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        false
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
