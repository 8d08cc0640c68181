//! Knowledge gaps: what customers asked and nothing answered; for agents, and to be put aside by admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::{agent_of, bad_request};
use super::outcomes::range_of;
use super::routes::admin_of;
use crate::gaps::{Draft, Gap, find, gap_of};
use crate::store::audit::Actor;

/// A question is gathered with those of so many days before.
const DAYS_AROUND: i64 = 180;
const DAY_MS: i64 = 86_400_000;

/// A time.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GapsQuery {
    /// Questions answered from here on, in milliseconds since 1970; 28 days ago without.
    from_ms: Option<i64>,
    /// Until before here; now without.
    to_ms: Option<i64>,
}

/// What the knowledge lacks.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapsBody {
    /// The most frequent first.
    #[schema(value_type = Vec<Object>)]
    pub gaps: Vec<Gap>,
}

/// A draft of the article that is missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftBody {
    /// None if agents wrote nothing that is for everybody.
    #[schema(value_type = Option<Object>)]
    pub draft: Option<Draft>,
}

/// What customers asked and nothing answered, gathered by meaning, with drafts from agents' replies; for agents.
#[utoipa::path(get, path = "/v1/gaps", params(GapsQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = GapsBody),
        (status = 400, description = "Not a time", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn gaps(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<GapsQuery>, QueryRejection>,
) -> Result<Json<GapsBody>, Refusal> {
    agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let range = range_of(query.from_ms, query.to_ms)?;
    let chat = &state.chat;
    let gaps = find(&chat.store, chat.runner.agent(), range.from_ms, range.to_ms).await?;
    Ok(Json(GapsBody { gaps }))
}

/// A draft for the gap that a question belongs to; for agents.
#[utoipa::path(post, path = "/v1/gaps/{id}/draft",
    params(("id" = String, Path, description = "The gap's id: one of its questions, as conversation:seq")),
    security(("token" = [])),
    responses(
        (status = 200, body = DraftBody),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such question", body = ErrorBody),
    ))]
pub async fn draft(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<DraftBody>, Refusal> {
    agent_of(&state, &headers)?;
    Ok(Json(DraftBody { draft: found(&state, &id).await?.draft }))
}

/// Puts a gap aside, with all its questions; one that goes on being asked comes back. For admins.
#[utoipa::path(post, path = "/v1/gaps/{id}/dismiss",
    params(("id" = String, Path, description = "The gap's id: one of its questions, as conversation:seq")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Put aside"),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 404, description = "No such question", body = ErrorBody),
    ))]
pub async fn dismiss(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let gap = found(&state, &id).await?;
    let questions: Vec<(String, i64)> =
        gap.questions.into_iter().map(|question| (question.conversation, question.seq)).collect();
    let store = &state.chat.store;
    store.dismiss_questions(&questions, &admin).await?;
    store.note(&Actor::Agent(&admin), "dismiss_gap", &gap.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn found(state: &AppState, id: &str) -> Result<Gap, Refusal> {
    let question =
        id.rsplit_once(':').and_then(|(conversation, seq)| Some((conversation, seq.parse().ok()?)));
    let none = || Refusal::not_found("there is no such question; a gap's id is conversation:seq");
    let now = Timestamp::now().as_millisecond();
    let chat = &state.chat;
    let range = (now - DAYS_AROUND * DAY_MS, now.saturating_add(1));
    gap_of(&chat.store, chat.runner.agent(), question.ok_or_else(none)?, range)
        .await?
        .ok_or_else(none)
}
