//! Judgements over frozen embeddings: small heads that were trained on labelled conversations.

pub mod calibrate;
pub mod conversation;
pub mod emotion;
pub mod escalation;
pub mod explain;
pub mod head_file;
pub mod heads;
pub mod intent_head;
pub mod judgement;
pub mod lbfgs;
pub mod logistic;
pub mod needs_knowledge;
pub mod satisfaction;
pub mod softmax;
pub mod support;
pub mod training;
pub mod trajectory;
