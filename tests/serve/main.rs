//! The server over real sockets: the real router, store and agent, on a free port.

mod client;
mod commands;
mod conversation;
#[cfg(unix)]
mod disk;
mod faults;
mod identity;
mod isolation;
mod judgements;
mod lifecycle;
mod malformed;
mod pages;
mod people;
mod privacy;
mod takeover;
mod webhooks;
