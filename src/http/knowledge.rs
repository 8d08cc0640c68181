//! The articles: read and tried by people of the company, changed by admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::{agent_of, bad_request};
use super::routes::admin_of;
use crate::chat::desk::hub::{DeskEvent, What};
use crate::dialogue::{Role, Utterance};
use crate::error::Context;
use crate::retrieve::article::{Article, ArticleEntry, Draft, Saved};
use crate::retrieve::ingest::html_of_markdown;
use crate::store::audit::Actor;
use crate::turn::mode::Delivery;
use crate::turn::{self, Agent, Citation, DecisionKind, Reply, TurnInput};

const LONGEST_QUESTION_CHARS: usize = 2000;
/// Bytes of a request with an article in it.
pub const MOST_ARTICLE_BYTES: usize = 2 << 20;

/// What articles are looked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArticlesQuery {
    #[serde(default)]
    q: String,
}

/// Articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct Articles {
    /// Those with the words in the title first: id, title, updated_ms, language, url, chars.
    #[schema(value_type = Vec<Object>)]
    pub articles: Vec<ArticleEntry>,
}

/// An article as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleBody {
    /// What a reader sees.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where customers can read it.
    pub url: Option<String>,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// Whom it is meant for.
    pub audience: Option<String>,
    /// The version that was read; not for a new article.
    pub version: Option<String>,
}

impl ArticleBody {
    fn draft(self) -> Draft {
        let Self { title, text, url, language, audience, .. } = self;
        Draft { title, text, url, language, audience }
    }
}

/// The id of a new article.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewArticle {
    /// Made of its title.
    pub id: String,
    /// Tells one version from another.
    pub version: String,
}

/// A text to be shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// Markdown.
    pub text: String,
}

/// The text as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// HTML of nothing but text, links and lists: marks in the text are shown as they are written.
    pub html: String,
}

/// A question to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryBody {
    /// What a customer would ask.
    pub question: String,
    /// An article in place of the saved one, or a new one.
    pub draft: Option<TryDraft>,
}

/// An article that is not saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryDraft {
    /// The article that it takes the place of; none for a new one.
    pub id: Option<String>,
    /// What a reader sees.
    pub title: String,
    /// Markdown.
    pub text: String,
}

/// What would be answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tried {
    /// As the articles are.
    pub before: TriedAnswer,
    /// With the draft, if there is one.
    pub after: Option<TriedAnswer>,
}

/// An answer to a visitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedAnswer {
    /// Its words; what would be suggested, where people answer.
    pub text: String,
    /// `answer`, `clarify` or `hand_off`.
    #[schema(value_type = String)]
    pub decision: DecisionKind,
    /// Its sources.
    #[schema(value_type = Vec<Object>)]
    pub citations: Vec<Citation>,
    /// `answered`, or `suggested` where people answer.
    #[schema(value_type = String)]
    pub mode: Delivery,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
}

impl From<Reply> for TriedAnswer {
    fn from(reply: Reply) -> Self {
        let Reply { text, decision, citations, mode, confidence, suggested, .. } = reply;
        match suggested {
            Some(withheld) => Self {
                text: withheld.text,
                decision: withheld.decision,
                citations: withheld.citations,
                mode,
                confidence,
            },
            None => Self { text, decision, citations, mode, confidence },
        }
    }
}

/// The articles; for agents.
#[utoipa::path(get, path = "/v1/knowledge",
    params(("q" = Option<String>, Query, description = "Words that title or text must have")),
    security(("token" = [])),
    responses(
        (status = 200, body = Articles),
        (status = 400, description = "Not a search", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<ArticlesQuery>, QueryRejection>,
) -> Result<Json<Articles>, Refusal> {
    agent_of(&state, &headers)?;
    let Query(ArticlesQuery { q }) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let articles = blocking(&state, move |agent| agent.index().articles(&q)).await?;
    Ok(Json(Articles { articles }))
}

/// One article, to be read or edited; for agents.
#[utoipa::path(get, path = "/v1/knowledge/{article}",
    params(("article" = String, Path, description = "The article")),
    security(("token" = [])),
    responses(
        (status = 200, description = "id, title, text (Markdown), url, language, audience, version, updated_ms", body = Object),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such article", body = ErrorBody),
    ))]
pub async fn read(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Article>, Refusal> {
    agent_of(&state, &headers)?;
    let article = blocking(&state, move |agent| agent.index().article(&id)).await?;
    article.map(Json).ok_or_else(no_such)
}

/// Adds an article, answered from at once; for admins.
#[utoipa::path(post, path = "/v1/knowledge", request_body = ArticleBody,
    security(("token" = [])),
    responses(
        (status = 200, body = NewArticle),
        (status = 400, description = "Not an article", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 503, description = "An import is under way", body = ErrorBody),
    ))]
pub async fn add(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<ArticleBody>, JsonRejection>,
) -> Result<Json<NewArticle>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let draft = body.draft();
    let added =
        blocking(&state, move |agent| agent.index().add_article(agent.encoder(), draft)).await?;
    state.chat.store.note(&Actor::Agent(&admin), "add_article", &added.id).await?;
    state.chat.hub.tell(DeskEvent::Changed(What::Knowledge));
    Ok(Json(NewArticle { id: added.id, version: added.version }))
}

