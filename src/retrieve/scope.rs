//! The key to a customer's account.
//!
//! Every function that reads account records takes an [`AccountScope`], and a scope is made only
//! from a [`VerifiedCustomer`]. Its field is private to this file, so another customer's data is
//! out of reach by construction rather than by care.

use crate::identity::VerifiedCustomer;

/// The right to read one customer's records.
///
/// ```compile_fail
/// // A scope cannot be made from a bare id.
/// let scope = steward::retrieve::scope::AccountScope { customer_id: "c1".to_string() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountScope {
    customer_id: String,
}

impl AccountScope {
    /// The scope of a customer whose identity was verified.
    pub fn of(customer: &VerifiedCustomer) -> Self {
        Self { customer_id: customer.id().to_string() }
    }

    /// The customer whose records may be read.
    pub fn customer_id(&self) -> &str {
        &self.customer_id
    }
}
