//! What the support head makes of a sentence beside evidence: the encoder reads both, exact features of their words are added.

use std::sync::Arc;

use super::words::{denies, is_function_word, stems};
use crate::Result;
use crate::judge::heads::shipped;
use crate::judge::support::{FEATURES, ReadEvidence, SUPPORT, Support, SupportHead};
use crate::model::encoder::Encoder;
use crate::model::literal::{AllowedLiterals, Literal, literals_in};

/// The head with the encoder over which it was trained. Clones share both.
#[derive(Clone)]
pub struct SupportChecker {
    encoder: Arc<Encoder>,
    head: Arc<SupportHead>,
}

/// Evidence that was read.
pub struct Known {
    read: ReadEvidence,
    allowed: AllowedLiterals,
    sentences: Vec<KnownSentence>,
}

struct KnownSentence {
    stems: Vec<String>,
    literals: Vec<Literal>,
    allowed: AllowedLiterals,
    denies: bool,
}

impl SupportChecker {
    /// With the head that ships with Steward.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if it was not there at the build.
    pub fn shipped(encoder: Arc<Encoder>) -> Result<Self> {
        let head = SupportHead::of_file(&shipped(SUPPORT)?)?;
        Ok(Self { encoder, head: Arc::new(head) })
    }

    /// Reads the sentences of the evidence. Blocking, a few milliseconds each.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn read(&self, evidence: &[String]) -> Result<Known> {
        let read = self.head.read(&self.encoder.tokens(evidence)?);
        let allowed = AllowedLiterals::from_texts(evidence.iter().map(String::as_str));
        let sentence = |text: &String| {
            let stems = stems(text);
            KnownSentence {
                denies: stems.iter().any(|stem| denies(stem)),
                stems,
                literals: literals_in(text),
                allowed: AllowedLiterals::from_texts([text.as_str()]),
            }
        };
        Ok(Known { read, allowed, sentences: evidence.iter().map(sentence).collect() })
    }

    /// Judges a sentence. Blocking, about ten milliseconds.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn judge(&self, sentence: &str, known: &Known) -> Result<Support> {
        let tokens = self.encoder.tokens(&[sentence])?.pop().unwrap_or_default();
        Ok(self.head.judge(&tokens, &known.read, features_of(sentence, known)))
    }
}

/// What `training/support/claims.py` computes likewise: a literal without ground, a denial on one side only, the share of telling words that
/// stand in the evidence and in one sentence of it, and how much of what it was taken from it says, of the literals and of the words.
fn features_of(sentence: &str, known: &Known) -> [f32; FEATURES] {
    let words = stems(sentence);
    let content = telling(&words);
    let literals = literals_in(sentence);
    let anywhere =
        share(&content, |word| known.sentences.iter().any(|one| one.stems.contains(word)));
    let (mut best, mut best_denies) = (0.0, false);
    for (place, one) in known.sentences.iter().enumerate() {
        let share = share(&content, |word| one.stems.contains(word));
        if place == 0 || share > best {
            (best, best_denies) = (share, one.denies);
        }
    }
    let is_turned =
        !known.sentences.is_empty() && words.iter().any(|word| denies(word)) != best_denies;
    let is_ungrounded = literals.iter().any(|literal| !known.allowed.contains(literal));
    let said = AllowedLiterals::from_texts([sentence]);
    let told_literals = least_cover(
        &literals,
        known,
        |one, literal| one.allowed.contains(literal),
        |one| share(&one.literals.iter().collect::<Vec<_>>(), |literal| said.contains(literal)),
    );
    let told_words = least_cover(
        &content,
        known,
        |one, word| one.stems.contains(word),
        |one| share(&telling(&one.stems), |word| words.contains(word)),
    );
    let flags = [f32::from(is_ungrounded), f32::from(is_turned)];
    [flags[0], flags[1], anywhere, best, told_literals, told_words.powi(4)]
}

fn telling(stems: &[String]) -> Vec<&String> {
    stems.iter().filter(|stem| !is_function_word(stem)).collect()
}

fn share<T>(parts: &[&T], is_known: impl Fn(&T) -> bool) -> f32 {
    let known = parts.iter().filter(|part| is_known(part)).count();
    known as f32 / parts.len().max(1) as f32
}

/// Each part of a sentence that the evidence has is taken from the sentence there that has it and is best covered; the least such
/// cover, 1 if there is none.
fn least_cover<T>(
    parts: &[T],
    known: &Known,
    has: impl Fn(&KnownSentence, &T) -> bool,
    cover: impl Fn(&KnownSentence) -> f32,
) -> f32 {
    let covers: Vec<f32> = known.sentences.iter().map(cover).collect();
    let best = |part: &T| {
        let with = known.sentences.iter().zip(&covers).filter(|(one, _)| has(one, part));
        with.map(|(_, cover)| *cover).reduce(f32::max)
    };
    parts.iter().filter_map(best).fold(1.0, f32::min)
}
