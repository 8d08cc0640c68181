//! Accounts cannot be searched without a scope.

fn main() {
    let index = steward::retrieve::Index::open(std::path::Path::new("data")).unwrap();
    let _ = index.search_account("another_customer", "order", 5);
    let _ = index.account_records("another_customer", 5);
    let _ = index.account_record("order", "W1");
}
