//! The list of conversations, and one of them as it is listed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::{agent_of, bad_request};
use super::super::routes::visible;
use crate::chat::Chat;
use crate::chat::desk::viewers::Viewer;
use crate::store::attributes::Attributes;
use crate::store::desk::{Counts, Cursor, Entry, Filter, ListState, Sort};

/// Conversations in one answer.
const MOST_ENTRIES: u32 = 500;
const USUAL_ENTRIES: u32 = 50;

/// A conversation as one person sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryBody {
    /// See docs/protocol.md.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub entry: Entry,
    /// Who looks at it now: `{"name","doing":"viewing|typing"}`.
    #[schema(value_type = Vec<Object>)]
    pub viewers: Vec<Viewer>,
    /// Notes in it that name the person who asks and that they have not seen.
    pub unread_mentions: i64,
}

impl EntryBody {
    /// `entry` as a person with so many unread mentions in it sees it.
    pub fn of(chat: &Chat, entry: Entry, unread_mentions: i64) -> Self {
        let viewers = chat.viewers.of(&entry.conversation);
        Self { entry, viewers, unread_mentions }
    }
}

/// What the desk shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Desk {
    /// In the order that was asked for.
    pub conversations: Vec<EntryBody>,
    /// For `after`, if there are more.
    pub next: Option<String>,
    /// `queued`, `agent`, `mine`, `bot`, `snoozed`, `mentions`: how many there are, whatever was asked for.
    #[schema(value_type = Object)]
    pub counts: Counts,
}

/// Which conversations, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// `open` (the default: in line, with a person, or unanswered by Steward; not snoozed), `queued`, `agent`, `bot`, `closed`,
    /// `snoozed` or `all`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: ListState,
    /// `me`, `none`, or a person's name: who has it, or was asked to take it.
    assignee: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// With this intent.
    intent: Option<String>,
    /// As likely as this to need a person, or likelier; 0 to 1.
    min_escalation: Option<f64>,
    /// With these words in the customer's name or id, the newest words or the tags.
    q: Option<String>,
    /// `urgency` (the default), `waiting`, `newest` or `oldest`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    sort: Sort,
    /// `next` of the page before.
    after: Option<String>,
    /// 50 by default, 500 at most.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u32)]
    limit: Option<u32>,
}

/// One conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationBody {
    /// As it is listed.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub entry: EntryBody,
    /// Grows with every change of who has it.
    pub epoch: i64,
    /// A person of the company has read up to here.
    pub read_seq: i64,
    /// The customer has read up to here.
    pub customer_read_seq: i64,
    /// What the customer said of themselves, which nobody vouched for: `name`, `email`, `custom`.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// The newest summary, if one was made: at the hand-off, or when a person asked.
    pub summary: Option<String>,
}

/// Conversations, the most urgent first unless asked otherwise; for agents.
#[utoipa::path(get, path = "/v1/desk/conversations", params(ListQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = Desk),
        (status = 400, description = "A filter, an order or a cursor that there is not", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    query: Result<Query<ListQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Desk>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let sort = query.sort;
    let cursor = query.after.as_deref().map(|after| Cursor::read(after, sort)).transpose();
    let cursor = cursor.map_err(|_| {
        bad_request("`after` is no `next` of a list in this order; begin without it")
    })?;
    let limit = query.limit.unwrap_or(USUAL_ENTRIES).clamp(1, MOST_ENTRIES);
    let filter = filter_of(query, &name)?;
    let store = &state.chat.store;
    let page = store.list(&filter, sort, cursor.as_ref(), limit).await?;
    let unread: HashMap<String, i64> = store.unread_mentions(&name).await?.into_iter().collect();
    let body_of = |entry: Entry| {
        let unread = unread.get(&entry.conversation).copied().unwrap_or(0);
        EntryBody::of(&state.chat, entry, unread)
    };
    Ok(Json(Desk {
        conversations: page.entries.into_iter().map(body_of).collect(),
        next: page.next.map(|cursor| cursor.written()),
        counts: store.counts(&name).await?,
    }))
}

fn filter_of(query: ListQuery, name: &str) -> Result<Filter, Refusal> {
    if query.min_escalation.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
        return Err(bad_request("`min_escalation` is a probability, 0 to 1"));
    }
    Ok(Filter {
        state: query.state,
        assignee: query.assignee.map(|assignee| match assignee.as_str() {
            "me" => Some(name.to_string()),
            "none" => None,
            _ => Some(assignee),
        }),
        tag: query.tag,
        intent: query.intent,
        min_escalation: query.min_escalation,
        words: query.q.filter(|words| !words.trim().is_empty()),
    })
}

/// One conversation, without its messages; for agents.
#[utoipa::path(get, path = "/v1/conversations/{id}",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = ConversationBody),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn conversation(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ConversationBody>, Refusal> {
    let (holder, name) = agent_of(&state, &headers)?;
    let found = visible(&state, &holder, &id).await?;
    let store = &state.chat.store;
    let entry = store.entry(&id).await?;
    let entry = entry.ok_or_else(|| Refusal::not_found("there is no such conversation"))?;
    let unread = store.unread_mentions(&name).await?;
    let unread = unread.into_iter().find(|(conversation, _)| *conversation == id);
    Ok(Json(ConversationBody {
        entry: EntryBody::of(&state.chat, entry, unread.map_or(0, |(_, count)| count)),
        epoch: found.epoch,
        read_seq: found.read_seq,
        customer_read_seq: found.customer_read_seq,
        attributes: store.attributes(&id).await?,
        summary: store.summary(&id).await?.map(|stored| stored.summary.text),
    }))
}
