//! How urgent a conversation is: escalation risk, waiting time and value together, as one number from 0 to 1.
//!
//! Each of the three takes its share of what the others leave, so that each can raise a conversation by itself and all
//! together never exceed 1:
//!
//! ```text
//! urgency = needed · (1 − (1 − 0.7·risk) · (1 − 0.6·wait) · (1 − 0.2·value))
//!   risk    probability that the matter needs a person, of the newest judged message; 0 while none is judged
//!   wait    t / (t + 10 min): a half after ten minutes, two thirds after twenty
//!   value   v / (v + 1000): a half for records that are worth 1000
//!   needed  1 while somebody is waited for, ½ while nobody is
//! ```
//!
//! The list sorts in the store, so the same formula stands here as SQL; a test holds the two together.

const RISK_SHARE: f64 = 0.7;
const WAIT_SHARE: f64 = 0.6;
const VALUE_SHARE: f64 = 0.2;
/// After so long the wait counts half.
const HALF_WAIT_MS: f64 = 600_000.0;
/// Records worth so much count half.
const HALF_VALUE: f64 = 1000.0;
/// What a conversation counts in which nobody is waited for.
const NOT_NEEDED: f64 = 0.5;

/// What urgency is read from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Standing {
    /// Probability that the matter needs a person, 0 to 1.
    pub escalation: Option<f64>,
    /// Since when somebody is waited for, in milliseconds since 1970.
    pub waiting_since_ms: Option<i64>,
    /// What the customer's records are worth.
    pub value: Option<f64>,
}

/// How urgent a conversation that stands so is at `now_ms`, 0 to 1.
pub fn urgency(standing: &Standing, now_ms: i64) -> f64 {
    let risk = standing.escalation.unwrap_or(0.0);
    let waited = standing.waiting_since_ms.map_or(0, |since| now_ms.saturating_sub(since).max(0));
    let value = standing.value.unwrap_or(0.0).max(0.0);
    let needed = if standing.waiting_since_ms.is_some() { 1.0 } else { NOT_NEEDED };
    let left = (1.0 - RISK_SHARE * risk)
        * (1.0 - WAIT_SHARE * saturated(waited as f64, HALF_WAIT_MS))
        * (1.0 - VALUE_SHARE * saturated(value, HALF_VALUE));
    needed * (1.0 - left)
}

fn saturated(amount: f64, half: f64) -> f64 {
    amount / (amount + half)
}

/// Since when somebody is waited for: the customer's oldest unanswered message, or the beginning of the wait in line.
pub(super) const WAITING_SINCE: &str = "CASE state WHEN 'queued' THEN min(state_ms, coalesce(waiting_ms, state_ms)) ELSE waiting_ms END";

/// [`urgency`] as SQL over `conversations`, at the moment `now_ms`.
pub(super) fn urgency_sql(now_ms: i64) -> String {
    let waited = format!("max(0, {now_ms} - coalesce({WAITING_SINCE}, {now_ms}))");
    format!(
        "(CASE WHEN ({WAITING_SINCE}) IS NULL THEN {NOT_NEEDED:?} ELSE 1.0 END * (1.0 -
            (1.0 - {RISK_SHARE:?} * coalesce(escalation, 0.0))
            * (1.0 - {WAIT_SHARE:?} * ({waited} / ({waited} + {HALF_WAIT_MS:?})))
            * (1.0 - {VALUE_SHARE:?} * (max(0.0, coalesce(owner_value, 0.0)) / (max(0.0, coalesce(owner_value, 0.0)) + {HALF_VALUE:?})))))"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_800_000_000_000;

    fn standing(escalation: f64, waited_minutes: Option<i64>, value: f64) -> Standing {
        Standing {
            escalation: Some(escalation),
            waiting_since_ms: waited_minutes.map(|minutes| NOW - minutes * 60_000),
            value: Some(value),
        }
    }

    #[test]
    fn the_angry_go_before_the_patient_and_long_waits_before_short_ones() {
        let at = |standing: Standing| urgency(&standing, NOW);
        let calm = at(standing(0.1, Some(5), 100.0));
        assert!(at(standing(0.9, Some(5), 100.0)) > at(standing(0.1, Some(30), 100.0)));
        assert!(at(standing(0.1, Some(30), 100.0)) > calm);
        assert!(at(standing(0.1, Some(5), 5000.0)) > calm);
        assert!(at(standing(0.9, None, 100.0)) < at(standing(0.9, Some(0), 100.0)));
        assert_eq!(at(Standing::default()), 0.0);
    }

    proptest! {
        #[test]
        fn it_is_a_share_and_grows_with_each_of_its_parts(
            escalation in 0.0..1.0f64, minutes in 0i64..100_000, value in 0.0..1e9f64, more in 0.001..0.5f64,
        ) {
            let at = |standing: Standing| urgency(&standing, NOW);
            let plain = at(standing(escalation, Some(minutes), value));
            prop_assert!((0.0..=1.0).contains(&plain));
            prop_assert!(at(standing((escalation + more).min(1.0), Some(minutes), value)) >= plain);
            prop_assert!(at(standing(escalation, Some(minutes + 1), value)) >= plain);
            prop_assert!(at(standing(escalation, Some(minutes), value + 1.0)) >= plain);
        }
    }

    #[tokio::test]
    async fn the_store_counts_as_the_function_does() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::store::Store::open(&directory.path().join("s.sqlite"), 1).await.unwrap();
        let cases = [
            ("bot", None, None, None),
            ("bot", Some(0.93), Some(NOW - 1234), Some(10.5)),
            ("agent", Some(0.2), None, Some(-4.0)),
            ("agent", Some(0.2), Some(NOW + 5000), Some(4000.0)),
            ("queued", None, Some(NOW - 900_000), None),
            ("queued", Some(1.0), None, Some(1e7)),
        ];
        for (state, escalation, waiting_ms, value) in cases {
            let id = store.create_conversation("visitor:v").await.unwrap();
            let state_ms = NOW - 600_000;
            sqlx::query(
                "UPDATE conversations SET state = ?, state_ms = ?, escalation = ?, waiting_ms = ?, owner_value = ? WHERE id = ?",
            )
            .bind(state)
            .bind(state_ms)
            .bind(escalation)
            .bind(waiting_ms)
            .bind(value)
            .bind(&id)
            .execute(&store.writer)
            .await
            .unwrap();
            let sql = format!("SELECT {} FROM conversations WHERE id = ?", urgency_sql(NOW));
            let counted: f64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(&id)
                .fetch_one(&store.readers)
                .await
                .unwrap();
            let in_line = (state == "queued").then_some(state_ms);
            let since = waiting_ms.into_iter().chain(in_line).min();
            let expected = urgency(&Standing { escalation, waiting_since_ms: since, value }, NOW);
            assert!((counted - expected).abs() < 1e-12, "{state} {counted} {expected}");
        }
    }
}
