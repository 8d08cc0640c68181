//! Deliveries to webhooks: what became of them, and sending them again. For admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::bad_request;
use super::routes::admin_of;
use crate::store::audit::Actor;
use crate::store::outbox::{Delivery, EventKind};

const MOST_DELIVERIES: u32 = 500;

/// The newest deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deliveries {
    /// Newest first: id, endpoint, kind, body, state, attempts, next_ms, error, created_ms.
    #[schema(value_type = Vec<Object>)]
    pub deliveries: Vec<Delivery>,
}

/// Where events are sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Endpoints {
    /// By name.
    pub endpoints: Vec<Endpoint>,
}

/// One place where events are sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Endpoint {
    /// Its name in the settings.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// Where events are sent, as `webhooks.endpoints` of the settings says; for admins.
#[utoipa::path(get, path = "/v1/webhooks",
    security(("token" = [])),
    responses(
        (status = 200, body = Endpoints),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn endpoints(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Endpoints>, Refusal> {
    admin_of(&state, &headers)?;
    let config = state.chat.config.now();
    let of = |(name, url): (&String, &String)| Endpoint { name: name.clone(), url: url.clone() };
    Ok(Json(Endpoints { endpoints: config.webhooks.endpoints.iter().map(of).collect() }))
}

/// Which deliveries are sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// An event's id; absent for all that were given up.
    pub id: Option<String>,
}

/// How many are in line again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// Deliveries.
    pub replayed: u64,
}

/// The newest deliveries; for admins.
#[utoipa::path(get, path = "/v1/webhooks/deliveries",
    security(("token" = [])),
    responses(
        (status = 200, body = Deliveries),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn deliveries(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Deliveries>, Refusal> {
    admin_of(&state, &headers)?;
    let deliveries = state.chat.store.deliveries(MOST_DELIVERIES).await?;
    Ok(Json(Deliveries { deliveries }))
}

/// Sends an event again, or all that were given up; for admins.
#[utoipa::path(post, path = "/v1/webhooks/replay", request_body = Replay,
    security(("token" = [])),
    responses(
        (status = 200, body = Replayed),
        (status = 400, description = "Not a request to replay", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn replay(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<Replay>, JsonRejection>,
) -> Result<Json<Replayed>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(Replay { id }) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let store = &state.chat.store;
    let replayed = store.replay(id.as_deref()).await?;
    let subject = id.unwrap_or_else(|| "all".to_string());
    store.note(&Actor::Agent(&admin), "replay_webhooks", &subject).await?;
    Ok(Json(Replayed { replayed }))
}

/// Sends a test event to every endpoint; for admins.
#[utoipa::path(post, path = "/v1/webhooks/test",
    security(("token" = [])),
    responses(
        (status = 200, description = "The event's id", body = Object),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn test(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<serde_json::Value>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let id = state.chat.store.tell(EventKind::Test, json!({ "by": admin })).await?;
    Ok(Json(json!({ "id": id })))
}
