//! What must not compile: reading an account without a verified customer.

#[test]
fn accounts_are_out_of_reach_without_a_verified_customer() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
