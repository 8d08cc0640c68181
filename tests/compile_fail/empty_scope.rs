//! E0599: there is no scope by default.

pub fn attempt() -> steward::retrieve::AccountScope {
    steward::retrieve::AccountScope::default()
}
