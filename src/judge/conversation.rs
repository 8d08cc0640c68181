//! Judges conversations: reads what is new of them, and asks every head about the same reading.
//!
//! Readings are remembered, so a turn costs one reading of the customer's message: those before it were
//! read when they came, and Steward's replies after they were sent.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::emotion::EMOTIONS;
use super::explain::{turns_that_moved, words_that_moved};
use super::heads::Heads;
use super::judgement::{
    JudgedEscalation, JudgedIntent, JudgedSatisfaction, JudgedSentiment, Judgement,
};
use super::satisfaction::Satisfaction;
use super::trajectory::{ReadTurn, Trajectory};
use crate::dialogue::{Role, Utterance};
use crate::model::encoder::{Encoder, Reading};
use crate::{Error, Result};

/// Readings that are remembered, 6 KiB each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).expect("above zero");
/// Turns that are looked at, the newest.
pub const MOST_TURNS: usize = 30;
/// The name of what is none of the intents.
pub const OUT_OF_SCOPE: &str = "out_of_scope";

/// How much is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// Not at all.
    Nothing,
    /// The earlier turns, at the cost of a few products.
    Turns,
    /// The words of the message as well: a reading for each of them.
    Words,
}

/// The heads over the encoder. Shared by reference.
pub struct Judge {
    encoder: Arc<Encoder>,
    heads: Heads,
    readings: Arc<Mutex<LruCache<String, Reading>>>,
}

impl Judge {
    /// A judge with these heads.
    pub fn new(encoder: Arc<Encoder>, heads: Heads) -> Self {
        Self { encoder, heads, readings: Arc::new(Mutex::new(LruCache::new(REMEMBERED))) }
    }

    /// A judge with other heads over the same readings: a message is read once for both.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the intent head needs tuned layers of its own.
    pub fn with_heads(&self, heads: Heads) -> Result<Self> {
        if heads.intents.is_tuned() {
            return Err(Error::setup(
                "an intent head over tuned layers cannot be tried beside another; name its directory as \
                 agent.heads",
            ));
        }
        Ok(Self { encoder: self.encoder.clone(), heads, readings: self.readings.clone() })
    }

    /// The heads.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// Reads `texts`, those that are remembered from memory. Blocking.
    ///
    /// # Errors
    /// As [`Encoder::read`].
    pub fn read<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Reading>> {
        let mut found: Vec<Option<Reading>> = {
            let mut remembered = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
            texts.iter().map(|text| remembered.get(text.as_ref()).cloned()).collect()
        };
        let missing: Vec<usize> =
            (0..texts.len()).filter(|&place| found[place].is_none()).collect();
        let unread: Vec<&str> = missing.iter().map(|&place| texts[place].as_ref()).collect();
        let read = if unread.is_empty() { Vec::new() } else { self.encoder.read(&unread)? };
        let mut remembered = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, reading) in missing.into_iter().zip(read) {
            remembered.put(texts[place].as_ref().to_string(), reading.clone());
            found[place] = Some(reading);
        }
        found
            .into_iter()
            .map(|reading| reading.ok_or_else(|| Error::internal("a text was not read")))
            .collect()
    }

    /// Judges the last message of the conversation, a customer's. Blocking.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if the last turn is not a customer's; as [`Judge::read`].
    pub fn judge(&self, conversation: &[Utterance], explain: Explain) -> Result<Judgement> {
        if conversation.last().is_none_or(|last| last.role != Role::Customer) {
            return Err(Error::input("the last turn must be the customer's"));
        }
        let skipped = conversation.len().saturating_sub(MOST_TURNS);
        let newest = &conversation[skipped..];
        let texts: Vec<&str> = newest.iter().map(|turn| turn.text.as_str()).collect();
        let readings = self.read(&texts)?;
        let turns: Vec<ReadTurn<'_>> = newest
            .iter()
            .zip(&readings)
            .map(|(turn, reading)| self.read_turn(turn.role, &turn.text, reading))
            .collect();
        let mut trajectory = Trajectory::default();
        let mut satisfactions: Vec<Satisfaction> = Vec::new();
        let mut features = Vec::new();
        for turn in &turns {
            if turn.role == Role::Customer {
                features = trajectory.features(turn);
                satisfactions.push(self.heads.satisfaction.judge(&features));
            }
            trajectory.push(turn.clone());
        }
        let escalation = self.heads.escalation.judge(&features);
        let mut causes = match explain {
            Explain::Nothing => Vec::new(),
            Explain::Turns | Explain::Words => turns_that_moved(&self.heads, &turns),
        };
        if explain == Explain::Words {
            causes.extend(words_that_moved(self, &turns)?);
        }
        causes.iter_mut().for_each(|cause| cause.turn += skipped);
        causes.sort_by(|left, right| right.by.abs().total_cmp(&left.by.abs()));
        let Some(last) = turns.last() else {
            return Err(Error::internal("a conversation lost its last turn"));
        };
        Ok(Judgement {
            intent: self.intent(last.reading),
            sentiment: JudgedSentiment::of(&last.mood),
            satisfaction: JudgedSatisfaction::of(&satisfactions),
            escalation: JudgedEscalation::from(&escalation),
            causes,
            heads: self.heads.hash.clone(),
        })
    }

    /// A turn with its mood.
    pub(super) fn read_turn<'a>(
        &self,
        role: Role,
        text: &'a str,
        reading: &'a Reading,
    ) -> ReadTurn<'a> {
        let mood = match role {
            Role::Customer => self.heads.emotion.judge(reading),
            Role::Agent => [0.0; EMOTIONS],
        };
        ReadTurn { role, text, reading, mood }
    }

    fn intent(&self, reading: &Reading) -> JudgedIntent {
        let judged = self.heads.intents.judge(reading);
        let is_known = self.heads.intents.is_in_scope(&judged);
        let name =
            if is_known { &self.heads.intents.labels()[judged.intent] } else { OUT_OF_SCOPE };
        JudgedIntent { name: name.to_string(), score: judged.probability }
    }
}
