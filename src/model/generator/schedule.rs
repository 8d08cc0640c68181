//! Who is computed next: a pure state machine, without clocks, threads or models.
//!
//! Answers that are written get a token in every pass, so that no stream stalls. What room the pass has left
//! goes to prompts in the order of their arrival, in pieces: few tokens while streams run, more while
//! none does. What cannot be in time is refused at once rather than late.

use std::collections::VecDeque;
use std::time::Duration;

/// Bounds of the schedule.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests that wait at most.
    pub waiting: usize,
    /// Requests that are read or written at once.
    pub running: usize,
    /// Prompt tokens of a pass while answers are written.
    pub tokens_beside_streams: usize,
    /// Prompt tokens of a pass while none is.
    pub tokens_alone: usize,
}

impl Limits {
    /// As many as measured well (docs/evaluation.md, "The engine"), with `waiting` requests in the queue.
    pub fn with_waiting(waiting: usize) -> Self {
        Self { waiting: waiting.max(1), running: 16, tokens_beside_streams: 32, tokens_alone: 64 }
    }
}

/// Why a request is not taken, and after how long it might be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// How long the work takes that is there already.
    pub retry_after: Duration,
}

/// Number of a request.
pub type RequestId = u64;

/// One pass of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// Requests whose answers get a token.
    pub write: Vec<RequestId>,
    /// Requests of whose prompts so many tokens are read.
    pub read: Vec<(RequestId, usize)>,
}

impl Pass {
    /// True if there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.read.is_empty()
    }

    fn tokens(&self) -> usize {
        self.write.len() + self.read.iter().map(|(_, tokens)| tokens).sum::<usize>()
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: RequestId,
    /// Tokens of the prompt that are not read yet.
    unread: usize,
}

/// Requests that wait and that run.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    waiting: VecDeque<Entry>,
    running: Vec<Entry>,
    /// What a token cost lately.
    token_time: Duration,
}

/// What a token is taken to cost before any was measured.
const FIRST_TOKEN_TIME: Duration = Duration::from_millis(1);
/// The share of a new measure in `token_time`.
const NEW_SHARE: f64 = 0.1;
/// A refusal asks for at least this much patience.
const LEAST_RETRY: Duration = Duration::from_millis(100);

impl Schedule {
    /// An empty schedule.
    pub fn new(limits: Limits) -> Self {
        Self { limits, waiting: VecDeque::new(), running: Vec::new(), token_time: FIRST_TOKEN_TIME }
    }

    /// Takes a request of `tokens` whose answer must have begun within `time_left`.
    ///
    /// # Errors
    /// A [`Refusal`] if too many wait, or its prompt cannot be read in time.
    pub fn offer(
        &mut self,
        id: RequestId,
        tokens: usize,
        time_left: Option<Duration>,
    ) -> Result<(), Refusal> {
        let before = self.time_for(self.unread());
        let is_late = time_left.is_some_and(|left| before + self.time_for(tokens) > left);
        if self.waiting.len() >= self.limits.waiting || (is_late && self.unread() > 0) {
            return Err(Refusal { retry_after: before.max(LEAST_RETRY) });
        }
        self.waiting.push_back(Entry { id, unread: tokens });
        Ok(())
    }

    /// The next request that begins to run, if there is room for one.
    pub fn admit(&mut self) -> Option<RequestId> {
        if self.running.len() >= self.limits.running {
            return None;
        }
        let entry = self.waiting.pop_front()?;
        self.running.push(entry);
        Some(entry.id)
    }

    /// Says that `tokens` of a running request's prompt need not be read: they were before.
    pub fn is_known(&mut self, id: RequestId, tokens: usize) {
        if let Some(entry) = self.running.iter_mut().find(|entry| entry.id == id) {
            entry.unread = entry.unread.saturating_sub(tokens);
        }
    }

    /// Forgets a request: it has ended, or nobody waits for it any more.
    pub fn remove(&mut self, id: RequestId) {
        self.waiting.retain(|entry| entry.id != id);
        self.running.retain(|entry| entry.id != id);
    }

    /// What to compute next.
    pub fn next_pass(&self) -> Pass {
        let streams = self.running.iter().filter(|entry| entry.unread == 0);
        let mut pass = Pass { write: streams.map(|entry| entry.id).collect(), read: Vec::new() };
        let mut room = match pass.write.is_empty() {
            true => self.limits.tokens_alone,
            false => self.limits.tokens_beside_streams,
        };
        for entry in self.running.iter().filter(|entry| entry.unread > 0) {
            let tokens = entry.unread.min(room);
            if tokens == 0 {
                break;
            }
            pass.read.push((entry.id, tokens));
            room -= tokens;
        }
        pass
    }

