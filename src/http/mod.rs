//! The server: routes, and how it starts and stops.
//!
//! One router for everything. The chat is in [`crate::chat`]; here is what HTTP adds: tokens,
//! origins, limits for each address, the pages, and numbers for the operator.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::compression::CompressionLayer;

use crate::Result;
use crate::chat::Chat;
use crate::chat::rate::RateLimiter;
use crate::config::Config;
use crate::config::load::Layers;
use crate::error::Context;
use crate::store::Store;
use crate::store::outbox::Telling;
use crate::turn::Agent;
use crate::webhooks::deliver::{self, Sender};

mod accept;
mod address;
mod answer;
mod attributes;
mod audit;
mod credential;
mod demo;
mod desk;
mod files;
mod gaps;
mod hs256;
pub mod identity;
mod intents;
mod judgements;
mod knowledge;
mod measure;
mod openapi;
mod origin;
mod outcomes;
mod pages;
mod people;
mod reload;
mod request;
mod routes;
mod settings;
mod suggestions;
mod team;
pub mod tls;
mod transcript;
mod webhooks;
mod widget;

use address::Connections;
use demo::DemoCustomers;
use identity::Tokens;
use team::Team;
use tls::Certificates;
use tls::listener::TlsListener;

const MAX_BODY_BYTES: usize = 16 * 1024;
/// How long requests other than the chat may take to end when the server stops.
const REQUEST_CLOSING_TIME: Duration = Duration::from_secs(3);
/// How long what is kept of the team may take to be written when the server stops.
const KEEPING_TIME: Duration = Duration::from_secs(2);

/// What the routes share.
pub struct AppState {
    pub(crate) chat: Arc<Chat>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) team: Arc<Team>,
    pub(crate) demo: DemoCustomers,
    pub(crate) connections: Connections,
    pub(crate) token_requests: RateLimiter,
    pub(crate) sender: Arc<Sender>,
    pub(crate) api_requests: RateLimiter,
    pub(crate) uploads: RateLimiter,
    /// Who looked at which conversation a moment ago.
    pub(crate) looks: RateLimiter,
    /// The layers of settings, to be read again; held while they are.
    pub(crate) layers: tokio::sync::Mutex<Layers>,
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// The server is about to stop: it works, and wants no more customers.
    pub(crate) draining: CancellationToken,
    pub(crate) stopping: CancellationToken,
    /// What writes a last time when the server stops, before the store closes.
    keeping: TaskTracker,
}

impl AppState {
    /// Opens the store of `config` and begins to answer what an earlier run left unanswered.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the data directory cannot be used.
    pub async fn open(config: Config, agent: impl Into<Arc<Agent>>) -> Result<Arc<Self>> {
        let (place, whole) = (config.place.clone(), Some(Box::new(config)));
        Self::open_over(Layers { place, whole, ..Layers::default() }, agent).await
    }

    /// As [`AppState::open`], with the settings that `layers` add up to, which can be read again.
    ///
    /// # Errors
    /// As [`AppState::open`], and those of [`Config::load`].
    pub async fn open_over(layers: Layers, agent: impl Into<Arc<Agent>>) -> Result<Arc<Self>> {
        let config = Config::load(&layers)?;
        measure::install();
        config.create_data_dir()?;
        let tokens = Arc::new(Tokens::open(&config.identity, &config.place.data_dir)?);
        let demo = DemoCustomers::read(&config)?;
        let sender = Arc::new(Sender::new(&config.webhooks)?);
        let store = Store::open(&config.store_path(), config.store.readers).await?;
        let store = store.telling(Telling::of(&config));
        let certificates = Certificates::open(&config.server.tls)?.map(Arc::new);
        let api_requests = RateLimiter::new(config.limits.requests_per_minute);
        let uploads = RateLimiter::new(config.limits.messages_per_minute);
        let token_requests = RateLimiter::new(config.limits.tokens_per_minute);
        let team = Team::open(&config, &store).await?;
        let reader = credential::reader(tokens.clone(), team.clone());
        let chat = Chat::start(config, agent.into(), store, reader).await?;
        let stopping = CancellationToken::new();
        let keeping = TaskTracker::new();
        keeping.spawn(team::keep(team.clone(), chat.store.clone(), stopping.clone()));
        // Without endpoints too: what is in line for one that was taken out of the settings is given up.
        tokio::spawn(deliver::run(chat.store.clone(), sender.clone(), stopping.clone()));
        let connections = Connections::default();
        Ok(Arc::new(Self {
            chat,
            tokens,
            team,
            demo,
            connections,
            token_requests,
            api_requests,
            uploads,
            looks: RateLimiter::new(1),
            layers: tokio::sync::Mutex::new(layers),
            sender,
            certificates,
            draining: CancellationToken::new(),
            stopping,
            keeping,
        }))
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
    let demo = state.chat.config.now().server.demo;
    let pages = Router::new()
        .route("/widget/{*path}", get(pages::widget))
        .route("/desk", get(pages::desk_start))
        .route("/desk/{*path}", get(pages::desk))
        .route("/design", get(pages::design_start))
        .route("/design/compare", get(pages::design_compare))
        .route("/design/{*path}", get(pages::design));
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
        .layer(from_fn_with_state(state.clone(), request::limit))
        .layer(from_fn_with_state(state.clone(), origin::guard))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(request::follow))
        .with_state(state)
}

/// Serves on `listener` until `shutdown`; then says so for `server.drain_seconds`, stops accepting, lets replies under way finish,
/// closes the sockets with 1001 and returns.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] if the listener fails.
pub async fn serve(
    state: Arc<AppState>,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<()> {
    let patience = Duration::from_secs(state.chat.config.now().limits.hello_seconds);
    // Frames are small and must not wait for company.
    let mut server = match &state.certificates {
        None => {
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let router = router(state.clone());
            tokio::spawn(accept::serve(listener, router, patience, state.stopping.clone()))
        }
        Some(certificates) => {
            tokio::spawn(certificates.clone().follow_files(state.stopping.clone()));
            let listener = TlsListener::new(listener, certificates.clone())
                .tap_io(|stream| drop(stream.get_ref().0.set_nodelay(true)));
            let router = router(state.clone());
            tokio::spawn(accept::serve(listener, router, patience, state.stopping.clone()))
        }
    };
    tokio::spawn(measure::keep(state.clone(), state.stopping.clone()));
    let ended_early = tokio::select! {
        ended = &mut server => Some(ended),
        () = drained(&state, &shutdown) => None,
    };
    state.stopping.cancel();
    state.keeping.close();
    if tokio::time::timeout(KEEPING_TIME, state.keeping.wait()).await.is_err() {
        tracing::warn!("when sessions and keys were last used could not be kept in time");
    }
    state.chat.stop().await;
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

/// Done `server.drain_seconds` after `shutdown`.
async fn drained(state: &AppState, shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    state.draining.cancel();
    let drain = Duration::from_secs(state.chat.config.now().server.drain_seconds);
    tokio::time::sleep(drain).await;
}
