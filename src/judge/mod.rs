//! Judgements over frozen embeddings: small heads that were trained on labelled conversations.

pub mod intent_head;
pub mod lbfgs;
pub mod logistic;
pub mod needs_knowledge;
pub mod softmax;
pub mod trajectory;
