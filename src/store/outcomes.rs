//! The facts of conversations that outcomes are told from: read off indices made for it, so that no text is.

use std::collections::{HashMap, HashSet};

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{ConversationState, Store, from_word};
use crate::Result;
use crate::error::Context;
use crate::outcomes::figures::SuggestionFigures;
use crate::outcomes::{Facts, LastReply, Survey};

/// Intents of thanks, as `index/intents.toml` names them, and from which nearness on they are meant.
const THANKS: [&str; 2] = ["thanks", "compliment"];
const THANKS_FROM: f64 = 0.55;
/// What the judge calls a message that is about nothing it knows.
const OUT_OF_SCOPE: &str = "out_of_scope";

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationLine {
    /// Its id.
    pub conversation: String,
    /// Who answers.
    pub state: ConversationState,
    /// What the customer calls themselves.
    pub owner_name: Option<String>,
    /// When its last message was written.
    pub last_ms: i64,
    /// Its last words.
    pub preview: String,
}

impl Store {
    /// The facts of the conversations begun from `from_ms` until before `to_ms` in which a customer wrote. Articles and records that
    /// were cited are read where somebody has two of them that begin within `came_back_ms`.
    pub async fn outcome_facts(
        &self,
        from_ms: i64,
        to_ms: i64,
        came_back_ms: i64,
    ) -> Result<Vec<Facts>> {
        let rows = sqlx::query(
            "SELECT c.id, c.owner, c.created_ms, c.state, c.last_customer_seq > c.answered_seq AS unanswered,
                min(CASE m.author WHEN 'customer' THEN m.created_ms END) AS first_customer,
                max(CASE m.author WHEN 'customer' THEN m.created_ms END) AS last_customer,
                min(CASE WHEN m.author IN ('steward', 'agent') THEN m.created_ms END) AS first_reply,
                max(CASE WHEN m.author IN ('steward', 'agent') THEN m.created_ms END) AS last_reply,
                max(CASE m.author WHEN 'agent' THEN m.seq * 4 + 3
                    WHEN 'steward' THEN m.seq * 4 + (m.decision IS 'answer') END) % 4 AS last_kind,
                min(CASE m.author WHEN 'agent' THEN m.created_ms END) AS first_person,
                sum(m.author = 'steward') AS by_steward,
                sum(m.author = 'steward' AND m.decision IS 'answer' AND (m.citations <> '[]')) AS evidenced,
                sum(m.author = 'agent') AS by_agents
             FROM conversations c CROSS JOIN messages m INDEXED BY messages_told ON m.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? AND c.last_customer_seq > 0
             GROUP BY c.id",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read conversations for their outcomes")?;
        let mut facts = rows.iter().map(facts_of).collect::<Result<Vec<Facts>>>()?;
        let places: HashMap<String, usize> = facts
            .iter()
            .enumerate()
            .map(|(place, one)| (one.conversation.clone(), place))
            .collect();
        self.add_hand_offs(&mut facts, &places, from_ms, to_ms).await?;
        self.add_judgements(&mut facts, &places, from_ms, to_ms).await?;
        self.add_thanks(&mut facts, &places, from_ms, to_ms).await?;
        self.add_surveys(&mut facts, &places, from_ms, to_ms).await?;
        self.add_sources(&mut facts, &places, came_back_ms).await?;
        Ok(facts)
    }

