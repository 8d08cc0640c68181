//! More to write than the generator takes: turns are put off, their customers told, and all are answered.

use std::sync::Arc;
use std::time::Duration;

use steward::config::Config;
use steward::setup;
use steward::turn::compose::WhenBusy;

use crate::client::{Server, agent, agent_directory, config_in};

const CUSTOMERS: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn turns_without_room_are_put_off_told_when_and_answered_all_the_same() {
    agent();
    let data = tempfile::tempdir().unwrap();
    let mut config: Config = config_in(data.path());
    config.limits.concurrent_turns = CUSTOMERS;
    config.generator.enabled = true;
    config.generator.queue = 1;
    config.generator.when_busy = WhenBusy::Refuse;
    config.generator.deadline_ms = 600_000;
    config.generator.max_new_tokens = 24;
    let with_articles = Config { place: config_in(&agent_directory()).place, ..config.clone() };
    let writing = Arc::new(setup::agent(&with_articles).unwrap());
    let server = Server::start_with(config, writing).await;

    let customers = (0..CUSTOMERS).map(|_| async {
        let (mut customer, _) = server.join(&server.visitor(), None).await;
        customer.say("m1", "How long do returns take?").await;
        let mut waits = Vec::new();
        loop {
            let wait = Duration::from_secs(120);
            let frame = tokio::time::timeout(wait, customer.next()).await.expect("an answer");
            if frame["event"] == "busy" {
                assert_eq!(frame["seq"], 1, "{frame}");
                waits.push(frame["retry_after_ms"].as_u64().expect("a time"));
            }
            if frame["type"] == "reply" {
                return (waits, frame["text"].as_str().unwrap().to_string());
            }
        }
    });
    let answers = futures_util::future::join_all(customers).await;
    assert!(answers.iter().all(|(_, text)| !text.is_empty()));
    let waits: Vec<u64> = answers.into_iter().flat_map(|(waits, _)| waits).collect();
    assert!(!waits.is_empty(), "so many at once are more than one that waits");
    assert!(waits.iter().all(|wait| (500..=30_000).contains(wait)), "{waits:?}");
    server.stop().await;
}
