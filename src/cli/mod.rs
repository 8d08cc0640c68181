//! The commands, one file each. Only here is `anyhow` used.

pub mod models;
