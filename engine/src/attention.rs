//! Attention of some queries over the keys and values of one head.
//!
//! Keys and values come in pages of 16 positions; scores are computed for all pages, then the softmax, then
//! the weighted sum page by page. The order of a query's sums does not depend on the other queries.

use crate::isa::Isa;
use crate::lanes::{Element, LANES, Lanes, dispatched, tiles};
use crate::ops::softmax;

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
        for (row, height) in tiles(rows, TILE_ROWS) {
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
        softmax(scores, limit);
    }
    out.clear();
    out.resize(rows * head, 0.0);
    let parts = head / HEAD_STEP;
    for (row, height) in tiles(rows, TILE_ROWS) {
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

#[cfg(test)]
mod tests {
    use half::f16;
    use proptest::prelude::*;

    use super::*;

    /// Keys and values `[positions, head]`, laid out in pages as either kind of number.
    struct Pages<E> {
        head: usize,
        keys: Vec<[E; PAGE]>,
        values: Vec<[E; HEAD_STEP]>,
    }

    impl<E: Element> Pages<E> {
        fn of(head: usize, keys: &[f32], values: &[f32], store: impl Fn(f32) -> E) -> Self {
            let pages = keys.len().div_ceil(head * PAGE);
            let mut pages = Self {
                head,
                keys: vec![[store(0.0); PAGE]; pages * head],
                values: vec![[store(0.0); HEAD_STEP]; pages * head],
            };
            for (place, (key, value)) in keys.iter().zip(values).enumerate() {
                let (position, part) = (place / head, place % head);
                pages.keys[position / PAGE * head + part][position % PAGE] = store(*key);
                pages.values.as_flattened_mut()[place] = store(*value);
            }
            pages
        }
    }

    impl<E: Element> Source for Pages<E> {
        type Stored = E;

        fn keys(&self, page: usize) -> &[[E; PAGE]] {
            &self.keys[page * self.head..][..self.head]
        }

        fn values(&self, page: usize) -> &[[E; HEAD_STEP]] {
            &self.values[page * self.head..][..self.head]
        }
    }

    fn values(seed: u64, count: usize) -> Vec<f32> {
        let place = |place: u64| (seed ^ place).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 40;
        // Whole 256ths: the same in f16.
        (0..count as u64).map(|number| (place(number) % 512) as f32 / 256.0 - 1.0).collect()
    }

    /// The weighted mean of the values by the definition, in f64.
    fn defined(query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f64> {
        let head = query.len();
        let product = |key: &[f32]| -> f64 {
            query.iter().zip(key).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let shares: Vec<f64> = keys.chunks(head).map(|key| product(key).exp()).collect();
        let all: f64 = shares.iter().sum();
        let part = |part: usize| {
            let weighed = shares.iter().zip(values.chunks(head));
            weighed.map(|(share, value)| share / all * f64::from(value[part])).sum()
        };
        (0..head).map(part).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn every_query_gets_the_mean_of_what_it_sees_however_many_there_are(
            rows in 1usize..16, parts in 1usize..6, positions in 1usize..70, seed: u64,
        ) {
            let head = parts * HEAD_STEP;
            let (keys, own) = (values(seed, positions * head), values(seed ^ 1, positions * head));
            let queries: Vec<f32> =
                values(seed ^ 2, rows * head).iter().map(|value| value / 4.0).collect();
            let limits: Vec<usize> =
                (0..rows).map(|row| 1 + (seed as usize % 97 + row * 7) % positions).collect();
            let real = Pages::of(head, &keys, &own, |value| value);
            let half = Pages::of(head, &keys, &own, f16::from_f32);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                let mut all = Attention { queries: queries.clone(), limits: limits.clone(), ..Default::default() };
                all.attend(isa, head, &real);
                for (row, &limit) in limits.iter().enumerate() {
                    let query = &queries[row * head..][..head];
                    let out = &all.out[row * head..][..head];
                    let seen = ..limit * head;
                    for (value, defined) in out.iter().zip(defined(query, &keys[seen], &own[seen])) {
                        prop_assert!((f64::from(*value) - defined).abs() < 1e-4, "{isa:?}: {value} is not {defined}");
                    }
                    let mut alone = Attention { queries: query.to_vec(), limits: vec![limit], ..Default::default() };
                    alone.attend(isa, head, &real);
                    prop_assert_eq!(out, &alone.out[..], "{:?}: the same bits alone", isa);
                    alone.attend(isa, head, &half);
                    prop_assert_eq!(out, &alone.out[..], "{:?}: the same bits in f16", isa);
                }
            }
        }
    }
}
