//! E0624: only the check of a token makes a customer of it.

pub fn attempt() -> steward::identity::VerifiedCustomer {
    steward::identity::VerifiedCustomer::from_checked_token("another_customer".to_string())
}
