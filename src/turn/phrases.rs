//! What Steward says of itself, from `prompts/phrases.toml`.

use std::collections::HashMap;

use serde::Deserialize;

use super::types::{Role, Utterance};
use crate::error::Context;
use crate::retrieve::split::sentences;
use crate::{ErrorKind, Result};

const SHIPPED: &str = include_str!("../../prompts/phrases.toml");

/// All phrases, by name.
#[derive(Debug, Clone, Deserialize)]
pub struct Phrases {
    foreign: HashMap<String, String>,
    #[serde(flatten)]
    by_name: HashMap<String, Vec<String>>,
}

impl Phrases {
    /// The phrases that ship with Steward.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if they cannot be read.
    pub fn shipped() -> Result<Self> {
        toml::from_str(SHIPPED)
            .context(ErrorKind::Setup, || "prompts/phrases.toml cannot be read".to_string())
    }

    /// The text that was read, for provenance.
    pub fn source() -> &'static str {
        SHIPPED
    }

    /// A wording of the phrase: the first that the agent has not used in the conversation, or else
    /// the one used longest ago.
    pub fn pick(&self, name: &str, history: &[Utterance]) -> String {
        let Some(wordings) = self.by_name.get(name) else { return String::new() };
        let last_use = |wording: &String| {
            history
                .iter()
                .rposition(|utterance| {
                    utterance.role == Role::Agent && utterance.text.contains(wording.as_str())
                })
                .map_or(0, |place| place + 1)
        };
        wordings.iter().min_by_key(|wording| last_use(wording)).cloned().unwrap_or_default()
    }

    /// Every wording of the phrases of these names.
    pub fn wordings_of(&self, names: &[&str]) -> Vec<String> {
        names.iter().filter_map(|name| self.by_name.get(*name)).flatten().cloned().collect()
    }

    /// What is said to somebody who writes in another language.
    pub fn foreign(&self, code: &str) -> String {
        self.foreign.get(code).or_else(|| self.foreign.get("other")).cloned().unwrap_or_default()
    }

    /// True if the agent's utterance says a wording of the phrase.
    pub fn is_said(&self, name: &str, utterance: &Utterance) -> bool {
        utterance.role == Role::Agent
            && self.by_name.get(name).is_some_and(|wordings| {
                wordings.iter().any(|wording| utterance.text.contains(wording.as_str()))
            })
    }

    /// True if the sentence is one of a wording's.
    pub fn says(&self, sentence: &str) -> bool {
        let sentence = sentence.trim();
        self.all()
            .any(|wording| wording.contains(sentence) && sentences(wording).contains(&sentence))
    }

    /// Every wording, for the checks: they need no evidence.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.by_name.values().flatten().chain(self.foreign.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_wording_does_not_come_twice_in_a_row() -> Result<()> {
        let phrases = Phrases::shipped()?;
        let first = phrases.pick("thanks", &[]);
        let history = [Utterance { role: Role::Agent, text: first.clone() }];
        assert_ne!(phrases.pick("thanks", &history), first);
        assert!(!phrases.pick("hand_off", &[]).is_empty());
        Ok(())
    }
}
