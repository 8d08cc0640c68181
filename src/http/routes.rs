//! The chat's door, visitors' tokens, who a token proves, and health.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::Instrument;
use tracing::field::Empty;
use utoipa::ToSchema;

use super::AppState;
use super::address::client_address;
use super::answer::{ErrorBody, Refusal};
use super::credential::authenticated;
use super::origin::{self, OriginKind};
use super::request;
use crate::chat::{frames, socket};
use crate::identity::{Holder, Owner, Person};
use crate::store::Conversation;
use crate::store::audit::Actor;
use crate::telemetry::span::TraceParent;

/// A chat frame is small, and most sockets are idle: the library's own 128 KiB for each would be what they cost.
const SOCKET_BUFFER_BYTES: usize = 2048;

/// A token and how long it is good.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// For the hello of the chat socket and for `Authorization: Bearer`.
    pub token: String,
    /// Seconds until it expires.
    pub expires_in_seconds: u64,
}

/// Whether the server works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `failing`.
    pub status: &'static str,
    /// True if customers are being answered.
    pub ready: bool,
    /// Version of Steward.
    pub version: &'static str,
    /// `ok`, or what is wrong with the store.
    pub store: &'static str,
    /// `ok` once the models and the index are loaded.
    pub agent: &'static str,
}

/// The chat socket.
#[utoipa::path(get, path = "/v1/chat", responses(
    (status = 101, description = "WebSocket, subprotocol steward.v1; see docs/protocol.md"),
    (status = 400, description = "Not a WebSocket, or another subprotocol", body = ErrorBody),
    (status = 403, description = "The page's origin is not allowed", body = ErrorBody),
    (status = 426, description = "The connection cannot be upgraded", body = ErrorBody),
    (status = 429, description = "Too many sockets of this address", body = ErrorBody),
))]
pub async fn chat(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(problem) => {
            let (status, message) = (problem.status(), problem.body_text());
            return Refusal::new(status, "bad_request", message).into_response();
        }
    };
    let config = state.chat.config.now();
    if origin::kind_of(&headers, &config.server.allowed_origins) == OriginKind::Foreign {
        let message = "this page may not use the chat; add its origin to server.allowed_origins";
        return Refusal::new(StatusCode::FORBIDDEN, "denied", message).into_response();
    }
    if !speaks_our_protocol(&headers) {
        let message =
            format!("this server speaks {}; ask for that subprotocol", frames::SUBPROTOCOL);
        return Refusal::new(StatusCode::BAD_REQUEST, "bad_request", message).into_response();
    }
    let address = client_address(peer, &headers, config.server.trust_forwarded_for);
    let Some(connection) = state.connections.open(address, config.limits.connections_per_address)
    else {
        let message = "this address holds too many chat sockets";
        return Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
            .into_response();
    };
    let chat = state.chat.clone();
    let request = request::current_id().unwrap_or_default();
    let span =
        tracing::error_span!(parent: None, "socket", request = &*request, conversation = Empty);
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    let trace = traceparent.and_then(TraceParent::parse);
    upgrade
        .protocols([frames::SUBPROTOCOL])
        .max_message_size(config.limits.frame_bytes)
        .max_frame_size(config.limits.frame_bytes)
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .on_upgrade(async move |websocket| {
            socket::run(chat, websocket, trace).instrument(span).await;
            drop(connection);
        })
}

/// True if the client offers our version of the protocol among others, or leaves the choice to us.
fn speaks_our_protocol(headers: &HeaderMap) -> bool {
    let mut offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .peekable();
    offered.peek().is_none() || offered.any(|protocol| protocol == frames::SUBPROTOCOL)
}

/// A token for somebody who has not signed in. With a visitor's token that is still good: a new one for the same visitor.
#[utoipa::path(post, path = "/v1/visitors",
    security((), ("token" = [])),
    responses(
        (status = 200, body = TokenBody),
        (status = 401, description = "A token came that is no visitor's, or not good any more", body = ErrorBody),
        (status = 429, body = ErrorBody),
    ))]
