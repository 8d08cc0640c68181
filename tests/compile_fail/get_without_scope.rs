//! E0061: kind and id alone do not give a record.

pub fn attempt(index: &steward::retrieve::Index) {
    let _ = index.account_record("order", "W1");
}
