//! Private notes beside a conversation, and who is named in them.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::{agent_of, bad_request};
use super::super::routes::visible;
use crate::chat::frames::MAX_MESSAGE_ID_BYTES;
use crate::store::desk::{Mention, NewNote, Note, NoteAdded};

/// Longest note, in characters.
const MOST_NOTE_CHARS: usize = 4000;
const MOST_MENTIONS: u32 = 200;

/// Notes of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notes {
    /// The oldest first: `id`, `conversation`, `author`, `text`, `mentions`, `whisper_to`, `at_ms`, `after_seq`.
    #[schema(value_type = Vec<Object>)]
    pub notes: Vec<Note>,
}

/// A note to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoteBody {
    /// Chosen by the client, 1 to 128 bytes; the same id is the same note.
    pub id: String,
    /// What colleagues read; `@name` tells a member.
    pub text: String,
    /// The one member who may read it beside the author.
    pub whisper_to: Option<String>,
}

/// Notes that name the person who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mentions {
    /// The newest first: a note each, and `read`.
    #[schema(value_type = Vec<Object>)]
    pub mentions: Vec<Mention>,
}

/// Which mentions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MentionsQuery {
    /// 1: only those that were not seen.
    #[serde(default)]
    unread: u8,
}

/// Which mentions were seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenBody {
    /// Those in this conversation; all if absent.
    pub conversation: Option<String>,
}

/// Private notes of a conversation; for agents. Whispers to others are left out.
#[utoipa::path(get, path = "/v1/conversations/{id}/notes",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = Notes),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn notes(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Notes>, Refusal> {
    let (holder, name) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let mut notes = state.chat.store.notes(&id).await?;
    notes.retain(|note| note.is_for(&name));
    Ok(Json(Notes { notes }))
}

/// Adds a private note; for agents. The customer never sees it.
#[utoipa::path(post, path = "/v1/conversations/{id}/notes", request_body = NewNoteBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, description = "The note as it is kept", body = Object),
        (status = 400, description = "No text, too long, or a whisper to nobody", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 409, description = "Another note has this id", body = ErrorBody),
    ))]
pub async fn add(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<NewNoteBody>, JsonRejection>,
) -> Result<Json<Note>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    if body.id.is_empty() || body.id.len() > MAX_MESSAGE_ID_BYTES {
        return Err(bad_request(format!("`id` must have 1 to {MAX_MESSAGE_ID_BYTES} bytes")));
    }
    if body.text.trim().is_empty() {
        return Err(bad_request("`text` is empty; a note needs words"));
    }
    let length = body.text.chars().count();
    if length > MOST_NOTE_CHARS {
        let message = format!("`text` has {length} characters; the limit is {MOST_NOTE_CHARS}");
        return Err(bad_request(message));
    }
    let text = state.chat.masker().clean(&body.text);
    let new = NewNote { id: &body.id, text: &text, whisper_to: body.whisper_to.as_deref() };
    match state.chat.store.add_note(&id, &name, &new).await? {
        NoteAdded::New(note) => {
            state.chat.tell_note(note.clone());
            Ok(Json(note))
        }
        NoteAdded::Known(note) => Ok(Json(note)),
        NoteAdded::IdTaken => {
            let message = "another note of this conversation has this `id`; choose a new one";
            Err(Refusal::new(StatusCode::CONFLICT, "conflict", message))
        }
        NoteAdded::NoSuchMember => {
            Err(bad_request("`whisper_to` names nobody of the team who may sign in"))
        }
        NoteAdded::Unknown => Err(Refusal::not_found("there is no such conversation")),
    }
}

/// Notes that name the person who asks; for agents.
#[utoipa::path(get, path = "/v1/desk/mentions", params(MentionsQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = Mentions),
        (status = 400, description = "Another parameter than `unread`", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn mentions(
    State(state): State<Arc<AppState>>,
    query: Result<Query<MentionsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Mentions>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let mentions = state.chat.store.mentions(&name, query.unread != 0, MOST_MENTIONS).await?;
    Ok(Json(Mentions { mentions }))
}

/// Marks mentions of the person who asks as seen; for agents.
#[utoipa::path(post, path = "/v1/desk/mentions/read", request_body = SeenBody,
    security(("token" = [])),
    responses(
        (status = 204, description = "Seen"),
        (status = 400, description = "Not `{\"conversation\":\"…\"}`", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn see_mentions(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<SeenBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let conversation = body.conversation.as_deref();
    for seen in state.chat.store.see_mentions(&name, conversation).await? {
        state.chat.bus.changed(&seen);
    }
    Ok(StatusCode::NO_CONTENT)
}
