//! What is known of one person: for admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::routes::admin_of;
use crate::data_request;
use crate::store::audit::Actor;

/// Everything that is known of a person, as JSON; for admins.
#[utoipa::path(get, path = "/v1/people/{person}",
    params(("person" = String, Path, description = "customer:ID or visitor:UUID")),
    security(("token" = [])),
    responses(
        (status = 200, description = "Conversations, judgements, labels and records", body = Object),
        (status = 400, description = "Not the name of a person", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn export(
    State(state): State<Arc<AppState>>,
    Path(person): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let owner = data_request::owner_named(&person)?;
    let chat = &state.chat;
    let index = chat.runner.index();
    let export = data_request::export(&chat.store, index, &owner, &Actor::Agent(&admin)).await?;
    Ok(Json(export))
}

/// Erases everything that is known of a person, for good; for admins.
#[utoipa::path(delete, path = "/v1/people/{person}",
    params(("person" = String, Path, description = "customer:ID or visitor:UUID")),
    security(("token" = [])),
    responses(
        (status = 200, description = "How much is gone", body = Object),
        (status = 400, description = "Not the name of a person", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 503, description = "An import is writing; try again", body = ErrorBody),
    ))]
pub async fn erase(
    State(state): State<Arc<AppState>>,
    Path(person): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let owner = data_request::owner_named(&person)?;
    let chat = &state.chat;
    let index = chat.runner.index();
    let erased = data_request::erase(&chat.store, index, &owner, &Actor::Agent(&admin)).await?;
    chat.tell_removed(&erased.gone);
    Ok(Json(erased))
}
