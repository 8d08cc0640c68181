//! Customers, agents, bad lines and a server that is killed: nothing acknowledged is lost, doubled or out of
//! order on any screen, and Steward is silent once a person has the conversation.
//!
//! A short form runs with the other tests. The long one: `STEWARD_CHAOS=full cargo nextest run --release
//! --test chaos`. `STEWARD_CHAOS_SEED` chooses another order of events.

#![cfg(unix)]

mod actors;
mod line;
mod screen;
mod server;
mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::{mpsc, watch};

use actors::{Agent, Customer, World};
use server::ServerProcess;

/// How much is done.
struct Size {
    customers: usize,
    agents: usize,
    messages: usize,
    disconnects: usize,
    kills: usize,
}

const SHORT: Size = Size { customers: 24, agents: 4, messages: 6, disconnects: 150, kills: 5 };
const FULL: Size = Size { customers: 200, agents: 10, messages: 12, disconnects: 2000, kills: 50 };

/// Longest that everything may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(900);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_doubled_or_out_of_order() {
    let full = std::env::var("STEWARD_CHAOS").is_ok_and(|size| size == "full");
    let size = if full { FULL } else { SHORT };
    let seed: u64 = std::env::var("STEWARD_CHAOS_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("seed {seed}");
    let started = Instant::now();

    let mut server = ServerProcess::start().await;
    let (moments, mut hear) = mpsc::unbounded_channel();
    let (calm, is_calm) = watch::channel(false);
    let world = Arc::new(World {
        address: server.address.clone(),
        disconnects_left: AtomicUsize::new(size.disconnects),
        moments,
        is_calm,
    });
    let mut customers = Vec::new();
    for number in 0..size.customers {
        customers.push(Customer::arrive(&world, seed, number, size.messages).await);
    }
    let conversations: Arc<Vec<String>> =
        Arc::new(customers.iter().map(|customer| customer.conversation.clone()).collect());
    let agents: Vec<Agent> = (0..size.agents)
        .map(|number| Agent::new(&world, seed, number, conversations.clone()))
        .collect();
    let customers: Vec<_> =
        customers.into_iter().map(|customer| tokio::spawn(customer.chat())).collect();
    let agents: Vec<_> = agents.into_iter().map(|agent| tokio::spawn(agent.work())).collect();

    // Killed at a random moment, or right after somebody sent a message or took a conversation over.
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..size.kills {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..900))).await;
        if dice.random_bool(0.7) {
            while hear.try_recv().is_ok() {}
            let _ = tokio::time::timeout(Duration::from_secs(2), hear.recv()).await;
            tokio::time::sleep(Duration::from_micros(dice.random_range(0..8000))).await;
        }
        server.kill_and_restart().await;
    }
    // The storm is over once the lines have been cut as often as they should.
    while world.disconnects_left.load(Ordering::Relaxed) > 0 && started.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    calm.send(true).unwrap();
    let mut screens = Vec::new();
    let mut sent = Vec::new();
    for customer in customers {
        let outcome =
            tokio::time::timeout(PATIENCE, customer).await.expect("customers come to rest");
        let (written, tabs) = outcome.unwrap();
        sent.push(written);
        screens.extend(tabs);
    }
    for agent in agents {
        let outcome = tokio::time::timeout(PATIENCE, agent).await.expect("agents come to rest");
        screens.extend(outcome.unwrap());
    }
    // However slow the machine is: what was acknowledged is answered.
    server.answers_everybody(PATIENCE).await;
    let data = server.stop().await;
    let store = verdict::Transcripts::read(data.path(), &conversations).await;
    let summary = store.judge(&sent, &screens);
    println!(
        "{} messages acknowledged, {} replies, {} takeovers; {} lines cut, {} kills, {} screens, in {:?}",
        summary.acknowledged,
        summary.replies,
        summary.takeovers,
        size.disconnects,
        size.kills,
        screens.len(),
        started.elapsed()
    );
    assert!(summary.takeovers > 0 && summary.replies > 0, "the test has to test something");
    assert!(summary.violations.is_empty(), "seed {seed}: {:#?}", summary.violations);
}
