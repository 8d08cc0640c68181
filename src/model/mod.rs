//! The models: where their files come from, and how they run.
//!
//! Owns the weights, the tokenizers and the forward passes. Knows nothing of customers,
//! conversations or knowledge: it turns text into vectors and prompts into text.

pub mod chat_template;
pub mod compute;
pub mod constraint;
pub mod embedding_file;
pub mod encoder;
pub mod fetch;
pub mod generator;
pub mod gguf_tokenizer;
pub mod literal;
pub mod manifest;
pub mod sampler;
