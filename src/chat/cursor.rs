//! Which numbered messages a socket has been given: each exactly once, in order.
//!
//! Pure. Messages reach a socket in two ways, read from the store and announced by the bus, and
//! two writers may announce theirs in the wrong order. A message that the socket's own customer
//! wrote is told by its acknowledgement and is not given again.

use std::collections::BTreeSet;

/// What to do with a message of a certain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Give it to the client now.
    Deliver,
    /// The client has it.
    Skip,
    /// Others come before it: read the store after [`Cursor::delivered`].
    Gap,
}

/// How far a socket has got.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Cursor {
    delivered: i64,
    acknowledged: BTreeSet<i64>,
}

impl Cursor {
    /// A socket whose client has everything up to number `after`.
    pub fn new(after: i64) -> Self {
        Self { delivered: after, acknowledged: BTreeSet::new() }
    }

    /// The client has everything up to this number.
    pub fn delivered(&self) -> i64 {
        self.delivered
    }

    /// The client was told the number of a message of its own.
    pub fn acknowledge(&mut self, seq: i64) {
        if seq > self.delivered {
            self.acknowledged.insert(seq);
            self.advance_over_acknowledged();
        }
    }

    /// What to do with message `seq`; after [`Offer::Deliver`] it counts as given.
    pub fn offer(&mut self, seq: i64) -> Offer {
        if seq <= self.delivered || self.acknowledged.contains(&seq) {
            return Offer::Skip;
        }
        if seq != self.delivered + 1 {
            return Offer::Gap;
        }
        self.delivered = seq;
        self.advance_over_acknowledged();
        Offer::Deliver
    }

    fn advance_over_acknowledged(&mut self) {
        while self.acknowledged.remove(&(self.delivered + 1)) {
            self.delivered += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Announcements in any order, some lost, some twice, and acknowledgements between.
        #[test]
        fn every_message_is_given_or_acknowledged_exactly_once(
            after in 0i64..5,
            announced in proptest::collection::vec((1i64..30, any::<bool>()), 0..80),
        ) {
            let mut cursor = Cursor::new(after);
            let mut stored = after;
            let mut own = BTreeSet::new();
            let mut given = Vec::new();
            for (seq, acknowledged) in announced {
                stored = stored.max(seq);
                if acknowledged && !given.contains(&seq) && seq > after {
                    own.insert(seq);
                    cursor.acknowledge(seq);
                    continue;
                }
                match cursor.offer(seq) {
                    Offer::Deliver => given.push(seq),
                    Offer::Skip => {}
                    Offer::Gap => {
                        for missing in cursor.delivered() + 1..=stored {
                            if cursor.offer(missing) == Offer::Deliver {
                                given.push(missing);
                            }
                        }
                    }
                }
            }
            prop_assert!(given.windows(2).all(|pair| pair[0] < pair[1]), "{given:?}");
            for seq in after + 1..=cursor.delivered() {
                prop_assert!(given.contains(&seq) != own.contains(&seq), "{seq}");
            }
        }
    }
}
