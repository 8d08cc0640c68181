//! How much of a field's own name a question speaks. Rare words of a name count more than those
//! that many fields share: "deposit" says more than "paid".

use std::collections::{HashMap, HashSet};

use super::clause::Clause;
use super::wanted::{Wanted, fit, is_wanted};
use crate::retrieve::fact::unit::unit_of;
use crate::retrieve::fact::{Fact, FactSheet};
use crate::turn::words::{is_form_of, is_function_word, root, stem, words};

/// The names of the fields within reach of a subject, for one question.
pub struct FieldNames {
    /// What the question wants.
    pub wanted: Wanted,
    /// In how many field names each word stands.
    frequency: HashMap<String, usize>,
    /// Words for the subject itself, which ask for no field of it.
    own_noun: Vec<String>,
    /// Words for other kinds of record, which may ask for a field: the last reading of an account.
    other_kinds: HashSet<String>,
    /// The subject is the customer's.
    owned: bool,
    /// Subjects that are for sale.
    sold: HashSet<usize>,
}

/// Words that say little about what a field holds.
const GENERIC: &[&str] = &[
    "update", "updated", "create", "created", "number", "name", "date", "time", "type", "total",
    "amount", "price", "code", "info", "detail", "value", "status", "id", "is", "has", "unit",
    "until",
];
/// Words of the field that says when something takes place.
const BEGINNINGS: &[&str] =
    &["start", "begin", "depart", "departure", "scheduled", "appointment", "date", "check"];
/// A field of an inner object whose name the question does not speak scores this much less.
const UNHEARD_AROUND: f32 = 0.07;
/// One whose name it does speak scores this much more.
const HEARD_AROUND: f32 = 0.05;
/// A word that stands in no other field's name.
const RARE_WORD_BONUS: f32 = 0.1;
/// A name whose rare word is spoken is meant, though its other words are not.
const RARE_WORD_SCORE: f32 = 0.84;

impl FieldNames {
    /// Reads the names of the fields of a subject, of what is around it and of what it lists.
    pub fn of(subject: usize, sheet: &FactSheet, wanted: Wanted) -> Self {
        let parent = sheet.subjects[subject].parent;
        let mut seen: HashSet<Vec<&String>> = HashSet::new();
        let is_near = |fact: &Fact| {
            fact.subject == subject
                || Some(fact.subject) == parent
                || sheet.subjects[fact.subject].parent == Some(subject)
        };
        // Words are rare or common among the fields that can answer.
        let any_fits = sheet.facts.iter().any(|fact| is_near(fact) && fit(wanted, fact) > 0.0);
        let mut frequency: HashMap<String, usize> = HashMap::new();
        for fact in &sheet.facts {
            let name: Vec<&String> = fact.within.iter().chain(&fact.attribute).collect();
            let fits = if any_fits { fit(wanted, fact) > 0.0 } else { fit(wanted, fact) >= 0.0 };
            if !is_near(fact) || !fits || fact.is_part || !seen.insert(name.clone()) {
                continue;
            }
            let roots: HashSet<String> = name.iter().map(|word| root(&stem(word))).collect();
            for word in roots {
                *frequency.entry(word).or_default() += 1;
            }
        }
        let own_noun = content_words(&[sheet.subjects[subject].noun.clone()]);
        let own_kind = &sheet.subjects[sheet.record_of(subject)].noun;
        let other_kinds = sheet
            .subjects
            .iter()
            .filter(|other| other.owned && other.parent.is_none() && other.noun != *own_kind)
            .flat_map(|other| content_words(std::slice::from_ref(&other.noun)))
            .filter(|word| !content_words(std::slice::from_ref(own_kind)).contains(word))
            .collect();
        let owned = sheet.subjects[subject].owned;
        let sold =
            (0..sheet.subjects.len()).filter(|&index| !sheet.subjects[index].owned).collect();
        Self { wanted, frequency, own_noun, other_kinds, owned, sold }
    }

