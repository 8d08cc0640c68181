//! Knowledge and accounts: what is imported, how it is indexed and how it is found.
//!
//! Owns the content and the index. Knows the encoder, nothing of how a reply is made.
//!
//! [`document`] and [`record`] are what comes in; [`ingest`] reads them from files; [`content`] keeps
//! them; [`index`] finds them, and [`upkeep`] keeps it true to the content; [`conversation`] turns a
//! dialogue into a query.

pub mod article;
pub mod content;
pub mod conversation;
pub mod dense;
pub mod document;
pub mod fact;
pub mod fusion;
pub mod index;
pub mod ingest;
pub mod item;
mod known;
mod overlay;
pub mod passage_search;
pub mod passages;
pub mod record;
pub mod schema;
pub mod scope;
pub mod search;
pub mod segments;
pub mod snapshot;
pub mod split;
pub mod text;
pub mod title;
pub mod upkeep;
pub mod word_use;
pub mod words;
pub mod writer;

pub use document::{Document, Passage, Section};
pub use fusion::RetrievalSettings;
pub use index::{Index, Statistics};
pub use item::Item;
pub use passage_search::PassageHit;
pub use record::Record;
pub use scope::AccountScope;
pub use search::{RecordHit, TextQuery};
