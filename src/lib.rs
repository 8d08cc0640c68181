//! Steward: a self-hosted customer service agent that runs its own models.
//!
//! The modules are layers; each knows only those above it in this list:
//! [`error`], [`model`].

pub mod error;
pub mod model;

pub use error::{Error, ErrorKind, Result};
