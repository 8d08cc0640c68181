//! What a caller of the vector table may rely on.

use std::collections::BTreeMap;

use proptest::prelude::*;
use steward_engine::Isa;
use steward_engine::vectors::{Hit, MAX_DIMENSION, SearchSettings, VectorError, VectorTable};

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

fn table_of(dimension: usize, rows: u64) -> VectorTable {
    let mut table = VectorTable::new(dimension).unwrap();
    for id in 0..rows {
        table.insert(id, 1 << (id % 3), &vector(dimension, id)).unwrap();
    }
    table
}

fn ids(hits: &[Hit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.id).collect()
}

#[test]
fn a_row_is_found_by_its_own_vector_as_soon_as_it_is_inserted() {
    let mut table = table_of(384, 5000);
    let added = vector(384, 77_777);
    assert!(table.search(&added, 1, |_, _| true).unwrap()[0].score < 0.5);
    table.insert(77_777, 1, &added).unwrap();
    let nearest = table.search(&added, 1, |_, _| true).unwrap()[0];
    assert_eq!(nearest.id, 77_777);
    assert!((nearest.score - 1.0).abs() < 0.002);
}

#[test]
fn scores_are_cosines_within_five_thousandths() {
    for dimension in [1, 7, 32, 100, 384, 1024, MAX_DIMENSION] {
        let table = table_of(dimension, 200);
        let query = vector(dimension, 999);
        for hit in table.search(&query, 200, |_, _| true).unwrap() {
            let exact = cosine(&query, &vector(dimension, hit.id));
            assert!((hit.score - exact).abs() < 0.005, "{dimension}: {} for {exact}", hit.score);
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
        table.insert(id, 0, row).unwrap();
    }
    let mut shared = 0;
    for centre in 0..50 {
        let query = around(centre, 40_000 + centre);
        let mut exact: Vec<(f32, u64)> =
            rows.iter().zip(0..).map(|(row, id)| (cosine(&query, row), id)).collect();
        exact.sort_by(|a, b| b.0.total_cmp(&a.0));
        let found = ids(&table.search(&query, 10, |_, _| true).unwrap());
        shared += exact[..10].iter().filter(|(_, id)| found.contains(id)).count();
    }
    assert!(shared >= 490, "{shared} of 500");
}

#[test]
fn rows_that_are_not_admitted_are_absent_and_take_no_place() {
    let table = table_of(64, 9000);
    let query = vector(64, 4);
    let hits = table.search(&query, 25, |id, mask| mask == 0b10 && id != 4).unwrap();
    assert_eq!(hits.len(), 25);
    assert!(hits.iter().all(|hit| hit.id % 3 == 1 && hit.id != 4));
    // A row admitted alone among 9,000 is found however far it is.
    assert_eq!(ids(&table.search(&query, 25, |id, _| id == 8123).unwrap()), [8123]);
    assert!(table.search(&query, 25, |_, _| false).unwrap().is_empty());
}

#[test]
fn a_replaced_row_is_found_by_its_new_vector_and_mask_only() {
    let mut table = table_of(384, 300);
    table.insert(12, 0b1000, &vector(384, 5555)).unwrap();
    assert_eq!(table.len(), 300);
    let hits = table.search(&vector(384, 5555), 1, |_, mask| mask == 0b1000).unwrap();
    assert_eq!(ids(&hits), [12]);
    assert_ne!(table.search(&vector(384, 12), 1, |_, _| true).unwrap()[0].id, 12);
}

#[test]
fn a_snapshot_keeps_the_rows_it_was_taken_of() {
    let mut table = table_of(32, 5000);
    let snapshot = table.snapshot();
    for id in 0..4990 {
        assert!(table.remove(id));
    }
    table.insert(4995, 0, &[0.0; 32]).unwrap();
    assert_eq!((table.len(), snapshot.len()), (10, 5000));
    let settings = SearchSettings::default();
    for id in [0, 4995] {
        let hits = snapshot.search_with(settings, &vector(32, id), 1, |_, _| true).unwrap();
        assert_eq!(ids(&hits), [id]);
    }
}

#[test]
fn equal_scores_come_by_rising_id() {
    let mut table = VectorTable::new(8).unwrap();
    for id in [9, 3, 7, 1] {
        table.insert(id, 0, &vector(8, 1)).unwrap();
    }
    assert_eq!(ids(&table.search(&vector(8, 1), 3, |_, _| true).unwrap()), [1, 3, 7]);
}

#[test]
fn vectors_of_zeros_and_of_extreme_lengths_are_searchable() {
    let mut table = VectorTable::new(5).unwrap();
    table.insert(1, 0, &[0.0; 5]).unwrap();
    table.insert(2, 0, &[f32::MAX; 5]).unwrap();
    table.insert(3, 0, &[-f32::MIN_POSITIVE / 4.0; 5]).unwrap();
    let hits = table.search(&[1e-40; 5], 5, |_, _| true).unwrap();
    assert_eq!(ids(&hits), [2, 1, 3]);
    assert!((hits[0].score - 1.0).abs() < 0.005 && hits[1].score == 0.0);
    assert!(table.search(&[0.0; 5], 5, |_, _| true).unwrap().iter().all(|hit| hit.score == 0.0));
}

#[test]
fn vectors_that_cannot_be_compared_are_refused_and_change_nothing() {
    let mut table = table_of(4, 2);
    let wrong = VectorError::WrongDimension { expected: 4, found: 3 };
    assert_eq!(table.insert(0, 0, &[1.0; 3]), Err(wrong.clone()));
    assert_eq!(table.search(&[1.0; 3], 1, |_, _| true), Err(wrong));
    for value in [f32::NAN, f32::INFINITY] {
        assert_eq!(table.insert(0, 0, &[1.0, value, 0.0, 0.0]), Err(VectorError::NotFinite));
    }
    assert_eq!(ids(&table.search(&vector(4, 0), 1, |_, _| true).unwrap()), [0]);
    for found in [0, MAX_DIMENSION + 1] {
        assert_eq!(VectorTable::new(found).err(), Some(VectorError::UnusableDimension { found }));
    }
}

#[test]
fn a_table_gives_back_the_memory_of_removed_rows() {
    let mut table = table_of(384, 10_000);
    let full = table.memory_bytes();
    (0..9999).for_each(|id| assert!(table.remove(id)));
    assert!(table.memory_bytes() < full / 2);
    assert!(table.remove(9999) && !table.remove(9999));
    assert!(table.is_empty() && table.search(&vector(384, 1), 3, |_, _| true).unwrap().is_empty());
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
    fn all_paths_and_any_split_find_the_same_rows(
        rows in prop::sample::select(vec![0_u64, 1, 15, 16, 17, 63, 64, 65, 1000, 9000]),
        dimension in 1_usize..100,
        seed in any::<u64>(),
        (count, shortlist) in (0_usize..40, 0_usize..100),
        mask in 1_u32..8,
    ) {
        let snapshot = table_of(dimension, rows).snapshot();
        let search = |isa, threads| {
            let settings = SearchSettings { isa, shortlist, threads };
            let query = vector(dimension, seed);
            snapshot.search_with(settings, &query, count, |_, own| own & mask != 0).unwrap()
        };
        let expected = search(Isa::Portable, 1);
        let admitted = (0..rows).filter(|id| 1 << (id % 3) & mask != 0).count();
        prop_assert_eq!(expected.len(), count.min(admitted));
        for isa in Isa::ALL {
            for threads in [1, 2, 5] {
                prop_assert_eq!(&search(isa, threads), &expected);
            }
        }
    }

    #[test]
    fn any_sequence_of_changes_leaves_the_rows_a_map_would_hold(
        changes in prop::collection::vec(change(), 0..300),
    ) {
        let mut table = VectorTable::new(24).unwrap();
        let mut map = BTreeMap::new();
        for change in changes {
            match change {
                Change::Insert(id, seed) => {
                    table.insert(id, seed as u32, &vector(24, seed)).unwrap();
                    map.insert(id, seed);
                }
                Change::Remove(id) => {
                    prop_assert_eq!(table.remove(id), map.remove(&id).is_some());
                }
            }
        }
        prop_assert_eq!(table.len(), map.len());
        let query = vector(24, 1);
        let found = table.search(&query, 300, |id, mask| map[&id] as u32 == mask).unwrap();
        prop_assert_eq!(found.len(), map.len());
        for hit in found {
            prop_assert!(table.contains(hit.id));
            prop_assert!((hit.score - cosine(&query, &vector(24, map[&hit.id]))).abs() < 0.005);
        }
    }
}
