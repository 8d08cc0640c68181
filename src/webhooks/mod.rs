//! Webhooks in the Standard Webhooks form (standardwebhooks.com): other systems are told what happens.
//!
//! The store puts events in line (`store::outbox`); [`deliver`] sends them, again and again with growing pauses,
//! until the endpoint takes them or they are given up. [`sign`] lets the endpoint see that they are ours, and
//! [`address`] keeps us from being sent to places that only this machine can reach.

pub mod address;
pub mod deliver;
pub mod sign;
