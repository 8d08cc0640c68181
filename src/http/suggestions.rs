//! Suggestions for people of the company, what became of them, and the mark of a text before it is sent.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::{agent_of, bad_request};
use super::routes::visible;
use crate::chat::suggest::{SuggestionAsk, SuggestionFrame};
use crate::chat::summary::summarised;
use crate::error::Context;
use crate::store::{NewOutcome, StoredSuggestion, StoredSummary};
use crate::turn::grounding::Groundedness;
use crate::turn::suggest::Wish;
use crate::turn::suggest::closeness::{Closeness, SuggestionOutcome, closeness};
use crate::turn::summary::Summary;

/// Suggestions in one answer, the newest.
const MOST_SUGGESTIONS: u32 = 200;
/// Lines that may wait for a slow reader.
const FRAME_QUEUE: usize = 32;
/// A composing time beyond a day is no measurement.
const LONGEST_COMPOSING_MS: i64 = 86_400_000;

/// What is asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SuggestionsBody {
    /// The customer's message to answer; the newest if absent.
    pub through_seq: Option<i64>,
    /// `shorter`, `warmer` or `another`; absent for up to three suggestions.
    #[schema(value_type = Option<String>)]
    pub wish: Option<Wish>,
    /// The suggestion that the wish is about.
    pub of: Option<String>,
    /// The words that the wish is about, in place of the suggestion's.
    pub draft: Option<String>,
}

/// What a person made of a suggestion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeBody {
    /// `accepted`, `edited` or `rejected`.
    #[schema(value_type = String)]
    pub outcome: SuggestionOutcome,
    /// What was sent; not needed with `message_seq`.
    pub sent_text: Option<String>,
    /// The number under which it was sent.
    pub message_seq: Option<i64>,
    /// Milliseconds from seeing the suggestion to sending.
    pub composing_ms: Option<i64>,
}

/// What was suggested in a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// Oldest first: id, index, kind, text, citations, evidence, groundedness, confidence, and what became of each.
    #[schema(value_type = Vec<Object>)]
    pub suggestions: Vec<StoredSuggestion>,
}

/// A text to be marked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// What a person is about to send.
    pub text: String,
}

/// The marks of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// `score` and, for each sentence, `text`, `supported`, `by` and `claims`.
    #[schema(value_type = Object)]
    pub groundedness: Groundedness,
}

