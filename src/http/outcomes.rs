//! Outcomes: figures of a time, their table, and the conversations behind a figure; for agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::{agent_of, bad_request};
use crate::outcomes::figures::{
    IntentRow, NO_INTENT, Point, Step, Told, Totals, beginnings, by_intent, handling_ms, reason_of,
    series, tell, totals,
};
use crate::outcomes::{Facts, Resolution, Rules, csv};
use crate::store::ConversationState;

const DAY_MS: i64 = 86_400_000;
/// The range that is told of without parameters.
const STANDARD_DAYS: i64 = 28;
const MOST_DAYS: i64 = 750;
/// Conversations in one answer.
const MOST_LISTED: usize = 500;

/// What is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OutcomesQuery {
    /// Conversations begun from here on, in milliseconds since 1970; 28 days ago without.
    from_ms: Option<i64>,
    /// Until before here; now without.
    to_ms: Option<i64>,
    /// `day` (the default) or `week`.
    #[serde(default)]
    #[param(value_type = String)]
    by: Step,
    /// Whose days they are, such as `Europe/Berlin`; UTC without.
    timezone: Option<String>,
    /// Of the table: `conversations` (the default) or `series`.
    #[serde(default)]
    #[param(value_type = String)]
    what: What,
}

/// What a table tells.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// A line for each conversation.
    #[default]
    Conversations,
    /// A line for each day or week.
    Series,
}

/// Which conversations are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BehindQuery {
    /// As of the figures.
    from_ms: Option<i64>,
    /// As of the figures.
    to_ms: Option<i64>,
    /// One of the outcomes.
    #[param(value_type = Option<String>)]
    resolution: Option<Resolution>,
    /// An intent, or `none`.
    intent: Option<String>,
    /// Why it was handed off, or `any`.
    reason: Option<String>,
    /// `answered`: those whose customer answered the survey.
    survey: Option<String>,
}

/// Figures of a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomesBody {
    /// The time.
    pub range: RangeBody,
    /// Its figures; see docs/outcomes.md.
    #[schema(value_type = Object)]
    pub totals: Totals,
    /// The same by day or week, each with `at_ms`.
    #[schema(value_type = Vec<Object>)]
    pub series: Vec<Point>,
    /// By intent, the most frequent first.
    #[schema(value_type = Vec<Object>)]
    pub intents: Vec<IntentRow>,
    /// The figures of as long a time before.
    #[schema(value_type = Object)]
    pub previous: Totals,
}

/// A time.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct RangeBody {
    /// From here on.
    pub from_ms: i64,
    /// Until before here.
    pub to_ms: i64,
}

/// The conversations behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct BehindBody {
    /// The newest first, 500 at most.
    pub conversations: Vec<BehindConversation>,
    /// How many there are.
    pub count: usize,
}

/// A conversation and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BehindConversation {
    /// Its id.
    pub conversation: String,
    /// `bot`, `queued`, `agent` or `closed`.
    #[schema(value_type = String)]
    pub state: ConversationState,
    /// What the customer calls themselves.
    pub owner_name: Option<String>,
    /// When it was begun.
    pub created_ms: i64,
    /// When its last message was written.
    pub last_ms: i64,
    /// Its last words.
    pub preview: String,
    /// Probability that the customer was not dissatisfied in the end.
    pub satisfaction: Option<f64>,
    /// What became of it.
    #[schema(value_type = String)]
    pub resolution: Resolution,
    /// What it was about.
    pub intent: Option<String>,
    /// Why it was handed off, if it was.
    pub escalation_reason: Option<String>,
    /// What the customer said in the survey, 1 to 5.
    pub rating: Option<u8>,
}

