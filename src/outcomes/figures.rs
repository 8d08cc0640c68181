//! Figures of many conversations: totals, the same by day or week, by intent.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ConfirmedBy, DISSATISFIED_FROM, Facts, Outcome, Resolution, Rules, outcome};

/// A conversation and what became of it.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The conversation.
    pub facts: &'a Facts,
    /// What became of it.
    pub outcome: Outcome,
}

/// The middle, and what nine in ten stay within.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Half are this or less.
    pub median: Option<i64>,
    /// Nine in ten are this or less.
    pub p90: Option<i64>,
}

/// A mean, and of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Mean {
    /// None of none.
    pub mean: Option<f64>,
    /// How many.
    pub n: usize,
}

/// Satisfaction, 1 to 5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Satisfaction {
    /// As customers said.
    pub survey: Mean,
    /// As the last message of each conversation was judged.
    pub estimate: Mean,
}

/// What became of suggested replies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SuggestionFigures {
    /// Made.
    pub shown: i64,
    /// Sent as they were.
    pub accepted: i64,
    /// Sent with changes.
    pub edited: i64,
    /// Put aside.
    pub rejected: i64,
    /// How much of those sent stayed, 0 to 1.
    pub mean_similarity: Option<f64>,
    /// Time that they saved, by the estimate of the desk.
    pub saved_ms: i64,
}

/// Figures of some conversations.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// In which a customer wrote.
    pub conversations: usize,
    /// What became of them: each counts once.
    pub resolution: BTreeMap<&'static str, usize>,
    /// What became of those that were handed off, in people's hands.
    pub handed_off_then: BTreeMap<&'static str, usize>,
    /// How the confirmed ones were, those in people's hands among them.
    pub confirmed_by: BTreeMap<&'static str, usize>,
    /// From the customer's first message to the first reply.
    pub first_response_ms: Spread,
    /// From the hand-off to the first reply of a person.
    pub person_response_ms: Spread,
    /// From the customer's first message to the last reply, of those that are over.
    pub handling_ms: Spread,
    /// How satisfied customers are.
    pub satisfaction: Satisfaction,
    /// Conversations that were handed off.
    pub escalations: usize,
    /// Why.
    pub escalation_reasons: BTreeMap<String, usize>,
    /// Suggested replies.
    pub suggestions: SuggestionFigures,
    /// Replies of Steward.
    pub steward_replies: u64,
    /// Replies of people.
    pub agent_replies: u64,
}

/// The same for a day or a week.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// When it begins.
    pub at_ms: i64,
    /// Its figures.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Figures of one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntentRow {
    /// Its name; `none` for conversations that were about nothing in scope.
    pub name: String,
    /// About it.
    pub conversations: usize,
    /// Handed off.
    pub escalations: usize,
    /// Whose customer was dissatisfied in the end.
    pub dissatisfied: usize,
}

/// How long a point of a series is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A day.
    #[default]
    Day,
    /// A week, from Monday on.
    Week,
}

/// Why a conversation was handed off, where no judgement says.
pub const OTHER_REASON: &str = "other";
/// The intent of conversations that were about nothing in scope.
pub const NO_INTENT: &str = "none";
/// Points of a series at most.
const MOST_POINTS: usize = 750;

/// Tells the outcome of each. `facts` are those of all conversations that may have come back as well.
pub fn tell<'a>(facts: &'a [Facts], rules: &Rules) -> Vec<Told<'a>> {
    let mut by_owner: BTreeMap<&str, Vec<&Facts>> = BTreeMap::new();
    for one in facts {
        by_owner.entry(&one.owner).or_default().push(one);
    }
    let of = |one: &'a Facts| {
        let others = by_owner.get(one.owner.as_str()).map_or(&[][..], Vec::as_slice);
        Told { facts: one, outcome: outcome(one, others, rules) }
    };
    facts.iter().map(of).collect()
}

