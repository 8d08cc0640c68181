//! How long somebody who failed to sign in has to wait: a pure state machine.
//!
//! Each name, each address and each known browser has its own [`Failures`]. Some are free; after that the wait doubles with each
//! failure up to the longest, and a quiet time forgets them. Which of them an attempt counts for is [`keys_of`]'s to say: a
//! browser that its member signed in with before has a count of its own, so that strangers who guess at a name cannot keep its owner out
//! (the device cookies of OWASP's "Slow Down Online Guessing Attacks").

use std::net::IpAddr;

/// Failures are forgotten after this many times the longest wait without another.
const FORGOTTEN_AFTER: i64 = 4;

/// When somebody has to wait, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Failures without any wait.
    pub free: u32,
    /// The first wait, in milliseconds.
    pub first_ms: i64,
    /// No wait is longer.
    pub longest_ms: i64,
}

/// What failed lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// How often.
    pub count: u32,
    /// When last, in milliseconds since 1970.
    pub last_ms: i64,
}

impl Rules {
    /// How long after `now_ms` the next attempt is allowed, in milliseconds; 0 for now.
    pub fn wait_ms(&self, failures: Failures, now_ms: i64) -> i64 {
        if self.forgets(failures, now_ms) {
            return 0;
        }
        // A clock that was set back must not lengthen a wait.
        let since = now_ms.saturating_sub(failures.last_ms).max(0);
        (self.wait_after(failures.count) - since).max(0)
    }

    /// The failures after one more at `now_ms`.
    pub fn after_failure(&self, failures: Failures, now_ms: i64) -> Failures {
        let earlier = if self.forgets(failures, now_ms) { 0 } else { failures.count };
        Failures { count: earlier.saturating_add(1), last_ms: now_ms }
    }

    /// True if `failures` say nothing any more.
    pub fn forgets(&self, failures: Failures, now_ms: i64) -> bool {
        failures.count == 0 || failures.last_ms < self.forgotten_before(now_ms)
    }

    /// Failures whose last was before this are forgotten.
    pub fn forgotten_before(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.longest_ms.saturating_mul(FORGOTTEN_AFTER))
    }

    fn wait_after(&self, count: u32) -> i64 {
        let Some(doublings) = count.checked_sub(self.free.max(1)) else { return 0 };
        let factor = 1_i64.checked_shl(doublings.min(62)).unwrap_or(i64::MAX);
        self.first_ms.saturating_mul(factor).min(self.longest_ms)
    }
}

/// What an attempt to sign in as `name` from `address` counts for. `device` names a browser that this member signed in with before.
pub fn keys_of(name: &str, address: IpAddr, device: Option<&str>) -> Vec<String> {
    match device {
        Some(device) => vec![device_key(name, device)],
        None => vec![name_key(name), format!("address:{}", network_of(address))],
    }
}

/// The count of a name.
pub fn name_key(name: &str) -> String {
    format!("name:{}", name.to_ascii_lowercase())
}

fn device_key(name: &str, device: &str) -> String {
    format!("device:{}:{device}", name.to_ascii_lowercase())
}

/// An IPv6 subscriber has a network of 64 bits: its addresses count together.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: Rules = Rules { free: 5, first_ms: 2000, longest_ms: 900_000 };

    fn rules() -> impl Strategy<Value = Rules> {
        (0..10_u32, 1..10_000_i64, 1..1_000_000_i64).prop_map(|(free, first_ms, more)| Rules {
            free,
            first_ms,
            longest_ms: first_ms + more,
        })
    }

    #[test]
    fn the_wait_doubles_after_the_free_failures_and_is_forgotten_in_time() {
        let mut failures = Failures::default();
        let mut waits = Vec::new();
        for _ in 0..8 {
            failures = RULES.after_failure(failures, 1_000_000);
            waits.push(RULES.wait_ms(failures, 1_000_000));
        }
        assert_eq!(waits, [0, 0, 0, 0, 2000, 4000, 8000, 16000]);
        assert_eq!(RULES.wait_ms(failures, 1_010_000), 6000);
        assert_eq!(RULES.wait_ms(failures, 1_016_000), 0);
        let much_later = 1_000_001 + 4 * RULES.longest_ms;
        assert_eq!(RULES.after_failure(failures, much_later).count, 1);
    }

    #[test]
    fn a_known_browser_does_not_count_with_strangers() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let stranger = keys_of("Ada", address, None);
        let known = keys_of("ada", address, Some("d1"));
        assert!(stranger.iter().all(|key| !known.contains(key)));
        assert_eq!(stranger[0], name_key("ADA"));
        let of = |text: &str| keys_of("ada", text.parse().unwrap(), None)[1].clone();
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(
            rules in rules(), count in any::<u32>(), last_ms in any::<i64>(), now_ms in any::<i64>()
        ) {
            let wait = rules.wait_ms(Failures { count, last_ms }, now_ms);
            prop_assert!((0..=rules.longest_ms).contains(&wait));
        }

        #[test]
        fn whoever_waits_as_long_as_told_may_try_again(
            rules in rules(), count in 0..200_u32, now_ms in 0..i64::MAX / 4
        ) {
            let failures = Failures { count, last_ms: now_ms };
            let wait = rules.wait_ms(failures, now_ms);
            prop_assert_eq!(rules.wait_ms(failures, now_ms + wait), 0);
            prop_assert!(wait == 0 || rules.wait_ms(failures, now_ms + wait - 1) > 0);
        }

        #[test]
        fn another_failure_never_shortens_the_wait(
            rules in rules(), steps in prop::collection::vec(0..2_000_i64, 1..60)
        ) {
            let mut now_ms = 1_000_000_000;
            let mut failures = Failures::default();
            let mut last_wait = 0;
            for step in steps {
                now_ms += step.min(rules.longest_ms);
                failures = rules.after_failure(failures, now_ms);
                let wait = rules.wait_ms(failures, now_ms);
                prop_assert!(wait >= last_wait);
                last_wait = wait;
            }
        }

        /// However often somebody tries, few guesses are let through in a day.
        #[test]
        fn guesses_are_few_however_they_are_timed(steps in prop::collection::vec(0..600_000_i64, 1..2000)) {
            let mut now_ms = 0;
            let mut failures = Failures::default();
            let mut guesses = 0;
            for step in steps {
                now_ms += step;
                if now_ms > 86_400_000 {
                    break;
                }
                if RULES.wait_ms(failures, now_ms) == 0 {
                    failures = RULES.after_failure(failures, now_ms);
                    guesses += 1;
                }
            }
            // Five free, nine while the wait grows, then one for each longest wait.
            prop_assert!(guesses <= 5 + 9 + 96, "{guesses}");
        }
    }
}
