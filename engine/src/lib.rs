//! Steward's arithmetic on a plain CPU.
//!
//! Owns the kernels and the forward passes over them. Knows nothing of files, text or customers: it
//! takes numbers and gives numbers.

pub mod vectors;
