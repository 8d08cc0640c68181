//! The server over real sockets: the real router, store and agent, on a free port.

mod browser;
mod busy;
mod client;
mod commands;
mod conversation;
mod desk_customer;
mod desk_events;
mod desk_inbox;
mod desk_notes;
#[cfg(unix)]
mod disk;
mod faults;
mod files;
mod gaps;
mod identity;
mod isolation;
mod judgements;
mod knowledge;
mod lifecycle;
mod malformed;
mod modes;
mod operations;
mod outcomes;
mod pages;
mod people;
mod privacy;
mod reload;
mod settings_api;
mod suggestions;
mod takeover;
mod team;
mod team_taken_back;
mod tls;
mod webhooks;
mod widget_settings;
