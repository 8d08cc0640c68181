//! A scope cannot be made from an id, nor can a verified customer.

use steward::identity::VerifiedCustomer;
use steward::retrieve::AccountScope;

fn main() {
    let _ = AccountScope { customer_id: "another_customer".to_string() };
    let _ = VerifiedCustomer { id: "another_customer".to_string() };
    let _ = VerifiedCustomer::from_checked_token("another_customer".to_string());
    let _: AccountScope = serde_json::from_str("{\"customer_id\":\"another_customer\"}").unwrap();
    let _ = AccountScope::default();
}
