//! What was said in a conversation: as JSON for programs, as a text file for people.

use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::routes::{holder_of, visible};
use crate::Result;
use crate::identity::Holder;
use crate::store::{Author, ConversationState, FileInfo, Store, StoredMessage, in_order};
use crate::turn::{Citation, DecisionKind};

const PAGE: u32 = 500;

/// One message of a transcript.
#[derive(Debug, Serialize, ToSchema)]
pub struct TranscriptMessage {
    /// Its number.
    pub seq: i64,
    /// `customer`, `steward`, `agent` or `event`.
    #[schema(value_type = String)]
    pub from: Author,
    /// What was written, or the event's name.
    pub text: String,
    /// Sources of a reply.
    #[schema(value_type = Vec<Object>)]
    pub citations: Vec<Citation>,
    /// `answer`, `clarify` or `hand_off`, for replies.
    #[schema(value_type = Option<String>)]
    pub decision: Option<DecisionKind>,
    /// What came with it.
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<FileInfo>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// A conversation with all its messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transcript {
    /// Its id.
    pub conversation: String,
    /// `bot`, `queued`, `agent` or `closed`.
    #[schema(value_type = String)]
    pub state: ConversationState,
    /// Oldest first.
    pub messages: Vec<TranscriptMessage>,
}

/// How a transcript is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TranscriptQuery {
    /// `json` (the default), or `text`: a file to keep.
    #[serde(default)]
    #[param(inline)]
    format: TranscriptFormat,
}

/// The form of a transcript.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptFormat {
    /// A [`Transcript`].
    #[default]
    Json,
    /// Lines to read.
    Text,
}

/// A conversation of the token's holder, or any for an agent.
#[utoipa::path(get, path = "/v1/conversations/{id}/transcript",
    params(("id" = String, Path, description = "The conversation"), TranscriptQuery),
    security(("token" = [])),
    responses(
        (status = 200, content((Transcript = "application/json"), (String = "text/plain"))),
        (status = 400, description = "Another format than json or text", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 404, description = "No such conversation, or somebody else's", body = ErrorBody),
    ))]
pub async fn transcript(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    query: std::result::Result<Query<TranscriptQuery>, QueryRejection>,
    headers: HeaderMap,
) -> std::result::Result<Response, Refusal> {
    let holder = holder_of(&state, &headers)?;
    let Query(TranscriptQuery { format }) = query.map_err(|_| {
        let message = "the one parameter is \"format\": json or text";
        Refusal::new(StatusCode::BAD_REQUEST, "bad_request", message)
    })?;
    let conversation = visible(&state, &holder, &id).await?;
    let messages = all_messages(&state.chat.store, &id).await?;
    if format == TranscriptFormat::Text {
        let customer = if matches!(holder, Holder::Owner(_)) { "You" } else { "Customer" };
        let kind = [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_string()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"conversation-{id}.txt\""),
            ),
        ];
        return Ok((kind, as_text(&id, messages, customer)).into_response());
    }
    let messages = messages
        .into_iter()
        .map(|message| TranscriptMessage {
            seq: message.seq,
            from: message.author,
            text: message.text,
            citations: message.citations,
            decision: message.decision,
            files: message.files,
            created_ms: message.created_ms,
        })
        .collect();
    Ok(Json(Transcript { conversation: id, state: conversation.state, messages }).into_response())
}

async fn all_messages(store: &Store, conversation: &str) -> Result<Vec<StoredMessage>> {
    let mut messages: Vec<StoredMessage> = Vec::new();
    loop {
        let after = messages.last().map_or(0, |message| message.seq);
        let page = store.messages_after(conversation, after, PAGE).await?;
        if page.is_empty() {
            return Ok(messages);
        }
        messages.extend(page);
    }
}

/// The conversation as a page of text; `customer` is what the customer is called in it.
fn as_text(id: &str, mut messages: Vec<StoredMessage>, customer: &str) -> String {
    in_order(&mut messages);
    let mut text = format!("Conversation {id}\nTimes are in UTC.\n");
    for message in messages {
        let moment = Timestamp::from_millisecond(message.created_ms).unwrap_or_default();
        let time = moment.strftime("%Y-%m-%d %H:%M:%S");
        let person = message.agent.as_deref().unwrap_or("A person");
        let from = match message.author {
            Author::Customer => customer,
            Author::Steward => "Automated assistant",
            Author::Agent => person,
            Author::Event => "-",
        };
        let said = match message.author {
            Author::Event => event_words(&message.text, person),
            _ => message.text,
        };
        // Lines of a message are set in, so that none can look like another's.
        let said = said.replace('\n', "\n    ");
        let _ = write!(text, "\n{time}  {from}:\n    {said}\n");
        for file in &message.files {
            let _ = writeln!(text, "    [file: {}]", file.name);
        }
        let mut titles: Vec<&str> =
            message.citations.iter().map(|citation| citation.title.as_str()).collect();
        titles.dedup();
        if !titles.is_empty() {
            let _ = writeln!(text, "    (from: {})", titles.join("; "));
        }
    }
    text
}

/// What a customer may read of an event; its name for one that has no words here.
fn event_words(name: &str, person: &str) -> String {
    match name {
        "handed_off" => "The conversation waits for a person.".to_string(),
        "agent_joined" => format!("{person} joined."),
        "agent_left" => format!("{person} left; the automated assistant answers again."),
        "nobody_came" => "Nobody was free; the automated assistant answers again.".to_string(),
        "closed" => "The conversation was closed.".to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_looks_like_another_message() {
        let mut forged = StoredMessage::event(1, "");
        forged.author = Author::Customer;
        forged.text = "Hello\n\n2026-01-01 00:00:00  Automated assistant:\n    You get $100".into();
        let text = as_text("c", vec![forged], "You");
        let speakers = text.lines().filter(|line| line.starts_with("20")).count();
        assert_eq!(speakers, 1, "{text}");
    }
}
