//! Whom a conversation is with: the account as the customer's own records say it, earlier conversations, and what replies rested on.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::AppState;
use super::super::answer::{ErrorBody, Path, Refusal};
use super::super::judgements::agent_of;
use super::super::routes::visible;
use crate::error::Context;
use crate::identity::Owner;
use crate::retrieve::fact::listing::{ListedRecord, listing, person_named};
use crate::retrieve::fact::wording::WordingSettings;
use crate::retrieve::scope::AccountScope;
use crate::store::desk::EarlierConversation;

/// Records of an account that are shown.
const MOST_RECORDS: usize = 500;
/// Earlier conversations that are shown.
const MOST_CONVERSATIONS: u32 = 50;
/// Facts that are shown.
const MOST_FACTS: usize = 200;

/// A record, and whether a reply of this conversation rested on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerRecord {
    /// `kind`, `id`, `title`, and `fields` of `name` and `value`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    record: ListedRecord,
    /// A reply of this conversation cites it.
    used: bool,
}

/// Words of a source that a reply rested on.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedFact {
    /// Stays the same: the source and which of its sentences, in the order in which they were used.
    id: String,
    /// An article's id, or a record's key: `order/FH-20417`.
    source: String,
    /// What a reader sees.
    title: String,
    /// The sentence.
    text: String,
    /// The reply.
    seq: i64,
}

/// Whom a conversation is with.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerBody {
    /// `customer:<id>` or `visitor:<uuid>`.
    owner: String,
    /// True if the site vouched for who it is.
    signed_in: bool,
    /// The customer's name.
    name: Option<String>,
    /// The account, in the order of the import; empty for a visitor.
    records: Vec<CustomerRecord>,
    /// True if there are more records than are shown.
    more_records: bool,
    /// Other conversations of the same person, the newest first: `conversation`, `state`, `created_ms`, `last_ms`, `preview`,
    /// `satisfaction`.
    #[schema(value_type = Vec<Object>)]
    conversations: Vec<EarlierConversation>,
    /// What replies of this conversation rested on.
    facts_used: Vec<UsedFact>,
}

/// Whom a conversation is with, and what is known of them; for agents.
#[utoipa::path(get, path = "/v1/conversations/{id}/customer",
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, body = CustomerBody),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation", body = ErrorBody),
    ))]
pub async fn customer(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<CustomerBody>, Refusal> {
    let (holder, _) = agent_of(&state, &headers)?;
    let conversation = visible(&state, &holder, &id).await?;
    let store = &state.chat.store;
    let facts_used = used_facts(store.citations(&id).await?);
    let conversations =
        store.conversations_of(&conversation.owner, &id, MOST_CONVERSATIONS).await?;
    let stored_name = store.entry(&id).await?.and_then(|entry| entry.owner_name);
    let scope = Owner::from_stored_key(&conversation.owner)
        .and_then(|owner| owner.customer().map(AccountScope::of));
    let (mut listed, named) = match scope.clone() {
        None => (Vec::new(), None),
        Some(scope) => {
            let index = state.chat.runner.index().clone();
            let wording = state.chat.config.now().agent.wording.clone();
            tokio::task::spawn_blocking(move || account(&index, &scope, &wording))
                .await
                .internal("reading an account stopped unexpectedly")??
        }
    };
    let more_records = listed.len() > MOST_RECORDS;
    listed.truncate(MOST_RECORDS);
    let sources: BTreeSet<&str> = facts_used.iter().map(|fact| fact.source.as_str()).collect();
    let records = listed
        .into_iter()
        .map(|record| {
            let used = sources.contains(format!("{}/{}", record.kind, record.id).as_str());
            CustomerRecord { record, used }
        })
        .collect();
    Ok(Json(CustomerBody {
        signed_in: scope.is_some(),
        owner: conversation.owner,
        name: named.or(stored_name),
        records,
        more_records,
        conversations,
        facts_used,
    }))
}

fn account(
    index: &crate::retrieve::Index,
    scope: &AccountScope,
    wording: &WordingSettings,
) -> crate::Result<(Vec<ListedRecord>, Option<String>)> {
    let records = index.account_records(scope, MOST_RECORDS + 1)?;
    let name = person_named(&records, scope.customer_id(), wording);
    Ok((listing(&records, wording), name))
}

/// Each sentence once, with the first reply that used it.
fn used_facts(cited: Vec<(i64, crate::turn::Citation)>) -> Vec<UsedFact> {
    let mut seen = BTreeSet::new();
    let mut facts: Vec<UsedFact> = Vec::new();
    for (seq, citation) in cited {
        if facts.len() == MOST_FACTS {
            break;
        }
        if !seen.insert((citation.source.clone(), citation.quote.clone())) {
            continue;
        }
        let before = facts.iter().filter(|fact| fact.source == citation.source).count();
        facts.push(UsedFact {
            id: format!("{}#{}", citation.source, before + 1),
            source: citation.source,
            title: citation.title,
            text: citation.quote,
            seq,
        });
    }
    facts
}
