//! What is suggested to people over canned conversations: how soon, how many, how well grounded; and whether a mark of
//! support can be trusted when a sentence is made untrue.
//!
//! A supported sentence is made untrue in three ways: one of its literals is put in another's place, it is denied, or a
//! word that says something is put in place of another, both out of other suggestions. Whatever is still marked as
//! supported by the same evidence is a false support.

use std::time::Instant;

use rand::prelude::*;
use serde::Serialize;

use super::conversations::{ConversationFile, turns_of};
use crate::Result;
use crate::model::literal::{literals_in, ungrounded_literals};
use crate::turn::Agent;
use crate::turn::suggest::{MOST_SUGGESTIONS, Situation, Suggested};
use crate::turn::words::{is_function_word, words};

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SuggestionReport {
    /// Messages for which suggestions were made.
    pub messages: usize,
    /// Suggestions.
    pub suggestions: usize,
    /// Messages with three.
    pub with_three: usize,
    /// Sentences that state something.
    pub claims: usize,
    /// Those that the evidence says.
    pub supported: usize,
    /// Supported sentences with a literal that their evidence does not have.
    pub supported_without_literals: usize,
    /// Sentences that were made untrue.
    pub made_untrue: usize,
    /// Those that were marked as supported all the same.
    pub falsely_supported: Vec<String>,
    /// Milliseconds in which those of a message were made, sorted. Those of one decision are checked together, so the
    /// first is there when the last is.
    pub made_ms: Vec<f64>,
}

impl SuggestionReport {
    /// The value below which half of the sorted ones lie.
    pub fn median(sorted: &[f64]) -> f64 {
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }
}

/// Makes suggestions for every message of the conversations, one after the other.
///
/// # Errors
/// If a turn fails.
pub async fn suggest_all(
    agent: &Agent,
    files: &[ConversationFile],
    seed: u64,
) -> Result<SuggestionReport> {
    let mut report = SuggestionReport::default();
    let mut made: Vec<(Situation, Suggested)> = Vec::new();
    for input in turns_of(agent, files).await? {
        let started = Instant::now();
        let situation = Situation::read(agent, &input)?;
        let suggestions = situation.candidates();
        let elapsed = started.elapsed().as_secs_f64() * 1000.0;
        report.messages += 1;
        report.made_ms.push(elapsed);
        let given: Vec<Suggested> = suggestions.into_iter().take(MOST_SUGGESTIONS).collect();
        report.with_three += usize::from(given.len() == MOST_SUGGESTIONS);
        report.suggestions += given.len();
        for suggested in &given {
            count(suggested, &mut report);
        }
        if let Some(first) = given.into_iter().next() {
            made.push((situation, first));
        }
    }
    report.made_ms.sort_by(f64::total_cmp);
    make_untrue(&made, &mut StdRng::seed_from_u64(seed), &mut report);
    Ok(report)
}

fn count(suggested: &Suggested, report: &mut SuggestionReport) {
    for mark in suggested.groundedness.sentences.iter().filter(|mark| mark.claims) {
        report.claims += 1;
        if !mark.supported {
            continue;
        }
        report.supported += 1;
        let by = suggested.evidence.iter().filter(|item| Some(&item.id) == mark.by.as_ref());
        // A line of a list rests on several facts of its record.
        let sources: Vec<&String> = by.map(|item| &item.source).collect();
        let texts: Vec<&str> = suggested
            .evidence
            .iter()
            .filter(|item| sources.contains(&&item.source))
            .map(|item| item.text.as_str())
            .collect();
        let is_whole = ungrounded_literals(&mark.text, &texts).is_empty();
        report.supported_without_literals += usize::from(!is_whole);
    }
}

fn make_untrue(
    made: &[(Situation, Suggested)],
    random: &mut StdRng,
    report: &mut SuggestionReport,
) {
    let all_words: Vec<String> = made.iter().flat_map(|(_, of)| telling_words(&of.text)).collect();
    for (situation, suggested) in made {
        for mark in &suggested.groundedness.sentences {
            if !mark.claims || !mark.supported || mark.text.starts_with("- ") {
                continue;
            }
            for untrue in untrue_forms(&mark.text, suggested, &all_words, random) {
                // Another sentence of the evidence may happen to say it.
                let is_said = suggested
                    .evidence
                    .iter()
                    .any(|item| item.text.contains(untrue.trim_end_matches('.')));
                if is_said || untrue == mark.text {
                    continue;
                }
                report.made_untrue += 1;
                let marked = situation.marked(
                    suggested.kind,
                    untrue.clone(),
                    suggested.evidence.clone(),
                    0.0,
                );
                let claims = marked.groundedness.sentences.iter().filter(|mark| mark.claims);
                if claims.clone().count() > 0 && claims.clone().all(|mark| mark.supported) {
                    report.falsely_supported.push(format!("{untrue}  <-  {}", mark.text));
                }
            }
        }
    }
}

fn untrue_forms(
    sentence: &str,
    suggested: &Suggested,
    all_words: &[String],
    random: &mut StdRng,
) -> Vec<String> {
    let mut forms = Vec::new();
    let own = literals_in(sentence);
    let others: Vec<String> = suggested
        .evidence
        .iter()
        .flat_map(|item| literals_in(&item.text))
        .filter(|other| own.iter().all(|own| own.normalised() != other.normalised()))
        .map(|other| other.text)
        .collect();
    if let (Some(literal), Some(other)) = (own.choose(random), others.choose(random)) {
        forms.push(format!("{}{other}{}", &sentence[..literal.start], &sentence[literal.end..]));
    }
    for (verb, denied) in
        [(" is ", " is not "), (" are ", " are not "), (" can ", " cannot "), (" not ", " ")]
    {
        if sentence.contains(verb) {
            forms.push(sentence.replacen(verb, denied, 1));
            break;
        }
    }
    let telling = telling_words(sentence);
    if let (Some(word), Some(other)) = (telling.choose(random), all_words.choose(random))
        && !sentence.to_lowercase().contains(other.as_str())
    {
        forms.push(sentence.replacen(word.as_str(), other, 1));
    }
    forms
}

/// Words in small letters that say something.
fn telling_words(text: &str) -> Vec<String> {
    let is_telling = |word: &String| word.len() > 3 && !is_function_word(word);
    words(text)
        .into_iter()
        .filter(|word| text[word.start..word.end].chars().all(char::is_lowercase))
        .map(|word| word.text)
        .filter(is_telling)
        .collect()
}
