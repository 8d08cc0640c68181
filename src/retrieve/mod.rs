//! Knowledge and accounts: what is imported, how it is indexed and how it is found.
//!
//! Owns the index. Knows the encoder, nothing of how a reply is made.
//!
//! [`document`] and [`record`] are what comes in; [`ingest`] reads them from files; [`index`]
//! holds and finds them; [`conversation`] turns a dialogue into a query.

pub mod dense;
pub mod document;
pub mod fact;
pub mod fusion;
pub mod index;
pub mod ingest;
pub mod record;
pub mod schema;
pub mod scope;
pub mod snapshot;
pub mod split;
pub mod text;
pub mod writer;

pub use document::{Document, Passage, Section};
pub use fusion::RetrievalSettings;
pub use index::{Index, PassageHit, PassageQuery, PublicQuery, RecordHit, Statistics};
pub use record::Record;
pub use scope::AccountScope;
