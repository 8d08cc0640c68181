//! Steward's arithmetic on a plain CPU.
//!
//! Owns the kernels and the forward passes over them. Knows nothing of files, text or customers: it
//! takes numbers and gives numbers.

#![allow(clippy::needless_range_loop, reason = "kernels walk several arrays by one index")]

pub mod attention;
pub mod cache;
pub mod decoder;
pub mod encoder;
pub mod isa;
mod lanes;
pub mod ops;
pub mod pool;
pub mod prefixes;
pub mod product;
pub mod quantized;
pub mod vectors;

pub use isa::Isa;
pub use pool::Pool;
