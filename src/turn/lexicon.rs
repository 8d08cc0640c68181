//! The bridge between a question and the fields of any company's data.
//!
//! A **concept** (status, total, delivery address) is linked to a question by cue words and by
//! nearness in meaning to example questions, and to a fact by the words of its field's name. A field
//! that no concept knows is still found by its own name.

use std::collections::HashSet;

use serde::Deserialize;

use super::agent::Embed;
use super::words::{Word, find_sequence, stems, words};
use crate::retrieve::fact::Fact;
use crate::{Error, ErrorKind, Result};

const SHIPPED: &str = include_str!("lexicon.toml");

/// Stands for any words within a cue.
const GAP: &str = "..";

/// What a question can ask of a record.
pub struct Concept {
    /// Its name in the lexicon.
    pub name: String,
    keys: Vec<Vec<String>>,
    cues: Vec<Vec<String>>,
    /// Names of the concepts told along with it.
    pub also: Vec<String>,
    asks: Vec<Vec<f32>>,
}

/// All concepts, and what people call each kind of record.
pub struct Lexicon {
    concepts: Vec<Concept>,
    nouns: Vec<(String, Vec<Vec<String>>)>,
    vocabulary: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconFile {
    concept: Vec<ConceptEntry>,
    noun: Vec<NounEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConceptEntry {
    name: String,
    keys: Vec<String>,
    cues: Vec<String>,
    asks: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NounEntry {
    name: String,
    words: Vec<String>,
}

/// A cue found in a question: the concept, and the words that it spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// Index of the concept.
    pub concept: usize,
    /// First word.
    pub start: usize,
    /// One past the last word.
    pub end: usize,
}

impl Lexicon {
    /// The lexicon that ships with Steward, its example questions embedded.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the lexicon cannot be read.
    pub fn shipped(embed: &mut Embed) -> Result<Self> {
        let file: LexiconFile = toml::from_str(SHIPPED).map_err(|problem| {
            Error::new(ErrorKind::Setup, format!("the lexicon cannot be read: {problem}"))
        })?;
        let asks: Vec<String> =
            file.concept.iter().flat_map(|entry| entry.asks.iter().cloned()).collect();
        let embeddings = embed(&asks)?;
        Ok(Self::of_file(file, embeddings))
    }

    fn of_file(file: LexiconFile, embeddings: Vec<Vec<f32>>) -> Self {
        let mut embeddings = embeddings.into_iter();
        let sequences = |texts: &[String]| -> Vec<Vec<String>> {
            let with_gaps = |text: &String| {
                let parts: Vec<Vec<String>> = text.split(" .. ").map(stems).collect();
                parts.join(&GAP.to_string())
            };
            texts.iter().map(with_gaps).collect()
        };
        let concepts = file
            .concept
            .iter()
            .map(|entry| Concept {
                name: entry.name.clone(),
                keys: sequences(&entry.keys),
                cues: sequences(&entry.cues),
                also: entry.also.clone(),
                asks: embeddings.by_ref().take(entry.asks.len()).collect(),
            })
            .collect();
        let nouns = file
            .noun
            .iter()
            .map(|entry| (entry.name.clone(), entry.words.iter().map(|word| stems(word)).collect()))
            .collect();
        let vocabulary = file
            .concept
            .iter()
            .flat_map(|entry| entry.asks.iter().chain(&entry.cues))
            .flat_map(|text| words(text))
            .flat_map(|word| [word.text, word.stem])
            .collect();
        Self { concepts, nouns, vocabulary }
    }

    /// The shipped lexicon without its embeddings: finds cues and nouns, but no meaning.
    #[cfg(test)]
    pub fn without_meaning() -> Self {
        let file: LexiconFile = toml::from_str(SHIPPED).expect("the shipped lexicon is valid");
        Self::of_file(file, Vec::new())
    }

    /// True for a word that questions are made of, and so no misspelling of a name.
    pub fn knows(&self, word: &Word) -> bool {
        self.vocabulary.contains(&word.stem) || self.vocabulary.contains(&word.text)
    }

    /// The concept at `index`.
    pub fn concept(&self, index: usize) -> &Concept {
        &self.concepts[index]
    }

    /// The index of a concept by name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.concepts.iter().position(|concept| concept.name == name)
    }

    /// Cues in a question, the longest first; shorter ones within longer ones are left out.
    pub fn cues(&self, question: &[Word]) -> Vec<Cue> {
        let mut found: Vec<Cue> = Vec::new();
        for (concept, entry) in self.concepts.iter().enumerate() {
            for cue in &entry.cues {
                if let Some((start, end)) = find_cue(question, cue) {
                    found.push(Cue { concept, start, end });
                }
            }
        }
        found.sort_by_key(|cue| (std::cmp::Reverse(cue.end - cue.start), cue.start));
        let mut kept: Vec<Cue> = Vec::new();
        for cue in found {
            let inside = |longer: &Cue| {
                longer.start <= cue.start
                    && cue.end <= longer.end
                    && longer.end - longer.start > cue.end - cue.start
            };
            if !kept.iter().any(inside) && !kept.contains(&cue) {
                kept.push(cue);
            }
        }
        kept
    }

    /// How strongly a question asks for each concept, 0 to about 1.2: by cue, by meaning, or both.
    pub fn concept_scores(&self, cues: &[Cue], embedding: &[f32]) -> Vec<f32> {
        self.concepts
            .iter()
            .enumerate()
            .map(|(index, concept)| {
                let cue = cues
                    .iter()
                    .filter(|cue| cue.concept == index)
                    .map(|cue| [0.0, 0.72, 0.82, 0.88, 0.92][(cue.end - cue.start).min(4)])
                    .fold(0.0, f32::max);
                let meaning =
                    concept.asks.iter().map(|ask| dot(ask, embedding)).fold(0.0, f32::max);
                cue.max(meaning) + 0.25 * cue.min(meaning)
            })
            .collect()
    }

    /// Kinds of record that a text names by their own name and that are not among `kinds`.
    pub fn other_kinds(&self, text: &[Word], kinds: &[String]) -> Vec<String> {
        self.nouns
            .iter()
            .filter(|(name, _)| {
                !kinds.contains(name) && find_sequence(text, &stems(name)).is_some()
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The kinds of record that a text speaks of, among `kinds`, with the word's place.
    pub fn nouns(&self, text: &[Word], kinds: &[String]) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for kind in kinds.iter().filter(|kind| !stems(kind).is_empty()) {
            let own = stems(kind);
            let head = head(&own);
            let mut place = find_sequence(text, &own)
                .or_else(|| find_sequence(text, std::slice::from_ref(head)));
            for (name, names) in &self.nouns {
                let of_kind = name == kind
                    || name == head
                    || names.iter().any(|name| {
                        *name == own || matches!(name.as_slice(), [only] if only == head)
                    });
                if of_kind {
                    place = place.or(names.iter().find_map(|name| find_sequence(text, name)));
                }
            }
            if let Some(place) = place {
                found.push((kind.clone(), place));
            }
        }
        // A word that is a kind of its own is not another kind's other name.
        let own_places: Vec<usize> =
            kinds.iter().filter_map(|kind| find_sequence(text, &stems(kind))).collect();
        found.retain(|(kind, place)| {
            !own_places.contains(place) || find_sequence(text, &stems(kind)) == Some(*place)
        });
        found
    }
}

/// The word that says what a kind is: "account" of "supply account", "room" of "room type".
fn head(kind: &[String]) -> &String {
    const SAYS_LITTLE: &[&str] = &["type", "record", "entry", "info", "detail", "item"];
    let last = kind.len() - 1;
    if last > 0 && SAYS_LITTLE.contains(&kind[last].as_str()) {
        &kind[last - 1]
    } else {
        &kind[last]
    }
}

/// Words that a gap in a cue may span.
const WIDEST_GAP: usize = 8;

/// Where a cue stands in a question. `where .. sent` has a gap: "where was my order sent".
fn find_cue(question: &[Word], cue: &[String]) -> Option<(usize, usize)> {
    let Some(gap) = cue.iter().position(|word| word == GAP) else {
        return find_sequence(question, cue).map(|start| (start, start + cue.len()));
    };
    let (before, after) = (&cue[..gap], &cue[gap + 1..]);
    let start = find_sequence(question, before)?;
    let rest_start = start + before.len();
    let rest = &question[rest_start..];
    let reach = rest.len().min(WIDEST_GAP + after.len());
    let found = find_sequence(&rest[..reach], after)?;
    Some((start, rest_start + found + after.len()))
}

impl Concept {
    /// How well a fact answers this concept, 0 to 1, by the words of its name.
    pub fn link(&self, fact: &Fact) -> f32 {
        let attribute: Vec<String> = fact.attribute.iter().flat_map(|word| stems(word)).collect();
        let within: Vec<String> = fact.within.iter().flat_map(|word| stems(word)).collect();
        let mut best: f32 = 0.0;
        for (rank, key) in self.keys.iter().enumerate() {
            let all = key.iter().all(|word| attribute.contains(word) || within.contains(word));
            let any_own = key.iter().any(|word| attribute.contains(word));
            let is_identifier = attribute.last().is_some_and(|word| word == "id");
            let names_identifier =
                key.iter().any(|word| matches!(word.as_str(), "id" | "number" | "method"));
            if !all || !any_own || (is_identifier && !names_identifier) {
                continue;
            }
            let extra = attribute.iter().filter(|word| !key.contains(word)).count() as f32;
            let outside = within.iter().any(|word| key.contains(word));
            let part = if fact.is_part && !outside { 0.3 } else { 0.0 };
            // The order's own status before its shipment's.
            let around = if within.is_empty() || outside { 0.0 } else { 0.03 };
            best = best.max(1.0 - 0.03 * rank as f32 - 0.07 * extra - part - around);
        }
        best
    }
}

/// The dot product: cosine similarity of unit vectors.
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
