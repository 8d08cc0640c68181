//! Measures vector search: latency, recall against the exact scan, memory, and the insert rate.
//!
//! In: `--rows FILE.f32 --queries FILE.f32` (little-endian f32, `[n, 384]`), or without them clustered
//! vectors made from a seed (`--count N`, 200,000 without it). Out: figures on standard output.
//!
//! ```text
//! cargo bench -p steward-engine --bench vectors -- --rows rows.f32 --queries queries.f32
//! ```
//!
//! Further options: `--limit N` takes the first N queries only (1,000), `--shortlists 250,1000` the
//! shortlists to compare.

use std::error::Error;
use std::time::{Duration, Instant};

use steward_engine::vectors::{Hit, SearchSettings, VectorError, VectorSnapshot, VectorTable};
use steward_engine::{Isa, ops};

const DIMENSION: usize = 384;
const COUNT: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let number = |name, otherwise| option(name).map_or(Ok(otherwise), |text| text.parse::<usize>());
    let (rows, mut queries) = match (option("--rows"), option("--queries")) {
        (Some(rows), Some(queries)) => (read(&rows)?, read(&queries)?),
        _ => clustered(number("--count", 200_000)?, 500),
    };
    queries.truncate(number("--limit", 1000)? * DIMENSION);
    let usual = SearchSettings::default().shortlist.to_string();
    let shortlists = option("--shortlists").unwrap_or(usual);

    let mut table = fill(&rows)?;
    let started = Instant::now();
    let exact = exact_nearest(&rows, &queries);
    println!("exact scan of all queries together: {:.1} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let _ = exact_nearest(&rows, &queries[..DIMENSION]);
    println!("exact scan of one query: {:.1} ms", milliseconds(started.elapsed()));

    let snapshot = table.snapshot();
    for shortlist in shortlists.split(',') {
        let settings = SearchSettings { shortlist: shortlist.parse()?, ..Default::default() };
        for every in [1, 4, 1000] {
            let (times, found) = search_all(&snapshot, settings, &queries, every)?;
            print!("shortlist {shortlist}, one row in {every} admitted: {}", percentiles(times));
            if every == 1 {
                print!("; {}", agreement(&found, &exact));
            }
            println!();
        }
    }
    change(&mut table, &rows, "beside a snapshot")?;
    drop(snapshot);
    change(&mut table, &rows, "with no snapshot held")?;
    Ok(())
}

fn fill(rows: &[f32]) -> Result<VectorTable, VectorError> {
    let mut table = VectorTable::new(DIMENSION)?;
    let mut slowest = Duration::ZERO;
    let started = Instant::now();
    for (id, row) in (0..).zip(rows.chunks_exact(DIMENSION)) {
        let insert_started = Instant::now();
        table.insert(id, row)?;
        slowest = slowest.max(insert_started.elapsed());
    }
    println!(
        "{} rows inserted at {:.0} a second, slowest {:.1} ms; {:.0} MiB, {:.0} bytes a row",
        table.len(),
        table.len() as f64 / started.elapsed().as_secs_f64(),
        milliseconds(slowest),
        table.memory_bytes() as f64 / f64::from(1 << 20),
        table.memory_bytes() as f64 / table.len() as f64,
    );
    Ok(table)
}

/// Searches for each query among the rows whose id is a multiple of `every`.
fn search_all(
    snapshot: &VectorSnapshot,
    settings: SearchSettings,
    queries: &[f32],
    every: u64,
) -> Result<(Vec<Duration>, Vec<Vec<Hit>>), VectorError> {
    let mut times = Vec::new();
    let mut found = Vec::new();
    for query in queries.chunks_exact(DIMENSION) {
        let started = Instant::now();
        let query = snapshot.query(query)?;
        found.push(
            snapshot.search(settings, &query, COUNT, |row| snapshot.id(row).is_multiple_of(every)),
        );
        times.push(started.elapsed());
    }
    Ok((times, found))
}

