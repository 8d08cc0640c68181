//! Judgements over frozen embeddings: small heads that were trained on labelled conversations.

pub mod logistic;
