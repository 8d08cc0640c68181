//! What a caller of the vector table may rely on.

use std::collections::BTreeMap;

use proptest::prelude::*;
use steward_engine::Isa;
use steward_engine::vectors::{
    Hit, MAX_DIMENSION, SearchSettings, VectorError, VectorSnapshot, VectorTable,
};

/// A fixed pseudo-random vector for each seed, coordinates within -1..1.
fn vector(dimension: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
    let mut values = Vec::with_capacity(dimension);
    for _ in 0..dimension {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values.push((state >> 40) as f32 / (1 << 23) as f32 - 1.0);
    }
    values
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let lengths = (dot(left, left) * dot(right, right)).sqrt();
    if lengths == 0.0 { 0.0 } else { (dot(left, right) / lengths) as f32 }
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length);
    vector
}

fn table_of(dimension: usize, rows: u64) -> VectorTable {
    let mut table = VectorTable::new(dimension).unwrap();
    for id in 0..rows {
        table.insert(id, &vector(dimension, id)).unwrap();
    }
    table
}

/// The rows nearest to `query` whose id is admitted.
fn nearest(
    rows: &VectorSnapshot,
    query: &[f32],
    count: usize,
    admits: impl Fn(u64) -> bool,
) -> Vec<Hit> {
    let query = rows.query(query).unwrap();
    rows.search(SearchSettings::default(), &query, count, |row| admits(rows.id(row)))
}

fn ids(hits: &[Hit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.id).collect()
}

#[test]
fn a_row_is_found_by_its_own_vector_as_soon_as_it_is_inserted() {
    let mut table = table_of(384, 5000);
    let added = vector(384, 77_777);
    assert!(nearest(&table.snapshot(), &added, 1, |_| true)[0].score < 0.5);
    table.insert(77_777, &added).unwrap();
    let found = nearest(&table.snapshot(), &added, 1, |_| true)[0];
    assert_eq!(found.id, 77_777);
    assert!((found.score - 1.0).abs() < 5e-5);
}

#[test]
fn scores_are_cosines() {
    for dimension in [1, 7, 32, 100, 384, 1024, MAX_DIMENSION] {
        let table = table_of(dimension, 200);
        let query = vector(dimension, 999);
        for hit in nearest(&table.snapshot(), &query, 200, |_| true) {
            let exact = cosine(&query, &vector(dimension, hit.id));
            assert!((hit.score - exact).abs() < 5e-5, "{dimension}: {} for {exact}", hit.score);
        }
    }
}

#[test]
fn a_large_table_finds_nearly_all_of_the_exact_nearest_rows() {
    // 30 rows around each of 1,000 centres, as texts gather around subjects.
    let around = |centre: u64, seed: u64| -> Vec<f32> {
        let noise = vector(384, 1_000_000 + seed);
        vector(384, centre).iter().zip(noise).map(|(value, noise)| value + 0.8 * noise).collect()
    };
    let mut table = VectorTable::new(384).unwrap();
    let rows: Vec<Vec<f32>> = (0..30_000).map(|id| around(id % 1000, id)).collect();
    for (id, row) in (0..).zip(&rows) {
        table.insert(id, row).unwrap();
    }
    let mut shared = 0;
    for centre in 0..50 {
        let query = around(centre, 40_000 + centre);
        let mut exact: Vec<(f32, u64)> =
            rows.iter().zip(0..).map(|(row, id)| (cosine(&query, row), id)).collect();
        exact.sort_by(|a, b| b.0.total_cmp(&a.0));
        let found = ids(&nearest(&table.snapshot(), &query, 10, |_| true));
        shared += exact[..10].iter().filter(|(_, id)| found.contains(id)).count();
    }
    assert!(shared >= 490, "{shared} of 500");
}

