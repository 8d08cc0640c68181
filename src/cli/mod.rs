//! The commands, one file each. Only here is `anyhow` used.

pub mod ask;
pub mod bench;
pub mod bench_judge;
pub mod chat;
pub mod classify;
pub mod eval;
pub mod eval_conversations;
pub mod eval_escalation;
pub mod eval_intents;

pub mod eval_judgements;
pub mod eval_privacy;
pub mod eval_retrieval;
pub mod eval_satisfaction;
pub mod heads;
pub mod import;
pub mod models;
pub mod progress;
pub mod search;
pub mod serve;
pub mod train;
pub mod train_emotion;
pub mod train_escalation;
pub mod train_intents;
pub mod train_satisfaction;
pub mod training_data;
pub mod tuning;
