//! Measuring: canned conversations and labelled data through the real models.

pub mod embedding_cache;
pub mod knowledge_need;
pub mod retrieval;
