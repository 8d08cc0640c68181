//! How much of a field's own name a question speaks. Rare words of a name count more than those
//! that many fields share: "deposit" says more than "paid".

use std::collections::{HashMap, HashSet};

use super::clause::Clause;
use super::wanted::{Wanted, fit, is_wanted};
use crate::retrieve::fact::{Fact, FactSheet};
use crate::turn::words::{is_form_of, is_function_word, root, stem, words};

/// The names of the fields within reach of a subject, for one question.
pub struct FieldNames {
    /// What the question wants.
    pub wanted: Wanted,
    /// In how many field names each word stands.
    frequency: HashMap<String, usize>,
}

/// Words that say little about what a field holds.
const GENERIC: &[&str] = &[
    "number", "name", "date", "time", "type", "total", "amount", "price", "code", "info", "detail",
    "value", "status", "id", "is", "has", "unit", "until",
];
/// Words of the field that says when something takes place.
const BEGINNINGS: &[&str] =
    &["start", "begin", "depart", "departure", "scheduled", "appointment", "date", "check"];
/// A field of an inner object whose name the question does not speak scores this much less.
const UNHEARD_AROUND: f32 = 0.07;
/// A word that stands in no other field's name.
const RARE_WORD_BONUS: f32 = 0.1;
/// A name whose rare word is spoken is meant, though its other words are not.
const RARE_WORD_SCORE: f32 = 0.78;

impl FieldNames {
    /// Reads the names of the fields of a subject, of what is around it and of what it lists.
    pub fn of(subject: usize, sheet: &FactSheet, wanted: Wanted) -> Self {
        let parent = sheet.subjects[subject].parent;
        let mut seen: HashSet<Vec<&String>> = HashSet::new();
        let mut frequency: HashMap<String, usize> = HashMap::new();
        for fact in &sheet.facts {
            let is_near = fact.subject == subject
                || Some(fact.subject) == parent
                || sheet.subjects[fact.subject].parent == Some(subject);
            let name: Vec<&String> = fact.within.iter().chain(&fact.attribute).collect();
            let fits = fit(wanted, fact) >= 0.0;
            if !is_near || !fits || fact.is_part || !seen.insert(name.clone()) {
                continue;
            }
            let roots: HashSet<String> = name.iter().map(|word| root(&stem(word))).collect();
            for word in roots {
                *frequency.entry(word).or_default() += 1;
            }
        }
        Self { wanted, frequency }
    }

    /// How much of the field's name the question speaks, 0 to about 1.1.
    pub fn spoken_score(&self, fact: &Fact, clause: &Clause) -> f32 {
        let wanted: Vec<String> = content_words(&fact.attribute);
        if wanted.is_empty() {
            return 0.0;
        }
        let weight = |word: &str| {
            let generic = if GENERIC.contains(&word) { 0.3 } else { 1.0 };
            generic / self.frequency.get(&root(word)).copied().unwrap_or(1).max(1) as f32
        };
        let heard: Vec<&String> = wanted.iter().filter(|word| is_heard(word, clause)).collect();
        let total: f32 = wanted.iter().map(|word| weight(word)).sum();
        let share = heard.iter().map(|word| weight(word)).sum::<f32>() / total.max(f32::EPSILON);
        let is_rare = |word: &&&String| {
            !GENERIC.contains(&word.as_str())
                && self.frequency.get(&root(word)).copied().unwrap_or(1) == 1
        };
        let rare = heard.iter().any(|word| is_rare(&word));
        let around = content_words(&fact.within);
        let heard_around = around.iter().any(|word| is_heard(word, clause));
        let mut score = if heard.len() == wanted.len() {
            0.9 + 0.04 * (heard.len() as f32 - 1.0).min(3.0)
        } else {
            share * 0.8
        };
        if rare {
            score = score.max(RARE_WORD_SCORE + 0.1 * share) + RARE_WORD_BONUS;
        }
        if heard_around && !heard.is_empty() {
            score += 0.06;
        } else if heard_around {
            // "the adjuster" of {adjuster: {name, phone}}: its name is what is asked.
            let names = matches!(fact.attribute.as_slice(), [only] if only == "name");
            score = score.max(if names { 0.85 } else { 0.45 });
        }
        if fact.is_part && heard.len() < wanted.len() {
            score -= 0.3;
        }
        score
    }

    /// "When is it?", "Who is it with?": nothing is said but what kind of answer is wanted, and the
    /// subject has one of that kind only, or one that says when it begins.
    pub fn only_one_wanted(&self, fact: &Fact, clause: &Clause, sheet: &FactSheet) -> f32 {
        if !is_wanted(self.wanted, fact) || fact.is_part || self.wanted == Wanted::Truth {
            return 0.0;
        }
        let alike = sheet
            .facts
            .iter()
            .filter(|other| {
                other.subject == fact.subject && !other.is_part && is_wanted(self.wanted, other)
            })
            .count();
        let begins = self.wanted == Wanted::Time
            && fact.attribute.iter().any(|word| {
                let word = stem(word);
                BEGINNINGS.iter().any(|beginning| is_form_of(&word, beginning))
            });
        let says_more = clause.words.iter().enumerate().any(|(index, word)| {
            !clause.subject_words.contains(&index)
                && !clause.mentions.name_words.contains(&index)
                && !is_function_word(&word.text)
                && !matches!(
                    word.text.as_str(),
                    "time" | "day" | "date" | "long" | "who's" | "when's"
                )
        });
        match (alike, says_more) {
            (1, false) => 0.8,
            (1, true) => 0.62,
            (_, false) if begins => 0.75,
            _ => 0.0,
        }
    }

    /// What a field loses for standing in an inner object that the question does not speak of.
    pub fn unheard_around(&self, fact: &Fact, clause: &Clause) -> f32 {
        let around = content_words(&fact.within);
        let unheard = !around.is_empty()
            && !fact.derived
            && !around.iter().any(|word| is_heard(word, clause));
        if unheard { UNHEARD_AROUND } else { 0.0 }
    }
}

fn content_words(name: &[String]) -> Vec<String> {
    name.iter()
        .flat_map(|word| words(word))
        .map(|word| word.stem)
        .filter(|word| !is_function_word(word))
        .collect()
}

fn is_heard(wanted: &str, clause: &Clause) -> bool {
    clause.words.iter().enumerate().any(|(index, word)| {
        !clause.subject_words.contains(&index) && is_form_of(&word.stem, wanted)
    })
}
