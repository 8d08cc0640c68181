//! The line of conversations that wait for a person, and who has each: for agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::{agent_of, bad_request};
use crate::chat::frames::HoldingFrame;
use crate::store::takeover::NotYours;
use crate::store::{ConversationState, DeskEntry, Moved};

/// Conversations in one answer.
const MOST_ENTRIES: u32 = 500;

/// A conversation that waits for a person, or that one has.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskConversation {
    /// Its id.
    pub conversation: String,
    /// `queued` or `agent`.
    #[schema(value_type = String)]
    pub state: ConversationState,
    /// The person who has it.
    pub assignee: Option<String>,
    /// Since when it stands so, in milliseconds since 1970.
    pub since_ms: i64,
    /// True if the customer wrote something that nobody has answered.
    pub customer_waits: bool,
    /// True if the customer was told that nobody came in time.
    pub waited_out: bool,
    /// Probability that the matter needs a person, as its newest message was judged.
    pub escalation: Option<f64>,
}

/// What the desk shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Desk {
    /// Those in line first: the likeliest to escalate, then those that have waited longest.
    pub conversations: Vec<DeskConversation>,
}

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

/// Conversations that wait for a person or that one has; for agents.
#[utoipa::path(get, path = "/v1/desk/conversations",
    security(("token" = [])),
    responses(
        (status = 200, body = Desk),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn desk(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Desk>, Refusal> {
    agent_of(&state, &headers)?;
    let entries = state.chat.store.desk(MOST_ENTRIES).await?;
    let conversations = entries
        .into_iter()
        .map(|entry| {
            let DeskEntry {
                conversation,
                state,
                assignee,
                since_ms,
                customer_waits,
                waited_out,
                escalation,
            } = entry;
            DeskConversation {
                conversation,
                state,
                assignee,
                since_ms,
                customer_waits,
                waited_out,
                escalation,
            }
        })
        .collect();
    Ok(Json(Desk { conversations }))
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
