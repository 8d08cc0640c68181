//! What the benches share: times in milliseconds, and what of many is told.

use std::time::Instant;

/// Milliseconds since `started`.
pub fn ms_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

/// The value below which a share of all lies, of which the middle is .5 and the largest 1; 0 of none. Sorts them.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(place).copied().unwrap_or_default()
}

/// The middle one; 0 of none.
pub fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}
