//! The intents that messages are told apart by: read, tried, and replaced by admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::{agent_of, bad_request};
use super::routes::admin_of;
use crate::chat::desk::hub::{DeskEvent, What};
use crate::error::Context;
use crate::setup::INTENTS_FILE;
use crate::store::audit::Actor;
use crate::turn::agent::SHIPPED_INTENTS;
use crate::turn::intents::{IntentEntry, IntentsFile};

const LONGEST_TRIED_CHARS: usize = 2000;

/// The intents.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntentsBody {
    /// name, kind, examples.
    #[schema(value_type = Vec<Object>)]
    pub intents: Vec<IntentEntry>,
    /// True if they are not those that ship with Steward.
    pub is_custom: bool,
}

/// The intents as they shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIntents {
    /// All of them; empty for those that ship with Steward.
    #[schema(value_type = Vec<Object>)]
    pub intents: Vec<IntentEntry>,
}

/// A message to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriedText {
    /// What a customer would write.
    pub text: String,
}

/// The intents of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedIntents {
    /// The nearest first: name, kind, score.
    pub intents: Vec<TriedIntent>,
}

/// How near a message is to an intent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedIntent {
    /// Its name.
    pub name: String,
    /// 0 to 1.
    pub score: f32,
}

/// The intents in force; for agents.
#[utoipa::path(get, path = "/v1/intents",
    security(("token" = [])),
    responses(
        (status = 200, body = IntentsBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<IntentsBody>, Refusal> {
    agent_of(&state, &headers)?;
    Ok(Json(in_force(&state)?))
}

fn in_force(state: &AppState) -> crate::Result<IntentsBody> {
    let text = state.chat.runner.agent().intents_text();
    let file = IntentsFile::parse(&text)?;
    Ok(IntentsBody { intents: file.intent, is_custom: text != SHIPPED_INTENTS })
}

/// Replaces the intents, in force at once; for admins. They are kept in `intents.toml` of the data directory.
#[utoipa::path(put, path = "/v1/intents", request_body = NewIntents,
    security(("token" = [])),
    responses(
        (status = 200, description = "As they are now", body = IntentsBody),
        (status = 400, description = "Not intents", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 409, description = "The settings name a file of intents", body = ErrorBody),
    ))]
pub async fn replace(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<NewIntents>, JsonRejection>,
) -> Result<Json<IntentsBody>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(NewIntents { intents }) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let config = state.chat.config.now();
    if !config.agent.intents.is_empty() {
        let message = format!(
            "agent.intents of the settings names {}; change that file",
            config.agent.intents
        );
        return Err(Refusal::new(StatusCode::CONFLICT, "conflict", message));
    }
    let path = config.place.data_dir.join(INTENTS_FILE);
    // One at a time, so that the file and what is in force stay the same.
    let layers = state.layers.lock().await;
    let agent = state.chat.runner.agent().clone();
    let replaced = tokio::task::spawn_blocking(move || {
        if intents.is_empty() {
            agent.replace_intents(SHIPPED_INTENTS)?;
            return match std::fs::remove_file(&path) {
                Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => {
                    Err(problem).internal("the intents of before could not be removed")
                }
                _ => Ok(()),
            };
        }
        let file = IntentsFile { intent: intents };
        file.check()?;
        let text = toml::to_string(&file).internal("the intents cannot be written as TOML")?;
        let before = agent.intents_text();
        agent.replace_intents(&text)?;
        let written = crate::private_file::replace(&path, text.as_bytes());
        if written.is_err() {
            agent.replace_intents(&before)?;
        }
        written
    });
    replaced.await.internal("the intents were not replaced")??;
    drop(layers);
    state.chat.store.note(&Actor::Agent(&admin), "change_intents", INTENTS_FILE).await?;
    state.chat.hub.tell(DeskEvent::Changed(What::Settings));
    Ok(Json(in_force(&state)?))
}

/// The intents that a message would be taken for; for agents.
#[utoipa::path(post, path = "/v1/intents/try", request_body = TriedText,
    security(("token" = [])),
    responses(
        (status = 200, body = TriedIntents),
        (status = 400, description = "Not a text", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn try_out(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<TriedText>, JsonRejection>,
) -> Result<Json<TriedIntents>, Refusal> {
    agent_of(&state, &headers)?;
    let Json(TriedText { text }) = body.map_err(|problem| bad_request(problem.body_text()))?;
    if text.trim().is_empty() || text.chars().count() > LONGEST_TRIED_CHARS {
        let message = format!("`text` is empty or longer than {LONGEST_TRIED_CHARS} characters");
        return Err(bad_request(message));
    }
    let agent = state.chat.runner.agent().clone();
    let ranked = tokio::task::spawn_blocking(move || agent.intents_of(&text));
    let ranked = ranked.await.internal("the intents were not ranked")??;
    let of = |intent: crate::turn::intents::Intent| TriedIntent {
        name: intent.name,
        score: intent.score,
    };
    Ok(Json(TriedIntents { intents: ranked.into_iter().map(of).collect() }))
}
