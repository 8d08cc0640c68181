//! Training the heads on labelled conversations: data, readings, folds, reports.

pub mod emotion;
pub mod escalation;
pub mod examples;
pub mod folds;
pub mod goemotions;
pub mod intents;
pub mod labelled;
pub mod moods;
pub mod readings;
pub mod satisfaction;
pub mod sources;
pub mod star;
pub mod uss;