/// The figures of `told`.
pub fn totals<'a>(told: impl IntoIterator<Item = &'a Told<'a>>) -> Totals {
    let mut totals = Totals::default();
    let (mut first, mut person, mut handling) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ratings, mut estimates) = (Vec::new(), Vec::new());
    for resolution in Resolution::ALL {
        totals.resolution.insert(resolution.name(), 0);
    }
    for Told { facts, outcome } in told {
        totals.conversations += 1;
        *totals.resolution.entry(outcome.resolution.name()).or_default() += 1;
        if outcome.resolution == Resolution::HandedOff {
            *totals.handed_off_then.entry(outcome.besides.name()).or_default() += 1;
        }
        if let Some(by) = outcome.confirmed_by {
            let name = match by {
                ConfirmedBy::Survey => "survey",
                ConfirmedBy::Words => "words",
            };
            *totals.confirmed_by.entry(name).or_default() += 1;
        }
        first.extend(facts.first_reply_ms.map(|at_ms| at_ms - facts.first_customer_ms));
        person.extend(person_response_ms(facts));
        if outcome.resolution != Resolution::Open {
            handling.extend(handling_ms(facts));
        }
        ratings.extend(facts.survey.rating.map(f64::from));
        estimates.extend(facts.estimate);
        if facts.handed_off_ms.is_some() {
            totals.escalations += 1;
            *totals.escalation_reasons.entry(reason_of(facts).to_string()).or_default() += 1;
        }
        totals.steward_replies += u64::from(facts.steward_replies);
        totals.agent_replies += u64::from(facts.agent_replies);
    }
    totals.first_response_ms = spread(first);
    totals.person_response_ms = spread(person);
    totals.handling_ms = spread(handling);
    totals.satisfaction = Satisfaction { survey: mean(&ratings), estimate: mean(&estimates) };
    totals
}

/// Why the conversation was handed off.
pub fn reason_of(facts: &Facts) -> &str {
    facts.escalation_reason.as_deref().unwrap_or(OTHER_REASON)
}

/// From the customer's first message to the last reply.
pub fn handling_ms(facts: &Facts) -> Option<i64> {
    facts.last_reply_ms.map(|at_ms| at_ms - facts.first_customer_ms)
}

/// From the hand-off to the first reply of a person.
pub fn person_response_ms(facts: &Facts) -> Option<i64> {
    let (handed_off, person) = (facts.handed_off_ms?, facts.first_person_ms?);
    (person >= handed_off).then(|| person - handed_off)
}

