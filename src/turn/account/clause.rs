//! One question of a message: "what's its status, and how did I pay?" has two.

use std::collections::HashSet;

use super::kinds::record_kinds;
use crate::Result;
use crate::model::encoder::Encoder;
use crate::retrieve::fact::FactSheet;
use crate::turn::lexicon::{Cue, Lexicon};
use crate::turn::mention::{Mentions, mentions};
use crate::turn::words::{Word, stems, words};

/// A question within a message, with what it mentions and what it may ask.
#[derive(Debug, Clone)]
pub struct Clause {
    /// As written.
    pub text: String,
    /// Its words.
    pub words: Vec<Word>,
    /// What it mentions of the sheet.
    pub mentions: Mentions,
    /// Words that say what is asked about rather than what is asked: of names, and of kinds.
    pub subject_words: Vec<usize>,
    /// Cues of the lexicon.
    pub cues: Vec<Cue>,
    /// Unit vector of the clause with names replaced by "item": the meaning of the question apart
    /// from what it is asked of.
    pub embedding: Vec<f32>,
    /// Score of each concept of the lexicon.
    pub concept_scores: Vec<f32>,
}

impl Clause {
    /// True if any of `words` stands in the clause.
    pub fn says(&self, wanted: &[&str]) -> bool {
        self.words.iter().any(|word| {
            wanted.contains(&word.text.as_str()) || wanted.contains(&word.stem.as_str())
        })
    }

    /// True if the words of `phrase` stand in the clause one after the other.
    pub fn says_phrase(&self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        self.words
            .windows(wanted.len())
            .any(|run| run.iter().zip(&wanted).all(|(word, wanted)| word.text == *wanted))
    }
}

/// Reads a message as clauses; one encoder pass for all of them.
///
/// # Errors
/// As [`Encoder::embed`].
pub fn clauses(
    text: &str,
    sheet: &FactSheet,
    lexicon: &Lexicon,
    encoder: &Encoder,
) -> Result<Vec<Clause>> {
    let parts = split(text);
    let kinds: HashSet<String> = record_kinds(sheet).iter().flat_map(|kind| stems(kind)).collect();
    let mut clauses: Vec<Clause> = parts
        .into_iter()
        .map(|part| {
            let words = words(&part);
            let mentions = mentions(&part, sheet, lexicon);
            let mut subject_words = mentions.name_words.clone();
            subject_words.extend(
                words
                    .iter()
                    .enumerate()
                    .filter(|(_, word)| kinds.contains(&word.stem))
                    .map(|(index, _)| index),
            );
            Clause {
                mentions,
                subject_words,
                cues: lexicon.cues(&words),
                words,
                text: part,
                embedding: Vec::new(),
                concept_scores: Vec::new(),
            }
        })
        .filter(|clause| !clause.words.is_empty())
        .collect();
    let masked: Vec<String> = clauses.iter().map(masked).collect();
    let embeddings = encoder.embed(&masked)?;
    for (clause, embedding) in clauses.iter_mut().zip(embeddings) {
        clause.cues.retain(|cue| {
            (cue.start..cue.end).any(|word| !clause.mentions.name_words.contains(&word))
        });
        clause.concept_scores = lexicon.concept_scores(&clause.cues, &embedding);
        clause.embedding = embedding;
    }
    Ok(clauses)
}

/// The clause with the words of names and identifiers replaced by "item".
fn masked(clause: &Clause) -> String {
    let mut text = String::new();
    let mut last_was_name = false;
    for (index, word) in clause.words.iter().enumerate() {
        let is_name = clause.mentions.name_words.contains(&index);
        if is_name && last_was_name {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(if is_name { "item" } else { &word.text });
        last_was_name = is_name;
    }
    text
}

/// Words that begin a question of its own after "and".
const QUESTION_STARTS: &[&str] = &[
    "what", "what's", "where", "where's", "when", "when's", "how", "how's", "who", "which", "why",
    "is", "was", "are", "were", "has", "have", "did", "do", "does", "can", "could", "will", "tell",
    "give", "show",
];
/// At most this many clauses are read of one message.
const MOST_CLAUSES: usize = 4;

/// Splits at the ends of sentences and before "and what …", "and how …".
fn split(text: &str) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for (index, character) in text.char_indices() {
        let ends = matches!(character, '?' | '!' | '\n' | ';')
            || character == '.' && bytes.get(index + 1).is_none_or(u8::is_ascii_whitespace);
        if ends {
            sentences.push(text[start..index + character.len_utf8()].to_string());
            start = index + character.len_utf8();
        }
    }
    sentences.push(text[start..].to_string());
    let mut parts: Vec<String> = Vec::new();
    for sentence in sentences {
        let sentence_words = words(&sentence);
        let mut begin = 0;
        for index in 1..sentence_words.len() {
            let starts = QUESTION_STARTS.contains(&sentence_words[index].text.as_str());
            let before = &sentence_words[index - 1];
            let joins = matches!(before.text.as_str(), "and" | "also" | "plus" | "or");
            let comma = sentence[before.end..sentence_words[index].start].contains(',');
            if starts && (joins || comma) && index > 2 {
                parts.push(
                    sentence[begin..before.start.max(begin)].to_string()
                        + if joins { "" } else { &before.text },
                );
                begin = sentence_words[index].start;
            }
        }
        parts.push(sentence[begin..].to_string());
    }
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    // A long message: its last clauses hold what is asked; questions before statements.
    if parts.len() > MOST_CLAUSES {
        let questions: Vec<String> =
            parts.iter().filter(|part| part.contains('?')).cloned().collect();
        let kept = if questions.is_empty() { parts } else { questions };
        let skipped = kept.len().saturating_sub(MOST_CLAUSES);
        return kept.into_iter().skip(skipped).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_questions_in_one_sentence_are_two_clauses() {
        assert_eq!(
            split("What's the status of order #W1 and how did I pay?"),
            ["What's the status of order #W1 ", "how did I pay?"]
        );
        assert_eq!(split("Hi. I bought 1.5 l of fuel. Where is it?").len(), 3);
        assert_eq!(
            split("status and tracking number please"),
            ["status and tracking number please"]
        );
    }

    #[test]
    fn any_text_is_split_without_panic() {
        for text in ["", "?", "and what", "a, what, what", "é and what é?", "..."] {
            let _ = split(text);
        }
    }
}
