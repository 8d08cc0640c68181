//! The threads that compute.
//!
//! One pool for a process: whoever computes divides its work among the same threads, so that there are
//! never more of them than were asked for. With one thread the caller computes itself.

use std::marker::PhantomData;
use std::ops::Range;

use rayon::prelude::*;

/// Threads that compute.
#[derive(Debug)]
pub struct Pool {
    threads: usize,
    pool: Option<rayon::ThreadPool>,
}

impl Pool {
    /// A pool of `threads` threads, at least one.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn new(threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let threads = threads.max(1);
        let build = || {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .thread_name(|number| format!("compute-{number}"))
                .build()
        };
        Ok(Self { threads, pool: (threads > 1).then(build).transpose()? })
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `work` on the pool, so that what it divides needs no hand-over.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Calls `task` with ranges that make up `0..count`, each but the last a multiple of `step` long.
    pub fn divide(&self, count: usize, step: usize, task: impl Fn(Range<usize>) + Sync) {
        let Some(pool) = &self.pool else { return task(0..count) };
        // A few ranges for each thread: who is held up does not hold up all.
        let parts = (self.threads * 3).min(count.div_ceil(step)).max(1);
        let length = count.div_ceil(step).div_ceil(parts) * step;
        let ranges = count.div_ceil(length.max(1));
        let run = || {
            (0..ranges).into_par_iter().with_max_len(1).for_each(|number| {
                task(number * length..((number + 1) * length).min(count));
            });
        };
        match rayon::current_thread_index() {
            Some(_) => run(),
            None => pool.install(run),
        }
    }
}

/// A slice of which several tasks write disjoint parts at the same time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disjoint<'a> {
    start: *mut f32,
    length: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: it only gives out parts that are asked for by `slice`, whose callers promise that they are disjoint.
unsafe impl Send for Disjoint<'_> {}
// SAFETY: as above.
unsafe impl Sync for Disjoint<'_> {}

impl<'a> Disjoint<'a> {
    pub(crate) fn new(slice: &'a mut [f32]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// A part.
    ///
    /// # Safety
    /// No part that shares a value with it may be alive.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "that is what it is for; the caller keeps parts apart")]
    pub(crate) unsafe fn slice(&self, range: Range<usize>) -> &'a mut [f32] {
        assert!(range.start <= range.end && range.end <= self.length, "inside of the slice");
        // SAFETY: inside of the slice by the assertion, alone by the caller's promise.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.add(range.start), range.end - range.start)
        }
    }
}
