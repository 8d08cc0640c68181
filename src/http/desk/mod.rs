//! The desk's routes: who has a conversation is here; the list, what happens, messages, notes, marks and the customer are in
//! modules of their own. All are for agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

pub mod canned;
pub mod customer;
pub mod events;
pub mod list;
pub mod marks;
pub mod messages;
pub mod notes;
pub mod search;
pub mod team;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::{agent_of, bad_request};
use crate::chat::frames::HoldingFrame;
use crate::store::takeover::NotYours;
use crate::store::{ConversationState, Moved};

/// Who has a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldingBody {
    /// `bot`, `queued`, `agent` or `closed`.
    #[schema(value_type = String)]
    pub state: ConversationState,
    /// The person who has it.
    pub assignee: Option<String>,
    /// Grows with every change.
    pub epoch: i64,
}

/// Takes a conversation, gives it back to Steward, puts it back in line or closes it; for agents.
#[utoipa::path(post, path = "/v1/conversations/{id}/holding",
    params(("id" = String, Path, description = "The conversation")),
    request_body(content = Object, description =
        "{\"type\":\"take_over\",\"from_another\":false}, {\"type\":\"give_back\"}, {\"type\":\"requeue\"} or {\"type\":\"close\"}"),
    security(("token" = [])),
    responses(
        (status = 200, description = "Who has it now", body = HoldingBody),
        (status = 400, description = "Not a change", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 409, description = "Another has it, or it is over", body = ErrorBody),
    ))]
pub async fn hold(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<HoldingFrame>, JsonRejection>,
) -> Result<Json<HoldingBody>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(frame) = body.map_err(|problem| bad_request(problem.body_text()))?;
    match state.chat.change(&id, frame.by(&name)).await? {
        Moved::Now(_) | Moved::AsBefore => {}
        Moved::Refused(why) => return Err(conflict(why)),
        Moved::Unknown => return Err(Refusal::not_found("there is no such conversation")),
    }
    let holding = state.chat.store.holding(&id).await?;
    let holding = holding.ok_or_else(|| Refusal::not_found("there is no such conversation"))?;
    let body =
        HoldingBody { state: holding.state, assignee: holding.assignee, epoch: holding.epoch };
    Ok(Json(body))
}

fn conflict(why: NotYours) -> Refusal {
    let fault = crate::chat::frames::Fault::from(why);
    Refusal::new(StatusCode::CONFLICT, "conflict", fault.message)
}
