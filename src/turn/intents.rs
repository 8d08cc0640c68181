//! Intents by example: the nearest labelled utterances tell what a message wants.

use serde::{Deserialize, Serialize};

use super::agent::Embed;
use super::lexicon::dot;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// What sort of answer an intent calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// From the customer's records.
    Account,
    /// From the company's knowledge.
    Knowledge,
    /// Something is to be done, which Steward itself never claims to have done.
    Action,
    /// Greetings, thanks and the like.
    SmallTalk,
    /// A person is asked for, or must see this.
    HandOff,
    /// Abuse and attempts to turn Steward against its rules.
    Unsafe,
    /// Nothing that customer service answers.
    OutOfScope,
}

/// An intent that a message may have.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Its name in the intents file.
    pub name: String,
    /// What sort of answer it calls for.
    pub kind: IntentKind,
    /// Nearness to its examples, 0 to 1.
    pub score: f32,
}

/// The intents and their embedded examples.
pub struct Intents {
    entries: Vec<(String, IntentKind)>,
    /// Which entry each example belongs to, and its unit vector.
    examples: Vec<(usize, Vec<f32>)>,
}

/// An intents file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentsFile {
    /// `[[intent]]`
    pub intent: Vec<IntentEntry>,
}

/// One intent of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentEntry {
    /// Its name, such as `refund_request`.
    pub name: String,
    /// What sort of answer it calls for.
    pub kind: IntentKind,
    /// What customers say.
    pub examples: Vec<String>,
}

/// Examples of all intents: each is embedded when they are loaded, and compared with every message.
const MOST_EXAMPLES: usize = 5_000;
const LONGEST_EXAMPLE_CHARS: usize = 500;

impl IntentsFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] naming what is wrong and where.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text)
            .context(ErrorKind::Setup, || "the intents file cannot be read".to_string())
    }

    /// Says what cannot be used, and how to mend it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`]
    pub fn check(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::input(message));
        let mut names = std::collections::HashSet::new();
        for IntentEntry { name, examples, .. } in &self.intent {
            let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if name.is_empty() || name.len() > 80 || !name.chars().all(is_word) {
                return wrong(format!(
                    "the intent's name {name:?} must be 1 to 80 of a-z, 0-9 and _"
                ));
            }
            if !names.insert(name) {
                return wrong(format!("two intents are named {name}; rename or join them"));
            }
            if examples.iter().all(|example| example.trim().is_empty()) {
                return wrong(format!("intent {name} has no examples; give it at least one"));
            }
            let long = |example: &&String| example.chars().count() > LONGEST_EXAMPLE_CHARS;
            if examples.iter().any(|example| long(&example) || example.trim().is_empty()) {
                return wrong(format!(
                    "an example of {name} is empty or longer than {LONGEST_EXAMPLE_CHARS} characters"
                ));
            }
        }
        let examples: usize = self.intent.iter().map(|intent| intent.examples.len()).sum();
        if self.intent.is_empty() || examples > MOST_EXAMPLES {
            return wrong(format!(
                "there are {examples} examples; 1 to {MOST_EXAMPLES} are allowed"
            ));
        }
        Ok(())
    }
}

/// The nearest examples of an intent that make its score.
const NEAREST: usize = 3;

impl Intents {
    /// Reads an intents file and embeds its examples.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file is not what it should be; the message names the place.
    pub fn load(text: &str, embed: &mut Embed) -> Result<Self> {
        let file = IntentsFile::parse(text)?;
        if let Some(empty) = file.intent.iter().find(|intent| intent.examples.is_empty()) {
            return Err(Error::setup(format!(
                "intent `{}` has no examples; give it at least one",
                empty.name
            )));
        }
        let texts: Vec<String> =
            file.intent.iter().flat_map(|intent| intent.examples.iter().cloned()).collect();
        let embeddings = embed(&texts)?;
        let owners = file
            .intent
            .iter()
            .enumerate()
            .flat_map(|(index, intent)| std::iter::repeat_n(index, intent.examples.len()));
        let examples = owners.zip(embeddings).collect();
        let entries = file.intent.into_iter().map(|intent| (intent.name, intent.kind)).collect();
        Ok(Self { entries, examples })
    }

    /// All intents, the nearest first. The score of an intent is the mean of its best example and
    /// of its three best.
    pub fn rank(&self, embedding: &[f32]) -> Vec<Intent> {
        let mut scores: Vec<Vec<f32>> = vec![Vec::new(); self.entries.len()];
        for (entry, example) in &self.examples {
            scores[*entry].push(dot(example, embedding));
        }
        let mut ranked: Vec<Intent> = self
            .entries
            .iter()
            .zip(scores)
            .map(|((name, kind), mut scores)| {
                scores.sort_by(|left, right| right.total_cmp(left));
                let nearest = &scores[..scores.len().min(NEAREST)];
                let mean = nearest.iter().sum::<f32>() / nearest.len().max(1) as f32;
                let best = scores.first().copied().unwrap_or_default();
                Intent { name: name.clone(), kind: *kind, score: ((mean + best) / 2.0).max(0.0) }
            })
            .collect();
        ranked.sort_by(|left, right| right.score.total_cmp(&left.score));
        ranked
    }
}
