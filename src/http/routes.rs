//! The chat's door, visitors' tokens, transcripts and health.

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
use utoipa::ToSchema;

use super::AppState;
use super::address::client_address;
use super::answer::{ErrorBody, Path, Refusal};
use super::origin::{self, OriginKind};
use crate::chat::{frames, socket};
use crate::identity::{Holder, Person, TokenFault};
use crate::store::audit::Actor;
use crate::store::{Author, Conversation, ConversationState};
use crate::turn::{Citation, DecisionKind};

/// A chat frame is small, and most sockets are idle: the library's own 128 KiB for each would be what they cost.
const SOCKET_BUFFER_BYTES: usize = 2048;
const TRANSCRIPT_PAGE: u32 = 500;

/// A token and how long it is good.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// For the hello of the chat socket and for `Authorization: Bearer`.
    pub token: String,
    /// Seconds until it expires.
    pub expires_in_seconds: u64,
}

/// One message of a transcript.
#[derive(Debug, Serialize, ToSchema)]
pub struct TranscriptMessage {
    /// Its number.
    pub seq: i64,
    /// `customer`, `steward`, `agent` or `event`.
    #[schema(value_type = String)]
    pub from: Author,
    /// What was written, or the event's name.
    pub text: String,
    /// Sources of a reply.
    #[schema(value_type = Vec<Object>)]
    pub citations: Vec<Citation>,
    /// `answer`, `clarify` or `hand_off`, for replies.
    #[schema(value_type = Option<String>)]
    pub decision: Option<DecisionKind>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// A conversation with all its messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transcript {
    /// Its id.
    pub conversation: String,
    /// `bot`, `queued`, `agent` or `closed`.
    #[schema(value_type = String)]
    pub state: ConversationState,
    /// Oldest first.
    pub messages: Vec<TranscriptMessage>,
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
    let config = &state.chat.config;
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
    let Some(connection) = state.connections.open(address) else {
        let message = "this address holds too many chat sockets";
        return Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
            .into_response();
    };
    let chat = state.chat.clone();
    upgrade
        .protocols([frames::SUBPROTOCOL])
        .max_message_size(config.limits.frame_bytes)
        .max_frame_size(config.limits.frame_bytes)
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .on_upgrade(async move |websocket| {
            socket::run(chat, websocket).await;
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

/// A token for somebody who has not signed in.
#[utoipa::path(post, path = "/v1/visitors", responses(
    (status = 200, body = TokenBody),
    (status = 429, body = ErrorBody),
))]
pub async fn new_visitor(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<TokenBody>, Refusal> {
    limit_tokens(&state, peer, &headers)?;
    Ok(Json(TokenBody {
        token: state.tokens.for_new_visitor()?,
        expires_in_seconds: state.chat.config.identity.visitor_token_seconds,
    }))
}

/// Counts a request for a token against its address.
pub fn limit_tokens(
    state: &AppState,
    peer: SocketAddr,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let trust = state.chat.config.server.trust_forwarded_for;
    let address = client_address(peer, headers, trust).to_string();
    state.token_requests.take(&address, Instant::now()).map_err(Refusal::rate_limited)
}

/// A conversation of the token's holder, or any for an agent.
#[utoipa::path(get, path = "/v1/conversations/{id}/transcript",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = Transcript),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 404, description = "No such conversation, or somebody else's", body = ErrorBody),
    ))]
pub async fn transcript(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Transcript>, Refusal> {
    let holder = holder_of(&state, &headers)?;
    let store = &state.chat.store;
    let conversation = visible(&state, &holder, &id).await?;
    let mut messages = Vec::new();
    let mut after = 0;
    loop {
        let page = store.messages_after(&id, after, TRANSCRIPT_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        messages.extend(page.into_iter().map(|message| TranscriptMessage {
            seq: message.seq,
            from: message.author,
            text: message.text,
            citations: message.citations,
            decision: message.decision,
            created_ms: message.created_ms,
        }));
    }
    Ok(Json(Transcript { conversation: id, state: conversation.state, messages }))
}

/// Whom the request's token proves.
pub(super) fn holder_of(state: &AppState, headers: &HeaderMap) -> Result<Holder, Refusal> {
    let denied = |message| Refusal::new(StatusCode::UNAUTHORIZED, "denied", message);
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| denied("send the token as \"Authorization: Bearer …\""))?;
    let who = state.tokens.check(token.trim()).map_err(|fault| match fault {
        TokenFault::Expired => denied("the token has expired; get a new one"),
        TokenFault::Refused => denied("the token was refused"),
    })?;
    Ok(who.holder)
}

/// The name of the admin whom the request's token proves.
pub(super) fn admin_of(state: &AppState, headers: &HeaderMap) -> Result<String, Refusal> {
    match holder_of(state, headers)? {
        Holder::Agent(Person { name, is_admin: true }) => Ok(name),
        _ => Err(Refusal::new(StatusCode::FORBIDDEN, "denied", "only admins may do this")),
    }
}

/// The conversation, if the holder may see it. That a person of the company looked is noted.
pub(super) async fn visible(
    state: &AppState,
    holder: &Holder,
    id: &str,
) -> Result<Conversation, Refusal> {
    let found = state.chat.store.conversation(id).await?;
    let conversation = found
        .filter(|conversation| holder.may_see(&conversation.owner))
        .ok_or_else(|| Refusal::not_found("there is no such conversation"))?;
    if let Holder::Agent(person) = holder {
        state.chat.store.note(&Actor::Agent(&person.name), "read_conversation", id).await?;
    }
    Ok(conversation)
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
    let ready = store == "ok" && !state.stopping.is_cancelled();
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
