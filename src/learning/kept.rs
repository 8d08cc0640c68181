//! Conversations of the store, with the labels that people gave, as training reads them.

use std::str::FromStr;

use crate::dialogue::Role;
use crate::judge::emotion::Emotion;
use crate::judge::satisfaction::RATINGS;
use crate::judge::training::folds::part_of;
use crate::judge::training::labelled::{
    LabelledConversation, LabelledTurn, Utterance, escalation_of, shares_of,
};
use crate::store::{
    Author, KeptConversation, Label, LabelKind, LabelSource, WHOLE_CONVERSATION, in_order,
};
use crate::{Error, Result};

/// One conversation in so many is never trained on: a new head is compared with the old one on these.
const HELD_OUT_ONE_IN: usize = 5;
const MAX_INTENT_CHARS: usize = 100;

/// Refuses a label that training could not read.
///
/// # Errors
/// [`crate::ErrorKind::Input`] that says what is allowed.
pub fn check_label(kind: LabelKind, value: &str) -> Result<()> {
    match kind {
        LabelKind::Satisfaction => rating_of(value).map(drop),
        LabelKind::Emotion => emotion_of(value).map(drop),
        LabelKind::Escalation => escalation_of(value).map(drop),
        LabelKind::Intent if value.trim().is_empty() => Err("an intent has a name".to_string()),
        LabelKind::Intent if value.chars().count() > MAX_INTENT_CHARS => {
            Err(format!("an intent's name has at most {MAX_INTENT_CHARS} characters"))
        }
        LabelKind::Intent => Ok(()),
        LabelKind::Comment | LabelKind::Solved => {
            Err("a comment, and whether it is solved, is given with the survey".to_string())
        }
    }
    .map_err(Error::input)
}

fn rating_of(value: &str) -> std::result::Result<u8, String> {
    let rating = u8::from_str(value).ok().filter(|rating| (1..=RATINGS as u8).contains(rating));
    rating.ok_or_else(|| format!("`{value}` is no rating; expected 1 to {RATINGS}"))
}

fn emotion_of(value: &str) -> std::result::Result<Emotion, String> {
    Emotion::ALL.into_iter().find(|emotion| emotion.name() == value).ok_or_else(|| {
        let names = Emotion::ALL.map(Emotion::name).join(", ");
        format!("`{value}` is no emotion; expected one of {names}")
    })
}

/// True for the conversations that are kept for comparison; the same ones always.
pub fn is_held_out(conversation: &str) -> bool {
    part_of(conversation, HELD_OUT_ONE_IN) == 0
}

/// The conversation with its labels on its turns. An agent's label goes before the customer's, a newer
/// one before an older one; ratings of several agents are shared out. What is said of the whole
/// conversation is put on the customer's last turn.
pub fn labelled(kept: &KeptConversation) -> LabelledConversation {
    let mut messages = kept.messages.clone();
    in_order(&mut messages);
    let customers = messages.iter().filter(|message| message.author == Author::Customer);
    let last = customers.map(|message| message.seq).max().unwrap_or(WHOLE_CONVERSATION);
    let turns = messages.iter().map(|message| {
        if message.author != Author::Customer {
            return LabelledTurn::new(Role::Agent, message.text.as_str());
        }
        let of_turn = |label: &&Label| {
            label.seq == message.seq || (label.seq == WHOLE_CONVERSATION && message.seq == last)
        };
        let labels: Vec<&Label> = kept.labels.iter().filter(of_turn).collect();
        LabelledTurn {
            satisfaction: satisfaction_of(&labels),
            emotion: newest(&labels, LabelKind::Emotion).and_then(|value| emotion_of(value).ok()),
            escalation: newest(&labels, LabelKind::Escalation)
                .and_then(|value| escalation_of(value).ok()),
            ..LabelledTurn::new(Role::Customer, message.text.as_str())
        }
    });
    LabelledConversation {
        id: kept.id.clone(),
        channel: Some("chat".to_string()),
        case: None,
        turns: turns.collect(),
    }
}

/// The messages whose intent an agent named.
pub fn named_intents(kept: &KeptConversation) -> Vec<Utterance> {
    let intents = kept.labels.iter().filter(|label| label.kind == LabelKind::Intent);
    intents
        .filter_map(|label| {
            let message = kept.messages.iter().find(|message| message.seq == label.seq)?;
            Some(Utterance { text: message.text.clone(), label: label.value.clone() })
        })
        .collect()
}

