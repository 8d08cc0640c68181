//! What is told of a thing when nothing in particular is asked: how it stands and what it holds.

use super::deduplicated;
use super::reading::Reading;

/// Concepts told of a thing, the most telling first.
const OVERVIEW: [&str; 6] = ["description", "status", "items", "delivery", "price", "availability"];
/// Facts told of one thing.
const MOST_FACTS: usize = 3;
/// A fact linked to a concept less than this (0 to 1) does not speak of it.
const LEAST_LINK: f32 = 0.85;

/// The facts (by index into the sheet's) that tell of a subject as a whole, at most three.
pub fn overview(subject: usize, reading: &Reading) -> Vec<usize> {
    let fact_of = |name: &&str| {
        let concept = reading.lexicon.concept(reading.lexicon.index_of(name)?);
        reading
            .sheet
            .facts
            .iter()
            .enumerate()
            .filter(|(_, fact)| fact.subject == subject && !fact.is_part)
            .map(|(index, fact)| (index, concept.link(fact)))
            .filter(|(_, link)| *link >= LEAST_LINK)
            .max_by(|left, right| left.1.total_cmp(&right.1))
            .map(|(index, _)| index)
    };
    let mut told = deduplicated(OVERVIEW.iter().filter_map(fact_of).collect());
    told.truncate(MOST_FACTS);
    told
}
