//! Questions about records: which thing is meant, what is asked of it, and the facts that say it.
//!
//! `resolve` finds the subjects, `attribute` the facts, `answer` puts them together. All three are
//! pure functions of the question, the conversation and the fact sheet; none knows a kind of record.
//!
//! `resolve` asks, surest sign first: `named` (a name), `choice` (a pick from an offer), `recency`
//! (a place in time), `kinds` (a kind of record), `focus` (what was talked of). `leaning` tells the
//! customer's own things from the shop's.
//!
//! `answer` lets `tell` find the facts that the clauses ask for, and falls back on an `overview`.

use std::collections::HashSet;

pub mod answer;
pub mod attribute;
mod choice;
pub mod clause;
pub mod focus;
pub mod kinds;
pub mod leaning;
mod named;
pub mod overview;
pub mod reading;
mod recency;
pub mod resolve;
mod tell;

/// Indices in their order, none twice.
fn deduplicated(mut indices: Vec<usize>) -> Vec<usize> {
    let mut seen = HashSet::new();
    indices.retain(|index| seen.insert(*index));
    indices
}
