//! STAR (Mosig et al., 2020, MIT): service dialogues with what both sides said of them afterwards.

use std::path::Path;

use serde::Deserialize;

use super::labelled::{EscalationLabel, LabelledConversation, LabelledTurn, lines_of};
use crate::Result;
use crate::dialogue::{Role, Utterance};

/// What ended as it should.
const COMPLETE: &str = "Complete";
/// Words of the question to the wizard.
const ANGER: &str = "aggressive or annoyed";
/// Words of the questions to the customer that tell how they liked it.
const LIKED: [&str; 2] = ["stay calm and helpful", "enjoy"];

/// A dialogue and how it went.
#[derive(Debug, Clone, PartialEq)]
pub struct StarDialogue {
    /// The turns; the last customer's turn is labelled by [`StarDialogue::anger`].
    pub conversation: LabelledConversation,
    /// The wizard saw the customer become aggressive or annoyed.
    pub anger: Option<bool>,
    /// The customer did not find the assistant calm and helpful.
    pub unhappy: Option<bool>,
    /// One side went away in the middle.
    pub cut_short: bool,
}

#[derive(Deserialize)]
struct Line {
    id: u64,
    completion: String,
    turns: Vec<Utterance>,
    #[serde(default)]
    user_questionnaire: Vec<Answer>,
    #[serde(default)]
    wizard_questionnaire: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    answer: serde_json::Value,
    question: String,
}

/// Reads the dialogues in which the customer said something.
///
/// # Errors
/// [`crate::ErrorKind::Input`] with the line's number, if a line is not in STAR's form.
pub fn dialogues(path: &Path) -> Result<Vec<StarDialogue>> {
    let all = lines_of(path, |line| {
        let line: Line = serde_json::from_str(line).map_err(|problem| problem.to_string())?;
        Ok(dialogue_of(line))
    })?;
    let spoke = |d: &StarDialogue| d.conversation.turns.iter().any(|t| t.role == Role::Customer);
    Ok(all.into_iter().filter(spoke).collect())
}

fn dialogue_of(line: Line) -> StarDialogue {
    let said = |answers: &[Answer], words: &str| {
        let answer = answers.iter().find(|answer| answer.question.contains(words))?;
        answer.answer.as_bool()
    };
    let anger = said(&line.wizard_questionnaire, ANGER);
    let liked: Vec<bool> =
        LIKED.iter().filter_map(|words| said(&line.user_questionnaire, words)).collect();
    let mut turns: Vec<LabelledTurn> =
        line.turns.into_iter().map(|turn| LabelledTurn::new(turn.role, turn.text)).collect();
    if let Some(last) = turns.iter_mut().rev().find(|turn| turn.role == Role::Customer) {
        last.escalation = anger.map(|anger| match anger {
            true => EscalationLabel::Needed(Some(crate::judge::escalation::Reason::Anger)),
            false => EscalationLabel::None,
        });
    }
    let id = line.id.to_string();
    StarDialogue {
        conversation: LabelledConversation { id, channel: None, case: None, turns },
        anger,
        unhappy: (!liked.is_empty()).then(|| liked.contains(&false)),
        cut_short: line.completion != COMPLETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wizards_word_labels_the_last_customers_turn() {
        let line = r#"{"id":7,"completion":"Complete","turns":[{"role":"customer","text":"now!"},{"role":"agent","text":"No."}],"user_questionnaire":[{"Answer":true,"Question":"Did the assistant stay calm and helpful throughout the dialogue?"}],"wizard_questionnaire":[{"Answer":true,"Question":"Did the user become aggressive or annoyed during the dialogue?"}]}"#;
        let silent = r#"{"id":8,"completion":"EarlyDisconnectDuringDialogue","turns":[]}"#;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{line}\n{silent}\n")).unwrap();
        let all = dialogues(file.path()).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].anger, all[0].unhappy, all[0].cut_short),
            (Some(true), Some(false), false)
        );
        assert!(matches!(
            all[0].conversation.turns[0].escalation,
            Some(EscalationLabel::Needed(_))
        ));
        assert_eq!(all[0].conversation.turns[1].escalation, None);
    }
}
