//! Signing in and out, the session, the password, and a token for the chat socket.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::AppState;
use super::super::address::client_address;
use super::super::answer::{ErrorBody, Refusal};
use super::super::credential::{Presented, forget_session, session_of, set_device, set_session};
use super::super::judgements::bad_request;
use super::super::origin::{self, OriginKind};
use super::super::routes::{TokenBody, limit_tokens};
use super::verify_counted;
use crate::store::audit::Actor;
use crate::team::lockout::keys_of;
use crate::team::roster::InUse;
use crate::team::secret::{csrf_token_of, hash_of, new_secret};
use crate::team::{Role, password};

/// One answer for an unknown name, a wrong password and a disabled member.
const WRONG: &str = "wrong name or password";

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    /// The member's name.
    pub name: String,
    /// The member's password.
    pub password: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// The one so far.
    pub old_password: String,
    /// 12 characters or more.
    pub new_password: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub struct SessionBody {
    /// Who signed in.
    pub name: String,
    /// `agent` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
    /// To be sent as `x-steward-csrf` with every request that changes something.
    pub csrf_token: String,
    /// When it ends by itself, in milliseconds since 1970.
    pub ends_ms: i64,
    /// It ends as well if it is not used for so long.
    pub idle_seconds: u64,
}

/// Signs a member in. The session's secret comes as a cookie that pages cannot read; a session of the same browser ends.
#[utoipa::path(post, path = "/v1/team/sign-in", request_body = SignInBody, responses(
    (status = 200, body = SessionBody),
    (status = 400, body = ErrorBody),
    (status = 401, description = "Wrong name or password", body = ErrorBody),
    (status = 403, description = "From a page of another origin", body = ErrorBody),
    (status = 429, description = "Too many failed sign-ins; see retry_after_ms", body = ErrorBody),
    (status = 503, description = "Many are signing in; try again", body = ErrorBody),
))]
pub async fn sign_in(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(presented): Extension<Presented>,
    headers: HeaderMap,
    body: Result<Json<SignInBody>, JsonRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let config = state.chat.config.now();
    let server = &config.server;
    if origin::kind_of(&headers, &server.allowed_origins) != OriginKind::Own {
        let message = "people sign in on pages of this server alone";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "denied", message));
    }
    limit_tokens(&state, peer, &headers)?;
    // What the rejection quotes may be a password.
    let Json(SignInBody { name, password }) =
        body.map_err(|_| bad_request("expected {\"name\": \"…\", \"password\": \"…\"} as JSON"))?;
    let address = client_address(peer, &headers, server.trust_forwarded_for);
    let device = presented.device.and_then(|token| state.team.tokens.device_of(&token, &name));
    let keys = keys_of(&name, address, device.as_deref());
    let store = &state.chat.store;
    let credential = store.credential(&name).await?;
    let verified = verify_counted(&state, &keys, password, credential, WRONG).await?;
    let secret = new_secret();
    let replaced = presented.session.map(|earlier| hash_of(&earlier));
    let begun = store.begin_session(&verified, &hash_of(&secret), replaced.as_deref()).await?;
    let session = begun.ok_or_else(|| Refusal::denied(WRONG))?;
    state.team.read_again(store).await?;
    metrics::counter!("steward_sign_ins_total", "outcome" => "done").increment(1);
    let device = state.team.tokens.for_device(&verified.member.name, device)?;
    let cookies = AppendHeaders([
        (header::SET_COOKIE, set_session(&headers, &secret)),
        (header::SET_COOKIE, set_device(&headers, &device)),
    ]);
    let found = InUse { session, member: verified.member };
    Ok((cookies, Json(body_of(&state, &found, &secret))))
}

/// Ends the session.
#[utoipa::path(post, path = "/v1/team/sign-out", security(("session" = [])), responses(
    (status = 204, description = "Signed out"),
    (status = 401, description = "No session, or without x-steward-csrf", body = ErrorBody),
    (status = 403, description = "Not signed in with a password", body = ErrorBody),
))]
pub async fn sign_out(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let (found, _) = session_of(&state, &headers)?;
    let store = &state.chat.store;
    store.end_session(&found.session.id, &found.member.name).await?;
    state.team.read_again(store).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, forget_session(&headers))]))
}

/// Who signed in here, and the token to send with changes.
#[utoipa::path(get, path = "/v1/team/session", security(("session" = [])), responses(
    (status = 200, body = SessionBody),
    (status = 401, description = "Nobody is signed in", body = ErrorBody),
    (status = 403, description = "Not signed in with a password", body = ErrorBody),
))]
pub async fn session(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<SessionBody>, Refusal> {
    let (found, secret) = session_of(&state, &headers)?;
    Ok(Json(body_of(&state, &found, &secret)))
}

/// Changes the own password, and ends every other session of the member.
#[utoipa::path(post, path = "/v1/team/password", request_body = PasswordBody,
    security(("session" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "Not a good password", body = ErrorBody),
        (status = 401, description = "No session, or the old password is wrong", body = ErrorBody),
        (status = 403, description = "Not signed in with a password", body = ErrorBody),
        (status = 429, description = "Too many wrong ones; see retry_after_ms", body = ErrorBody),
    ))]
pub async fn change_password(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<PasswordBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (found, _) = session_of(&state, &headers)?;
    let Json(PasswordBody { old_password, new_password }) = body.map_err(|_| {
        bad_request("expected {\"old_password\": \"…\", \"new_password\": \"…\"} as JSON")
    })?;
    let name = &found.member.name;
    password::check(&new_password, name)?;
    let store = &state.chat.store;
    let keys = [format!("old password:{}", found.session.id)];
    let credential = store.credential(name).await?;
    verify_counted(&state, &keys, old_password, credential, "the old password is wrong").await?;
    let hash = state.team.hasher.hash(new_password).await?;
    store.set_password(name, &hash, Some(&found.session.id), &Actor::Agent(name)).await?;
    state.team.read_again(store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token for the hello of the chat socket. The socket ends with the session.
#[utoipa::path(post, path = "/v1/team/socket-token", security(("session" = [])), responses(
    (status = 200, body = TokenBody),
    (status = 401, description = "No session, or without x-steward-csrf", body = ErrorBody),
    (status = 403, description = "Not signed in with a password", body = ErrorBody),
))]
pub async fn socket_token(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<TokenBody>, Refusal> {
    let (found, _) = session_of(&state, &headers)?;
    let expires_in_seconds = state.chat.config.now().team.socket_token_seconds;
    let token = state.team.tokens.for_socket(&found.session.id, expires_in_seconds)?;
    Ok(Json(TokenBody { token, expires_in_seconds }))
}

fn body_of(state: &AppState, found: &InUse, secret: &str) -> SessionBody {
    SessionBody {
        name: found.member.name.clone(),
        role: found.member.role,
        csrf_token: csrf_token_of(secret),
        ends_ms: state.team.roster.limits().end_of(&found.session),
        idle_seconds: state.chat.config.now().team.session_idle_seconds,
    }
}
