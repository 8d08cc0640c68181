//! What the operator's own systems are told of the work: gauges of what waits, and spans of what was done.
//!
//! Knows nothing of what it is used for. Numbers, names and ids go out, never a text.

pub mod counted;
pub mod otlp;
pub mod process;
pub mod span;
