//! E0308: an id is no scope.

pub fn attempt(index: &steward::retrieve::Index) {
    let _ = index.account_records("another_customer", 5);
}
