//! Who is speaking, once it has been verified.
//!
//! Owns [`VerifiedCustomer`], the proof that account search asks for. It can be made in two ways
//! only: from a token whose signature was checked (`http::identity`), or by the operator at the
//! terminal, who can read every file anyway. Knows nothing of conversations or of the index.

/// A customer whose identity has been proved. There is no way to make one from an unchecked id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifiedCustomer {
    id: String,
}

impl VerifiedCustomer {
    /// The customer named in a token whose signature, audience and expiry have been checked.
    pub(crate) fn from_checked_token(id: String) -> Self {
        Self { id }
    }

    /// The operator acting as a customer: for the terminal, evaluation and imports. Never called
    /// with anything that came over a socket.
    pub fn chosen_by_operator(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }

    /// The customer's id in the company's own records.
    pub fn id(&self) -> &str {
        &self.id
    }
}
