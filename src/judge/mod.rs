//! Judgements over frozen embeddings: small heads that were trained on labelled conversations.

pub mod logistic;
pub mod needs_knowledge;
