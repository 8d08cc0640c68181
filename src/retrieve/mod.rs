//! Knowledge and accounts: what is imported, how it is indexed and how it is found.
//!
//! Owns the index. Knows the encoder, nothing of conversations or of how a reply is made.

pub mod fact;
pub mod record;
pub mod scope;
