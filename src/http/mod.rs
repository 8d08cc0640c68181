//! The server: routes, and how it starts and stops.
//!
//! One router for everything. The chat is in [`crate::chat`]; here is what HTTP adds: tokens,
//! origins, limits for each address, the pages, and numbers for the operator.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::Result;
use crate::chat::Chat;
use crate::chat::rate::RateLimiter;
use crate::config::Config;
use crate::error::Context;
use crate::store::Store;
use crate::store::outbox::Telling;
use crate::turn::Agent;
use crate::webhooks::deliver::{self, Sender};

mod accept;
mod address;
mod answer;
mod demo;
mod desk;
mod hs256;
pub mod identity;
mod judgements;
mod measure;
mod openapi;
mod origin;
mod pages;
mod people;
mod routes;
mod webhooks;

use address::Connections;
use demo::DemoCustomers;
use identity::Tokens;

const MAX_BODY_BYTES: usize = 16 * 1024;
/// How long requests other than the chat may take to end when the server stops.
const REQUEST_CLOSING_TIME: Duration = Duration::from_secs(3);
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// What the routes share.
pub struct AppState {
    pub(crate) chat: Arc<Chat>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) demo: DemoCustomers,
    pub(crate) connections: Connections,
    pub(crate) token_requests: RateLimiter,
    pub(crate) stopping: CancellationToken,
}

impl AppState {
    /// Opens the store of `config` and begins to answer what an earlier run left unanswered.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the data directory cannot be used.
    pub async fn open(config: Config, agent: impl Into<Arc<Agent>>) -> Result<Arc<Self>> {
        measure::install();
        config.create_data_dir()?;
        let tokens = Arc::new(Tokens::open(&config.identity, &config.place.data_dir)?);
        let demo = DemoCustomers::read(&config)?;
        let sender = Arc::new(Sender::new(&config.webhooks)?);
        let telling = Telling {
            endpoints: config.webhooks.endpoints.keys().cloned().collect(),
            escalation_from: f64::from(config.agent.policy.hand_off_from),
        };
        let store = Store::open(&config.store_path(), config.store.readers).await?.telling(telling);
        let connections = Connections::new(config.limits.connections_per_address);
        let token_requests = RateLimiter::new(config.limits.tokens_per_minute);
        let chat = Chat::start(config, agent.into(), store, tokens.reader()).await?;
        let stopping = CancellationToken::new();
        // Without endpoints too: what is in line for one that was taken out of the settings is given up.
        tokio::spawn(deliver::run(chat.store.clone(), sender, stopping.clone()));
        Ok(Arc::new(Self { chat, tokens, demo, connections, token_requests, stopping }))
    }

    /// The tokens of this server.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The chat of this server.
    pub fn chat(&self) -> &Chat {
        &self.chat
    }
}

/// All routes.
pub fn router(state: Arc<AppState>) -> Router {
    let demo = state.chat.config.server.demo;
    let pages = Router::new().route("/widget/{*path}", get(pages::widget));
    let pages = if demo {
        pages.route("/", get(pages::start)).route("/demo/{*path}", get(pages::demo))
    } else {
        pages
    };
    let (api, chat) = openapi::api();
    api.merge(pages)
        .layer(CompressionLayer::new())
        .merge(chat)
        .fallback(answer::no_such_page)
        .method_not_allowed_fallback(answer::no_such_method)
        .layer(axum::middleware::from_fn_with_state(state.clone(), origin::guard))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

/// Serves on `listener` until `shutdown`; then stops accepting, lets replies under way finish,
/// closes the sockets with 1001 and returns.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] if the listener fails.
pub async fn serve(
    state: Arc<AppState>,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<()> {
    let patience = Duration::from_secs(state.chat.config.limits.hello_seconds);
    let server = accept::serve(listener, router(state.clone()), patience, shutdown.clone());
    let mut server = tokio::spawn(server);
    let upkeep = tokio::spawn(async {
        loop {
            tokio::time::sleep(METRICS_UPKEEP).await;
            measure::upkeep();
        }
    });
    let ended_early = tokio::select! {
        ended = &mut server => Some(ended),
        () = shutdown.cancelled() => None,
    };
    state.stopping.cancel();
    state.chat.stop().await;
    upkeep.abort();
    let ended = match ended_early {
        Some(ended) => ended,
        None => match tokio::time::timeout(REQUEST_CLOSING_TIME, &mut server).await {
            Ok(ended) => ended,
            Err(_) => {
                server.abort();
                return Ok(());
            }
        },
    };
    ended.internal("the server's task failed")
}
