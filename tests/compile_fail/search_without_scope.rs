//! E0308: an id is no scope.

pub fn attempt(index: &steward::retrieve::Index) {
    let _ = index.search_account("another_customer", "order", 5);
}