#[test]
fn rows_that_are_not_admitted_are_absent_and_take_no_place() {
    let table = table_of(64, 9000);
    let query = vector(64, 4);
    let rows = table.snapshot();
    let hits = nearest(&rows, &query, 25, |id| id % 3 == 1 && id != 4);
    assert_eq!(hits.len(), 25);
    assert!(hits.iter().all(|hit| hit.id % 3 == 1 && hit.id != 4));
    // A row admitted alone among 9,000 is found however far it is.
    assert_eq!(ids(&nearest(&rows, &query, 25, |id| id == 8123)), [8123]);
    assert!(nearest(&table.snapshot(), &query, 25, |_| false).is_empty());
}

#[test]
fn a_replaced_row_is_found_by_its_new_vector_only() {
    let mut table = table_of(384, 300);
    table.insert(12, &vector(384, 5555)).unwrap();
    assert_eq!(table.len(), 300);
    assert_eq!(ids(&nearest(&table.snapshot(), &vector(384, 5555), 1, |_| true)), [12]);
    assert_ne!(nearest(&table.snapshot(), &vector(384, 12), 1, |_| true)[0].id, 12);
}

#[test]
fn a_snapshot_keeps_the_rows_it_was_taken_of() {
    let mut table = table_of(32, 5000);
    let snapshot = table.snapshot();
    for id in 0..4990 {
        assert!(table.remove(id).is_some());
    }
    table.insert(4995, &[0.0; 32]).unwrap();
    assert_eq!((table.len(), snapshot.len()), (10, 5000));
    for id in [0, 4995] {
        assert_eq!(ids(&nearest(&snapshot, &vector(32, id), 1, |_| true)), [id]);
    }
}

#[test]
fn equal_scores_come_by_rising_id() {
    let mut table = VectorTable::new(8).unwrap();
    for id in [9, 3, 7, 1] {
        table.insert(id, &vector(8, 1)).unwrap();
    }
    assert_eq!(ids(&nearest(&table.snapshot(), &vector(8, 1), 3, |_| true)), [1, 3, 7]);
}

#[test]
fn vectors_of_zeros_and_of_extreme_lengths_are_searchable() {
    let mut table = VectorTable::new(5).unwrap();
    table.insert(1, &[0.0; 5]).unwrap();
    table.insert(2, &[f32::MAX; 5]).unwrap();
    table.insert(3, &[-f32::MIN_POSITIVE / 4.0; 5]).unwrap();
    let hits = nearest(&table.snapshot(), &[1e-40; 5], 5, |_| true);
    assert_eq!(ids(&hits), [2, 1, 3]);
    assert!((hits[0].score - 1.0).abs() < 5e-5 && hits[1].score == 0.0);
    assert!(nearest(&table.snapshot(), &[0.0; 5], 5, |_| true).iter().all(|hit| hit.score == 0.0));
}

#[test]
fn vectors_that_cannot_be_compared_are_refused_and_change_nothing() {
    let mut table = table_of(4, 2);
    let wrong = VectorError::WrongDimension { expected: 4, found: 3 };
    assert_eq!(table.insert(0, &[1.0; 3]), Err(wrong.clone()));
    assert_eq!(table.snapshot().query(&[1.0; 3]).err(), Some(wrong));
    for value in [f32::NAN, f32::INFINITY] {
        assert_eq!(table.insert(0, &[1.0, value, 0.0, 0.0]), Err(VectorError::NotFinite));
    }
    assert_eq!(ids(&nearest(&table.snapshot(), &vector(4, 0), 1, |_| true)), [0]);
    for found in [0, MAX_DIMENSION + 1] {
        assert_eq!(VectorTable::new(found).err(), Some(VectorError::UnusableDimension { found }));
    }
}

#[test]
fn a_table_gives_back_the_memory_of_removed_rows() {
    let mut table = table_of(384, 10_000);
    let full = table.memory_bytes();
    (0..9999).for_each(|id| assert!(table.remove(id).is_some()));
    assert!(table.memory_bytes() < full / 2);
    assert_eq!((table.remove(9999), table.remove(9999)), (Some(0), None));
    assert!(
        table.is_empty() && nearest(&table.snapshot(), &vector(384, 1), 3, |_| true).is_empty()
    );
}

