//! The commands, one file each. Only here is `anyhow` used.

pub mod data;
pub mod eval_retrieval;
pub mod import;
pub mod models;
pub mod search;
