//! Knowledge gaps: what customers asked and nothing answered, gathered by meaning, each with a draft of the article that is missing.
//!
//! ```text
//! store::gaps      questions without an answer, what agents wrote after them
//!   -> find        embeds them once, gathers them, tells the most frequent first
//!   -> cluster     average linkage over cosines, down to a measured threshold        (pure)
//!   -> draft       sentences of agents' replies without what is one customer's own   (pure)
//! ```
//!
//! Which questions count, and how the threshold was measured, is in docs/outcomes.md.

pub mod cluster;
pub mod draft;
mod find;

pub use draft::Draft;
pub use find::{Gap, Question, find, gap_of};
