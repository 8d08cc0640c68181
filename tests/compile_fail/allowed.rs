//! Compiles: shows that the others fail for the reason they name.

use steward::identity::VerifiedCustomer;
use steward::retrieve::{AccountScope, Index};

pub fn attempt(index: &Index, customer: &VerifiedCustomer) {
    let scope = AccountScope::of(customer);
    let _ = index.search_account(&scope, "order", 5);
    let _ = index.account_records(&scope, 5);
    let _ = index.account_record(&scope, "order", "W1");
}
