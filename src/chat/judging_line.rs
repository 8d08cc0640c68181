//! Conversations that wait to be judged, each once, and whether somebody works the line.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Conversations that may wait. Where more is written than can be judged, the rest stays unjudged until its customer
/// writes again: what waits must not grow for ever.
const MOST_WAITING: usize = 512;

/// What became of a conversation that was to join the line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// It waits, and nobody works the line: the caller has to.
    AndWork,
    /// It waits.
    Waits,
    /// There is no room.
    Full,
}

/// The line.
#[derive(Debug, Default)]
pub(super) struct JudgingLine {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Box<str>>,
    is_worked: bool,
}

impl JudgingLine {
    /// Puts `conversation` at the end, unless it waits already.
    pub fn join(&self, conversation: &str) -> Joined {
        let mut state = self.state();
        if state.waiting.iter().any(|waiting| **waiting == *conversation) {
            return Joined::Waits;
        }
        if state.waiting.len() >= MOST_WAITING {
            return Joined::Full;
        }
        state.waiting.push_back(conversation.into());
        match std::mem::replace(&mut state.is_worked, true) {
            true => Joined::Waits,
            false => Joined::AndWork,
        }
    }

    /// The first of the line, which waits no more; none ends the work.
    pub fn next(&self) -> Option<Box<str>> {
        let mut state = self.state();
        let next = state.waiting.pop_front();
        state.is_worked = next.is_some();
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can leave the line half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_waits_once_in_order_and_one_works() {
        let line = JudgingLine::default();
        assert_eq!(line.join("a"), Joined::AndWork);
        assert_eq!(line.join("b"), Joined::Waits);
        assert_eq!(line.join("a"), Joined::Waits);
        assert_eq!(line.next().as_deref(), Some("a"));
        // What came while it is being judged is judged after the others.
        assert_eq!(line.join("a"), Joined::Waits);
        assert_eq!(line.next().as_deref(), Some("b"));
        assert_eq!(line.next().as_deref(), Some("a"));
        assert_eq!(line.next(), None);
        assert_eq!(line.join("a"), Joined::AndWork);
    }

    #[test]
    fn the_line_has_an_end() {
        let line = JudgingLine::default();
        for number in 0..MOST_WAITING {
            assert_ne!(line.join(&number.to_string()), Joined::Full);
        }
        assert_eq!(line.join("one more"), Joined::Full);
        assert_eq!(line.join("0"), Joined::Waits);
        line.next();
        assert_eq!(line.join("one more"), Joined::Waits);
    }
}
