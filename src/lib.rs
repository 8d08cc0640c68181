//! Steward: a self-hosted customer service agent that runs its own models.
//!
//! The modules are layers; each knows only those above it in this list:
//! [`error`], [`telemetry`], `private_file`, [`dialogue`], [`identity`], [`privacy`], [`files`], [`model`], [`retrieve`], [`judge`], [`turn`], [`team`], [`widget`], [`outcomes`], [`config`],
//! [`demo_data`], [`setup`], [`store`], [`gaps`], [`data_request`], [`backup`], [`bus`], [`chat`], [`learning`], [`webhooks`], [`http`]; [`eval`] knows `turn` and below.

pub mod backup;
pub mod bus;
pub mod chat;
pub mod config;
pub mod data_request;
pub mod demo_data;
pub mod dialogue;
pub mod error;
pub mod eval;
mod file_stamp;
pub mod files;
pub mod gaps;
pub mod http;
pub mod identity;
pub mod judge;
pub mod learning;
pub mod model;
pub mod outcomes;
pub mod privacy;
mod private_file;
pub mod retrieve;
pub mod setup;
pub mod store;
pub mod team;
pub mod telemetry;
pub mod turn;
pub mod webhooks;
pub mod widget;

pub use error::{Error, ErrorKind, Result};