/// Removes and inserts rows all over the table. Beside a snapshot this is dearest: every chunk must
/// first be copied.
fn change(table: &mut VectorTable, rows: &[f32], beside: &str) -> Result<(), VectorError> {
    let mut slowest = Duration::ZERO;
    let started = Instant::now();
    let changes = (0..table.len()).step_by(97);
    for id in changes.clone() {
        let change_started = Instant::now();
        table.remove(id as u64);
        table.insert(id as u64, &rows[id * DIMENSION..][..DIMENSION])?;
        slowest = slowest.max(change_started.elapsed());
    }
    println!(
        "{} rows removed and inserted again {beside}: {:.0} a second, slowest {:.1} ms",
        changes.len(),
        changes.len() as f64 / started.elapsed().as_secs_f64(),
        milliseconds(slowest),
    );
    Ok(())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn read(path: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    if bytes.is_empty() || bytes.len() % (DIMENSION * 4) != 0 {
        return Err(format!("{path}: expected whole rows of {DIMENSION} f32").into());
    }
    let (values, _) = bytes.as_chunks::<4>();
    Ok(values.iter().map(|value| f32::from_le_bytes(*value)).collect())
}

/// Rows and queries around common centres, each at a cosine of about 0.8 to its own.
fn clustered(rows: usize, queries: usize) -> (Vec<f32>, Vec<f32>) {
    let mut state = 0x9e37_79b9_u64;
    // A sum of uniform values is near enough to normal.
    let mut normal = || {
        let mut sum = -2.0_f32;
        for _ in 0..4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sum += (state >> 40) as f32 / (1 << 24) as f32;
        }
        sum
    };
    let centres: Vec<f32> = (0..2000 * DIMENSION).map(|_| normal()).collect();
    let mut around = |count: usize| -> Vec<f32> {
        let mut vectors = Vec::with_capacity(count * DIMENSION);
        for index in 0..count {
            let centre = &centres[index * 7919 % 2000 * DIMENSION..][..DIMENSION];
            let start = vectors.len();
            vectors.extend(centre.iter().map(|value| value + 0.75 * normal()));
            let length = dot(&vectors[start..], &vectors[start..]).sqrt();
            vectors[start..].iter_mut().for_each(|value| *value /= length);
        }
        vectors
    };
    (around(rows), around(queries))
}

/// For each query the true cosines of the nearest rows, best first.
fn exact_nearest(rows: &[f32], queries: &[f32]) -> Vec<Vec<(u64, f32)>> {
    let mut nearest = vec![Vec::<(u64, f32)>::with_capacity(COUNT + 1); queries.len() / DIMENSION];
    for (block, block_rows) in rows.chunks(128 * DIMENSION).enumerate() {
        for (query, nearest) in queries.chunks_exact(DIMENSION).zip(&mut nearest) {
            for (index, row) in block_rows.chunks_exact(DIMENSION).enumerate() {
                let score = dot(row, query);
                if nearest.len() == COUNT && score <= nearest[COUNT - 1].1 {
                    continue;
                }
                let place = nearest.partition_point(|(_, better)| *better >= score);
                nearest.insert(place, ((block * 128 + index) as u64, score));
                nearest.truncate(COUNT);
            }
        }
    }
    nearest
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    ops::dot(Isa::best(), left, right)
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| milliseconds(times[((times.len() - 1) as f64 * share) as usize]);
    format!("p50 {:.2} ms, p95 {:.2} ms, worst {:.2} ms", at(0.5), at(0.95), at(1.0))
}

fn agreement(found: &[Vec<Hit>], exact: &[Vec<(u64, f32)>]) -> String {
    let (mut shared, mut total, mut error) = (0, 0, 0.0_f32);
    for (found, exact) in found.iter().zip(exact) {
        total += exact.len();
        for (id, score) in exact {
            if let Some(hit) = found.iter().find(|hit| hit.id == *id) {
                shared += 1;
                error = error.max((hit.score - score).abs());
            }
        }
    }
    let recall = f64::from(shared) / total as f64;
    format!("recall@{COUNT} {recall:.4}, largest error of a cosine {error:.5}")
}
