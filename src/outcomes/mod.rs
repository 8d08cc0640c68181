//! What became of conversations, told apart: confirmed, assumed, abandoned, came back, handed off, open.
//!
//! Pure: facts of conversations in, outcomes and figures out. What each outcome means, and what it cannot tell, is in docs/outcomes.md.
//! Where the facts come from is `store::outcomes`.

use serde::{Deserialize, Serialize};

pub mod csv;
pub mod figures;

/// What became of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The customer said that it is solved: in the survey, or in words of thanks after an answer.
    Confirmed,
    /// It was answered, and the customer wrote no more.
    Assumed,
    /// The customer left without an answer, or dissatisfied with it.
    Abandoned,
    /// The same person came back with a like matter within the days that the rules say.
    CameBack,
    /// It went to a person, and is over.
    HandedOff,
    /// It goes on, or it is too early to say.
    Open,
}

impl Resolution {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Confirmed,
        Self::Assumed,
        Self::Abandoned,
        Self::CameBack,
        Self::HandedOff,
        Self::Open,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Assumed => "assumed",
            Self::Abandoned => "abandoned",
            Self::CameBack => "came_back",
            Self::HandedOff => "handed_off",
            Self::Open => "open",
        }
    }
}

/// How a customer confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// `solved` in the survey.
    Survey,
    /// Thanks after an answer.
    Words,
}

/// Who wrote the last reply, and what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastReply {
    /// Steward's answer.
    Answer,
    /// A question, or anything of Steward that answers nothing.
    NoAnswer,
    /// A person's.
    Person,
}

/// What the customer said in the survey.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Survey {
    /// 1 to 5.
    pub rating: Option<u8>,
    /// Whether it is solved, and when that was said.
    pub solved: Option<(bool, i64)>,
}

/// What is known of one conversation in which a customer wrote. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its id.
    pub conversation: String,
    /// Whose it is.
    pub owner: String,
    /// When it was begun.
    pub created_ms: i64,
    /// It waits for a person, or one has it.
    pub is_with_person: bool,
    /// It was closed.
    pub is_closed: bool,
    /// The customer's last words have no reply.
    pub is_unanswered: bool,
    /// The customer's first message.
    pub first_customer_ms: i64,
    /// The customer's last message.
    pub last_customer_ms: i64,
    /// The first reply, by Steward or a person.
    pub first_reply_ms: Option<i64>,
    /// The last reply.
    pub last_reply_ms: Option<i64>,
    /// What it was.
    pub last_reply: Option<LastReply>,
    /// The first hand-off.
    pub handed_off_ms: Option<i64>,
    /// The first reply of a person.
    pub first_person_ms: Option<i64>,
    /// Replies of Steward.
    pub steward_replies: u32,
    /// Those of them that answer from evidence.
    pub evidenced_answers: u32,
    /// Replies of people.
    pub agent_replies: u32,
    /// What most of the customer's messages were about, as they were judged; none if nothing was in scope.
    pub intent: Option<String>,
    /// Articles and records that replies cited; read only where the same person has another conversation.
    pub sources: Vec<String>,
    /// Probability that the customer was dissatisfied in the end.
    pub dissatisfied: Option<f64>,
    /// The rating that the customer would have given, as it was judged, 1 to 5.
    pub estimate: Option<f64>,
    /// Why a person was needed, as it was judged before the hand-off.
    pub escalation_reason: Option<String>,
    /// The customer's last words were thanks or the like, after an answer.
    pub has_thanked: bool,
    /// What the customer said of it.
    pub survey: Survey,
}

/// What the outcomes go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Now.
    pub now_ms: i64,
    /// After so long without a word of the customer a conversation is over.
    pub silent_ms: i64,
    /// Who comes back within so long after the last word came back with it.
    pub came_back_ms: i64,
}

/// `[outcomes]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutcomeSettings {
    /// Hours without a word of the customer after which a conversation is over.
    pub silent_hours: u32,
    /// Days within which who comes back with a like matter came back with it.
    pub came_back_days: u32,
}

