//! Which facts of a subject a clause asks for.

use std::collections::HashMap;

use super::clause::Clause;
use crate::retrieve::fact::{Fact, FactSheet, TRAIT_FIELDS};
use crate::turn::lexicon::{Lexicon, dot, spoken_name_score};
use crate::turn::traits::is_trait_named;

/// A fact asked for, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Index into [`FactSheet::facts`].
    pub fact: usize,
    /// 0 to about 1.2.
    pub score: f32,
    /// The concept through which it was found, if through one.
    pub concept: Option<usize>,
}

/// Embeddings of field names as questions ("what is the backrest height"), by spoken name.
pub type NameEmbeddings = HashMap<String, Vec<f32>>;

/// From this score on, a clause is taken to ask for a fact.
pub const ASKED_FROM: f32 = 0.6;
/// A fact of the record around a subject scores this much less than one of its own.
const PARENT_PENALTY: f32 = 0.04;
/// A fact of what a subject lists scores this much less.
const CHILD_PENALTY: f32 = 0.22;
/// "the boots in size 11" does not ask for the size.
const SAID_VALUE_PENALTY: f32 = 0.4;
/// Nearness in meaning to a bare field name is worth less than to an example question.
const NAME_MEANING_WEIGHT: f32 = 0.9;
/// Facts of listed things that are told for one question.
const MOST_CHILD_FACTS: usize = 8;

/// The facts of `subject`, of the record around it, or of what it lists, that `clause` asks for:
/// best first, those of one field together; empty if it asks for nothing that is known.
pub fn asked_facts(
    clause: &Clause,
    subject: usize,
    sheet: &FactSheet,
    lexicon: &Lexicon,
    names: &NameEmbeddings,
) -> Vec<Asked> {
    // "FH-20417" or "the blue tent" alone asks for nothing.
    let asks = clause
        .words
        .iter()
        .enumerate()
        .any(|(place, word)| !clause.subject_words.contains(&place) && !is_article(&word.text));
    if !asks {
        return Vec::new();
    }
    let scored = scored_facts(clause, subject, sheet, lexicon, names);
    let Some(best) = scored.first().copied().filter(|best| best.score >= ASKED_FROM) else {
        return Vec::new();
    };
    let mut chosen = same_field(&scored, best, sheet);
    // "status and tracking number": each concept named outright, and joined by "and" or a comma.
    let mut concepts: Vec<usize> = best.concept.into_iter().collect();
    if is_enumeration(clause) {
        for cue in &clause.cues {
            let is_other_words = clause
                .cues
                .iter()
                .filter(|other| concepts.contains(&other.concept))
                .all(|other| other.end <= cue.start || cue.end <= other.start);
            if concepts.contains(&cue.concept) || !is_other_words {
                continue;
            }
            let by_cue = scored.iter().copied().find(|asked| {
                asked.concept == Some(cue.concept)
                    && asked.score >= 0.7
                    && !chosen.iter().any(|c| c.fact == asked.fact)
            });
            if let Some(asked) = by_cue {
                concepts.push(cue.concept);
                chosen.extend(same_field(&scored, asked, sheet));
            }
        }
    }
    chosen
}

fn is_article(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "one"
            | "in"
            | "with"
            | "of"
            | "my"
            | "and"
            | "order"
            | "please"
            | "number"
    )
}

/// Every fact within reach with its score, best first.
fn scored_facts(
    clause: &Clause,
    subject: usize,
    sheet: &FactSheet,
    lexicon: &Lexicon,
    names: &NameEmbeddings,
) -> Vec<Asked> {
    let parent = sheet.subjects[subject].parent;
    let mut scored: Vec<Asked> = sheet
        .facts
        .iter()
        .enumerate()
        .filter_map(|(index, fact)| {
            let penalty = if fact.subject == subject {
                0.0
            } else if Some(fact.subject) == parent {
                PARENT_PENALTY
            } else if sheet.subjects[fact.subject].parent == Some(subject) {
                CHILD_PENALTY
            } else {
                return None;
            };
            let (score, concept) = score(fact, clause, lexicon, names);
            Some(Asked { fact: index, score: score - penalty, concept })
        })
        .collect();
    scored
        .sort_by(|left, right| right.score.total_cmp(&left.score).then(left.fact.cmp(&right.fact)));
    scored
}

