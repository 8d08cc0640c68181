//! Members: who is of the team, and what each may do. For admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::bad_request;
use super::super::routes::admin_of;
use crate::store::audit::Actor;
use crate::store::team::{MemberChange, MemberChanged};
use crate::team::lockout::name_key;
use crate::team::{Member, Role, check_name, password};

/// The team.
#[derive(Serialize, ToSchema)]
pub struct Members {
    /// By name: name, role, disabled, created_ms.
    #[schema(value_type = Vec<Object>)]
    pub members: Vec<Member>,
}

/// A new member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// What they sign in with.
    pub name: String,
    /// `agent` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
    /// 12 characters or more; they can change it.
    pub password: String,
}

/// What is to be different; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// `agent` or `admin`.
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
    /// True: may not sign in any more, and every session ends.
    pub disabled: Option<bool>,
}

/// A password for a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 12 characters or more.
    pub password: String,
}

/// All members; for admins.
#[utoipa::path(get, path = "/v1/team/members", security(("token" = [])), responses(
    (status = 200, body = Members),
    (status = 401, description = "No token, or not a good one", body = ErrorBody),
    (status = 403, description = "Not an admin's", body = ErrorBody),
))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Members>, Refusal> {
    admin_of(&state, &headers)?;
    Ok(Json(Members { members: state.chat.store.team().await?.members }))
}

/// Adds a member; for admins.
#[utoipa::path(post, path = "/v1/team/members", request_body = NewMember,
    security(("token" = [])),
    responses(
        (status = 201, description = "Added"),
        (status = 400, description = "Not a good name or password", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
        (status = 409, description = "There is one of this name", body = ErrorBody),
    ))]
pub async fn add(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<NewMember>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    // What the rejection quotes may be a password.
    let Json(NewMember { name, role, password }) = body.map_err(|_| {
        let expected = "{\"name\": \"…\", \"role\": \"agent\" or \"admin\", \"password\": \"…\"}";
        bad_request(format!("expected {expected} as JSON"))
    })?;
    check_name(&name)?;
    password::check(&password, &name)?;
    let hash = state.team.hasher.hash(password).await?;
    let store = &state.chat.store;
    if !store.add_member(&name, role, &hash, &Actor::Agent(&admin)).await? {
        return Err(conflict("there is a member of this name already"));
    }
    state.team.read_again(store).await?;
    Ok(StatusCode::CREATED)
}

/// Changes a member's role, disables or enables a member; for admins.
#[utoipa::path(patch, path = "/v1/team/members/{name}", request_body = MemberPatch,
    params(("name" = String, Path, description = "The member")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "Not a change", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
        (status = 404, description = "No such member", body = ErrorBody),
        (status = 409, description = "The last admin", body = ErrorBody),
    ))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Json<MemberPatch>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(MemberPatch { role, disabled }) =
        body.map_err(|problem| bad_request(problem.body_text()))?;
    let store = &state.chat.store;
    let change = MemberChange { role, disabled };
    match store.change_member(&name, change, &Actor::Agent(&admin)).await? {
        MemberChanged::Done => {}
        MemberChanged::Unknown => return Err(no_such_member()),
        MemberChanged::LastAdmin => {
            return Err(conflict("this is the last admin; make another one first"));
        }
    }
    state.team.read_again(store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a member another password, and ends every session of theirs; for admins.
#[utoipa::path(put, path = "/v1/team/members/{name}/password", request_body = NewPassword,
    params(("name" = String, Path, description = "The member")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "Not a good password", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
        (status = 404, description = "No such member", body = ErrorBody),
    ))]
pub async fn reset_password(
    State(state): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Json<NewPassword>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(NewPassword { password }) =
        body.map_err(|_| bad_request("expected {\"password\": \"…\"} as JSON"))?;
    password::check(&password, &name)?;
    let hash = state.team.hasher.hash(password).await?;
    let store = &state.chat.store;
    if !store.set_password(&name, &hash, None, &Actor::Agent(&admin)).await? {
        return Err(no_such_member());
    }
    state.team.read_again(store).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a member whose name was locked by failed sign-ins try again at once; for admins.
#[utoipa::path(post, path = "/v1/team/members/{name}/unlock",
    params(("name" = String, Path, description = "The member")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Unlocked"),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's", body = ErrorBody),
        (status = 404, description = "No such member", body = ErrorBody),
    ))]
pub async fn unlock(
    State(state): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let store = &state.chat.store;
    let known = store.credential(&name).await?.ok_or_else(no_such_member)?;
    store.unlock(&name_key(&name), &known.member.name, &Actor::Agent(&admin)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_such_member() -> Refusal {
    Refusal::not_found("there is no such member")
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, "conflict", message)
}
