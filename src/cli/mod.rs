//! The commands, one file each. Only here is `anyhow` used.

pub mod ask;
pub mod data;
pub mod eval;
pub mod eval_retrieval;
pub mod import;
pub mod models;
pub mod search;
