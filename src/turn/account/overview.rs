//! What is told of a thing when nothing in particular is asked.

use super::reading::Reading;

/// What is told of a thing when nothing in particular is asked: how it stands and what it holds.
pub fn overview(subject: usize, reading: &Reading) -> Vec<usize> {
    const OVERVIEW: &[&str] =
        &["description", "status", "items", "delivery", "price", "availability"];
    let facts = |subject: usize| {
        OVERVIEW.iter().filter_map(move |name| {
            let concept = reading.lexicon.concept(reading.lexicon.index_of(name)?);
            reading
                .sheet
                .facts
                .iter()
                .enumerate()
                .filter(|(_, fact)| fact.subject == subject && !fact.is_part)
                .map(|(index, fact)| (index, concept.link(fact)))
                .filter(|(_, link)| *link >= 0.85)
                .max_by(|left, right| left.1.total_cmp(&right.1))
                .map(|(index, _)| index)
        })
    };
    let mut told: Vec<usize> = Vec::new();
    for fact in facts(subject) {
        if !told.contains(&fact) {
            told.push(fact);
        }
    }
    told.truncate(3);
    told
}
