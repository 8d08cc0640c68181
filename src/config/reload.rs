//! What a reload of the settings may change while the server runs.
//!
//! Pure: settings in force and settings as they were read again in, what is in force from now on out.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::Config;
use super::load::{collect_leaves, set, value_at};
use crate::Result;
use crate::error::Context;

/// Settings that are read at each use, or that the reload hands to whoever keeps them. A last dot takes the
/// whole section. All others need a restart.
const TAKEN_OVER: &[&str] = &[
    "server.allowed_origins",
    "server.max_message_chars",
    "server.shutdown_grace_seconds",
    "server.drain_seconds",
    "server.trust_forwarded_for",
    "identity.",
    "limits.messages_per_minute",
    "limits.waiting_messages",
    "limits.history_messages",
    "limits.connections_per_address",
    "limits.tokens_per_minute",
    "limits.requests_per_minute",
    "limits.frame_bytes",
    "limits.outbound_frames",
    "limits.hello_seconds",
    "limits.heartbeat_seconds",
    "limits.turn_seconds",
    "desk.",
    "hand_off.",
    "widget.",
    "outcomes.",
    "privacy.",
    "team.socket_token_seconds",
    "team.free_failures",
    "team.first_wait_seconds",
    "team.longest_wait_seconds",
    "webhooks.",
    "agent.policy.",
    "telemetry.log_level",
];

/// What came of settings that were read again.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenOver {
    /// What is in force from now on.
    pub config: Config,
    /// The names of the settings that changed with it.
    pub changed: Vec<String>,
    /// The names of those that were changed in vain: they need a restart.
    pub needs_restart: Vec<String>,
}

/// What of `read` may replace `current` without a restart.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] if settings cannot be written as a table; none is known.
pub fn take_over(current: &Config, read: &Config) -> Result<TakenOver> {
    let as_table = |config: &Config| Table::try_from(config).internal("the settings are no table");
    let (mut table, read_table) = (as_table(current)?, as_table(read)?);
    let mut settings: BTreeMap<String, Value> = BTreeMap::new();
    collect_leaves("", &as_table(&Config::default())?, &mut settings);
    let (mut changed, mut needs_restart) = (Vec::new(), Vec::new());
    for path in settings.into_keys() {
        let Some(value) = value_at(&read_table, &path) else { continue };
        if value_at(&table, &path) == Some(value) {
            continue;
        }
        if is_taken_over(&path) {
            set(&mut table, &path, value.clone());
            changed.push(path);
        } else {
            needs_restart.push(path);
        }
    }
    let mut config: Config = table.try_into().internal("the settings do not fit together")?;
    config.place = current.place.clone();
    Ok(TakenOver { config, changed, needs_restart })
}

fn is_taken_over(path: &str) -> bool {
    TAKEN_OVER.iter().any(|name| *name == path || (name.ends_with('.') && path.starts_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_settings_are_taken_over_and_the_others_named() {
        let current = Config::default();
        let mut read = Config::default();
        read.identity.secrets.insert("shop".into(), "a secret that nobody may see in a log".into());
        read.agent.policy.hand_off_from = 0.5;
        read.server.listen = "127.0.0.1:1".into();
        read.limits.concurrent_turns = 3;
        read.limits.turn_seconds = 5;
        let taken = take_over(&current, &read).unwrap();
        assert_eq!(
            taken.changed,
            ["agent.policy.hand_off_from", "identity.secrets", "limits.turn_seconds"]
        );
        assert_eq!(taken.needs_restart, ["limits.concurrent_turns", "server.listen"]);
        let mut expected = read.clone();
        expected.server.listen = current.server.listen.clone();
        expected.limits.concurrent_turns = current.limits.concurrent_turns;
        assert_eq!(taken.config, expected);
        let again = take_over(&taken.config, &expected).unwrap();
        assert_eq!((again.changed.len(), again.needs_restart.len()), (0, 0));
    }

    #[test]
    fn every_name_is_that_of_a_setting() {
        let mut settings = BTreeMap::new();
        collect_leaves("", &Table::try_from(Config::default()).unwrap(), &mut settings);
        for name in TAKEN_OVER {
            let known = settings
                .keys()
                .any(|path| path == name || (name.ends_with('.') && path.starts_with(name)));
            assert!(known, "{name}");
        }
    }
}