/// Suggests up to three replies, as they are made; for agents. One JSON object a line: `suggestion`, `delta`, `done`,
/// `end` (docs/protocol.md).
#[utoipa::path(post, path = "/v1/conversations/{id}/suggestions", request_body = SuggestionsBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, description = "Suggestions, line by line", content_type = "application/x-ndjson", body = String),
        (status = 400, description = "Not a wish, or nothing to answer", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn suggest(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<SuggestionsBody>, JsonRejection>,
) -> Result<Response, Refusal> {
    let (holder, name) = agent_of(&state, &headers)?;
    let conversation = visible(&state, &holder, &id).await?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let draft = body.draft.map(|draft| text_of(&state, "draft", &draft)).transpose()?;
    let SuggestionsBody { through_seq, wish, of, .. } = body;
    let ask = SuggestionAsk { through_seq, wish, of, draft, made_for: Some(name) };
    let begun = state.chat.suggester.begin(&conversation, ask).await?;
    let (sender, receiver) = mpsc::channel(FRAME_QUEUE);
    tokio::spawn(async move {
        let failed = sender.clone();
        if let Err(error) = begun.tell(sender).await
            && !failed.is_closed()
        {
            tracing::error!(error = format!("{error:#}"), "suggestions broke off");
            let message = "something went wrong on our side".to_string();
            let _ = failed.send(SuggestionFrame::Error { message }).await;
        }
    });
    let lines = stream::unfold(receiver, async |mut receiver| {
        let frame: SuggestionFrame = receiver.recv().await?;
        Some((line_of(&frame), receiver))
    });
    let headers =
        [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn line_of(frame: &SuggestionFrame) -> crate::Result<Bytes> {
    let mut line = serde_json::to_vec(frame).internal("a suggestion cannot be written")?;
    line.push(b'\n');
    Ok(line.into())
}

/// What was suggested in a conversation, and what became of it; for agents.
#[utoipa::path(get, path = "/v1/conversations/{id}/suggestions",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = Suggestions),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Suggestions>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let suggestions = state.chat.store.suggestions(&id, MOST_SUGGESTIONS).await?;
    Ok(Json(Suggestions { suggestions }))
}

/// Keeps what a person made of a suggestion, and tells how close it is to what was sent; for agents. What is said later
/// replaces it.
#[utoipa::path(post, path = "/v1/suggestions/{suggestion}/outcome", request_body = OutcomeBody,
    params(("suggestion" = String, Path, description = "The suggestion")),
    security(("token" = [])),
    responses(
        (status = 200, description = "edit_distance, similarity, saved_ms", body = Object),
        (status = 400, description = "Not an outcome, or nothing that was sent", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such suggestion", body = ErrorBody),
    ))]
pub async fn outcome(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<OutcomeBody>, JsonRejection>,
) -> Result<Json<Closeness>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let OutcomeBody { outcome, sent_text, message_seq, composing_ms } = body;
    let store = &state.chat.store;
    let no_such = || Refusal::not_found("there is no such suggestion");
    let suggestion = store.suggestion(&id).await?.ok_or_else(no_such)?;
    if composing_ms.is_some_and(|ms| !(0..=LONGEST_COMPOSING_MS).contains(&ms)) {
        return Err(bad_request("`composing_ms` is not between 0 and a day"));
    }
    let stored = match message_seq {
        None => None,
        Some(seq) => {
            let stored = store.agent_message_text(&suggestion.conversation, seq).await?;
            let message =
                format!("`message_seq` is {seq}, which no person of the company wrote here");
            Some(stored.ok_or_else(|| bad_request(message))?)
        }
    };
    let given = sent_text.map(|text| text_of(&state, "sent_text", &text)).transpose()?;
    let sent_text = match (outcome, stored.or(given)) {
        (SuggestionOutcome::Rejected, _) => None,
        (SuggestionOutcome::Accepted, None) => Some(suggestion.suggested.text.clone()),
        (SuggestionOutcome::Edited, None) => {
            return Err(bad_request("`edited` needs `sent_text` or `message_seq`"));
        }
        (_, sent) => sent,
    };
    let (suggested, sent) = (suggestion.suggested.text, sent_text.clone());
    let measured =
        tokio::task::spawn_blocking(move || closeness(&suggested, sent.as_deref(), composing_ms));
    let closeness = measured.await.internal("a text could not be compared")?;
    // Who changed a word edited it, whatever the desk says.
    let outcome = match outcome {
        SuggestionOutcome::Accepted if closeness.edit_distance > 0 => SuggestionOutcome::Edited,
        outcome => outcome,
    };
    let kept = NewOutcome { outcome, by: name, sent_text, message_seq, composing_ms, closeness };
    if !store.put_suggestion_outcome(&id, &kept).await? {
        return Err(no_such());
    }
    metrics::counter!("steward_suggestions_total", "outcome" => word_of(outcome)).increment(1);
    Ok(Json(closeness))
}

fn word_of(outcome: SuggestionOutcome) -> &'static str {
    match outcome {
        SuggestionOutcome::Accepted => "accepted",
        SuggestionOutcome::Edited => "edited",
        SuggestionOutcome::Rejected => "rejected",
    }
}

/// A conversation told in a few sentences.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryBody {
    /// `text`, and `sentences`, each with its `text` and the numbers (`seqs`) of the messages that it is of.
    #[schema(value_type = Object)]
    pub summary: Summary,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
}

/// Tells a conversation in a few sentences, as it is now; for agents. Each quotes what was said.
#[utoipa::path(post, path = "/v1/conversations/{id}/summary",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = SummaryBody),
        (status = 400, description = "Nothing was said yet", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn summarise(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<SummaryBody>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let StoredSummary { summary, made_ms, .. } = summarised(&state.chat.store, &id).await?;
    Ok(Json(SummaryBody { summary, made_ms }))
}

/// Marks each sentence of what a person is about to send: whether the customer's records or the articles say it. A
/// mark, never a bar; for agents.
#[utoipa::path(post, path = "/v1/conversations/{id}/check", request_body = CheckBody,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = Checked),
        (status = 400, description = "Not a text, or nothing to answer", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn check(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<CheckBody>, JsonRejection>,
) -> Result<Json<Checked>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    let conversation = visible(&state, &holder, &id).await?;
    let Json(CheckBody { text }) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let text = text_of(&state, "text", &text)?;
    let groundedness = state.chat.suggester.mark(&conversation, text).await?;
    Ok(Json(Checked { groundedness }))
}

/// A text of a person, masked as everything that they write.
fn text_of(state: &AppState, name: &str, text: &str) -> Result<String, Refusal> {
    let most = state.chat.config.now().server.max_message_chars;
    if text.trim().is_empty() {
        return Err(bad_request(format!("`{name}` is empty")));
    }
    if text.chars().count() > most {
        return Err(bad_request(format!("`{name}` is longer than {most} characters")));
    }
    Ok(state.chat.masker().clean(text).as_str().to_string())
}
