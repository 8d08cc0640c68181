//! One turn of a conversation: a customer's message in, a checked and cited reply out.
//!
//! The stages run in this order, each a function from one plain type to the next, in a file of its
//! own name: [`understand`], [`gather`], [`decide`], [`extract`], [`compose`], [`check`]. No stage reaches back. The same
//! [`run()`] serves the socket, the terminal, the batch command and the evaluation.

pub mod account;
pub mod agent;
pub mod check;
pub mod compose;
pub mod courtesy;
pub mod decide;
pub mod extract;
pub mod gather;
pub mod grounding;
pub mod intents;
pub mod lexicon;
pub mod mention;
pub mod mode;
pub mod phrases;
mod quote;
pub mod run;
mod sense;
pub mod suggest;
pub mod summary;
pub mod support;
pub mod traits;
pub mod types;
pub mod understand;
pub mod words;

pub use agent::{Agent, AgentSettings};
pub use run::{run, run_over};
pub use types::{Citation, DecisionKind, Reply, Role, TurnInput, Utterance};
