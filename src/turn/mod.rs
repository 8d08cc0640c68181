//! One turn of a conversation: a customer's message in, a checked and cited reply out.
//!
//! The stages run in this order, each a function from one plain type to the next, in a file of its
//! own name: `understand`, `gather`, `decide`, `compose`, `check`. No stage reaches back.
//! The same `run` serves the socket, the terminal, the batch command and the evaluation.

pub mod account;
pub mod lexicon;
pub mod mention;
pub mod types;
pub mod words;
pub use types::{Citation, DecisionKind, Reply, Role, TurnInput, Utterance};