/// Saves an article in place of the version that was read, answered from at once; for admins.
#[utoipa::path(put, path = "/v1/knowledge/{article}", request_body = ArticleBody,
    params(("article" = String, Path, description = "The article")),
    security(("token" = [])),
    responses(
        (status = 200, description = "As it is now", body = Object),
        (status = 400, description = "Not an article, or no version", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 404, description = "No such article", body = ErrorBody),
        (status = 409, description = "It was changed meanwhile", body = ErrorBody),
        (status = 503, description = "An import is under way", body = ErrorBody),
    ))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<ArticleBody>, JsonRejection>,
) -> Result<Json<Article>, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let Json(mut body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let Some(version) = body.version.take() else {
        return Err(bad_request("`version` is missing; give that of the article as it was read"));
    };
    let (draft, saved_id) = (body.draft(), id.clone());
    let saved = blocking(&state, move |agent| {
        agent.index().save_article(agent.encoder(), &saved_id, &version, draft)
    });
    match saved.await? {
        Saved::Now(article) => {
            state.chat.store.note(&Actor::Agent(&admin), "change_article", &id).await?;
            state.chat.hub.tell(DeskEvent::Changed(What::Knowledge));
            Ok(Json(article))
        }
        Saved::ChangedMeanwhile => {
            let message = "the article was changed since you read it; read it again and put your changes into that";
            Err(Refusal::new(StatusCode::CONFLICT, "conflict", message))
        }
        Saved::Unknown => Err(no_such()),
    }
}

/// Takes an article away; for admins.
#[utoipa::path(delete, path = "/v1/knowledge/{article}",
    params(("article" = String, Path, description = "The article")),
    security(("token" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an admin's token", body = ErrorBody),
        (status = 404, description = "No such article", body = ErrorBody),
        (status = 503, description = "An import is under way", body = ErrorBody),
    ))]
pub async fn remove(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let admin = admin_of(&state, &headers)?;
    let removed_id = id.clone();
    if !blocking(&state, move |agent| agent.index().remove_article(&removed_id)).await? {
        return Err(no_such());
    }
    state.chat.store.note(&Actor::Agent(&admin), "remove_article", &id).await?;
    state.chat.hub.tell(DeskEvent::Changed(What::Knowledge));
    Ok(StatusCode::NO_CONTENT)
}

/// Shows Markdown as a reader sees it; for agents.
#[utoipa::path(post, path = "/v1/knowledge/preview", request_body = PreviewBody,
    security(("token" = [])),
    responses(
        (status = 200, body = Preview),
        (status = 400, description = "Not a text", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn preview(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<PreviewBody>, JsonRejection>,
) -> Result<Json<Preview>, Refusal> {
    agent_of(&state, &headers)?;
    let Json(PreviewBody { text }) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let html = blocking(&state, move |_| Ok(html_of_markdown(&text))).await?;
    Ok(Json(Preview { html }))
}

/// What Steward would answer a visitor, as the articles are and with a draft that is not saved; for agents.
#[utoipa::path(post, path = "/v1/knowledge/try", request_body = TryBody,
    security(("token" = [])),
    responses(
        (status = 200, body = Tried),
        (status = 400, description = "Not a question, or not an article", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn try_out(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Result<Json<TryBody>, JsonRejection>,
) -> Result<Json<Tried>, Refusal> {
    agent_of(&state, &headers)?;
    let Json(TryBody { question, draft }) =
        body.map_err(|problem| bad_request(problem.body_text()))?;
    if question.trim().is_empty() || question.chars().count() > LONGEST_QUESTION_CHARS {
        let message =
            format!("`question` is empty or longer than {LONGEST_QUESTION_CHARS} characters");
        return Err(bad_request(message));
    }
    let agent = state.chat.runner.agent().clone();
    let config = state.chat.config.now();
    let input = || {
        let asked = Utterance { role: Role::Customer, text: question.clone() };
        TurnInput::of(vec![asked], None).under(&config.desk)
    };
    let before = turn::run(&agent, input(), None).await?.into();
    let after = match draft {
        None => None,
        Some(TryDraft { id, title, text }) => {
            let with_draft = blocking(&state, move |agent| {
                let draft = Draft { title, text, ..Draft::default() };
                let document = draft.into_document(id.as_deref().unwrap_or("(new article)"))?;
                agent.index().with_draft(agent.encoder(), &document)
            });
            let index = with_draft.await?;
            Some(turn::run_over(&agent, &index, input(), None).await?.into())
        }
    };
    Ok(Json(Tried { before, after }))
}

fn no_such() -> Refusal {
    Refusal::not_found("there is no such article")
}

async fn blocking<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&Agent) -> crate::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    let agent = state.chat.runner.agent().clone();
    let done = tokio::task::spawn_blocking(move || work(&agent));
    Ok(done.await.internal("work on the articles stopped unexpectedly")??)
}