/// How well a fact answers a clause, and through which concept.
fn score(
    fact: &Fact,
    clause: &Clause,
    lexicon: &Lexicon,
    names: &NameEmbeddings,
) -> (f32, Option<usize>) {
    let mut best = 0.0_f32;
    let mut through = None;
    for (concept, asked) in clause.concept_scores.iter().enumerate() {
        let link = lexicon.concept(concept).link(fact);
        let score = asked * link;
        if score > best {
            best = score;
            through = Some(concept);
        }
    }
    let is_identifier = fact.attribute.last().is_some_and(|word| word == "id" || word == "ids");
    let asks_identifier = clause.says(&["id", "number", "code", "identifier", "sku"]);
    let held_back = if is_identifier && !asks_identifier { 0.4 } else { 0.0 };
    let spoken = spoken_name_score(fact, &clause.words, &clause.subject_words) - held_back;
    if spoken > best {
        best = spoken;
        through = through.filter(|_| spoken < 0.9);
    }
    let meaning = names
        .get(&field_name(fact))
        .map_or(0.0, |name| NAME_MEANING_WEIGHT * dot(name, &clause.embedding) - held_back);
    if meaning > best {
        best = meaning;
        through = None;
    }
    if is_value_said(fact, clause) {
        best -= SAID_VALUE_PENALTY;
    }
    if fact.is_part && best < 0.9 {
        best -= 0.2;
    }
    (best, through)
}

/// True if the clause says the fact's value itself, or denies what the fact denies.
fn is_value_said(fact: &Fact, clause: &Clause) -> bool {
    let is_trait = fact.within.last().is_some_and(|word| TRAIT_FIELDS.contains(&word.as_str()));
    let has_trait_shape = is_trait
        && !fact.derived
        && fact.raw.is_string()
        && !matches!(fact.spoken.as_str(), "yes" | "no");
    has_trait_shape && is_trait_named(&clause.words, &fact.attribute.join(" "), &fact.spoken)
}

/// The field's name as it is embedded and looked up.
pub fn field_name(fact: &Fact) -> String {
    let mut words: Vec<&str> =
        if fact.is_part { Vec::new() } else { fact.within.iter().map(String::as_str).collect() };
    words.extend(fact.attribute.iter().map(String::as_str));
    words.join(" ")
}

/// The facts of the same field as `best` on subjects of the same rank: each item's price.
fn same_field(scored: &[Asked], best: Asked, sheet: &FactSheet) -> Vec<Asked> {
    let field = &sheet.facts[best.fact];
    let level = sheet.subjects[field.subject].parent;
    let mut same: Vec<Asked> = scored
        .iter()
        .copied()
        .filter(|asked| {
            let fact = &sheet.facts[asked.fact];
            fact.attribute == field.attribute
                && fact.within == field.within
                && fact.derived == field.derived
                && sheet.subjects[fact.subject].parent == level
        })
        .take(MOST_CHILD_FACTS)
        .collect();
    same.sort_by_key(|asked| asked.fact);
    same
}

fn is_enumeration(clause: &Clause) -> bool {
    clause.says(&["and", "plus", "also", "both"])
        || clause.text.contains(',')
        || clause.text.contains('&')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::retrieve::record::Record;

    #[test]
    fn a_field_is_named_with_what_is_around_it() {
        let record = Record {
            kind: "order".to_string(),
            id: "1".to_string(),
            customer_id: Some("c".to_string()),
            fields: json!({"refund": {"amount": 2.0, "items": [{"name": "a"}]}})
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        let sheet = FactSheet::of(&[record], &Default::default());
        assert!(sheet.facts.iter().any(|fact| field_name(fact) == "refund amount"));
    }
}