    /// Says that a pass was computed, and how long it took.
    pub fn computed(&mut self, pass: &Pass, time: Duration) {
        for &(id, tokens) in &pass.read {
            self.is_known(id, tokens);
        }
        if pass.tokens() > 0 {
            let measured = time.as_secs_f64() / pass.tokens() as f64;
            let kept = self.token_time.as_secs_f64() * (1.0 - NEW_SHARE);
            self.token_time = Duration::from_secs_f64(kept + measured * NEW_SHARE);
        }
    }

    /// Tokens of prompts that are to be read.
    fn unread(&self) -> usize {
        self.waiting.iter().chain(&self.running).map(|entry| entry.unread).sum()
    }

    fn time_for(&self, tokens: usize) -> Duration {
        self.token_time.mul_f64(tokens as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits =
        Limits { waiting: 5, running: 3, tokens_beside_streams: 8, tokens_alone: 32 };

    #[derive(Debug, Clone)]
    enum Event {
        Offer(usize),
        Remove(u64),
        Compute,
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            (1usize..100).prop_map(Event::Offer),
            (0u64..30).prop_map(Event::Remove),
            Just(Event::Compute),
            Just(Event::Compute),
        ];
        proptest::collection::vec(event, 0..120)
    }

    proptest! {
        #[test]
        fn bounds_hold_no_stream_stalls_and_prompts_are_read_in_order(events in events()) {
            let mut schedule = Schedule::new(LIMITS);
            let mut unread = std::collections::BTreeMap::<u64, usize>::new();
            let mut admitted = Vec::new();
            for (id, event) in events.into_iter().enumerate() {
                match event {
                    Event::Offer(tokens) => {
                        let is_full = schedule.waiting.len() == LIMITS.waiting;
                        let offered = schedule.offer(id as u64, tokens, None);
                        prop_assert_eq!(offered.is_err(), is_full);
                        if offered.is_ok() {
                            unread.insert(id as u64, tokens);
                        }
                    }
                    Event::Remove(id) => {
                        schedule.remove(id);
                        unread.remove(&id);
                        admitted.retain(|&one| one != id);
                    }
                    Event::Compute => {
                        while let Some(id) = schedule.admit() {
                            // In the order of arrival.
                            let first = unread.keys().find(|id| !admitted.contains(*id));
                            prop_assert_eq!(first, Some(&id));
                            admitted.push(id);
                        }
                        prop_assert!(admitted.len() <= LIMITS.running);
                        let pass = schedule.next_pass();
                        let streams: Vec<u64> = admitted.iter().copied().filter(|id| unread[id] == 0).collect();
                        prop_assert_eq!(&pass.write, &streams, "each stream gets its token");
                        let read: usize = pass.read.iter().map(|(_, tokens)| tokens).sum();
                        let most = if streams.is_empty() { LIMITS.tokens_alone } else { LIMITS.tokens_beside_streams };
                        prop_assert!(read <= most);
                        let readers: Vec<u64> = admitted.iter().copied().filter(|id| unread[id] > 0).collect();
                        prop_assert!(readers.is_empty() || read > 0, "the first prompt goes on");
                        for (place, &(id, tokens)) in pass.read.iter().enumerate() {
                            prop_assert_eq!(id, readers[place]);
                            prop_assert!(tokens > 0 && tokens <= unread[&id]);
                            prop_assert!(tokens == unread[&id] || place + 1 == pass.read.len());
                            *unread.get_mut(&id).expect("offered") -= tokens;
                        }
                        schedule.computed(&pass, Duration::from_millis(3));
                    }
                }
            }
        }
    }

    #[test]
    fn what_would_be_late_is_refused_with_the_time_that_the_others_take() {
        let mut schedule = Schedule::new(LIMITS);
        let soon = Some(Duration::from_millis(150));
        assert_eq!(schedule.offer(1, 400, soon), Ok(()), "an idle model tries");
        // At a millisecond a token.
        let refusal = schedule.offer(2, 10, soon).expect_err("after 400 tokens it is late");
        assert_eq!(refusal.retry_after, Duration::from_millis(400));
        assert_eq!(schedule.offer(3, 10, Some(Duration::from_secs(1))), Ok(()));
        schedule.remove(1);
        assert_eq!(schedule.offer(4, 10, soon), Ok(()));
    }
}
