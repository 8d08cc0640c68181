//! What files that people send are, and what they may be called. Pure: bytes and names in, kinds and names out.
//!
//! A file is what its bytes say ([`kind`]), whatever it is called; its name is cleaned ([`name`]) before anybody sees it.
//! Where files are kept is in `store::files`, how they come and go in `http::files`.

pub mod kind;
pub mod name;

pub use kind::FileKind;
