//! E0451: the field of a verified customer is private.

pub fn attempt() -> steward::identity::VerifiedCustomer {
    steward::identity::VerifiedCustomer { id: "another_customer".to_string() }
}