impl Default for OutcomeSettings {
    fn default() -> Self {
        Self { silent_hours: 24, came_back_days: 7 }
    }
}

impl OutcomeSettings {
    /// The rules, as of now.
    pub fn rules(&self, now_ms: i64) -> Rules {
        Rules {
            now_ms,
            silent_ms: i64::from(self.silent_hours) * 3_600_000,
            came_back_ms: i64::from(self.came_back_days) * 86_400_000,
        }
    }
}

/// From this probability on a customer counts as dissatisfied.
pub const DISSATISFIED_FROM: f64 = 0.5;
/// A rating up to this says the same.
const LOW_RATING: u8 = 2;

/// The outcome of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it.
    pub resolution: Resolution,
    /// The same without looking at whether it was handed off: what became of it in the person's hands.
    pub besides: Resolution,
    /// How it was confirmed, if `besides` says so.
    pub confirmed_by: Option<ConfirmedBy>,
}

/// What became of the conversation, given the person's other ones.
pub fn outcome(facts: &Facts, others: &[&Facts], rules: &Rules) -> Outcome {
    let (besides, confirmed_by) = besides(facts, others, rules);
    let is_handed_off = facts.handed_off_ms.is_some() && besides != Resolution::Open;
    let resolution = if is_handed_off { Resolution::HandedOff } else { besides };
    Outcome { resolution, besides, confirmed_by }
}

fn besides(facts: &Facts, others: &[&Facts], rules: &Rules) -> (Resolution, Option<ConfirmedBy>) {
    let solved = facts.survey.solved.filter(|(_, at_ms)| *at_ms >= facts.last_customer_ms);
    let confirmed_by = match solved {
        Some((true, _)) => Some(ConfirmedBy::Survey),
        Some((false, _)) => None,
        None => thanked(facts).then_some(ConfirmedBy::Words),
    };
    let last_ms = facts.last_customer_ms.max(facts.last_reply_ms.unwrap_or(0));
    let is_silent = rules.now_ms.saturating_sub(last_ms) >= rules.silent_ms;
    let has_said = matches!(solved, Some((_, _)));
    if facts.is_with_person || !(facts.is_closed || is_silent || has_said) {
        return (Resolution::Open, None);
    }
    if others.iter().any(|other| came_back_with(facts, other, last_ms, rules)) {
        return (Resolution::CameBack, None);
    }
    if confirmed_by.is_some() {
        return (Resolution::Confirmed, confirmed_by);
    }
    (if left(facts, solved) { Resolution::Abandoned } else { Resolution::Assumed }, None)
}

/// Thanks count as a confirmation only after an answer, and only if the customer does not look dissatisfied.
fn thanked(facts: &Facts) -> bool {
    facts.has_thanked
        && was_answered(facts)
        && !facts.is_unanswered
        && facts.dissatisfied.is_none_or(|share| share < DISSATISFIED_FROM)
        && facts.survey.rating.is_none_or(|rating| rating > LOW_RATING)
}

fn was_answered(facts: &Facts) -> bool {
    facts.evidenced_answers > 0 || facts.agent_replies > 0
}

/// The customer went without an answer, or dissatisfied.
fn left(facts: &Facts, solved: Option<(bool, i64)>) -> bool {
    facts.is_unanswered
        || !was_answered(facts)
        || facts.last_reply == Some(LastReply::NoAnswer)
        || matches!(solved, Some((false, _)))
        || facts.survey.rating.is_some_and(|rating| rating <= LOW_RATING)
        || (facts.survey.rating.is_none()
            && facts.dissatisfied.is_some_and(|share| share >= DISSATISFIED_FROM))
}

