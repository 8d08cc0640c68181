//! The audit log, for admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::bad_request;
use super::routes::admin_of;
use crate::store::audit::AuditEntry;

const MOST_ENTRIES: u32 = 1000;
const ENTRIES: u32 = 200;

/// How much of the log is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    limit: Option<u32>,
}

/// The log's end.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLog {
    /// Newest first: seq, at_ms, actor, action, subject, previous, hash.
    #[schema(value_type = Vec<Object>)]
    pub entries: Vec<AuditEntry>,
}

/// The newest entries of the audit log; for admins.
#[utoipa::path(get, path = "/v1/audit",
    params(("limit" = Option<u32>, Query, description = "Entries at most, 1 to 1000; 200 if absent")),
    security(("token" = [])),
    responses(
        (status = 200, body = AuditLog),
        (status = 400, description = "Not a limit", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
    ))]
pub async fn entries(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditLog>, Refusal> {
    admin_of(&state, &headers)?;
    let Query(AuditQuery { limit }) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let limit = limit.unwrap_or(ENTRIES);
    if !(1..=MOST_ENTRIES).contains(&limit) {
        return Err(bad_request(format!("`limit` is {limit}; 1 to {MOST_ENTRIES} are allowed")));
    }
    let mut entries = state.chat.store.audit_entries(limit).await?;
    entries.reverse();
    Ok(Json(AuditLog { entries }))
}
