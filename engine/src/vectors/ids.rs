//! Which row an id stands in.
//!
//! In and out: ids and row numbers. A plain hash map, cut into shards so that no single insert pays
//! for rehashing a million ids (some 30 ms during which readers behind a lock would wait).

use std::array;
use std::collections::HashMap;

const SHARDS: usize = 64;

pub(super) struct RowsById {
    shards: [HashMap<u64, u32>; SHARDS],
}

impl RowsById {
    pub(super) fn new() -> RowsById {
        RowsById { shards: array::from_fn(|_| HashMap::new()) }
    }

    pub(super) fn get(&self, id: u64) -> Option<u32> {
        self.shards[shard(id)].get(&id).copied()
    }

    pub(super) fn insert(&mut self, id: u64, row: u32) {
        self.shards[shard(id)].insert(id, row);
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<u32> {
        self.shards[shard(id)].remove(&id)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        // The standard map fills 7 of 8 places and keeps a byte of control for each.
        let places = |shard: &HashMap<_, _>| (shard.capacity() * 8 / 7).next_power_of_two();
        self.shards.iter().map(places).sum::<usize>() * (size_of::<(u64, u32)>() + 1)
    }
}

/// Fibonacci hashing: consecutive ids and ids with equal low bits spread alike.
fn shard(id: u64) -> usize {
    (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}
