//! Attention of some queries over the keys and values of one head.
//!
//! Keys and values come in pages of 16 positions; scores are computed for all pages, then the softmax, then
//! the weighted sum page by page. The order of a query's sums does not depend on the other queries.

use crate::isa::Isa;
use crate::lanes::{Element, LANES, Lanes, dispatched};
use crate::ops::softmax_body;

/// Positions of a page.
pub const PAGE: usize = 16;
/// Values of a head are a multiple of this.
pub const HEAD_STEP: usize = LANES;
/// Queries of a tile at most.
const TILE_ROWS: usize = 6;

/// Keys and values of one head, in pages.
pub(crate) trait Source {
    /// What they are stored as.
    type Stored: Element;

    /// The keys of a page: the 16 positions of each of the head's values, `[head][16]`.
    fn keys(&self, page: usize) -> &[[Self::Stored; PAGE]];
    /// The values of a page, `[16][head]`, in parts of 16.
    fn values(&self, page: usize) -> &[[Self::Stored; HEAD_STEP]];
}

/// Queries and what becomes of them; kept between calls, so that nothing is allocated.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    /// `[rows, head] f32`, scaled.
    pub(crate) queries: Vec<f32>,
    /// How many positions, from the first, each row sees: at least one.
    pub(crate) limits: Vec<usize>,
    /// `[rows, head] f32`
    pub(crate) out: Vec<f32>,
    scores: Vec<f32>,
}

impl Attention {
    /// Attends: `out` from `queries` and `limits`.
    ///
    /// # Panics
    /// If they do not fit each other, or `head` is not a multiple of [`HEAD_STEP`].
    pub(crate) fn attend<S: Source>(&mut self, isa: Isa, head: usize, source: &S) {
        assert!(head.is_multiple_of(HEAD_STEP), "heads of a multiple of {HEAD_STEP} values");
        assert_eq!(self.queries.len(), head * self.limits.len(), "one head a row");
        attend(isa, head, self, source);
    }
}

fn attend<S: Source>(isa: Isa, head: usize, attention: &mut Attention, source: &S) {
    dispatched!(
        isa,
        attend_body::<S: Source>(head: usize, attention: &mut Attention, source: &S)
    )
}

#[inline(always)]
fn attend_body<V: Lanes, S: Source>(head: usize, attention: &mut Attention, source: &S) {
    let Attention { queries, limits, out, scores } = attention;
    let rows = limits.len();
    let pages = limits.iter().copied().max().unwrap_or(0).div_ceil(PAGE);
    let width = pages.next_multiple_of(2) * PAGE;
    scores.resize(rows * width, 0.0);
    for page in (0..pages).step_by(2) {
        // The last page twice if their number is odd: nobody sees its second scores.
        let keys = [source.keys(page), source.keys((page + 1).min(pages - 1))];
        for (row, height) in tiles(rows) {
            let queries = &queries[row * head..(row + height) * head];
            let scores = &mut scores[row * width + page * PAGE..];
            match height {
                1 => score::<V, S, 1>(head, queries, keys, width, scores),
                2 => score::<V, S, 2>(head, queries, keys, width, scores),
                3 => score::<V, S, 3>(head, queries, keys, width, scores),
                4 => score::<V, S, 4>(head, queries, keys, width, scores),
                5 => score::<V, S, 5>(head, queries, keys, width, scores),
                _ => score::<V, S, 6>(head, queries, keys, width, scores),
            }
        }
    }
    for (scores, &limit) in scores.chunks_exact_mut(width).zip(limits.iter()) {
        softmax_body(scores, limit);
    }
    out.clear();
    out.resize(rows * head, 0.0);
    let parts = head / HEAD_STEP;
    for (row, height) in tiles(rows) {
        let scores = &scores[row * width..(row + height) * width];
        let out = &mut out[row * head..(row + height) * head];
        let mut part = 0;
        while part < parts {
            let taken = if parts - part >= 2 { 2 } else { 1 };
            match (height, taken) {
                (1, 2) => weigh::<V, S, 1, 2>(head, part, scores, width, pages, source, out),
                (2, 2) => weigh::<V, S, 2, 2>(head, part, scores, width, pages, source, out),
                (3, 2) => weigh::<V, S, 3, 2>(head, part, scores, width, pages, source, out),
                (4, 2) => weigh::<V, S, 4, 2>(head, part, scores, width, pages, source, out),
                (5, 2) => weigh::<V, S, 5, 2>(head, part, scores, width, pages, source, out),
                (6, 2) => weigh::<V, S, 6, 2>(head, part, scores, width, pages, source, out),
                (1, _) => weigh::<V, S, 1, 1>(head, part, scores, width, pages, source, out),
                (2, _) => weigh::<V, S, 2, 1>(head, part, scores, width, pages, source, out),
                (3, _) => weigh::<V, S, 3, 1>(head, part, scores, width, pages, source, out),
                (4, _) => weigh::<V, S, 4, 1>(head, part, scores, width, pages, source, out),
                (5, _) => weigh::<V, S, 5, 1>(head, part, scores, width, pages, source, out),
                (_, _) => weigh::<V, S, 6, 1>(head, part, scores, width, pages, source, out),
            }
            part += taken;
        }
    }
}

