//! How often somebody may do something: a token bucket for each key.
//!
//! Pure but for the lock: time is passed in. A bucket starts full, so a burst up to the limit is
//! fine, and fills evenly over a minute. Full buckets are forgotten, so memory follows activity.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SWEEP_AT_LEAST: usize = 1024;

/// A limit per minute, counted for each key apart.
#[derive(Debug)]
pub struct RateLimiter {
    per_minute: f64,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<String, Bucket>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    updated: Instant,
}

impl RateLimiter {
    /// Allows `per_minute` for each key.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: f64::from(per_minute.max(1)), buckets: Mutex::default() }
    }

    /// Counts one use by `key` at `now`.
    ///
    /// # Errors
    /// How long to wait, if the limit is reached; nothing is counted then.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), Duration> {
        // A panic elsewhere cannot leave a bucket half changed.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.by_key.len() >= buckets.sweep_at.max(SWEEP_AT_LEAST) {
            buckets.by_key.retain(|_, bucket| self.refilled(bucket, now) < self.per_minute);
            buckets.sweep_at = buckets.by_key.len() * 2;
        }
        let full = Bucket { left: self.per_minute, updated: now };
        let bucket = buckets.by_key.entry(key.to_string()).or_insert(full);
        bucket.left = self.refilled(bucket, now);
        bucket.updated = now;
        if bucket.left < 1.0 {
            let wait_seconds = (1.0 - bucket.left) * 60.0 / self.per_minute;
            return Err(Duration::from_secs_f64(wait_seconds));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(bucket.updated).as_secs_f64();
        (bucket.left + elapsed * self.per_minute / 60.0).min(self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_wait_it_names_the_next_use_is_allowed() {
        let limiter = RateLimiter::new(3);
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(limiter.take("a", start), Ok(()));
        }
        let wait = limiter.take("a", start).unwrap_err();
        assert!(wait <= Duration::from_secs(20));
        assert_eq!(limiter.take("b", start), Ok(()), "another key has its own limit");
        assert!(limiter.take("a", start + wait / 2).is_err());
        assert_eq!(limiter.take("a", start + wait + Duration::from_millis(1)), Ok(()));
    }
}
