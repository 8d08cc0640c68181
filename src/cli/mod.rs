//! The commands, one file each. Only here is `anyhow` used.

pub mod ask;
pub mod chat;
pub mod models;
pub mod serve;