/// The same person began another conversation within the time, about a like matter: the same intent, or one article or record that
/// replies of both cited.
fn came_back_with(facts: &Facts, other: &Facts, last_ms: i64, rules: &Rules) -> bool {
    let is_alike = (facts.intent.is_some() && facts.intent == other.intent)
        || facts.sources.iter().any(|source| other.sources.contains(source));
    let after = other.first_customer_ms.saturating_sub(last_ms);
    other.owner == facts.owner
        && other.conversation != facts.conversation
        && (0..=rules.came_back_ms).contains(&after)
        && is_alike
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const HOUR: i64 = 3_600_000;
    const RULES: Rules =
        Rules { now_ms: 1000 * HOUR, silent_ms: 24 * HOUR, came_back_ms: 168 * HOUR };

    /// Answered from evidence ten hours after the beginning of time, and silent since.
    pub(crate) fn answered() -> Facts {
        Facts {
            conversation: "c1".into(),
            owner: "customer:c-1".into(),
            created_ms: 10 * HOUR,
            is_with_person: false,
            is_closed: false,
            is_unanswered: false,
            first_customer_ms: 10 * HOUR,
            last_customer_ms: 10 * HOUR,
            first_reply_ms: Some(10 * HOUR + 900),
            last_reply_ms: Some(10 * HOUR + 900),
            last_reply: Some(LastReply::Answer),
            handed_off_ms: None,
            first_person_ms: None,
            steward_replies: 1,
            evidenced_answers: 1,
            agent_replies: 0,
            intent: Some("track_order".into()),
            sources: Vec::new(),
            dissatisfied: Some(0.1),
            estimate: Some(3.8),
            escalation_reason: None,
            has_thanked: false,
            survey: Survey::default(),
        }
    }

    fn became(change: impl FnOnce(&mut Facts)) -> Resolution {
        let mut facts = answered();
        change(&mut facts);
        outcome(&facts, &[], &RULES).resolution
    }

    #[test]
    fn silence_after_an_answer_is_an_assumption_and_nothing_more() {
        assert_eq!(became(|_| {}), Resolution::Assumed);
        let young = Rules { now_ms: 12 * HOUR, ..RULES };
        assert_eq!(outcome(&answered(), &[], &young).resolution, Resolution::Open);
        let closed = Facts { is_closed: true, ..answered() };
        assert_eq!(outcome(&closed, &[], &young).resolution, Resolution::Assumed);
    }

    #[test]
    fn only_the_customer_confirms() {
        let solved = |solved: bool, at_ms| Survey { rating: None, solved: Some((solved, at_ms)) };
        assert_eq!(became(|it| it.survey = solved(true, 11 * HOUR)), Resolution::Confirmed);
        assert_eq!(became(|it| it.survey = solved(false, 11 * HOUR)), Resolution::Abandoned);
        let stale = |it: &mut Facts| {
            it.survey = solved(true, 9 * HOUR);
            it.last_reply = Some(LastReply::NoAnswer);
        };
        assert_eq!(became(stale), Resolution::Abandoned, "the customer wrote again after it");
        assert_eq!(became(|it| it.has_thanked = true), Resolution::Confirmed);
        for unhappy in [
            (|it: &mut Facts| it.dissatisfied = Some(0.8)) as fn(&mut Facts),
            |it| it.survey.rating = Some(1),
            |it| it.evidenced_answers = 0,
            |it| it.is_unanswered = true,
        ] {
            let became = became(|it| {
                it.has_thanked = true;
                unhappy(it);
            });
            assert_eq!(became, Resolution::Abandoned, "thanks for nothing");
        }
        // A good rating says more than a judgement.
        let rated = |it: &mut Facts| {
            it.dissatisfied = Some(0.8);
            it.survey.rating = Some(5);
        };
        assert_eq!(became(rated), Resolution::Assumed);
    }

    #[test]
    fn who_left_without_an_answer_or_dissatisfied_abandoned_it() {
        assert_eq!(became(|it| it.is_unanswered = true), Resolution::Abandoned);
        assert_eq!(became(|it| it.last_reply = Some(LastReply::NoAnswer)), Resolution::Abandoned);
        assert_eq!(became(|it| it.dissatisfied = Some(0.5)), Resolution::Abandoned);
        assert_eq!(became(|it| it.survey.rating = Some(2)), Resolution::Abandoned);
        assert_eq!(
            became(|it| it.evidenced_answers = 0),
            Resolution::Abandoned,
            "a greeting is no answer"
        );
    }

    #[test]
    fn what_a_person_took_was_handed_off_and_what_came_of_it_is_told_beside() {
        let mut facts =
            Facts { handed_off_ms: Some(11 * HOUR), is_with_person: true, ..answered() };
        assert_eq!(outcome(&facts, &[], &RULES).resolution, Resolution::Open);
        facts.is_with_person = false;
        facts.is_closed = true;
        facts.agent_replies = 1;
        facts.last_reply = Some(LastReply::Person);
        facts.survey.solved = Some((true, 12 * HOUR));
        let found = outcome(&facts, &[], &RULES);
        assert_eq!(
            (found.resolution, found.besides),
            (Resolution::HandedOff, Resolution::Confirmed)
        );
        assert_eq!(found.confirmed_by, Some(ConfirmedBy::Survey));
    }

    #[test]
    fn the_same_person_with_a_like_matter_in_time_came_back() {
        let again = |hours: i64| {
            let begun = 10 * HOUR + 900 + hours * HOUR;
            Facts {
                conversation: "c2".into(),
                first_customer_ms: begun,
                last_customer_ms: begun,
                ..answered()
            }
        };
        let first = |other: &Facts| outcome(&answered(), &[&answered(), other], &RULES).resolution;
        assert_eq!(first(&again(168)), Resolution::CameBack);
        assert_eq!(first(&again(169)), Resolution::Assumed, "too late");
        assert_eq!(first(&again(-5)), Resolution::Assumed, "before");
        let mut other = again(1);
        other.intent = Some("warranty".into());
        assert_eq!(first(&other), Resolution::Assumed, "another matter");
        other.owner = "customer:c-2".into();
        other.intent = Some("track_order".into());
        assert_eq!(first(&other), Resolution::Assumed, "another person");
        // What the customer said before counts less than that they had to come back.
        let mut thanked = answered();
        thanked.survey.solved = Some((true, 11 * HOUR));
        assert_eq!(outcome(&thanked, &[&again(2)], &RULES).resolution, Resolution::CameBack);
        // Nothing in scope: a record that both are about.
        let mut one = Facts { intent: None, sources: vec!["order/7".into()], ..answered() };
        let mut two =
            Facts { intent: None, sources: vec!["order/7".into(), "returns".into()], ..again(3) };
        assert_eq!(outcome(&one, &[&two], &RULES).resolution, Resolution::CameBack);
        two.sources.remove(0);
        one.intent = None;
        assert_eq!(outcome(&one, &[&two], &RULES).resolution, Resolution::Assumed);
    }

    proptest! {
        #[test]
        fn nothing_is_confirmed_without_a_word_of_the_customer(
            with_person: bool, closed: bool, unanswered: bool, evidenced in 0u32..2, agents in 0u32..2, handed_off: bool,
            dissatisfied in 0.0f64..1.0, rating in proptest::option::of(1u8..=5), now in 0i64..2000,
        ) {
            let facts = Facts {
                is_with_person: with_person, is_closed: closed, is_unanswered: unanswered, evidenced_answers: evidenced,
                agent_replies: agents, handed_off_ms: handed_off.then_some(11 * HOUR), dissatisfied: Some(dissatisfied),
                survey: Survey { rating, solved: None }, ..answered()
            };
            let found = outcome(&facts, &[], &Rules { now_ms: now * HOUR, ..RULES });
            prop_assert_ne!(found.besides, Resolution::Confirmed);
            prop_assert_eq!(found.besides == Resolution::Open, found.resolution == Resolution::Open);
            prop_assert!(!with_person || found.resolution == Resolution::Open);
        }
    }
}
