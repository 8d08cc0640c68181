//! The supervisor's view: who is busy with what, how the line stands, and what is about to go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::AppState;
use super::super::answer::{ErrorBody, Refusal};
use super::super::judgements::agent_of;
use super::list::EntryBody;
use crate::store::desk::{Filter, Sort};
use crate::team::Role;

/// Conversations at risk that are shown.
const MOST_AT_RISK: u32 = 20;
/// First replies count for so long.
const WEEK_MS: i64 = 7 * 86_400_000;

/// A person of the company.
#[derive(Debug, Serialize, ToSchema)]
pub struct Colleague {
    /// Who.
    name: String,
    /// `agent` or `admin`; null for somebody who comes with a token of the site or a key.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// A desk or a chat socket of theirs is open.
    online: bool,
    /// The conversations they have, those that wait longest first.
    holding: Vec<String>,
    /// How many of those wait for an answer.
    waiting: usize,
    /// Half of the customers of the last seven days waited shorter for their first words, half longer.
    first_response_ms_median: Option<i64>,
    /// When they were last seen.
    last_seen_ms: Option<i64>,
}

/// The line.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueBody {
    /// How many wait for a person.
    length: i64,
    /// How long the first of them has waited.
    longest_wait_ms: Option<i64>,
}

/// The team at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamBody {
    /// By name.
    members: Vec<Colleague>,
    /// Those that wait for a person.
    queue: QueueBody,
    /// Open conversations that are as likely to need a person as makes Steward hand over, the most urgent first; as in the list.
    #[schema(value_type = Vec<Object>)]
    at_risk: Vec<EntryBody>,
}

/// Who of the company has what, how the line stands, and which conversations are at risk; for agents.
#[utoipa::path(get, path = "/v1/desk/team",
    security(("token" = [])),
    responses(
        (status = 200, body = TeamBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn team(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<TeamBody>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let chat = &state.chat;
    let store = &chat.store;
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let there = chat.presence.there();
    let known: BTreeMap<_, _> =
        store.known_members().await?.into_iter().map(|one| (one.name.clone(), one)).collect();
    let held = store.held().await?;
    let first_responses = store.first_responses(now_ms - WEEK_MS).await?;
    let names: BTreeSet<&String> =
        known.keys().chain(&there).chain(held.iter().map(|one| &one.name)).collect();
    let members = names
        .into_iter()
        .map(|name| {
            let own = || held.iter().filter(|one| one.name == *name);
            let member = known.get(name);
            let online = there.contains(name);
            let seen_ms = member.and_then(|member| member.last_seen_ms);
            Colleague {
                name: name.clone(),
                role: member.map(|member| member.role),
                online,
                holding: own().map(|one| one.conversation.clone()).collect(),
                waiting: own().filter(|one| one.waits).count(),
                first_response_ms_median: first_responses.get(name).and_then(|times| median(times)),
                last_seen_ms: if online { Some(now_ms) } else { seen_ms },
            }
        })
        .collect();
    let line = store.line().await?;
    let threshold = f64::from(chat.config.now().agent.policy.hand_off_from);
    let at_risk = Filter { min_escalation: Some(threshold), ..Filter::default() };
    let at_risk = store.list(&at_risk, Sort::Urgency, None, MOST_AT_RISK).await?;
    let unread: BTreeMap<_, _> = store.unread_mentions(&name).await?.into_iter().collect();
    let at_risk = at_risk.entries.into_iter().map(|entry| {
        let unread = unread.get(&entry.conversation).copied().unwrap_or(0);
        EntryBody::of(chat, entry, unread)
    });
    Ok(Json(TeamBody {
        members,
        queue: QueueBody {
            length: line.length,
            longest_wait_ms: line.since_ms.map(|since_ms| (now_ms - since_ms).max(0)),
        },
        at_risk: at_risk.collect(),
    }))
}

/// The middle of `sorted`; of two in the middle, what lies between them.
fn median(sorted: &[i64]) -> Option<i64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[middle]),
        _ => Some(sorted[middle - 1].midpoint(sorted[middle])),
    }
}
