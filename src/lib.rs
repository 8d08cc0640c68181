//! Steward: a self-hosted customer service agent that runs its own models.
//!
//! The modules are layers; each knows only those above it in this list:
//! [`error`], [`dialogue`], [`identity`], [`model`], [`judge`], [`retrieve`], [`turn`], [`eval`].

pub mod dialogue;
pub mod error;
pub mod eval;
pub mod identity;
pub mod judge;
pub mod model;
pub mod retrieve;
pub mod turn;

pub use error::{Error, ErrorKind, Result};
