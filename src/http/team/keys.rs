//! Keys of programs: made, listed, revoked. For admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::bad_request;
use super::super::routes::admin_of;
use crate::store::audit::Actor;
use crate::team::{Key, Role};

/// All keys, without their secrets.
#[derive(Serialize, ToSchema)]
pub struct Keys {
    /// Oldest first: id, name, role, created_by, created_ms, expires_ms, used_ms, revoked_ms.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<Key>,
}

/// What a key is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// `agent` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
    /// After so many days it ends by itself; never if absent.
    pub expires_in_days: Option<u32>,
}

/// A new key: shown this once.
#[derive(Serialize, ToSchema)]
pub struct KeyBody {
    /// Names it in the list.
    pub id: String,
    /// For `Authorization: Bearer` and for the hello of the chat socket.
    pub key: String,
}

/// All keys; for admins.
#[utoipa::path(get, path = "/v1/team/keys", security(("token" = [])), responses(
    (status = 200, body = Keys),
    (status = 401, description = "No token, or not a good one", body = ErrorBody),
    (status = 403, description = "Not an admin's", body = ErrorBody),
))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Keys>, Refusal> {
    admin_of(&state, &headers)?;
    Ok(Json(Keys { keys: state.chat.store.keys().await? }))
}

/// Makes a key for a program; for admins. The key is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/team/keys", request_body = NewKey,
    security(("token" = [])),
    responses(
        (status = 201, body = KeyBody),
        (status = 400, description = "Not a good name", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
    ))]
pub async fn add(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<NewKey>, JsonRejection>,
) -> Result<(StatusCode, Json<KeyBody>), Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(NewKey { name, role, expires_in_days }) =
        body.map_err(|problem| bad_request(problem.body_text()))?;
    let (key, text) = Key::new(&name, role, expires_in_days, &admin)?;
    let store = &state.chat.store;
    store.add_key(&key, &Actor::Agent(&admin)).await?;
    state.team.read_again(store).await?;
    Ok((StatusCode::CREATED, Json(KeyBody { id: key.id, key: text })))
}

/// Revokes a key, at once and for good; for admins.
#[utoipa::path(delete, path = "/v1/team/keys/{key}",
    params(("key" = String, Path, description = "The key's id")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Revoked"),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
        (status = 404, description = "No such key", body = ErrorBody),
    ))]
pub async fn revoke(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let store = &state.chat.store;
    if !store.revoke_key(&id, &Actor::Agent(&admin)).await? {
        return Err(Refusal::not_found("there is no such key"));
    }
    state.team.read_again(store).await?;
    Ok(StatusCode::NO_CONTENT)
}
