//! A conversation up to a customer's message as features: what was just said, what led to it, and how it
//! goes.
//!
//! The readings of the last turns stand beside running means of both sides, products that say how far the
//! message answers or repeats what was said before, the customer's mood now, so far and at its strongest,
//! and marks of a conversation that goes wrong: repetition, refusals, negations, its length.

use std::collections::HashSet;

use super::emotion::EMOTIONS;
use crate::dialogue::Role;
use crate::model::encoder::{EMBEDDING_SIZE, READING_SIZE, Reading};
use crate::retrieve::dense::dot;

/// Numbers beside the readings.
pub const MARKS: usize = 30;
/// Length of [`Trajectory::features`].
pub const FEATURES: usize = 3 * READING_SIZE + 8 * EMBEDDING_SIZE + 3 * EMOTIONS + MARKS;
/// What each mark says, in the order in which they end the features.
pub const MARK_NAMES: [&str; MARKS] = [
    "the conversation is long",
    "several messages so far",
    "the first message",
    "the message repeats an earlier one",
    "the messages are much alike",
    "the message repeats the one before",
    "the reply repeats an earlier one",
    "the reply repeats the one before",
    "the message is on the reply's subject",
    "length of the message",
    "length of the reply",
    "the message asks",
    "the reply asks",
    "the message exclaims",
    "replies refused or apologised",
    "the last replies refused or apologised",
    "the customer denied or contradicted",
    "the message uses the words of an earlier one",
    "the reply uses the words of an earlier one",
    "the message denies",
    "the message thanks or praises",
    "the message says sorry or cannot",
    "the message asks for something else or again",
    "the message agrees",
    "the message asks a question word",
    "the reply denies",
    "the reply thanks or praises",
    "the reply refuses or apologises",
    "the reply offers something else",
    "the reply agrees",
];

/// The parts of a reading that come from the fourth and the second layer.
const MIDDLE: std::ops::Range<usize> = EMBEDDING_SIZE..3 * EMBEDDING_SIZE;
/// Share of the newest turn in a running mean.
const NEWEST_SHARE: f32 = 0.4;
/// Products of two unit vectors' components are small; this brings them to the readings' size.
const PRODUCT_SCALE: f32 = 8.0;
/// Marks are kept smaller than readings' components add up to, so that they do not drown them.
const MARK_SCALE: f32 = 0.3;

/// Wording that is counted, by one mark each for the message and for the turn before it.
const WORDINGS: [&[&str]; 6] = [
    &["no", "not", "never", "don't", "doesn't", "didn't", "won't", "isn't", "wasn't", "nothing"],
    &["thank", "thanks", "great", "perfect", "good", "nice", "awesome", "excellent", "wonderful"],
    &["sorry", "unfortunately", "unable", "can't", "cannot", "couldn't", "failed", "unavailable"],
    &["other", "another", "else", "instead", "different", "change", "actually", "again", "still"],
    &["yes", "yeah", "yep", "sure", "ok", "okay", "please"],
    &["what", "why", "how", "when", "where", "which"],
];
/// Place of the refusals in [`WORDINGS`].
const REFUSAL: usize = 2;
/// Place of the negations in [`WORDINGS`].
const NEGATION: usize = 0;

/// A turn that was read.
#[derive(Debug, Clone)]
pub struct ReadTurn<'a> {
    /// Who wrote it.
    pub role: Role,
    /// What was written.
    pub text: &'a str,
    /// Its reading.
    pub reading: &'a Reading,
    /// The probability of each [`super::emotion::Emotion`], for a customer's turn.
    pub mood: [f32; EMOTIONS],
}

/// Follows a conversation turn by turn.
#[derive(Debug, Clone, Default)]
pub struct Trajectory<'a> {
    customer: Side<'a>,
    agent: Side<'a>,
}