/// The newest value of a kind, an agent's if there is one.
fn newest<'a>(labels: &[&'a Label], kind: LabelKind) -> Option<&'a str> {
    let of_kind = || labels.iter().rev().filter(|label| label.kind == kind);
    let by_agent = of_kind().find(|label| label.source == LabelSource::Agent);
    by_agent.or_else(|| of_kind().next()).map(|label| label.value.as_str())
}

fn satisfaction_of(labels: &[&Label]) -> Option<[f32; RATINGS]> {
    let given = |source: LabelSource| -> Vec<u8> {
        labels
            .iter()
            .filter(|label| label.kind == LabelKind::Satisfaction && label.source == source)
            .filter_map(|label| rating_of(&label.value).ok())
            .collect()
    };
    let by_agents = given(LabelSource::Agent);
    let ratings = if by_agents.is_empty() { given(LabelSource::Survey) } else { by_agents };
    shares_of(&ratings).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::escalation::Reason;
    use crate::judge::training::labelled::EscalationLabel;
    use crate::store::StoredMessage;

    fn message(seq: i64, author: Author) -> StoredMessage {
        StoredMessage {
            seq,
            author,
            message_id: seq.to_string(),
            text: format!("text {seq}"),
            citations: Vec::new(),
            decision: None,
            answers_seq: None,
            agent: None,
            files: Vec::new(),
            created_ms: 0,
        }
    }

    fn label(seq: i64, kind: LabelKind, source: LabelSource, author: &str, value: &str) -> Label {
        Label { seq, kind, source, author: author.into(), value: value.into() }
    }

    #[test]
    fn labels_go_on_their_turns_and_an_agents_goes_before_the_customers() {
        use LabelKind::{Emotion as Feeling, Escalation, Intent, Satisfaction};
        use LabelSource::{Agent, Survey};
        let kept = KeptConversation {
            id: "c".into(),
            messages: vec![
                message(1, Author::Customer),
                message(2, Author::Steward),
                message(3, Author::Customer),
            ],
            labels: vec![
                label(0, Satisfaction, Survey, "visitor:1", "5"),
                label(1, Satisfaction, Survey, "visitor:1", "5"),
                label(1, Satisfaction, Agent, "Ada", "1"),
                label(1, Satisfaction, Agent, "Ben", "2"),
                label(1, Feeling, Agent, "Ada", "angry"),
                label(1, Escalation, Agent, "Ada", "none"),
                label(1, Escalation, Agent, "Ben", "safety"),
                label(3, Intent, Agent, "Ada", "refund"),
            ],
        };
        let turns = labelled(&kept).turns;
        assert_eq!(turns[0].satisfaction, Some([0.5, 0.5, 0.0, 0.0, 0.0]));
        assert_eq!(turns[0].emotion, Some(Emotion::Angry));
        assert_eq!(turns[0].escalation, Some(EscalationLabel::Needed(Some(Reason::Safety))));
        assert_eq!(turns[1], LabelledTurn::new(Role::Agent, "text 2"));
        assert_eq!(turns[2].satisfaction, Some([0.0, 0.0, 0.0, 0.0, 1.0]));
        assert_eq!(turns[2].escalation, None);
        let intents = named_intents(&kept);
        assert_eq!(intents, [Utterance { text: "text 3".into(), label: "refund".into() }]);
    }

    #[test]
    fn a_label_that_training_could_not_read_is_refused_with_what_is_allowed() {
        for (kind, bad, expected) in [
            (LabelKind::Satisfaction, "6", "1 to 5"),
            (LabelKind::Satisfaction, "good", "1 to 5"),
            (LabelKind::Emotion, "cross", "annoyed"),
            (LabelKind::Escalation, "yes", "person_needed"),
            (LabelKind::Intent, " ", "name"),
            (LabelKind::Comment, "nice", "survey"),
        ] {
            let said = check_label(kind, bad).unwrap_err();
            assert_eq!(said.kind(), crate::ErrorKind::Input);
            assert!(said.to_string().contains(expected), "{said}");
        }
        check_label(LabelKind::Escalation, "policy_exception").unwrap();
    }
}