pub async fn new_visitor(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<TokenBody>, Refusal> {
    limit_tokens(&state, peer, &headers)?;
    let token = match headers.contains_key(header::AUTHORIZATION) {
        false => state.tokens.for_new_visitor()?,
        true => match holder_of(&state, &headers)? {
            Holder::Owner(Owner::Visitor(id)) => state.tokens.for_visitor(&id)?,
            _ => {
                let message =
                    "only a visitor's token is renewed here; leave it out for a new visitor";
                return Err(Refusal::new(StatusCode::UNAUTHORIZED, "denied", message));
            }
        },
    };
    Ok(Json(TokenBody {
        token,
        expires_in_seconds: state.chat.config.now().identity.visitor_token_seconds,
    }))
}

/// Counts a request for a token against its address.
pub fn limit_tokens(
    state: &AppState,
    peer: SocketAddr,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let trust = state.chat.config.now().server.trust_forwarded_for;
    let address = client_address(peer, headers, trust).to_string();
    state.token_requests.take(&address, Instant::now()).map_err(Refusal::rate_limited)
}

/// Whom the request's token or session proves.
pub(super) fn holder_of(state: &AppState, headers: &HeaderMap) -> Result<Holder, Refusal> {
    Ok(authenticated(state, headers)?.holder)
}

/// The name of the admin whom the request's token or session proves.
pub(super) fn admin_of(state: &AppState, headers: &HeaderMap) -> Result<String, Refusal> {
    match holder_of(state, headers)? {
        Holder::Agent(Person { name, is_admin: true }) => Ok(name),
        _ => Err(Refusal::new(StatusCode::FORBIDDEN, "denied", "only admins may do this")),
    }
}

/// The conversation, if the holder may see it. That a person of the company looked is noted, once a minute: the desk reads a
/// conversation in several requests.
pub(super) async fn visible(
    state: &AppState,
    holder: &Holder,
    id: &str,
) -> Result<Conversation, Refusal> {
    let found = state.chat.store.conversation(id).await?;
    let conversation = found
        .filter(|conversation| holder.may_see(&conversation.owner))
        .ok_or_else(|| Refusal::not_found("there is no such conversation"))?;
    if let Holder::Agent(person) = holder
        && state.looks.take(&format!("{}:{id}", person.name), Instant::now()).is_ok()
    {
        state.chat.store.note(&Actor::Agent(&person.name), "read_conversation", id).await?;
    }
    Ok(conversation)
}

/// Whether the process answers at all: if not, it is to be started again.
#[utoipa::path(get, path = "/v1/health/live", responses((status = 200, description = "Alive")))]
pub async fn live() -> StatusCode {
    StatusCode::OK
}

/// Whether customers may be sent here: not while the store fails, nor once the server is about to stop.
#[utoipa::path(get, path = "/v1/health/ready", responses(
    (status = 200, description = "Ready", body = Health),
    (status = 503, description = "Send customers elsewhere", body = Health),
))]
pub async fn ready(state: State<Arc<AppState>>) -> (StatusCode, Json<Health>) {
    health(state).await
}

/// Whether the server is alive (any answer) and ready (200).
#[utoipa::path(get, path = "/v1/health", responses(
    (status = 200, description = "Ready", body = Health),
    (status = 503, description = "Alive, not ready", body = Health),
))]
pub async fn health(State(state): State<Arc<AppState>>) -> (StatusCode, Json<Health>) {
    let store = match (state.chat.store.check().await, state.chat.store.disk_fault()) {
        (Err(_), _) => "the store cannot be read",
        (Ok(()), Some(fault)) => fault.words(),
        (Ok(()), None) => "ok",
    };
    let ready = store == "ok" && !state.draining.is_cancelled();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let health = Health {
        status: if ready { "ok" } else { "failing" },
        ready,
        version: env!("CARGO_PKG_VERSION"),
        store,
        // The server answers only after the agent was loaded.
        agent: "ok",
    };
    (status, Json(health))
}
