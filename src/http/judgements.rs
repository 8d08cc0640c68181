//! How messages were judged, and what people say of them: agents' labels, customers' answers to the survey.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::routes::{holder_of, visible};
use crate::error::Context;
use crate::identity::Holder;
use crate::learning::kept::check_label;
use crate::store::{Label, LabelKind, LabelSource, StoredJudgement, WHOLE_CONVERSATION};

const MAX_COMMENT_CHARS: usize = 2000;

/// The judgement of one message.
#[derive(Debug, Serialize, ToSchema)]
pub struct JudgedMessage {
    /// The customer's message.
    pub seq: i64,
    /// Intent, sentiment, satisfaction, escalation and what moved them; see docs/protocol.md.
    #[schema(value_type = Object)]
    pub judgement: serde_json::Value,
}

/// What is known of a conversation beside its words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Judgements {
    /// Its id.
    pub conversation: String,
    /// Oldest first.
    pub judgements: Vec<JudgedMessage>,
    /// What people said of it.
    #[schema(value_type = Vec<Object>)]
    pub labels: Vec<Label>,
}

/// What an agent says of a message or a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelBody {
    /// The customer's message; absent for the whole conversation.
    pub seq: Option<i64>,
    /// `satisfaction`, `emotion`, `escalation` or `intent`.
    #[schema(value_type = String)]
    pub kind: LabelKind,
    /// `1` to `5`; an emotion; `none`, `person_needed` or a reason; an intent.
    pub value: String,
}

/// A customer's answer to the survey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyBody {
    /// 1 (very dissatisfied) to 5 (very satisfied).
    pub rating: u8,
    /// In the customer's own words.
    pub comment: Option<String>,
    /// Whether the matter is solved, if the customer says so.
    pub solved: Option<bool>,
}

/// How the messages of a conversation were judged; for agents.
#[utoipa::path(get, path = "/v1/conversations/{id}/judgements",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = Judgements),
        (status = 400, description = "Not the form of an id or a number", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn judgements(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Judgements>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let store = &state.chat.store;
    let judged = store.judgements(&id, 0, i64::MAX).await?;
    let judgements = judged
        .into_iter()
        .map(|StoredJudgement { seq, judgement }| JudgedMessage { seq, judgement })
        .collect();
    let labels = store.labels(&id).await?;
    Ok(Json(Judgements { conversation: id, judgements, labels }))
}

/// How one message was judged, with the words that moved the judgement; for agents. Reads the message anew
/// without each of its words, so it takes a moment.
#[utoipa::path(get, path = "/v1/conversations/{id}/judgements/{seq}",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("seq" = i64, Path, description = "The customer's message"),
    ),
    security(("token" = [])),
    responses(
        (status = 200, body = JudgedMessage),
        (status = 400, description = "Not the form of an id or a number", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation or customer's message", body = ErrorBody),
    ))]
pub async fn explained(
    State(state): State<Arc<AppState>>,
    Path((id, seq)): Path<(String, i64)>,
    headers: HeaderMap,
) -> Result<Json<JudgedMessage>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let judgement = state.chat.runner.explain(&id, seq).await?;
    let judgement =
        judgement.ok_or_else(|| Refusal::not_found("there is no such message of the customer"))?;
    let judgement = serde_json::to_value(judgement).internal("a judgement")?;
    Ok(Json(JudgedMessage { seq, judgement }))
}

/// Keeps what an agent says of a message, to train on; the agent's earlier label of the kind is replaced.
#[utoipa::path(post, path = "/v1/conversations/{id}/labels", request_body = LabelBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Kept"),
        (status = 400, description = "Not a label, or not of a customer's message", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn label(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<LabelBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let (holder, name) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    check_label(body.kind, &body.value)?;
    let store = &state.chat.store;
    if let Some(seq) = body.seq
        && !store.is_customer_message(&id, seq).await?
    {
        return Err(bad_request(format!("`seq` is {seq}, which is no customer's message here")));
    }
    let label = Label {
        seq: body.seq.unwrap_or(WHOLE_CONVERSATION),
        kind: body.kind,
        source: LabelSource::Agent,
        author: name,
        value: body.value,
    };
    store.put_labels(&id, &[label]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps how satisfied the customer is with the conversation; a second answer replaces the first.
#[utoipa::path(post, path = "/v1/conversations/{id}/survey", request_body = SurveyBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 204, description = "Kept"),
        (status = 400, description = "Not a rating from 1 to 5", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "An agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation, or somebody else's", body = ErrorBody),
    ))]
pub async fn survey(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<SurveyBody>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let holder = holder_of(&state, &headers)?;
    let Holder::Owner(owner) = &holder else {
        return Err(forbidden("only the customer answers the survey"));
    };
    visible(&state, &holder, &id).await?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let rating = body.rating.to_string();
    check_label(LabelKind::Satisfaction, &rating)?;
    let of = |kind, value| Label {
        seq: WHOLE_CONVERSATION,
        kind,
        source: LabelSource::Survey,
        author: owner.key(),
        value,
    };
    let comment = body.comment.unwrap_or_default();
    if comment.chars().count() > MAX_COMMENT_CHARS {
        let message = format!("`comment` is longer than {MAX_COMMENT_CHARS} characters");
        return Err(bad_request(message));
    }
    let comment = state.chat.masker().clean(&comment).as_str().to_string();
    let mut labels = vec![of(LabelKind::Satisfaction, rating), of(LabelKind::Comment, comment)];
    labels.extend(body.solved.map(|solved| of(LabelKind::Solved, solved.to_string())));
    state.chat.store.put_labels(&id, &labels).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The agent who asks, and their name.
pub(super) fn agent_of(state: &AppState, headers: &HeaderMap) -> Result<(Holder, String), Refusal> {
    match holder_of(state, headers)? {
        Holder::Agent(person) => {
            let name = person.name.clone();
            Ok((Holder::Agent(person), name))
        }
        Holder::Owner(_) => Err(forbidden("only people of the company may do this")),
    }
}

fn forbidden(message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "denied", message)
}

pub(super) fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_request", message)
}