#[derive(Debug, Clone, Default)]
struct Side<'a> {
    turns: Vec<(ReadTurn<'a>, Wording)>,
    mean: Option<Vec<f32>>,
    /// Of the readings, all alike.
    sum: Option<Vec<f32>>,
    /// The greatest values of the middle parts of the readings.
    greatest: Option<Vec<f32>>,
    mood: [f32; EMOTIONS],
    strongest: [f32; EMOTIONS],
}

/// What is counted in a text.
#[derive(Debug, Clone, Default)]
struct Wording {
    words: HashSet<String>,
    count: usize,
    has: [bool; WORDINGS.len()],
    asks: bool,
    exclaims: bool,
}

impl<'a> Trajectory<'a> {
    /// The conversation goes on by `turn`.
    pub fn push(&mut self, turn: ReadTurn<'a>) {
        let side = match turn.role {
            Role::Customer => &mut self.customer,
            Role::Agent => &mut self.agent,
        };
        let embedding = turn.reading.embedding();
        let mean = side.mean.get_or_insert_with(|| vec![0.0; EMBEDDING_SIZE]);
        for (mean, value) in mean.iter_mut().zip(embedding) {
            *mean = (1.0 - NEWEST_SHARE) * *mean + NEWEST_SHARE * value;
        }
        let sum = side.sum.get_or_insert_with(|| vec![0.0; READING_SIZE]);
        sum.iter_mut().zip(turn.reading.parts()).for_each(|(sum, value)| *sum += value);
        let middle = &turn.reading.parts()[MIDDLE];
        let greatest = side.greatest.get_or_insert_with(|| middle.to_vec());
        greatest.iter_mut().zip(middle).for_each(|(most, value)| *most = most.max(*value));
        let shares = side.mood.iter_mut().zip(&mut side.strongest).zip(&turn.mood);
        for ((mean, strongest), &share) in shares {
            *mean = (1.0 - NEWEST_SHARE) * *mean + NEWEST_SHARE * share;
            *strongest = strongest.max(share);
        }
        let wording = Wording::of(turn.text);
        side.turns.push((turn, wording));
    }

    /// The features of a conversation whose last turn is a customer's: [`FEATURES`] f32.
    pub fn features_of(turns: &[ReadTurn<'a>]) -> Vec<f32> {
        let Some((last, before)) = turns.split_last() else { return vec![0.0; FEATURES] };
        let mut trajectory = Self::default();
        before.iter().for_each(|turn| trajectory.push(turn.clone()));
        trajectory.features(last)
    }

    /// The features of a customer's message that would come next: [`FEATURES`] f32.
    pub fn features(&self, message: &ReadTurn<'_>) -> Vec<f32> {
        let reading = message.reading;
        let zeros = vec![0.0; READING_SIZE];
        let last = |side: &Side<'a>, back: usize| {
            let turns = side.turns.iter().rev();
            turns.map(|(turn, _)| turn.reading.parts().to_vec()).nth(back)
        };
        let reply = last(&self.agent, 0).unwrap_or_else(|| zeros.clone());
        let earlier = last(&self.customer, 0).unwrap_or_else(|| zeros.clone());
        let reply_before = last(&self.agent, 1).unwrap_or_else(|| zeros.clone());
        let size = EMBEDDING_SIZE;
        let mut features = Vec::with_capacity(FEATURES);
        features.extend_from_slice(reading.parts());
        let turns = self.customer.turns.len() as f32 + 1.0;
        let sum = self.customer.sum.as_deref().unwrap_or(&zeros);
        features.extend(reading.parts().iter().zip(sum).map(|(now, sum)| (now + sum) / turns));
        let middle = &reading.parts()[MIDDLE];
        let greatest = self.customer.greatest.as_deref().unwrap_or(middle);
        features.extend(middle.iter().zip(greatest).map(|(now, most)| now.max(*most)));
        features.extend_from_slice(&reply);
        features.extend_from_slice(&earlier[..size]);
        features.extend_from_slice(&reply_before[..size]);
        for side in [&self.customer, &self.agent] {
            features.extend_from_slice(side.mean.as_deref().unwrap_or(&zeros[..size]));
        }
        for other in [&reply, &earlier] {
            let products = reading.embedding().iter().zip(&other[..size]);
            features.extend(products.map(|(left, right)| PRODUCT_SCALE * left * right));
        }
        let mood = &message.mood;
        features.extend_from_slice(mood);
        let so_far = self.customer.mood.iter().zip(mood);
        features.extend(so_far.map(|(mean, now)| {
            let share = if self.customer.turns.is_empty() { 1.0 } else { NEWEST_SHARE };
            (1.0 - share) * mean + share * now
        }));
        features.extend(self.customer.strongest.iter().zip(mood).map(|(most, now)| most.max(*now)));
        features.extend(self.marks(message.text, reading.embedding(), &reply[..size]));
        features
    }

