//! Where the models compute: on how many threads, with which instructions, and who of them does now. One
//! place, asked once, before the first model is loaded.
//!
//! One core is left free for everything else: with compute on all of them, whatever else runs holds up
//! each step of every model. The models take turns on the rest ([`share`]).

pub mod share;

use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use steward_engine::product::On;
use steward_engine::{Isa, Pool};

use super::encoder::Precision;
use crate::{Error, Result};
use share::{Share, Work};

/// The variables by which candle's two pools (matrix products, quantized kernels) are sized: it trains.
const POOL_VARIABLES: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// How the models compute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct EngineSettings {
    /// The instructions that the kernels use.
    pub isa: IsaSetting,
    /// How exactly the encoder computes.
    pub encoder: Precision,
}

/// Instructions to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IsaSetting {
    /// The best that the processor has.
    #[default]
    Auto,
    /// Plain ones.
    Portable,
    /// AVX2.
    Avx2,
    /// AVX-512 with VNNI.
    Avx512,
}

static COMPUTE_THREADS: OnceLock<usize> = OnceLock::new();
static COMPUTE: OnceLock<Compute> = OnceLock::new();

/// A generator that computes nothing for so long has no work, whatever it said.
const LONGEST_BREAK: Duration = Duration::from_millis(100);

/// The threads that the models share, and the instructions they use.
#[derive(Debug)]
pub struct Compute {
    pool: Pool,
    isa: Isa,
    share: Mutex<Share>,
    changed: Condvar,
}

impl Compute {
    /// The process's own, with the best instructions if it was not begun before.
    ///
    /// # Errors
    /// As [`Compute::begin`].
    pub fn of_process() -> Result<&'static Self> {
        Self::begin(IsaSetting::Auto)
    }

    /// The process's own, with the instructions that the first caller wants.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the system gives no threads, or the processor does not have the
    /// instructions.
    pub fn begin(wanted: IsaSetting) -> Result<&'static Self> {
        if let Some(compute) = COMPUTE.get() {
            return Ok(compute);
        }
        let isa = chosen_isa(wanted)?;
        let pool = Pool::new(compute_threads())
            .map_err(|problem| Error::setup(format!("no threads to compute on: {problem}")))?;
        Ok(COMPUTE.get_or_init(|| Self {
            pool,
            isa,
            share: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Waits for a turn on the threads and takes it. Blocking; whoever has a turn must not ask for another.
    pub fn turn(&self, work: Work) -> Turn<'_> {
        let mut share = self.share();
        share.waits(work);
        while !share.begin(work) {
            let waited = self.changed.wait_timeout(share, LONGEST_BREAK);
            let (woken, wait) = waited.unwrap_or_else(PoisonError::into_inner);
            share = woken;
            if wait.timed_out() && share.is_free() {
                share.generator_rests();
            }
        }
        Turn { compute: self, work, begun: Instant::now() }
    }

    /// Says that the generator has nothing to compute until its next turn.
    pub fn generator_rests(&self) {
        self.share().generator_rests();
        self.changed.notify_all();
    }

    /// Numbers only: a panic cannot leave them half changed.
    fn share(&self) -> MutexGuard<'_, Share> {
        self.share.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn on the threads, as long as it is held.
pub struct Turn<'a> {
    compute: &'a Compute,
    work: Work,
    begun: Instant,
}

impl Turn<'_> {
    /// For a pass of a model.
    pub fn on(&self) -> On<'_> {
        On { pool: &self.compute.pool, isa: self.compute.isa }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.compute.share().end(self.work, self.begun.elapsed());
        self.compute.changed.notify_all();
    }
}

fn chosen_isa(wanted: IsaSetting) -> Result<Isa> {
    let isa = match wanted {
        IsaSetting::Auto => Isa::best(),
        IsaSetting::Portable => Isa::Portable,
        IsaSetting::Avx2 => Isa::Avx2,
        IsaSetting::Avx512 => Isa::Avx512,
    };
    if !isa.is_available() {
        return Err(Error::setup(format!(
            "engine.isa is `{}`, which this processor does not have; its best is `{}`",
            isa.name(),
            Isa::best().name()
        )));
    }
    Ok(isa)
}

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

    #[test]
    fn instructions_are_those_that_were_asked_for() {
        assert_eq!(chosen_isa(IsaSetting::Portable).expect("always there"), Isa::Portable);
        assert_eq!(chosen_isa(IsaSetting::Auto).expect("some are there"), Isa::best());
        if !Isa::Avx512.is_available() {
            let problem = chosen_isa(IsaSetting::Avx512).expect_err("not there").to_string();
            assert!(problem.contains("engine.isa is `avx512`"), "{problem}");
        }
    }
}