    async fn add_hand_offs(
        &self,
        facts: &mut [Facts],
        places: &HashMap<String, usize>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<()> {
        let rows = sqlx::query(
            "SELECT e.conversation, min(e.seq) AS seq, e.created_ms,
                (SELECT json_extract(judgement, '$.escalation.reason') FROM judgements
                 WHERE conversation = e.conversation AND seq < e.seq ORDER BY seq DESC LIMIT 1) AS reason
             FROM conversations c CROSS JOIN messages e INDEXED BY events_told ON e.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? AND e.author = 'event'
               AND e.text IN ('handed_off', 'agent_joined')
             GROUP BY e.conversation",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read hand-offs")?;
        for row in &rows {
            if let Some(one) = one_of(facts, places, row)? {
                one.handed_off_ms = Some(row.try_get("created_ms").internal(BAD_ROW)?);
                one.escalation_reason = row.try_get("reason").internal(BAD_ROW)?;
            }
        }
        Ok(())
    }

    async fn add_judgements(
        &self,
        facts: &mut [Facts],
        places: &HashMap<String, usize>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<()> {
        // Alongside the greatest number stand the values of its row (SQLite's bare columns).
        let rows = sqlx::query(
            "SELECT j.conversation, max(j.seq), json_extract(judgement, '$.satisfaction.dissatisfied') AS dissatisfied,
                json_extract(judgement, '$.satisfaction.rating') AS rating
             FROM conversations c JOIN judgements j INDEXED BY judgements_told ON j.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? GROUP BY j.conversation",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read judgements")?;
        for row in &rows {
            if let Some(one) = one_of(facts, places, row)? {
                one.dissatisfied = row.try_get("dissatisfied").internal(BAD_ROW)?;
                one.estimate = row.try_get("rating").internal(BAD_ROW)?;
            }
        }
        // The most frequent last: each overwrites the one before it.
        let rows = sqlx::query(
            "SELECT j.conversation, json_extract(judgement, '$.intent.name') AS intent, count(*) AS times, min(j.seq) AS first
             FROM conversations c JOIN judgements j INDEXED BY judgements_told ON j.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? AND json_extract(judgement, '$.intent.name') <> ?
             GROUP BY j.conversation, intent ORDER BY times, first DESC",
        )
        .bind(from_ms)
        .bind(to_ms)
        .bind(OUT_OF_SCOPE)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read intents")?;
        for row in &rows {
            if let Some(one) = one_of(facts, places, row)? {
                one.intent = row.try_get("intent").internal(BAD_ROW)?;
            }
        }
        Ok(())
    }

    async fn add_thanks(
        &self,
        facts: &mut [Facts],
        places: &HashMap<String, usize>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<()> {
        let rows = sqlx::query(
            "SELECT r.conversation, max(r.created_ms) AS at_ms, json_extract(record, '$.intent.name') AS name,
                json_extract(record, '$.intent.score') AS score
             FROM conversations c JOIN decision_records r INDEXED BY decision_records_told ON r.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? GROUP BY r.conversation",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read decision records")?;
        for row in &rows {
            if let Some(one) = one_of(facts, places, row)? {
                let name: Option<String> = row.try_get("name").internal(BAD_ROW)?;
                let score: Option<f64> = row.try_get("score").internal(BAD_ROW)?;
                let at_ms: i64 = row.try_get("at_ms").internal(BAD_ROW)?;
                one.has_thanked = one.last_reply_ms == Some(at_ms)
                    && name.is_some_and(|name| THANKS.contains(&name.as_str()))
                    && score.is_some_and(|score| score >= THANKS_FROM);
            }
        }
        Ok(())
    }

    async fn add_surveys(
        &self,
        facts: &mut [Facts],
        places: &HashMap<String, usize>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<()> {
        let rows = sqlx::query(
            "SELECT l.conversation, l.kind, l.value, l.created_ms FROM conversations c JOIN labels l ON l.conversation = c.id
             WHERE c.created_ms >= ? AND c.created_ms < ? AND l.source = 'survey' AND l.kind IN ('satisfaction', 'solved')",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read surveys")?;
        for row in &rows {
            let kind: String = row.try_get("kind").internal(BAD_ROW)?;
            let value: String = row.try_get("value").internal(BAD_ROW)?;
            let at_ms: i64 = row.try_get("created_ms").internal(BAD_ROW)?;
            if let Some(one) = one_of(facts, places, row)? {
                if kind == "solved" {
                    one.survey.solved = Some((value == "true", at_ms));
                } else {
                    one.survey.rating = value.parse().ok();
                }
            }
        }
        Ok(())
    }

    /// What was cited, where it may tell that two conversations are alike and their intents do not.
    async fn add_sources(
        &self,
        facts: &mut [Facts],
        places: &HashMap<String, usize>,
        came_back_ms: i64,
    ) -> Result<()> {
        let wanted = may_have_come_back(facts, came_back_ms);
        if wanted.is_empty() {
            return Ok(());
        }
        let ids = serde_json::to_string(&wanted).internal("ids cannot be written")?;
        let rows = sqlx::query(
            "SELECT DISTINCT m.conversation, json_extract(cited.value, '$.source') AS source
             FROM json_each(?) AS wanted JOIN messages m ON m.conversation = wanted.value, json_each(m.citations) AS cited
             WHERE m.author = 'steward' AND m.citations <> '[]'",
        )
        .bind(ids)
        .fetch_all(&self.readers)
        .await
        .internal("cannot read what was cited")?;
        for row in &rows {
            if let Some(one) = one_of(facts, places, row)? {
                one.sources.extend(row.try_get::<Option<String>, _>("source").internal(BAD_ROW)?);
            }
        }
        Ok(())
    }

    /// What became of suggestions made from `from_ms` until before `to_ms`.
    pub async fn suggestion_figures(&self, from_ms: i64, to_ms: i64) -> Result<SuggestionFigures> {
        let row = sqlx::query(
            "SELECT count(*) AS shown, coalesce(sum(outcome = 'accepted'), 0) AS accepted,
                coalesce(sum(outcome = 'edited'), 0) AS edited, coalesce(sum(outcome = 'rejected'), 0) AS rejected,
                avg(similarity) FILTER (WHERE outcome IN ('accepted', 'edited')) AS similarity,
                coalesce(sum(saved_ms), 0) AS saved
             FROM suggestions WHERE created_ms >= ? AND created_ms < ?",
        )
        .bind(from_ms)
        .bind(to_ms)
        .fetch_one(&self.readers)
        .await
        .internal("cannot count suggestions")?;
        Ok(SuggestionFigures {
            shown: row.try_get("shown").internal(BAD_ROW)?,
            accepted: row.try_get("accepted").internal(BAD_ROW)?,
            edited: row.try_get("edited").internal(BAD_ROW)?,
            rejected: row.try_get("rejected").internal(BAD_ROW)?,
            mean_similarity: row.try_get("similarity").internal(BAD_ROW)?,
            saved_ms: row.try_get("saved").internal(BAD_ROW)?,
        })
    }

    /// The conversations of these ids, as a list shows them.
    pub async fn conversation_lines(&self, ids: &[&str]) -> Result<Vec<ConversationLine>> {
        let ids = serde_json::to_string(ids).internal("ids cannot be written")?;
        let rows = sqlx::query(
            "SELECT c.id, c.state, coalesce(c.owner_name, a.name) AS name, m.created_ms,
                coalesce((SELECT CASE text WHEN '' THEN json_extract(files, '$[0].name') ELSE text END FROM messages
                    WHERE conversation = c.id AND author <> 'event' ORDER BY seq DESC LIMIT 1), '') AS words
             FROM json_each(?) AS wanted JOIN conversations c ON c.id = wanted.value
             JOIN messages m ON m.conversation = c.id AND m.seq = c.last_seq
             LEFT JOIN attributes a ON a.conversation = c.id ORDER BY wanted.key",
        )
        .bind(ids)
        .fetch_all(&self.readers)
        .await
        .internal("cannot list conversations")?;
        rows.iter()
            .map(|row| {
                let words: String = row.try_get("words").internal(BAD_ROW)?;
                Ok(ConversationLine {
                    conversation: row.try_get("id").internal(BAD_ROW)?,
                    state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
                    owner_name: row.try_get("name").internal(BAD_ROW)?,
                    last_ms: row.try_get("created_ms").internal(BAD_ROW)?,
                    preview: words
                        .split_whitespace()
                        .collect::<Vec<_>>()
                        .join(" ")
                        .chars()
                        .take(140)
                        .collect(),
                })
            })
            .collect()
    }
}

/// Conversations of somebody who has another within the time, unless their intents are the same already.
fn may_have_come_back(facts: &[Facts], came_back_ms: i64) -> Vec<&str> {
    let mut by_owner: HashMap<&str, Vec<&Facts>> = HashMap::new();
    for one in facts {
        by_owner.entry(&one.owner).or_default().push(one);
    }
    let mut wanted = HashSet::new();
    for of_one in by_owner.values().filter(|of_one| of_one.len() > 1) {
        for (place, one) in of_one.iter().enumerate() {
            for other in &of_one[place + 1..] {
                let (early, late) = if one.first_customer_ms <= other.first_customer_ms {
                    (one, other)
                } else {
                    (other, one)
                };
                let last = early.last_customer_ms.max(early.last_reply_ms.unwrap_or(0));
                let is_alike = early.intent.is_some() && early.intent == late.intent;
                if !is_alike && (0..=came_back_ms).contains(&(late.first_customer_ms - last)) {
                    wanted.insert(early.conversation.as_str());
                    wanted.insert(late.conversation.as_str());
                }
            }
        }
    }
    wanted.into_iter().collect()
}

fn one_of<'a>(
    facts: &'a mut [Facts],
    places: &HashMap<String, usize>,
    row: &SqliteRow,
) -> Result<Option<&'a mut Facts>> {
    let conversation: &str = row.try_get("conversation").internal(BAD_ROW)?;
    Ok(places.get(conversation).and_then(|place| facts.get_mut(*place)))
}

fn facts_of(row: &SqliteRow) -> Result<Facts> {
    let state: ConversationState = from_word(row.try_get("state").internal(BAD_ROW)?)?;
    let last_kind: Option<i64> = row.try_get("last_kind").internal(BAD_ROW)?;
    Ok(Facts {
        conversation: row.try_get("id").internal(BAD_ROW)?,
        owner: row.try_get("owner").internal(BAD_ROW)?,
        created_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        is_with_person: matches!(state, ConversationState::Queued | ConversationState::Agent),
        is_closed: state == ConversationState::Closed,
        is_unanswered: row.try_get("unanswered").internal(BAD_ROW)?,
        first_customer_ms: row.try_get("first_customer").internal(BAD_ROW)?,
        last_customer_ms: row.try_get("last_customer").internal(BAD_ROW)?,
        first_reply_ms: row.try_get("first_reply").internal(BAD_ROW)?,
        last_reply_ms: row.try_get("last_reply").internal(BAD_ROW)?,
        last_reply: last_kind.map(|kind| match kind {
            3 => LastReply::Person,
            1 => LastReply::Answer,
            _ => LastReply::NoAnswer,
        }),
        handed_off_ms: None,
        first_person_ms: row.try_get("first_person").internal(BAD_ROW)?,
        steward_replies: row.try_get("by_steward").internal(BAD_ROW)?,
        evidenced_answers: row.try_get("evidenced").internal(BAD_ROW)?,
        agent_replies: row.try_get("by_agents").internal(BAD_ROW)?,
        intent: None,
        sources: Vec::new(),
        dissatisfied: None,
        estimate: None,
        escalation_reason: None,
        has_thanked: false,
        survey: Survey::default(),
    })
}

const BAD_ROW: &str = "a row of the outcomes has an unexpected shape";
