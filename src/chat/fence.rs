//! Whose words a socket may still give: none of a turn that began before somebody else took the conversation.
//!
//! Pure. Words of a reply reach a socket over the bus, changes of who has the conversation over the bus or from
//! the store, so a change may overtake words. Every change raises the conversation's epoch by one and is
//! told by one event: counting the events that were given tells the epoch that the client knows of.

use std::cmp::Ordering;

/// What to do with words of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Give them to the client.
    Give,
    /// Somebody else has the conversation, and the client was told.
    TooLate,
    /// The client was not told yet that Steward answers again: read the store first.
    AfterTheChange,
}

/// What the client of a socket knows of who has the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fence {
    began_at: i64,
    epoch: i64,
}

impl Fence {
    /// A socket that said hello when the conversation's newest number and epoch were these.
    pub fn new(last_seq: i64, epoch: i64) -> Self {
        Self { began_at: last_seq, epoch }
    }

    /// An event that tells of a change was given under this number. What is older than the hello is in the
    /// epoch already.
    pub fn changed(&mut self, seq: i64) {
        if seq > self.began_at {
            self.epoch += 1;
        }
    }

    /// Whether words of a turn that began in `epoch` may be given.
    pub fn check(&self, epoch: i64) -> Words {
        match epoch.cmp(&self.epoch) {
            Ordering::Less => Words::TooLate,
            Ordering::Equal => Words::Give,
            Ordering::Greater => Words::AfterTheChange,
        }
    }
}
