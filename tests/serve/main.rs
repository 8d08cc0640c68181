//! The server over real sockets: the real router, store and agent, on a free port.

mod browser;
mod client;
mod commands;
mod conversation;
#[cfg(unix)]
mod disk;
mod faults;
mod files;
mod identity;
mod isolation;
mod judgements;
mod lifecycle;
mod malformed;
mod operations;
mod pages;
mod people;
mod privacy;
mod reload;
mod takeover;
mod team;
mod team_taken_back;
mod tls;
mod webhooks;
mod widget_settings;
