//! E0451: the field of a scope is private.

pub fn attempt() -> steward::retrieve::AccountScope {
    steward::retrieve::AccountScope { customer_id: "another_customer".to_string() }
}
