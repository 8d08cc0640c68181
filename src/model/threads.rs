//! How many threads compute: one place, asked once, before the first model is loaded.
//!
//! candle's kernels wait for each other at barriers that spin. On all cores, beside any other load,
//! they collapse to a tenth of their speed; one core is left free for everything else.

use std::num::NonZero;
use std::sync::OnceLock;

/// The variables by which candle's two pools (matrix products, quantized kernels) are sized.
const POOL_VARIABLES: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

static COMPUTE_THREADS: OnceLock<usize> = OnceLock::new();

/// Threads that compute: what was set at the start, else what the environment says, else one less
/// than there are cores.
pub fn compute_threads() -> usize {
    *COMPUTE_THREADS.get_or_init(|| from_environment().unwrap_or_else(default_threads))
}

/// Sets the number of threads that compute; `None` leaves it to the environment or the default. To
/// be called once, first thing in `main`: candle sizes its pools by the environment when it first
/// computes.
///
/// # Safety
/// No other thread may run yet: the process's environment is changed.
pub unsafe fn limit_compute_threads(threads: Option<NonZero<usize>>) {
    if let Some(threads) = threads {
        let _ = COMPUTE_THREADS.set(threads.get());
    }
    let threads = compute_threads().to_string();
    for variable in POOL_VARIABLES {
        // SAFETY: the caller promises that this is the only thread.
        unsafe { std::env::set_var(variable, &threads) };
    }
}

fn from_environment() -> Option<usize> {
    POOL_VARIABLES
        .iter()
        .filter_map(|variable| std::env::var(variable).ok()?.parse().ok())
        .find(|threads| *threads > 0)
}

fn default_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_left_free_and_the_number_does_not_change() {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        assert!((1..=cores.saturating_sub(1).max(1)).contains(&default_threads()));
        assert_eq!(compute_threads(), compute_threads());
    }
}
