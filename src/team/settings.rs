//! How people of the company sign in: `[team]` of the settings.

use serde::{Deserialize, Serialize};

use super::lockout::Rules;
use super::roster::SessionLimits;

/// `[team]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TeamSettings {
    /// A session that is not used for so long ends.
    pub session_idle_seconds: u64,
    /// A session ends so long after the sign-in, however much it is used.
    pub session_seconds: u64,
    /// How long a token for the chat socket may be used to say hello.
    pub socket_token_seconds: u64,
    /// Failed sign-ins of a name or an address without a wait.
    pub free_failures: u32,
    /// The wait after the first failure beyond those; it doubles with each.
    pub first_wait_seconds: u64,
    /// The longest such wait.
    pub longest_wait_seconds: u64,
}

impl Default for TeamSettings {
    fn default() -> Self {
        Self {
            session_idle_seconds: 7200,
            session_seconds: 43_200,
            socket_token_seconds: 60,
            free_failures: 5,
            first_wait_seconds: 2,
            longest_wait_seconds: 900,
        }
    }
}

impl TeamSettings {
    /// How long sessions last.
    pub fn session_limits(&self) -> SessionLimits {
        SessionLimits {
            idle_ms: milliseconds(self.session_idle_seconds),
            absolute_ms: milliseconds(self.session_seconds),
        }
    }

    /// When somebody who failed to sign in has to wait.
    pub fn lockout_rules(&self) -> Rules {
        Rules {
            free: self.free_failures,
            first_ms: milliseconds(self.first_wait_seconds),
            longest_ms: milliseconds(self.longest_wait_seconds),
        }
    }
}

fn milliseconds(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}
