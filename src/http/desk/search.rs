//! Search over everything that was said.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::AppState;
use super::super::answer::{ErrorBody, Refusal};
use super::super::judgements::{agent_of, bad_request};
use crate::store::audit::Actor;
use crate::store::desk::{Hit, Search};

const MOST_HITS: u32 = 200;
const USUAL_HITS: u32 = 50;
const MOST_WORDS_CHARS: usize = 400;

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hits {
    /// The best first: `conversation`, `seq`, `from`, `at_ms`, `snippet` (what was found stands between « and »), `owner_name`, `state`.
    #[schema(value_type = Vec<Object>)]
    pub hits: Vec<Hit>,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// Words that must all be there, the last one perhaps unfinished; "quoted" ones beside each other.
    #[serde(default)]
    q: String,
    /// 50 by default, 200 at most.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u32)]
    limit: Option<u32>,
    /// Not before this moment, in milliseconds since 1970.
    from_ms: Option<i64>,
    /// Before this moment.
    to_ms: Option<i64>,
}

/// Messages of all conversations that hold certain words; for agents. That somebody searched is noted, not for what.
#[utoipa::path(get, path = "/v1/desk/search", params(SearchQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = Hits),
        (status = 400, description = "Too long, or not numbers", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn search(
    State(state): State<Arc<AppState>>,
    query: Result<Query<SearchQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Hits>, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let length = query.q.chars().count();
    if length > MOST_WORDS_CHARS {
        let message = format!("`q` has {length} characters; the limit is {MOST_WORDS_CHARS}");
        return Err(bad_request(message));
    }
    let search = Search {
        words: query.q,
        from_ms: query.from_ms,
        to_ms: query.to_ms,
        limit: query.limit.unwrap_or(USUAL_HITS).clamp(1, MOST_HITS),
    };
    let hits = state.chat.store.search(&search).await?;
    // Whoever types a search asks at every letter.
    if state.looks.take(&format!("search:{name}"), std::time::Instant::now()).is_ok() {
        let subject = "all conversations";
        state.chat.store.note(&Actor::Agent(&name), "search_conversations", subject).await?;
    }
    Ok(Json(Hits { hits }))
}