/// First rows and heights of tiles of about one height. (No closure computes in here: it would be compiled
/// without the instructions.)
fn tiles(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = rows.div_ceil(TILE_ROWS).max(1);
    (0..count).map(move |tile| {
        let first = tile * rows / count;
        (first, (tile + 1) * rows / count - first)
    })
}

/// Inner products of `R` queries with the keys of two pages.
#[inline(always)]
fn score<V: Lanes, S: Source, const R: usize>(
    head: usize,
    queries: &[f32],
    keys: [&[[S::Stored; PAGE]]; 2],
    width: usize,
    scores: &mut [f32],
) {
    let queries: [&[f32]; R] = std::array::from_fn(|row| &queries[row * head..][..head]);
    let [left, right] = keys.map(|keys| &keys[..head]);
    let mut sums = [[V::splat(0.0); 2]; R];
    for place in 0..head {
        let keys: [V; 2] = [S::Stored::lanes(&left[place]), S::Stored::lanes(&right[place])];
        for row in 0..R {
            let value = V::splat(queries[row][place]);
            for page in 0..2 {
                sums[row][page] = sums[row][page].add_product(value, keys[page]);
            }
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        let (scores, _) = scores[row * width..].as_chunks_mut::<PAGE>();
        for (page, sums) in sums.into_iter().enumerate() {
            sums.write(&mut scores[page]);
        }
    }
}

/// Adds up `P` parts of the values of all pages for `R` rows, each value times the row's share for it.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a kernel's shapes")]
fn weigh<V: Lanes, S: Source, const R: usize, const P: usize>(
    head: usize,
    part: usize,
    shares: &[f32],
    width: usize,
    pages: usize,
    source: &S,
    out: &mut [f32],
) {
    let parts = head / HEAD_STEP;
    let shares: [&[f32]; R] = std::array::from_fn(|row| &shares[row * width..][..width]);
    let mut sums = [[V::splat(0.0); P]; R];
    for page in 0..pages {
        let values = source.values(page);
        let shares: [&[f32]; R] = shares.map(|shares| &shares[page * PAGE..][..PAGE]);
        for position in 0..PAGE {
            let values = &values[position * parts + part..][..P];
            let mut lanes = [V::splat(0.0); P];
            for part in 0..P {
                lanes[part] = S::Stored::lanes(&values[part]);
            }
            for row in 0..R {
                let share = V::splat(shares[row][position]);
                for part in 0..P {
                    sums[row][part] = sums[row][part].add_product(share, lanes[part]);
                }
            }
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        let (out, _) = out[row * head..][part * HEAD_STEP..].as_chunks_mut::<HEAD_STEP>();
        for (place, sums) in sums.into_iter().enumerate() {
            sums.write(&mut out[place]);
        }
    }
}