/// What became of the conversations of a time, and how customers were answered; for agents.
#[utoipa::path(get, path = "/v1/outcomes", params(OutcomesQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = OutcomesBody),
        (status = 400, description = "Not a time, a step or a time zone", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn outcomes(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<OutcomesQuery>, QueryRejection>,
) -> Result<Json<OutcomesBody>, Refusal> {
    agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let range = range_of(query.from_ms, query.to_ms)?;
    let zone = zone_of(query.timezone.as_deref())?;
    let before =
        RangeBody { from_ms: range.from_ms - (range.to_ms - range.from_ms), to_ms: range.from_ms };
    let rules = rules_of(&state);
    let facts = facts_of(&state, before.from_ms, range.to_ms, &rules).await?;
    let told = tell(&facts, &rules);
    let (now, earlier) = (within(&told, range), within(&told, before));
    let beginnings = beginnings(range.from_ms, range.to_ms, query.by, &zone);
    let mut series = series(&now, &beginnings);
    let mut body_totals = totals(&now);
    let mut previous = totals(&earlier);
    let store = &state.chat.store;
    body_totals.suggestions = store.suggestion_figures(range.from_ms, range.to_ms).await?;
    previous.suggestions = store.suggestion_figures(before.from_ms, before.to_ms).await?;
    for (place, point) in series.iter_mut().enumerate() {
        let ends = beginnings.get(place + 1).copied().unwrap_or(range.to_ms);
        point.totals.suggestions =
            store.suggestion_figures(point.at_ms.max(range.from_ms), ends.min(range.to_ms)).await?;
    }
    let intents = by_intent(&now);
    Ok(Json(OutcomesBody { range, totals: body_totals, series, intents, previous }))
}

/// The same as a table for spreadsheets; for agents.
#[utoipa::path(get, path = "/v1/outcomes.csv", params(OutcomesQuery),
    security(("token" = [])),
    responses(
        (status = 200, description = "Lines of conversations, or of days or weeks", body = String, content_type = "text/csv"),
        (status = 400, description = "Not a time, a step or a time zone", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn table(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<OutcomesQuery>, QueryRejection>,
) -> Result<Response, Refusal> {
    agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let range = range_of(query.from_ms, query.to_ms)?;
    let zone = zone_of(query.timezone.as_deref())?;
    let rules = rules_of(&state);
    let facts = facts_of(&state, range.from_ms, range.to_ms, &rules).await?;
    let told = tell(&facts, &rules);
    let told = within(&told, range);
    let (name, text) = match query.what {
        What::Conversations => {
            ("conversations", csv::table(&CONVERSATION_HEAD, told.iter().map(conversation_row)))
        }
        What::Series => {
            let points = series(&told, &beginnings(range.from_ms, range.to_ms, query.by, &zone));
            let head: Vec<&str> =
                SERIES_HEAD.into_iter().chain(Resolution::ALL.map(Resolution::name)).collect();
            ("outcomes", csv::table(&head, points.iter().map(point_row)))
        }
    };
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((head, text).into_response())
}

/// The conversations behind a figure; for agents.
#[utoipa::path(get, path = "/v1/outcomes/conversations", params(BehindQuery),
    security(("token" = [])),
    responses(
        (status = 200, body = BehindBody),
        (status = 400, description = "Not a time or an outcome", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
    ))]
pub async fn behind(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<BehindQuery>, QueryRejection>,
) -> Result<Json<BehindBody>, Refusal> {
    agent_of(&state, &headers)?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    if query.survey.as_deref().is_some_and(|survey| survey != "answered") {
        return Err(bad_request("`survey` is \"answered\" or absent"));
    }
    let range = range_of(query.from_ms, query.to_ms)?;
    let rules = rules_of(&state);
    let facts = facts_of(&state, range.from_ms, range.to_ms, &rules).await?;
    let told = tell(&facts, &rules);
    let mut found = within(&told, range);
    found.retain(|one| is_wanted(one, &query));
    found.sort_by_key(|one| std::cmp::Reverse(one.facts.created_ms));
    let count = found.len();
    found.truncate(MOST_LISTED);
    let ids: Vec<&str> = found.iter().map(|one| one.facts.conversation.as_str()).collect();
    let lines = state.chat.store.conversation_lines(&ids).await?;
    let conversations = lines.into_iter().filter_map(|line| {
        let one = found.iter().find(|one| one.facts.conversation == line.conversation)?;
        let facts = one.facts;
        Some(BehindConversation {
            conversation: line.conversation,
            state: line.state,
            owner_name: line.owner_name,
            created_ms: facts.created_ms,
            last_ms: line.last_ms,
            preview: line.preview,
            satisfaction: facts.dissatisfied.map(|share| 1.0 - share),
            resolution: one.outcome.resolution,
            intent: facts.intent.clone(),
            escalation_reason: facts.handed_off_ms.map(|_| reason_of(facts).to_string()),
            rating: facts.survey.rating,
        })
    });
    Ok(Json(BehindBody { conversations: conversations.collect(), count }))
}

fn is_wanted(one: &Told<'_>, query: &BehindQuery) -> bool {
    let facts = one.facts;
    let is_handed_off = facts.handed_off_ms.is_some();
    query.resolution.is_none_or(|resolution| one.outcome.resolution == resolution)
        && query
            .intent
            .as_deref()
            .is_none_or(|intent| facts.intent.as_deref().unwrap_or(NO_INTENT) == intent)
        && query
            .reason
            .as_deref()
            .is_none_or(|reason| is_handed_off && (reason == "any" || reason_of(facts) == reason))
        && (query.survey.is_none() || facts.survey.rating.is_some())
}

fn within<'a>(told: &[Told<'a>], range: RangeBody) -> Vec<Told<'a>> {
    let times = range.from_ms..range.to_ms;
    told.iter().filter(|one| times.contains(&one.facts.created_ms)).cloned().collect()
}

