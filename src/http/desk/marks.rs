//! What agents set on a conversation: tags, who is to take it, when it comes back; and where they are.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::{agent_of, bad_request};
use crate::chat::desk::hub::{DeskEvent, What};
use crate::chat::desk::viewers::Doing;
use crate::store::audit::Actor;
use crate::store::desk::TagCount;

const MOST_TAGS: usize = 20;
const MOST_TAG_CHARS: usize = 40;
const MOST_TAB_BYTES: usize = 64;
/// A year: longer than this nobody means.
const LONGEST_SNOOZE_MS: i64 = 366 * 86_400_000;

/// Tags of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagsBody {
    /// All of them: up to 20, of up to 40 characters.
    pub tags: Vec<String>,
}

/// The tags that there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllTags {
    /// By name: `name`, `count`.
    #[schema(value_type = Vec<Object>)]
    pub tags: Vec<TagCount>,
}

/// Who is to take a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// A member's name; null: nobody any more.
    pub to: Option<String>,
}

/// How long a conversation stays out of sight.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeBody {
    /// Milliseconds since 1970; null: it comes back now.
    pub until_ms: Option<i64>,
}

/// Where somebody is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceBody {
    /// The conversation that is looked at, if any.
    pub conversation: Option<String>,
    /// `viewing` (the default) or `typing`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub doing: Doing,
    /// Tells tabs of the same person apart: up to 64 bytes.
    #[serde(default)]
    pub tab: String,
}

/// Puts tags in place of those that the conversation has; for agents.
#[utoipa::path(put, path = "/v1/conversations/{id}/tags", request_body = TagsBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Set"),
        (status = 400, description = "Too many tags, or one that is empty or too long", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn set_tags(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<TagsBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let mut tags = Vec::with_capacity(body.tags.len());
    for tag in &body.tags {
        tags.push(tag_of(&state, tag)?);
    }
    tags.sort();
    tags.dedup();
    if tags.len() > MOST_TAGS {
        let message = format!("{} tags are too many; the limit is {MOST_TAGS}", tags.len());
        return Err(bad_request(message));
    }
    if !state.chat.store.set_tags(&id, &tags, &Actor::Agent(&name)).await? {
        return Err(Refusal::not_found("there is no such conversation"));
    }
    state.chat.bus.changed(&id);
    state.chat.hub.tell(DeskEvent::Changed(What::Tags));
    Ok(StatusCode::NO_CONTENT)
}

/// The tag as it is kept: white space is one space, and nothing in it that must not be kept.
fn tag_of(state: &AppState, tag: &str) -> Result<String, Refusal> {
    let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = tag.chars().count();
    if length == 0 || length > MOST_TAG_CHARS || tag.chars().any(char::is_control) {
        let message = format!("a tag has 1 to {MOST_TAG_CHARS} characters; {tag:?} has {length}");
        return Err(bad_request(message));
    }
    Ok(state.chat.masker().clean(&tag).as_str().to_string())
}

/// All tags that any conversation has; for agents.
#[utoipa::path(get, path = "/v1/desk/tags",
    security(("token" = [])),
    responses(
        (status = 200, body = AllTags),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn tags(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<AllTags>, Refusal> {
    agent_of(&state, &headers)?;
    Ok(Json(AllTags { tags: state.chat.store.tags().await? }))
}

/// Asks a member to take the conversation; for agents.
#[utoipa::path(post, path = "/v1/conversations/{id}/assign", request_body = AssignBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Asked"),
        (status = 400, description = "Nobody of this name is of the team", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation, or it is over", body = ErrorBody),
    ))]
pub async fn assign(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<AssignBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let to = match body.to {
        None => None,
        // Whoever came with a token of the site is no member, and may take it themselves.
        Some(to) if to == name => Some(to),
        Some(to) => {
            let members = state.chat.store.member_names().await?;
            let member = members.into_iter().find(|member| member.eq_ignore_ascii_case(&to));
            Some(
                member
                    .ok_or_else(|| bad_request("`to` names nobody of the team who may sign in"))?,
            )
        }
    };
    if !state.chat.store.assign(&id, to.as_deref(), &Actor::Agent(&name)).await? {
        return Err(Refusal::not_found("there is no such conversation, or it is over"));
    }
    state.chat.bus.changed(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a conversation out of the desk's sight until then, or until the customer writes; for agents.
#[utoipa::path(post, path = "/v1/conversations/{id}/snooze", request_body = SnoozeBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Snoozed, or back"),
        (status = 400, description = "A moment that is over, or too far away", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation, or it is over", body = ErrorBody),
    ))]
pub async fn snooze(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<SnoozeBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    if let Some(until_ms) = body.until_ms {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        if until_ms <= now_ms || until_ms > now_ms + LONGEST_SNOOZE_MS {
            let message = "`until_ms` must lie ahead, within a year, in milliseconds since 1970";
            return Err(bad_request(message));
        }
    }
    if !state.chat.store.snooze(&id, body.until_ms, &Actor::Agent(&name)).await? {
        return Err(Refusal::not_found("there is no such conversation, or it is over"));
    }
    state.chat.bus.changed(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Says where the person who asks is, so that colleagues see it; every 15 seconds. For agents.
#[utoipa::path(post, path = "/v1/desk/presence", request_body = PresenceBody,
    security(("token" = [])),
    responses(
        (status = 204, description = "Noted; forgotten after 40 seconds"),
        (status = 400, description = "Not where somebody can be", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn presence(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<PresenceBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    if body.tab.len() > MOST_TAB_BYTES {
        return Err(bad_request(format!("`tab` must have at most {MOST_TAB_BYTES} bytes")));
    }
    let conversation = body.conversation.as_deref();
    if let Some(id) = conversation
        && state.chat.store.conversation(id).await?.is_none()
    {
        return Err(Refusal::not_found("there is no such conversation"));
    }
    let viewers = &state.chat.viewers;
    let changed = viewers.look(&name, &body.tab, conversation, body.doing, Instant::now());
    state.chat.tell_viewers(changed);
    Ok(StatusCode::NO_CONTENT)
}
