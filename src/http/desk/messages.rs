//! The messages of a conversation, page by page, however long it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::{agent_of, bad_request};
use super::super::routes::visible;
use crate::store::{Author, FileInfo, StoredMessage};
use crate::turn::{Citation, DecisionKind};

const MOST_MESSAGES: u32 = 500;
const USUAL_MESSAGES: u32 = 200;

/// One message, as people of the company read it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskMessage {
    /// Its number.
    pub seq: i64,
    /// `customer`, `steward`, `agent` or `event`.
    #[schema(value_type = String)]
    pub from: Author,
    /// The client's id, the reply's or the event's.
    pub id: String,
    /// What was written, or the event's name.
    pub text: String,
    /// Sources of a reply.
    #[schema(value_type = Vec<Object>)]
    pub citations: Vec<Citation>,
    /// `answer`, `clarify` or `hand_off`, for Steward's replies.
    #[schema(value_type = Option<String>)]
    pub decision: Option<DecisionKind>,
    /// The person who wrote it, or who made the event happen.
    pub agent: Option<String>,
    /// The customer's newest message that a reply of Steward's knew of.
    pub answers_seq: Option<i64>,
    /// What came with it: `id`, `name`, `type`, `bytes`.
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<FileInfo>,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// Some messages of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages {
    /// By number.
    pub messages: Vec<DeskMessage>,
    /// Number of the conversation's first message; 0 if there is none.
    pub first_seq: i64,
    /// Number of its newest.
    pub last_seq: i64,
}

/// Which messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MessagesQuery {
    /// The newest before this number. Without it and `after`: the newest of all.
    before: Option<i64>,
    /// The oldest after this number.
    after: Option<i64>,
    /// 200 by default, 500 at most.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u32)]
    limit: Option<u32>,
}

impl From<StoredMessage> for DeskMessage {
    fn from(message: StoredMessage) -> Self {
        Self {
            seq: message.seq,
            from: message.author,
            id: message.message_id,
            text: message.text,
            citations: message.citations,
            decision: message.decision,
            agent: message.agent,
            answers_seq: message.answers_seq,
            files: message.files,
            at_ms: message.created_ms,
        }
    }
}

/// Messages of a conversation, by number; for agents.
#[utoipa::path(get, path = "/v1/conversations/{id}/messages",
    params(("id" = String, Path, description = "The conversation"), MessagesQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = Messages),
        (status = 400, description = "Not numbers, or `before` and `after` at once", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn messages(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    query: Result<Query<MessagesQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Messages>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let conversation = visible(&state, &holder, &id).await?;
    let limit = query.limit.unwrap_or(USUAL_MESSAGES).clamp(1, MOST_MESSAGES);
    let store = &state.chat.store;
    let messages = match (query.before, query.after) {
        (Some(_), Some(_)) => return Err(bad_request("say `before` or `after`, not both")),
        (None, Some(after)) => store.messages_after(&id, after, limit).await?,
        (before, None) => {
            let through = before.map_or(i64::MAX, |before| before.saturating_sub(1));
            store.messages_through(&id, through, limit).await?
        }
    };
    Ok(Json(Messages {
        messages: messages.into_iter().map(DeskMessage::from).collect(),
        first_seq: conversation.last_seq.min(1),
        last_seq: conversation.last_seq,
    }))
}
