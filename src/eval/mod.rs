//! Evaluation: what Steward answers, held against what is known to be right.
//!
//! Runs the same turn as the chat, on the real models. Knows `turn` and `retrieve`, nothing of
//! sockets or of the store.

pub mod answers;
pub mod leaks;
pub mod questions;
