//! Steward: a self-hosted customer service agent that runs its own models.
//!
//! The modules are layers; each knows only those above it in this list:
//! [`error`], [`config`], [`identity`], [`model`], [`retrieve`], [`turn`], [`store`], [`bus`],
//! [`chat`], [`http`].

pub mod bus;
pub mod chat;
pub mod config;
pub mod error;
pub mod http;
pub mod identity;
pub mod model;
pub mod retrieve;
pub mod store;
pub mod turn;

pub use error::{Error, ErrorKind, Result};
