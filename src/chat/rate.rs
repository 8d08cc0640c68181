//! How often somebody may do something: a token bucket for each key.
//!
//! Pure but for the lock: time is passed in. A bucket starts full, so a burst up to the limit is
//! fine, and fills evenly over a minute. Full buckets are forgotten, so memory follows activity, up to
//! `MOST_KEYS`: whoever comes then shares one bucket with all others who do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SWEEP_AT_LEAST: usize = 1024;
/// Keys that are told apart at the same time.
const MOST_KEYS: usize = 65_536;
/// How often all buckets are looked at while there are [`MOST_KEYS`].
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Of everybody who comes then. No key that is in use is empty.
const OTHERS: &str = "";

/// A limit per minute, counted for each key apart.
#[derive(Debug)]
pub struct RateLimiter {
    per_minute: AtomicU32,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<String, Bucket>,
    sweep_at: usize,
    swept: Option<Instant>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    updated: Instant,
}

impl RateLimiter {
    /// Allows `per_minute` for each key.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: per_minute.into(), buckets: Mutex::default() }
    }

    /// Allows `per_minute` from now on.
    pub fn allow(&self, per_minute: u32) {
        self.per_minute.store(per_minute, Ordering::Relaxed);
    }

    /// Counts one use by `key` at `now`.
    ///
    /// # Errors
    /// How long to wait, if the limit is reached; nothing is counted then.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let per_minute = f64::from(self.per_minute.load(Ordering::Relaxed).max(1));
        // A panic elsewhere cannot leave a bucket half changed.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.forget_full_ones(per_minute, now);
        let is_new = !buckets.by_key.contains_key(key);
        let key = if is_new && buckets.by_key.len() >= MOST_KEYS { OTHERS } else { key };
        let full = Bucket { left: per_minute, updated: now };
        let bucket = buckets.by_key.entry(key.to_string()).or_insert(full);
        bucket.left = bucket.refilled(per_minute, now);
        bucket.updated = now;
        if bucket.left < 1.0 {
            let wait_seconds = (1.0 - bucket.left) * 60.0 / per_minute;
            return Err(Duration::from_secs_f64(wait_seconds));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

impl Buckets {
    fn forget_full_ones(&mut self, per_minute: f64, now: Instant) {
        let rested =
            self.swept.is_none_or(|swept| now.saturating_duration_since(swept) >= SWEEP_EVERY);
        if self.by_key.len() < self.sweep_at.clamp(SWEEP_AT_LEAST, MOST_KEYS) || !rested {
            return;
        }
        self.by_key.retain(|_, bucket| bucket.refilled(per_minute, now) < per_minute);
        self.sweep_at = self.by_key.len() * 2;
        self.swept = Some(now);
    }
}

impl Bucket {
    fn refilled(&self, per_minute: f64, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.updated).as_secs_f64();
        (self.left + elapsed * per_minute / 60.0).min(per_minute)
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

    #[test]
    fn however_many_come_memory_is_bounded_and_those_who_were_there_keep_their_limit() {
        let limiter = RateLimiter::new(2);
        let start = Instant::now();
        assert_eq!(limiter.take("early", start), Ok(()));
        let refused =
            (0..MOST_KEYS * 2).filter(|at| limiter.take(&at.to_string(), start).is_err()).count();
        assert!(refused > 0, "late comers share a limit");
        assert!(limiter.buckets.lock().unwrap().by_key.len() <= MOST_KEYS + 1);
        assert_eq!(limiter.take("early", start), Ok(()));
        let later = start + Duration::from_secs(60);
        assert_eq!(limiter.take("late", later), Ok(()));
        assert!(limiter.buckets.lock().unwrap().by_key.len() < 10, "what is full is forgotten");
    }

    #[test]
    fn a_changed_limit_holds_at_once() {
        let limiter = RateLimiter::new(1);
        let start = Instant::now();
        assert_eq!(limiter.take("a", start), Ok(()));
        assert!(limiter.take("a", start).is_err());
        limiter.allow(600);
        assert_eq!(limiter.take("a", start + Duration::from_millis(100)), Ok(()));
        limiter.allow(1);
        assert_eq!(limiter.take("b", start), Ok(()));
        assert!(limiter.take("b", start).is_err());
    }
}