/// One change to a table; ids are few, so that they meet again.
#[derive(Clone, Debug)]
enum Change {
    Insert(u64, u64),
    Remove(u64),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0_u64..200, any::<u64>()).prop_map(|(id, seed)| Change::Insert(id, seed)),
        (0_u64..200).prop_map(Change::Remove),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn all_paths_find_the_same_rows(
        rows in prop::sample::select(vec![0_u64, 1, 15, 16, 17, 63, 64, 65, 1000, 9000]),
        dimension in 1_usize..100,
        seed in any::<u64>(),
        (count, shortlist) in (0_usize..40, 0_usize..100),
        third in 0_u64..3,
        is_around_mean in any::<bool>(),
    ) {
        let rows = table_of(dimension, rows).snapshot();
        let query = vector(dimension, seed);
        let query = if is_around_mean { rows.query_around_mean(&query, 5.0) } else { rows.query(&query) };
        let query = query.unwrap();
        let search = |isa| {
            let settings = SearchSettings { isa, shortlist };
            rows.search(settings, &query, count, |row| rows.id(row) % 3 != third)
        };
        let expected = search(Isa::Portable);
        let admitted = (0..rows.len()).filter(|&row| rows.id(row) % 3 != third).count();
        prop_assert_eq!(expected.len(), count.min(admitted));
        for isa in Isa::ALL {
            prop_assert_eq!(&search(isa), &expected);
        }
        let found: Vec<u32> = expected.iter().map(|hit| hit.row as u32).collect();
        let scores: Vec<f32> = expected.iter().map(|hit| hit.score).collect();
        prop_assert_eq!(rows.scores(&query, &found), scores);
    }

    #[test]
    fn any_sequence_of_changes_leaves_the_rows_a_map_would_hold(
        changes in prop::collection::vec(change(), 0..300),
    ) {
        let mut table = VectorTable::new(24).unwrap();
        let mut map = BTreeMap::new();
        // What a caller keeps beside the rows, moved as they are.
        let mut beside = Vec::new();
        for change in changes {
            match change {
                Change::Insert(id, seed) => {
                    let row = table.insert(id, &vector(24, seed)).unwrap();
                    if row == beside.len() {
                        beside.push(id);
                    }
                    map.insert(id, seed);
                }
                Change::Remove(id) => {
                    let row = table.remove(id);
                    prop_assert_eq!(row.is_some(), map.remove(&id).is_some());
                    row.map(|row| beside.swap_remove(row));
                }
            }
        }
        let rows = table.snapshot();
        prop_assert_eq!((rows.len(), beside.len()), (map.len(), map.len()));
        let query = vector(24, 1);
        let found = nearest(&rows, &query, 300, |_| true);
        prop_assert_eq!(found.len(), map.len());
        let around = rows.query_around_mean(&query, 3.0).unwrap();
        let all: Vec<Vec<f32>> = map.values().map(|seed| unit(vector(24, *seed))).collect();
        let mean = |place: usize| {
            all.iter().map(|row| row[place]).sum::<f32>() / (all.len() as f32 + 3.0)
        };
        let centred = |of: Vec<f32>| -> Vec<f32> {
            of.iter().enumerate().map(|(place, value)| value - mean(place)).collect()
        };
        for hit in found {
            prop_assert_eq!((table.row_of(hit.id), beside[hit.row]), (Some(hit.row), hit.id));
            let own = vector(24, map[&hit.id]);
            prop_assert!((hit.score - cosine(&query, &own)).abs() < 5e-5);
            let score = rows.scores(&around, &[hit.row as u32])[0];
            let expected = cosine(&centred(unit(query.clone())), &centred(unit(own)));
            prop_assert!((score - expected).abs() < 1e-4, "{} for {}", score, expected);
        }
    }
}