/// By intent, the most frequent first.
pub fn by_intent(told: &[Told<'_>]) -> Vec<IntentRow> {
    let mut rows: BTreeMap<&str, IntentRow> = BTreeMap::new();
    for Told { facts, .. } in told {
        let name = facts.intent.as_deref().unwrap_or(NO_INTENT);
        let row = rows.entry(name).or_insert_with(|| IntentRow {
            name: name.to_string(),
            conversations: 0,
            escalations: 0,
            dissatisfied: 0,
        });
        row.conversations += 1;
        row.escalations += usize::from(facts.handed_off_ms.is_some());
        let is_dissatisfied = facts.dissatisfied.is_some_and(|share| share >= DISSATISFIED_FROM);
        row.dissatisfied += usize::from(is_dissatisfied);
    }
    let mut rows: Vec<IntentRow> = rows.into_values().collect();
    rows.sort_by(|one, other| {
        other.conversations.cmp(&one.conversations).then_with(|| one.name.cmp(&other.name))
    });
    rows
}

/// The beginnings of the days or weeks that `from_ms` to `to_ms` touches, by the clock in `zone`.
pub fn beginnings(from_ms: i64, to_ms: i64, step: Step, zone: &TimeZone) -> Vec<i64> {
    let Ok(first) = Timestamp::from_millisecond(from_ms) else { return Vec::new() };
    let mut day = first.to_zoned(zone.clone()).date();
    if step == Step::Week {
        let since_monday = i64::from(day.weekday().since(Weekday::Monday));
        day = day.checked_sub(Span::new().days(since_monday)).unwrap_or(day);
    }
    let span = Span::new().days(if step == Step::Week { 7 } else { 1 });
    let mut beginnings = Vec::new();
    while beginnings.len() < MOST_POINTS {
        let Ok(begins) = zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())) else {
            break;
        };
        if begins.as_millisecond() >= to_ms {
            break;
        }
        beginnings.push(begins.as_millisecond());
        match day.checked_add(span) {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    beginnings
}

/// The figures of each day or week.
pub fn series(told: &[Told<'_>], beginnings: &[i64]) -> Vec<Point> {
    let mut parts: Vec<Vec<&Told<'_>>> = vec![Vec::new(); beginnings.len()];
    for one in told {
        let place = beginnings.partition_point(|at_ms| *at_ms <= one.facts.created_ms);
        if let Some(part) = place.checked_sub(1).and_then(|place| parts.get_mut(place)) {
            part.push(one);
        }
    }
    let points = beginnings.iter().zip(parts);
    points.map(|(at_ms, part)| Point { at_ms: *at_ms, totals: totals(part) }).collect()
}

/// Nearest rank: the least of the values that so many are not above.
fn spread(mut values: Vec<i64>) -> Spread {
    values.sort_unstable();
    let at = |share: f64| {
        let rank = (share * values.len() as f64).ceil() as usize;
        values.get(rank.saturating_sub(1)).copied()
    };
    Spread { median: at(0.5), p90: at(0.9) }
}

fn mean(values: &[f64]) -> Mean {
    let n = values.len();
    Mean { mean: (n > 0).then(|| values.iter().sum::<f64>() / n as f64), n }
}

#[cfg(test)]
mod tests {
    use super::super::Survey;
    use super::super::tests::{HOUR, answered};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_are_those_of_the_conversations() {
        let mut handed = Facts {
            conversation: "c2".into(),
            owner: "visitor:2".into(),
            is_closed: true,
            handed_off_ms: Some(10 * HOUR + 1000),
            first_person_ms: Some(10 * HOUR + 61_000),
            last_reply_ms: Some(10 * HOUR + 100_000),
            agent_replies: 2,
            dissatisfied: Some(0.9),
            escalation_reason: Some("anger".into()),
            survey: Survey { rating: Some(4), solved: Some((true, 11 * HOUR)) },
            ..answered()
        };
        handed.last_reply = Some(super::super::LastReply::Person);
        let facts = [answered(), handed];
        let rules = Rules { now_ms: 1000 * HOUR, silent_ms: HOUR, came_back_ms: HOUR };
        let told = tell(&facts, &rules);
        let found = totals(&told);
        assert_eq!((found.conversations, found.escalations), (2, 1));
        assert_eq!(
            (found.resolution["assumed"], found.resolution["handed_off"], found.resolution["open"]),
            (1, 1, 0)
        );
        assert_eq!((found.handed_off_then["confirmed"], found.confirmed_by["survey"]), (1, 1));
        assert_eq!(found.escalation_reasons["anger"], 1);
        assert_eq!(found.person_response_ms, Spread { median: Some(60_000), p90: Some(60_000) });
        assert_eq!(found.handling_ms, Spread { median: Some(900), p90: Some(100_000) });
        assert_eq!(found.satisfaction.survey, Mean { mean: Some(4.0), n: 1 });
        assert_eq!((found.steward_replies, found.agent_replies), (2, 2));
        let row = &by_intent(&told)[0];
        assert_eq!(
            (row.name.as_str(), row.conversations, row.escalations, row.dissatisfied),
            ("track_order", 2, 1, 1)
        );
        assert_eq!(totals(&[]).first_response_ms, Spread::default());
    }

    #[test]
    fn days_and_weeks_are_those_of_the_clock() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        // The day on which the clock is moved has 23 hours.
        let days =
            beginnings(at("2026-03-28T10:00:00Z"), at("2026-03-30T10:00:00Z"), Step::Day, &zone);
        assert_eq!(
            days,
            [at("2026-03-27T23:00:00Z"), at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")]
        );
        let weeks =
            beginnings(at("2026-03-28T10:00:00Z"), at("2026-03-30T10:00:00Z"), Step::Week, &zone);
        assert_eq!(weeks, [at("2026-03-22T23:00:00Z"), at("2026-03-29T22:00:00Z")]);
        assert!(beginnings(0, i64::MAX, Step::Day, &TimeZone::UTC).len() <= MOST_POINTS);
    }

    proptest! {
        #[test]
        fn every_conversation_of_the_range_is_in_one_point(hours in proptest::collection::vec(0i64..2000, 0..50)) {
            let facts: Vec<Facts> = hours.iter().map(|hour| Facts { created_ms: hour * HOUR, ..answered() }).collect();
            let rules = Rules { now_ms: 0, silent_ms: 1, came_back_ms: 1 };
            let told = tell(&facts, &rules);
            let points = series(&told, &beginnings(0, 2000 * HOUR, Step::Week, &TimeZone::UTC));
            prop_assert_eq!(points.iter().map(|point| point.totals.conversations).sum::<usize>(), hours.len());
        }

        #[test]
        fn a_share_of_the_values_is_within_its_spread(values in proptest::collection::vec(0i64..1000, 1..40)) {
            let found = spread(values.clone());
            for (share, value) in [(0.5, found.median.unwrap()), (0.9, found.p90.unwrap())] {
                let within = values.iter().filter(|other| **other <= value).count();
                prop_assert!(within as f64 >= share * values.len() as f64);
                prop_assert!(values.contains(&value));
            }
        }
    }
}
