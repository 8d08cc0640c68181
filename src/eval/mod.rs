//! Evaluation: what Steward finds and answers, held against what is known to be right.
//!
//! Runs the same search and the same turn as the chat, on the real models. Knows `turn`, `judge` and
//! `retrieve`, nothing of sockets or of the store.

pub mod answers;
pub mod calibration;
pub mod conversations;
pub mod escalation;
pub mod intents;
mod json_lines;
pub mod judgements;
pub mod knowledge_need;
pub mod leaks;
pub mod naming;
pub mod overlap;
pub mod privacy;
pub mod questions;
pub mod replies;
pub mod reply_cases;
pub mod report;
pub mod retrieval;
pub mod satisfaction;
pub mod star;
pub mod suggestions;
pub mod support;