    fn marks(&self, text: &str, message: &[f32], reply: &[f32]) -> [f32; MARKS] {
        let wording = Wording::of(text);
        let before =
            self.agent.turns.last().map(|(_, wording)| wording.clone()).unwrap_or_default();
        let nearness = |side: &Side<'a>, to: &[f32], without: usize| -> (f32, f32, f32) {
            let earlier = &side.turns[..side.turns.len().saturating_sub(without)];
            let near: Vec<f32> =
                earlier.iter().map(|(turn, _)| dot(turn.reading.embedding(), to)).collect();
            let greatest = near.iter().copied().fold(0.0, f32::max);
            let mean = near.iter().sum::<f32>() / near.len().max(1) as f32;
            (greatest, mean, near.last().copied().unwrap_or_default())
        };
        let repeats = nearness(&self.customer, message, 0);
        let replies_repeat = nearness(&self.agent, reply, 1);
        let said = |side: &Side<'a>, place: usize, of_last: usize| {
            let turns = side.turns.iter().rev().take(of_last);
            turns.filter(|(_, wording)| wording.has[place]).count() as f32
        };
        let turns = self.customer.turns.len() as f32;
        let mut marks = [0.0; MARKS];
        let numbers = [
            turns / 10.0,
            turns.min(3.0) / 3.0,
            f32::from(self.customer.turns.is_empty()),
            repeats.0,
            repeats.1,
            repeats.2,
            replies_repeat.0,
            replies_repeat.2,
            dot(message, reply),
            (1.0 + wording.count as f32).ln() / 3.0,
            (1.0 + before.count as f32).ln() / 3.0,
            f32::from(wording.asks),
            f32::from(before.asks),
            f32::from(wording.exclaims),
            said(&self.agent, REFUSAL, usize::MAX) / 3.0,
            said(&self.agent, REFUSAL, 2) / 2.0,
            said(&self.customer, NEGATION, usize::MAX) / 3.0,
            self.customer.most_shared(&wording, 0),
            self.agent.most_shared(&before, 1),
        ];
        let wordings = wording.has.iter().chain(&before.has[..5]).map(|&has| f32::from(has));
        for (mark, number) in marks.iter_mut().zip(numbers.into_iter().chain(wordings)) {
            *mark = MARK_SCALE * number;
        }
        marks
    }
}

impl Side<'_> {
    /// The greatest share of words in common with an earlier turn; the newest `without` are left out.
    fn most_shared(&self, wording: &Wording, without: usize) -> f32 {
        let earlier = &self.turns[..self.turns.len().saturating_sub(without)];
        earlier.iter().map(|(_, other)| wording.shared(other)).fold(0.0, f32::max)
    }
}

impl Wording {
    fn of(text: &str) -> Self {
        let lower = text.to_lowercase().replace('’', "'");
        let words: Vec<&str> = lower
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
            .collect();
        let has = WORDINGS.map(|group| words.iter().any(|word| group.contains(word)));
        Self {
            count: words.len(),
            has,
            asks: text.contains('?'),
            exclaims: text.contains('!'),
            words: words.into_iter().map(str::to_string).collect(),
        }
    }

    fn shared(&self, other: &Self) -> f32 {
        let both = self.words.intersection(&other.words).count();
        both as f32 / self.words.union(&other.words).count().max(1) as f32
    }
}
