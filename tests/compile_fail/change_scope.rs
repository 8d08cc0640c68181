//! E0616: a scope cannot be turned to another customer.

pub fn attempt(scope: &mut steward::retrieve::AccountScope) {
    scope.customer_id = "another_customer".to_string();
}
