//! Prepared replies: kept by the team, filled in for a conversation.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::{agent_of, bad_request};
use super::super::routes::visible;
use crate::chat::desk::canned::{Filled, Values, fill};
use crate::chat::desk::hub::{DeskEvent, What};
use crate::error::Context;
use crate::identity::Owner;
use crate::retrieve::fact::listing::person_named;
use crate::retrieve::scope::AccountScope;
use crate::store::audit::Actor;
use crate::store::desk::{CannedChanged, CannedReply};

const MOST_SHORTCUT_CHARS: usize = 40;
const MOST_TITLE_CHARS: usize = 120;
const MOST_TEXT_CHARS: usize = 4000;
/// Records that variables are filled in from.
const MOST_RECORDS: usize = 1000;

/// The prepared replies.
#[derive(Debug, Serialize, ToSchema)]
pub struct CannedReplies {
    /// By shortcut: `id`, `shortcut`, `title`, `text`, `updated_ms`, `by`.
    #[schema(value_type = Vec<Object>)]
    pub canned: Vec<CannedReply>,
}

/// A prepared reply as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedBody {
    /// What an agent types to get it: letters, digits, - and _.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The words; variables as `{{customer.name}}`.
    pub text: String,
}

/// All prepared replies; for agents.
#[utoipa::path(get, path = "/v1/desk/canned",
    security(("token" = [])),
    responses(
        (status = 200, body = CannedReplies),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<CannedReplies>, Refusal> {
    agent_of(&state, &headers)?;
    Ok(Json(CannedReplies { canned: state.chat.store.canned_replies().await? }))
}

/// Adds a prepared reply; for agents.
#[utoipa::path(post, path = "/v1/desk/canned", request_body = CannedBody,
    security(("token" = [])),
    responses(
        (status = 200, description = "As it is kept", body = Object),
        (status = 400, description = "Empty, too long, or not a shortcut", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 409, description = "Another one has this shortcut", body = ErrorBody),
    ))]
pub async fn add(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<CannedBody>, JsonRejection>,
) -> Result<Json<CannedReply>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    put(&state, Uuid::now_v7().to_string(), name, body, true).await
}

/// Puts other words in place of a prepared reply; for agents.
#[utoipa::path(put, path = "/v1/desk/canned/{id}", request_body = CannedBody,
    params(("id" = String, Path, description = "The prepared reply")),
    security(("token" = [])),
    responses(
        (status = 200, description = "As it is kept", body = Object),
        (status = 400, description = "Empty, too long, or not a shortcut", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such prepared reply", body = ErrorBody),
        (status = 409, description = "Another one has this shortcut", body = ErrorBody),
    ))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<CannedBody>, JsonRejection>,
) -> Result<Json<CannedReply>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    put(&state, id, name, body, false).await
}

async fn put(
    state: &AppState,
    id: String,
    by: String,
    body: CannedBody,
    is_new: bool,
) -> Result<Json<CannedReply>, Refusal> {
    let is_plain = |character: char| character.is_alphanumeric() || "-_".contains(character);
    let length = body.shortcut.chars().count();
    if !(1..=MOST_SHORTCUT_CHARS).contains(&length) || !body.shortcut.chars().all(is_plain) {
        let message = format!("`shortcut` has 1 to {MOST_SHORTCUT_CHARS} letters, digits, - or _");
        return Err(bad_request(message));
    }
    for (field, text, most) in
        [("title", &body.title, MOST_TITLE_CHARS), ("text", &body.text, MOST_TEXT_CHARS)]
    {
        let length = text.chars().count();
        if text.trim().is_empty() || length > most {
            let message = format!("`{field}` has 1 to {most} characters; this one has {length}");
            return Err(bad_request(message));
        }
    }
    let masker = state.chat.masker();
    let clean = |text: &str| masker.clean(text.trim()).as_str().to_string();
    let reply = CannedReply {
        id,
        shortcut: body.shortcut,
        title: clean(&body.title),
        text: clean(&body.text),
        updated_ms: 0,
        by,
    };
    match state.chat.store.put_canned_reply(&reply, is_new).await? {
        CannedChanged::Done(stored) => {
            state.chat.hub.tell(DeskEvent::Changed(What::Canned));
            Ok(Json(stored))
        }
        CannedChanged::ShortcutTaken => {
            let message = "another prepared reply has this `shortcut`; choose another";
            Err(Refusal::new(StatusCode::CONFLICT, "conflict", message))
        }
        CannedChanged::Unknown => Err(Refusal::not_found("there is no such prepared reply")),
    }
}

/// Removes a prepared reply; for agents.
#[utoipa::path(delete, path = "/v1/desk/canned/{id}",
    params(("id" = String, Path, description = "The prepared reply")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Gone"),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such prepared reply", body = ErrorBody),
    ))]
pub async fn remove(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    if !state.chat.store.remove_canned_reply(&id, &Actor::Agent(&name)).await? {
        return Err(Refusal::not_found("there is no such prepared reply"));
    }
    state.chat.hub.tell(DeskEvent::Changed(What::Canned));
    Ok(StatusCode::NO_CONTENT)
}

/// A prepared reply with its variables filled in for a conversation; for agents. `missing` names those for which there is nothing:
/// they stay in the text as they are.
#[utoipa::path(post, path = "/v1/conversations/{id}/canned/{canned}/render",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("canned" = String, Path, description = "The prepared reply"),
    ),
    security(("token" = [])),
    responses(
        (status = 200, description = "`text` and `missing`", body = Object),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation or prepared reply", body = ErrorBody),
    ))]
pub async fn render(
    State(state): State<Arc<AppState>>,
    Path((id, canned)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Filled>, Refusal> {
    let (holder, name) = agent_of(&state, &headers)?;
    let conversation = visible(&state, &holder, &id).await?;
    let store = &state.chat.store;
    let reply = store.canned_reply(&canned).await?;
    let reply = reply.ok_or_else(|| Refusal::not_found("there is no such prepared reply"))?;
    let said_name = store.entry(&id).await?.and_then(|entry| entry.owner_name);
    let owner = Owner::from_stored_key(&conversation.owner);
    let customer = owner.and_then(|owner| owner.customer().cloned());
    let index = state.chat.runner.index().clone();
    let wording = state.chat.config.now().agent.wording.clone();
    let filling = move || {
        let records = match &customer {
            Some(customer) => index.account_records(&AccountScope::of(customer), MOST_RECORDS)?,
            None => Vec::new(),
        };
        let own = customer.as_ref().and_then(|one| person_named(&records, one.id(), &wording));
        let customer_name = own.or(said_name);
        let values = Values {
            customer_name: customer_name.as_deref(),
            agent_name: &name,
            conversation: &id,
            records: &records,
        };
        crate::Result::Ok(fill(&reply.text, &values, &wording))
    };
    let filled = tokio::task::spawn_blocking(filling).await;
    Ok(Json(filled.internal("reading an account stopped unexpectedly")??))
}
