//! Learning from what people say of conversations: labels in the store become training data, and a new
//! head is compared with the old one before it takes its place.

pub mod kept;
pub mod shadow;
