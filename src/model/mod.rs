//! The models: where their files come from, and how they run.
//!
//! Owns the weights, the tokenizers and the forward passes. Knows nothing of customers,
//! conversations or knowledge: it turns text into vectors and prompts into text.

pub mod encoder;
pub mod fetch;
pub mod literal;
pub mod manifest;
