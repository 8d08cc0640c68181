//! The best rows of a scan so far, by coarse score.
//!
//! In: rows in rising order with their scores. Out: the best `capacity` of them, and the least score
//! that a further row needs. Equal scores go to the lower row.

pub(super) struct Shortlist {
    capacity: usize,
    floor: u16,
    /// Score in the high half, inverted row in the low half: greater is better.
    kept: Vec<u64>,
}

impl Shortlist {
    pub(super) fn new(capacity: usize) -> Shortlist {
        Shortlist { capacity, floor: 0, kept: Vec::new() }
    }

    /// The least score that can still enter.
    pub(super) fn floor(&self) -> u16 {
        self.floor
    }

    pub(super) fn push(&mut self, score: u16, row: u32) {
        self.kept.push(u64::from(score) << 32 | u64::from(!row));
        // Twice the capacity, so that a selection is paid for by as many pushes as it drops.
        if self.kept.len() >= self.capacity * 2 {
            self.select();
        }
    }

    /// The kept rows in rising order.
    pub(super) fn into_rows(mut self) -> Vec<u32> {
        self.select();
        let mut rows: Vec<u32> = self.kept.iter().map(|key| !(*key as u32)).collect();
        rows.sort_unstable();
        rows
    }

    fn select(&mut self) {
        if self.kept.len() <= self.capacity {
            return;
        }
        let worst = self.capacity - 1;
        let (_, worst_kept, _) = self.kept.select_nth_unstable_by(worst, |a, b| b.cmp(a));
        // Later rows lose a tie. Scores are at most 64512, so the next one exists.
        self.floor = (*worst_kept >> 32) as u16 + 1;
        self.kept.truncate(self.capacity);
    }
}
