//! The facts that the clauses of a message ask for, of the subjects that it is about or of the
//! customer's own record.

use super::attribute::{Asked, asked_facts};
use super::clause::Clause;
use super::focus::Focus;
use super::leaning::Leaning;
use super::reading::Reading;
use super::resolve::{Found, Resolution, resolve};

/// What the clauses ask for.
pub(super) struct Told {
    /// Indices into the sheet's facts.
    pub facts: Vec<usize>,
    /// Subjects that have an answer.
    pub subjects: Vec<usize>,
    /// How surely the facts were asked for, 0 to about 1.2.
    pub score: f32,
}

/// The facts that the clauses ask for, of the subjects that the message is about.
pub(super) fn tell(
    clauses: &[Clause],
    resolution: &Resolution,
    reading: &Reading,
    lean: Leaning,
) -> Told {
    let sheet = reading.sheet;
    let mut told = Told { facts: Vec::new(), subjects: Vec::new(), score: 0.0 };
    let mut own_facts = Vec::new();
    for clause in clauses {
        let own = clause_subjects(clause, clauses, resolution, reading);
        let mut best = of_subjects(clause, &own, reading);
        let customer = (0..sheet.subjects.len()).find(|&index| sheet.subjects[index].is_customer);
        if let Some(customer) = customer {
            let of_customer = of_subjects(clause, &[customer], reading);
            if is_better_for_customer(clause, &of_customer, &best, resolution.found, lean) {
                best = of_customer;
            }
        }
        told.score = told.score.max(best.score);
        for subject in best.subjects {
            if !told.subjects.contains(&subject) {
                told.subjects.push(subject);
            }
        }
        own_facts.push(best.asked);
    }
    for asked in own_facts.iter().flatten() {
        if !told.facts.contains(&asked.fact) {
            told.facts.push(asked.fact);
        }
    }
    if let [only] = own_facts.as_slice() {
        add_companions(&mut told.facts, only, reading);
    }
    told
}

struct OfSubjects {
    asked: Vec<Asked>,
    subjects: Vec<usize>,
    score: f32,
}

fn of_subjects(clause: &Clause, subjects: &[usize], reading: &Reading) -> OfSubjects {
    let mut per_subject: Vec<(usize, Vec<Asked>)> = subjects
        .iter()
        .map(|&subject| {
            (subject, asked_facts(clause, subject, reading.sheet, reading.lexicon, reading.names))
        })
        .filter(|(_, asked)| !asked.is_empty())
        .collect();
    let top = |asked: &Vec<Asked>| asked.iter().map(|asked| asked.score).fold(0.0, f32::max);
    let score = per_subject.iter().map(|(_, asked)| top(asked)).fold(0.0, f32::max);
    // Where one subject knows what is asked and another only something like it, the first is meant.
    per_subject.retain(|(_, asked)| top(asked) >= score - 0.15);
    let mut asked: Vec<Asked> = Vec::new();
    for fact in per_subject.iter().flat_map(|(_, asked)| asked) {
        if !asked.iter().any(|other| other.fact == fact.fact) {
            asked.push(*fact);
        }
    }
    OfSubjects {
        asked,
        subjects: per_subject.into_iter().map(|(subject, _)| subject).collect(),
        score,
    }
}

/// A clause that mentions things of its own is about those, another about what the message is.
fn clause_subjects(
    clause: &Clause,
    clauses: &[Clause],
    resolution: &Resolution,
    reading: &Reading,
) -> Vec<usize> {
    let has_own = !clause.mentions.identified.is_empty() || !clause.mentions.named.is_empty();
    let others_too = clauses.iter().any(|other| {
        other.text != clause.text
            && (!other.mentions.identified.is_empty() || !other.mentions.named.is_empty())
    });
    if !(has_own && others_too) {
        return resolution.subjects.clone();
    }
    let within = Focus { subjects: resolution.subjects.clone(), offered: Vec::new() };
    resolve(&clause.words, &clause.mentions, &within, reading.sheet, reading.lexicon).subjects
}

/// "What's my e-mail?", "the address on my account": the customer's own record is asked.
fn is_better_for_customer(
    clause: &Clause,
    customer: &OfSubjects,
    other: &OfSubjects,
    found: Found,
    lean: Leaning,
) -> bool {
    if customer.asked.is_empty() {
        return false;
    }
    let on_file = clause.says(&["account", "profile", "default", "file", "registered"])
        || clause.says_phrase("do you have for me");
    if on_file && !matches!(found, Found::Identifier) {
        return customer.score >= other.score - 0.2;
    }
    match found {
        Found::Identifier | Found::Name | Found::Recency => other.asked.is_empty(),
        Found::Noun | Found::Focus => other.asked.is_empty() || customer.score > other.score + 0.1,
        Found::Guess => lean.own && customer.score >= other.score - 0.02,
    }
}

/// Facts told along with the one asked for: when it arrives, with where it is.
fn add_companions(facts: &mut Vec<usize>, asked: &[Asked], reading: &Reading) {
    let [only] = asked else { return };
    let Some(concept) = only.concept else { return };
    let subject = reading.sheet.facts[only.fact].subject;
    for companion in &reading.lexicon.concept(concept).also {
        let Some(companion) = reading.lexicon.index_of(companion) else { continue };
        let best = reading
            .sheet
            .facts
            .iter()
            .enumerate()
            .filter(|(_, fact)| fact.subject == subject && !fact.derived)
            .map(|(index, fact)| (index, reading.lexicon.concept(companion).link(fact)))
            .filter(|(_, link)| *link >= 0.8)
            .max_by(|left, right| left.1.total_cmp(&right.1));
        if let Some((fact, _)) = best
            && !facts.contains(&fact)
        {
            facts.push(fact);
        }
    }
}
