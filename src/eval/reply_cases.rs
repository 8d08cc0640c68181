//! What the writers of `replies.rs` phrase: questions with the sentences that a turn would give the generator.
//!
//! They come from canned conversations, from generated questions over an account set, and from dialogues of DSTC11 track 5 whose
//! replies people wrote.

use std::path::Path;

use super::conversations::{ConversationFile, turns_of};
use super::json_lines::read_lines;
use super::questions::Question;
use super::retrieval::{Dialogue, Knowledge};
use crate::Result;
use crate::dialogue::{Role, Utterance};
use crate::error::Context;
use crate::identity::VerifiedCustomer;
use crate::model::literal::{literals_in, ungrounded_literals};
use crate::retrieve::AccountScope;
use crate::turn::extract::Draft;
use crate::turn::run::drafted;
use crate::turn::{Agent, TurnInput};

/// What is to be phrased.
#[derive(Debug, Clone)]
pub struct ReplyCase {
    /// Where it is from.
    pub set: &'static str,
    /// The customer's message.
    pub question: String,
    /// The reply in the evidence's own words.
    pub draft: Draft,
    /// Sentences that the reply must say.
    pub required: Vec<String>,
    /// What a person answered.
    pub human: Option<String>,
}

/// The turns of canned conversations in which there is something to phrase.
///
/// # Errors
/// If a turn fails.
pub async fn of_conversations(agent: &Agent, files: &[ConversationFile]) -> Result<Vec<ReplyCase>> {
    let mut cases = Vec::new();
    for input in turns_of(agent, files).await? {
        cases.extend(case_of(agent, &input, "conversations").await?);
    }
    Ok(cases)
}

/// Generated questions about an account set in which there is something to phrase.
///
/// # Errors
/// If a turn fails.
pub async fn of_questions(agent: &Agent, questions: &[Question]) -> Result<Vec<ReplyCase>> {
    let mut cases = Vec::new();
    for question in questions.iter().filter(|question| question.before.is_none()) {
        let scope = AccountScope::of(&VerifiedCustomer::chosen_by_operator(&question.customer));
        let asked = Utterance { role: Role::Customer, text: question.text.clone() };
        let input = TurnInput::of(vec![asked], Some(scope));
        cases.extend(case_of(agent, &input, "accounts").await?);
    }
    Ok(cases)
}

async fn case_of(agent: &Agent, input: &TurnInput, set: &'static str) -> Result<Option<ReplyCase>> {
    let (agent, input) = (agent.clone(), input.clone());
    let drafting = tokio::task::spawn_blocking(move || drafted(&agent, &input));
    let drafted = drafting.await.internal("a turn stopped unexpectedly")??;
    Ok(drafted.map(|(question, draft)| {
        let required = draft.supported.clone();
        ReplyCase { set, question, draft, required, human: None }
    }))
}

/// Dialogues of DSTC11 track 5 with the right knowledge and a person's reply: those whose entities are all held back from training
/// ([`is_held_back`]).
///
/// # Errors
/// [`crate::ErrorKind::Input`] with file and line.
pub fn of_grounded(file: &Path) -> Result<Vec<ReplyCase>> {
    let mut cases = Vec::new();
    for dialogue in read_lines::<Dialogue>(file)? {
        let Some(human) = dialogue.response.filter(|_| dialogue.needs_knowledge) else { continue };
        let held_back = dialogue.knowledge.iter().all(|of| is_held_back(&of.entity));
        let Some(asked) = dialogue.turns.last().filter(|_| held_back) else { continue };
        let supported: Vec<String> =
            dialogue.knowledge.iter().take(MOST_FACTS).map(fact_of).collect();
        // What the person found worth saying.
        let texts: Vec<&str> = supported.iter().map(String::as_str).collect();
        let known = literals_in(&human)
            .into_iter()
            .filter(|literal| ungrounded_literals(&literal.text, &texts).is_empty());
        let required = known.map(|literal| literal.text).collect();
        cases.push(ReplyCase {
            set: "grounded",
            question: asked.text.clone(),
            draft: Draft { supported, ..Draft::default() },
            required,
            human: Some(human),
        });
    }
    Ok(cases)
}

/// Pieces of knowledge that a dialogue's reply may rest on, as `training/data/grounded.py` has it.
const MOST_FACTS: usize = 6;

/// A piece of knowledge under the name of its place. Knowledge of the FAQ is a question with its answer; of a review, a sentence.
fn fact_of(knowledge: &Knowledge) -> String {
    let is_faq = !knowledge.id.contains("/review/");
    let text = match knowledge.text.split_once("? ").filter(|_| is_faq) {
        Some((_, answer)) if !answer.trim().is_empty() => answer,
        _ => &knowledge.text,
    };
    format!("{}: {}", titled(&knowledge.entity), text.trim())
}

/// "ACORN GUEST HOUSE" as "Acorn Guest House".
fn titled(name: &str) -> String {
    let word = |word: &str| {
        let lower = word.to_lowercase();
        let mut letters = lower.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// True of half of all entities: nothing is trained on them. `training/data/grounded.py` divides them likewise, by the CRC-32 of the name in
/// lower case.
pub fn is_held_back(entity: &str) -> bool {
    crc32fast::hash(entity.to_lowercase().as_bytes()) % 100 < 50
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_divided_by_name() {
        let names: Vec<String> = (0..400).map(|number| format!("Hotel {number}")).collect();
        let held_back = names.iter().filter(|name| is_held_back(name)).count();
        assert!((150..250).contains(&held_back), "{held_back}");
        // The check value of the CRC-32 that zlib has.
        assert_eq!(crc32fast::hash(b"123456789"), 3_421_780_262);
        assert_eq!(is_held_back("Hobsons House"), is_held_back("HOBSONS HOUSE"));
    }
}
