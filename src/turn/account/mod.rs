//! Questions about records: which thing is meant, what is asked of it, and the facts that say it.
//!
//! `resolve` finds the subjects, `attribute` the facts, `answer` puts them together. All three are
//! pure functions of the question, the conversation and the fact sheet; none knows a kind of record.

pub mod answer;
pub mod attribute;
pub mod clause;
mod described;
mod field_names;
pub mod resolve;
pub mod wanted;