    /// How much of the field's name the question speaks, 0 to about 1.1.
    pub fn spoken_score(&self, fact: &Fact, clause: &Clause) -> f32 {
        let around = content_words(&fact.within);
        let mut wanted: Vec<String> = content_words(&fact.attribute);
        // `plan_name` is asked for by "plan", `usage_kwh` by "usage".
        let says_little = unit_of(&fact.attribute).is_some()
            || fact.attribute.last().is_some_and(|last| last == "name");
        if wanted.len() > 1 && says_little {
            wanted.pop();
        }
        let is_bare_part = fact.is_part
            && matches!(fact.attribute.as_slice(), [only] if matches!(only.as_str(), "first" | "last" | "middle"));
        if wanted.is_empty()
            || is_bare_part && !around.iter().any(|word| self.is_heard(word, clause))
        {
            return 0.0;
        }
        let weight = |word: &str| {
            let generic = if GENERIC.contains(&word) { 0.3 } else { 1.0 };
            generic / self.frequency.get(&root(word)).copied().unwrap_or(1).max(1) as f32
        };
        let heard: Vec<&String> =
            wanted.iter().filter(|word| self.is_heard(word, clause)).collect();
        let total: f32 = wanted.iter().map(|word| weight(word)).sum();
        let share = heard.iter().map(|word| weight(word)).sum::<f32>() / total.max(f32::EPSILON);
        let is_rare = |word: &&&String| {
            !GENERIC.contains(&word.as_str())
                && self.frequency.get(&root(word)).copied().unwrap_or(1) == 1
        };
        let rare = heard.iter().any(|word| is_rare(&word));
        let heard_around = around.iter().any(|word| self.is_heard(word, clause));
        let tells = |word: &&String| !GENERIC.contains(&word.as_str());
        let telling = wanted.iter().filter(tells).count();
        let mut score = if heard.len() == wanted.len() && telling == 0 {
            0.78
        } else if telling > 0
            && heard.iter().filter(|word| tells(word)).count() == telling
            && heard.len() < wanted.len()
        {
            // "Which room am I in?": all but "number" of the room's number.
            (share * 0.8).max(0.7)
        } else if heard.len() == wanted.len() {
            0.9 + 0.04 * (heard.len() as f32 - 1.0).min(3.0)
        } else {
            share * 0.8
        };
        if rare {
            score = score.max(RARE_WORD_SCORE + 0.1 * share) + RARE_WORD_BONUS;
        }
        if heard_around && !heard.is_empty() {
            score += 0.1;
        } else if heard_around {
            // "the adjuster" of {adjuster: {name, phone}}: its name is what is asked. "How much is
            // labor" of {labor: {hours, cost}}: its cost is.
            let names = matches!(fact.attribute.as_slice(), [only] if only == "name");
            let telling = around
                .iter()
                .any(|word| !GENERIC.contains(&word.as_str()) && self.is_heard(word, clause));
            let fits = telling && !fact.is_part && fit(self.wanted, fact) > 0.0;
            score = score.max(if fits {
                0.92
            } else if names {
                0.85
            } else {
                0.45
            });
        }
        if fact.is_part && heard.len() < wanted.len() {
            score -= 0.3;
        }
        if self.is_another_compound(&wanted, &around, clause) {
            score -= 0.2;
        }
        score
    }

    /// "my email address" asks for no other address: the word before names a field of its own.
    fn is_another_compound(&self, wanted: &[String], around: &[String], clause: &Clause) -> bool {
        let [only] = wanted else { return false };
        let own = |word: &str| {
            wanted.iter().chain(around).any(|name| is_form_of(name, word))
                || GENERIC.contains(&word)
        };
        // "e-mail address"
        let email = clause.words.windows(3).any(|run| {
            is_form_of(&run[2].stem, only)
                && self.frequency.contains_key(&root(&format!("{}{}", run[0].text, run[1].text)))
        });
        if email {
            return true;
        }
        clause.words.windows(2).any(|pair| {
            is_form_of(&pair[1].stem, only)
                && !own(&pair[0].stem)
                && self.frequency.contains_key(&root(&pair[0].stem))
        })
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

    /// What a field gains or loses by the inner object that it stands in.
    pub fn around(&self, fact: &Fact, clause: &Clause) -> f32 {
        let around = content_words(&fact.within);
        if around.is_empty() || fact.derived {
            return 0.0;
        }
        let is_heard = around.iter().any(|word| self.is_heard(word, clause));
        if is_heard { HEARD_AROUND } else { -UNHEARD_AROUND }
    }

    fn is_heard(&self, wanted: &str, clause: &Clause) -> bool {
        clause.words.iter().enumerate().any(|(index, word)| {
            // "my room" of a stay is no room of the catalogue's.
            let names_sold = self.owned
                && !word.text.contains(|c: char| c.is_ascii_digit())
                && !clause.mentions.named.is_empty()
                && clause.mentions.named.iter().all(|named| self.sold.contains(named));
            let names_subject = !names_sold
                && clause.subject_words.contains(&index)
                && (clause.mentions.name_words.contains(&index)
                    || !self.other_kinds.contains(&word.stem));
            !names_subject && !self.own_noun.contains(&word.stem) && is_form_of(&word.stem, wanted)
        })
    }
}

fn content_words(name: &[String]) -> Vec<String> {
    name.iter()
        .flat_map(|word| words(word))
        .map(|word| word.stem)
        .filter(|word| !is_function_word(word))
        .collect()
}
