//! Who computes now: a pure state machine, without clocks, threads or models.
//!
//! One pass computes at a time, on all threads. While the generator has work it gets nearly all of the
//! time, so that no stream is slowed; the encoder and the search have a share beside it, and all of the time
//! when the generator rests.

use std::time::Duration;

/// Whose work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Reading prompts and writing answers: customers see it as it goes.
    Generator,
    /// Everything else: short passes.
    Beside,
}

/// Time beside the generator for each unit of the generator's. A stream is slowed by somewhat more: what computes
/// beside it puts its own weights into the caches.
const SHARE_BESIDE: f64 = 0.07;
/// Time that can be saved up beside the generator: a customer's question and its evidence at once.
const MOST_SAVED: Duration = Duration::from_millis(20);

/// How time is shared.
#[derive(Debug, Clone, Default)]
pub struct Share {
    is_taken: bool,
    generator_has_work: bool,
    waiting_beside: usize,
    /// Seconds that work beside the generator may take before it; below zero, what it took too much.
    saved: f64,
}

impl Share {
    /// Says that somebody waits for a turn.
    pub fn waits(&mut self, work: Work) {
        match work {
            Work::Generator => self.generator_has_work = true,
            Work::Beside => self.waiting_beside += 1,
        }
    }

    /// Begins a turn of one who waits, if it is theirs.
    pub fn begin(&mut self, work: Work) -> bool {
        let is_next = !self.is_taken
            && match work {
                Work::Generator => self.waiting_beside == 0 || self.saved <= 0.0,
                Work::Beside => !self.generator_has_work || self.saved > 0.0,
            };
        if is_next {
            self.is_taken = true;
            if work == Work::Beside {
                self.waiting_beside -= 1;
            }
        }
        is_next
    }

    /// Ends a turn that took `time`.
    pub fn end(&mut self, work: Work, time: Duration) {
        self.is_taken = false;
        match work {
            Work::Generator => {
                let saved = self.saved + time.as_secs_f64() * SHARE_BESIDE;
                self.saved = saved.min(MOST_SAVED.as_secs_f64());
            }
            Work::Beside if self.generator_has_work => self.saved -= time.as_secs_f64(),
            Work::Beside => {}
        }
    }

    /// True if nobody computes.
    pub fn is_free(&self) -> bool {
        !self.is_taken
    }

    /// Says that the generator has no work left.
    pub fn generator_rests(&mut self) {
        self.generator_has_work = false;
        self.saved = self.saved.max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Event {
        Wait(Work),
        Begin(Work),
        End(u64),
        Rest,
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let work = || prop_oneof![Just(Work::Generator), Just(Work::Beside)];
        let event = prop_oneof![
            work().prop_map(Event::Wait),
            work().prop_map(Event::Begin),
            (0u64..80).prop_map(Event::End),
            Just(Event::Rest),
        ];
        proptest::collection::vec(event, 0..200)
    }

    proptest! {
        #[test]
        fn one_computes_at_a_time_and_whoever_waits_alone_begins(events in events()) {
            let mut share = Share::default();
            let mut running = None;
            let (mut generator_waits, mut beside) = (false, 0);
            for event in events {
                match event {
                    Event::Wait(Work::Generator) if !generator_waits && running != Some(Work::Generator) => {
                        share.waits(Work::Generator);
                        generator_waits = true;
                    }
                    Event::Wait(Work::Beside) => {
                        share.waits(Work::Beside);
                        beside += 1;
                    }
                    Event::Begin(work) => {
                        let waits = if work == Work::Generator { generator_waits } else { beside > 0 };
                        if waits && share.begin(work) {
                            prop_assert_eq!(running, None);
                            running = Some(work);
                            match work {
                                Work::Generator => generator_waits = false,
                                Work::Beside => beside -= 1,
                            }
                        }
                    }
                    Event::End(milliseconds) => {
                        if let Some(work) = running.take() {
                            share.end(work, Duration::from_millis(milliseconds));
                        }
                    }
                    Event::Rest if !generator_waits && running != Some(Work::Generator) => share.generator_rests(),
                    Event::Wait(_) | Event::Rest => {}
                }
                // Somebody can always go on: the generator, or whoever waits once it rests.
                if running.is_none() && generator_waits {
                    let generator = share.clone().begin(Work::Generator);
                    let other = beside > 0 && share.clone().begin(Work::Beside);
                    prop_assert!(generator != other, "exactly one of the two is next");
                }
            }
        }

        #[test]
        fn a_loop_beside_it_has_a_fourteenth_of_the_generators_time(
            passes in proptest::collection::vec((5u64..60, 1u64..40), 300..400),
        ) {
            let mut share = Share::default();
            let (mut generator, mut beside) = (0, 0);
            share.waits(Work::Generator);
            for (pass, slice) in passes {
                // Both always want to go on.
                share.waits(Work::Beside);
                if share.begin(Work::Beside) {
                    share.end(Work::Beside, Duration::from_millis(slice));
                    beside += slice;
                } else {
                    share.waiting_beside -= 1;
                    prop_assert!(share.begin(Work::Generator));
                    share.end(Work::Generator, Duration::from_millis(pass));
                    generator += pass;
                }
            }
            // But for what may be saved up, and the last slice.
            prop_assert!(beside as f64 <= generator as f64 * 0.07 + 60.0, "{beside} beside {generator}");
            prop_assert!(beside as f64 >= generator as f64 / 15.0 - 60.0, "it does not starve: {beside} beside {generator}");
        }
    }

    #[test]
    fn a_resting_generator_leaves_all_of_the_time() {
        let mut share = Share::default();
        for _ in 0..100 {
            share.waits(Work::Beside);
            assert!(share.begin(Work::Beside));
            share.end(Work::Beside, Duration::from_millis(50));
        }
        share.waits(Work::Generator);
        assert!(share.begin(Work::Generator), "and is not made to wait for it later");
    }
}
