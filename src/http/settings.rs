//! Settings that admins read and change while the server runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::bad_request;
use super::routes::admin_of;
use crate::chat::desk::hub::{DeskEvent, What};
use crate::config::Config;
use crate::config::editable::{self, Setting};
use crate::error::Context;
use crate::store::audit::Actor;

/// Characters of a value that the audit log keeps.
const LOGGED_CHARS: usize = 120;

/// All settings that can be changed here.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsBody {
    /// By name: key, value, default, kind, choices, min, max, about, source.
    #[schema(value_type = Vec<Object>)]
    pub settings: Vec<Setting>,
}

/// What is to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChanges {
    /// Key to value; null puts the setting back to what `config.toml` or the default says.
    #[schema(value_type = Object)]
    pub changes: BTreeMap<String, Option<serde_json::Value>>,
}

/// The settings that can be changed here; for admins.
#[utoipa::path(get, path = "/v1/settings",
    security(("token" = [])),
    responses(
        (status = 200, body = SettingsBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<SettingsBody>, Refusal> {
    admin_of(&state, &headers)?;
    let layers = state.layers.lock().await.clone();
    let settings = tokio::task::spawn_blocking(move || {
        Config::load_all(&layers).and_then(|loaded| editable::settings(&loaded))
    });
    let settings = settings.await.internal("the settings were not read")??;
    Ok(Json(SettingsBody { settings }))
}

/// Changes settings, all or none, and puts them in force at once; for admins. They are kept in `desk.toml` of the data
/// directory.
#[utoipa::path(put, path = "/v1/settings", request_body = SettingsChanges,
    security(("token" = [])),
    responses(
        (status = 200, description = "As they are now", body = SettingsBody),
        (status = 400, description = "Not a setting, or a value that cannot be used", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<SettingsChanges>, JsonRejection>,
) -> Result<Json<SettingsBody>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(SettingsChanges { changes }) =
        body.map_err(|problem| bad_request(problem.body_text()))?;
    // One at a time: each reads the file that the one before wrote.
    let layers = state.layers.lock().await;
    let (read, wanted) = (layers.clone(), changes.clone());
    let written = tokio::task::spawn_blocking(move || {
        let (table, loaded) = editable::changed(&read, &wanted)?;
        editable::write(&read.desk_path(), &table)?;
        editable::settings(&loaded).map(|settings| (loaded.config, settings))
    });
    let (config, settings) = written.await.internal("the settings were not written")??;
    state.reload(&config)?;
    for (key, value) in &changes {
        let value = value.as_ref().map_or("put back".to_string(), serde_json::Value::to_string);
        let subject: String = format!("{key} = {value}").chars().take(LOGGED_CHARS).collect();
        state.chat.store.note(&Actor::Agent(&admin), "change_setting", &subject).await?;
    }
    drop(layers);
    state.chat.hub.tell(DeskEvent::Changed(What::Settings));
    Ok(Json(SettingsBody { settings }))
}
