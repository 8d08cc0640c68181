//! Sends what is in line.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rand::RngExt;
use tokio_util::sync::CancellationToken;
use ureq::unversioned::transport::DefaultConnector;

use super::address::PublicResolver;
use super::sign::Secret;
use crate::config::WebhookConfig;
use crate::store::Store;
use crate::store::outbox::{Attempted, Delivery};
use crate::{Error, Result};

/// Pauses after the first attempt, the second and so on; after the last one a delivery is given up.
const PAUSES_SECONDS: [i64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
/// How often the line is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const CLEAN_EVERY: Duration = Duration::from_secs(3600);
/// How long an endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(15);
const AT_ONCE: u32 = 16;
/// Delivered events are kept for a while, to be looked at.
const KEEP_DELIVERED_MS: i64 = 7 * 86_400_000;

/// Sends to the endpoints of the settings.
pub struct Sender(ArcSwap<Sending>);

struct Sending {
    agent: ureq::Agent,
    endpoints: BTreeMap<String, (String, Secret)>,
}

impl Sender {
    /// A sender after `settings`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] naming the endpoint whose secret is missing or none.
    pub fn new(settings: &WebhookConfig) -> Result<Self> {
        let mut endpoints = BTreeMap::new();
        for (name, url) in &settings.endpoints {
            let secret = settings.secrets.get(name).map(String::as_str).unwrap_or_default();
            let secret = Secret::parse(secret).map_err(|error| {
                Error::setup(format!("webhooks.secrets.{name}: {}", error.message()))
            })?;
            endpoints.insert(name.clone(), (url.clone(), secret));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .http_status_as_error(false)
            .https_only(!settings.allow_private)
            .user_agent(concat!("Steward/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = PublicResolver { allow_private: settings.allow_private };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), resolver);
        Ok(Self(ArcSwap::from_pointee(Sending { agent, endpoints })))
    }

    /// What is sent from now on goes where `other` sends.
    pub(crate) fn take_over(&self, other: Self) {
        self.0.store(other.0.into_inner());
    }

    /// Sends `delivery` once. Blocking.
    pub fn attempt(&self, delivery: &Delivery, now: Timestamp) -> Attempted {
        let sending = self.0.load_full();
        let Some((url, secret)) = sending.endpoints.get(&delivery.endpoint) else {
            return Attempted::Dead("the settings name no such endpoint any more".to_string());
        };
        let seconds = now.as_second();
        let sent = sending
            .agent
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &delivery.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", secret.sign(&delivery.id, seconds, &delivery.body))
            .send(delivery.body.as_bytes());
        let problem = match sent {
            Ok(answer) if answer.status().is_success() => return Attempted::Delivered,
            Ok(answer) if answer.status() == 410 => {
                return Attempted::Dead("the endpoint is gone (410)".to_string());
            }
            Ok(answer) => format!("the endpoint answered {}", answer.status()),
            Err(ureq::Error::HostNotFound) => {
                "the endpoint's name leads to no public address; see webhooks.allow_private"
                    .to_string()
            }
            Err(error) => error.to_string(),
        };
        let pause = usize::try_from(delivery.attempts).ok().and_then(|at| PAUSES_SECONDS.get(at));
        match pause {
            Some(pause) => {
                // Some chance, so that endpoints that were down are not met by all at once.
                let pause_ms = pause * 1000 + rand::rng().random_range(0..=pause * 100);
                Attempted::Again(now.as_millisecond() + pause_ms, problem)
            }
            None => Attempted::Dead(problem),
        }
    }
}

/// Delivers what is due until `stopping`.
pub async fn run(store: Store, sender: Arc<Sender>, stopping: CancellationToken) {
    let mut clean = tokio::time::interval(CLEAN_EVERY);
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = clean.tick() => {
                let before = Timestamp::now().as_millisecond() - KEEP_DELIVERED_MS;
                if let Err(error) = store.forget_delivered(before).await {
                    tracing::warn!(error = format!("{error:#}"), "delivered webhooks were not removed");
                }
            }
            () = stopping.cancelled() => return,
        }
        if let Err(error) = deliver_due(&store, &sender).await {
            metrics::counter!("steward_errors_total", "where" => "webhooks").increment(1);
            tracing::error!(error = format!("{error:#}"), "webhooks were not delivered");
        }
    }
}

async fn deliver_due(store: &Store, sender: &Arc<Sender>) -> Result<()> {
    let due = store.due_deliveries(Timestamp::now().as_millisecond(), AT_ONCE).await?;
    let mut sending = tokio::task::JoinSet::new();
    for delivery in due {
        let sender = sender.clone();
        sending.spawn_blocking(move || {
            let outcome = sender.attempt(&delivery, Timestamp::now());
            (delivery, outcome)
        });
    }
    while let Some(done) = sending.join_next().await {
        let Ok((delivery, outcome)) = done else { continue };
        let name = match &outcome {
            Attempted::Delivered => "delivered",
            Attempted::Again(..) => "again",
            Attempted::Dead(error) => {
                tracing::warn!(
                    id = delivery.id,
                    endpoint = delivery.endpoint,
                    error,
                    "a webhook was given up"
                );
                "dead"
            }
        };
        metrics::counter!("steward_webhooks_total", "outcome" => name).increment(1);
        store.attempted(&delivery, &outcome).await?;
    }
    Ok(())
}