/// The facts of the range, and of what may have come back with it since.
async fn facts_of(
    state: &AppState,
    from_ms: i64,
    to_ms: i64,
    rules: &Rules,
) -> Result<Vec<Facts>, Refusal> {
    let until = to_ms.saturating_add(rules.came_back_ms.saturating_mul(2));
    Ok(state.chat.store.outcome_facts(from_ms, until, rules.came_back_ms).await?)
}

fn rules_of(state: &AppState) -> Rules {
    state.chat.config.now().outcomes.rules(Timestamp::now().as_millisecond())
}

pub(super) fn range_of(from_ms: Option<i64>, to_ms: Option<i64>) -> Result<RangeBody, Refusal> {
    let to_ms = to_ms.unwrap_or_else(|| Timestamp::now().as_millisecond());
    let from_ms = from_ms.unwrap_or_else(|| to_ms.saturating_sub(STANDARD_DAYS * DAY_MS));
    let is_time = |ms: i64| Timestamp::from_millisecond(ms).is_ok();
    if !is_time(from_ms) || !is_time(to_ms) || from_ms >= to_ms {
        return Err(bad_request(
            "`from_ms` must be a time before `to_ms`, in milliseconds since 1970",
        ));
    }
    if to_ms - from_ms > MOST_DAYS * DAY_MS {
        return Err(bad_request(format!("a range of more than {MOST_DAYS} days is too long")));
    }
    Ok(RangeBody { from_ms, to_ms })
}

fn zone_of(name: Option<&str>) -> Result<TimeZone, Refusal> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    TimeZone::get(name)
        .map_err(|_| bad_request("`timezone` is no time zone, such as Europe/Berlin"))
}

const CONVERSATION_HEAD: [&str; 17] = [
    "conversation",
    "customer",
    "begun",
    "outcome",
    "in_peoples_hands",
    "intent",
    "escalated",
    "escalation_reason",
    "first_response_ms",
    "handling_ms",
    "rating",
    "solved",
    "estimated_rating",
    "dissatisfied",
    "steward_replies",
    "agent_replies",
    "confirmed_by",
];

fn conversation_row(told: &Told<'_>) -> Vec<String> {
    let Told { facts, outcome } = told;
    let text = |value: Option<String>| value.unwrap_or_default();
    let number = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
    vec![
        facts.conversation.clone(),
        facts.owner.clone(),
        moment(facts.created_ms),
        outcome.resolution.name().to_string(),
        outcome.besides.name().to_string(),
        text(facts.intent.clone()),
        text(facts.handed_off_ms.map(moment)),
        text(facts.handed_off_ms.map(|_| reason_of(facts).to_string())),
        text(facts.first_reply_ms.map(|at_ms| (at_ms - facts.first_customer_ms).to_string())),
        text(handling_ms(facts).map(|ms| ms.to_string())),
        text(facts.survey.rating.map(|rating| rating.to_string())),
        text(facts.survey.solved.map(|(solved, _)| solved.to_string())),
        number(facts.estimate),
        number(facts.dissatisfied),
        facts.steward_replies.to_string(),
        facts.agent_replies.to_string(),
        text(outcome.confirmed_by.map(|by| format!("{by:?}").to_lowercase())),
    ]
}

const SERIES_HEAD: [&str; 12] = [
    "begins",
    "conversations",
    "escalations",
    "first_response_ms_median",
    "first_response_ms_p90",
    "handling_ms_median",
    "handling_ms_p90",
    "survey_mean",
    "survey_answers",
    "estimate_mean",
    "steward_replies",
    "agent_replies",
];

fn point_row(point: &Point) -> Vec<String> {
    let totals = &point.totals;
    let whole = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let number = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
    let mut row = vec![
        moment(point.at_ms),
        totals.conversations.to_string(),
        totals.escalations.to_string(),
        whole(totals.first_response_ms.median),
        whole(totals.first_response_ms.p90),
        whole(totals.handling_ms.median),
        whole(totals.handling_ms.p90),
        number(totals.satisfaction.survey.mean),
        totals.satisfaction.survey.n.to_string(),
        number(totals.satisfaction.estimate.mean),
        totals.steward_replies.to_string(),
        totals.agent_replies.to_string(),
    ];
    row.extend(Resolution::ALL.map(|resolution| {
        totals.resolution.get(resolution.name()).copied().unwrap_or_default().to_string()
    }));
    row
}

/// The moment as ISO 8601 has it, in UTC.
fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|moment| moment.to_string()).unwrap_or_default()
}
