//! Numbers for the operator, in the text format of Prometheus.
//!
//! Most are counted where things happen; what is there at a time is looked up every [`LOOK_EVERY`]. Labels are
//! words of ours, routes and status codes: nothing of anybody, and never without bound.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics::{
    counter, describe_counter as says_counter, describe_gauge as says_gauge,
    describe_histogram as says_histogram, gauge,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::AppState;
use crate::telemetry::process::resident_bytes;

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Seconds: from a quick reply on a fast machine to the longest turn that is allowed.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
/// Messages of one commit.
const MESSAGES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// How often what is there is looked up.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Begins to count. Harmless when called again.
pub fn install() {
    HANDLE.get_or_init(|| match recorder() {
        Ok(handle) => {
            describe();
            begin_at_zero();
            Some(handle)
        }
        Err(error) => {
            tracing::warn!(%error, "metrics are off");
            None
        }
    });
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_string());
    let messages = Matcher::Full("steward_commit_batch_messages".to_string());
    PrometheusBuilder::new()
        .set_buckets_for_metric(seconds, &SECONDS)?
        .set_buckets_for_metric(messages, &MESSAGES)?
        .install_recorder()
}

fn describe() {
    says_counter!("steward_messages_total", "customers' messages stored");
    says_counter!("steward_turns_total", "turns that ended in a reply, by decision");
    says_counter!("steward_errors_total", "faults, by where they happened");
    says_counter!("steward_sockets_closed_total", "chat sockets closed, by code");
    says_counter!("steward_slow_readers_total", "sockets dropped for not reading");
    says_counter!("steward_holding_changes_total", "changes of who has a conversation, by event");
    says_counter!("steward_waited_out_total", "conversations that nobody took in time");
    says_counter!("steward_masked_texts_total", "texts in which something was masked");
    says_counter!("steward_judging_refused_total", "times too many waited to be judged");
    says_counter!("steward_sign_ins_total", "sign-ins of members, by outcome");
    says_counter!("steward_webhooks_total", "attempts to deliver a webhook, by outcome");
    says_counter!("steward_http_requests_total", "requests, by route, method and status");
    says_counter!("steward_tls_handshakes_total", "TLS handshakes, by outcome");
    says_counter!("steward_turns_put_off_total", "turns begun again for want of room");
    says_counter!("steward_generator_prompt_tokens_total", "tokens of prompts");
    says_counter!("steward_generator_reused_tokens_total", "those of them that were read before");
    says_counter!("steward_spans_total", "spans for the collector, by outcome");
    says_gauge!("steward_sockets", "open chat sockets");
    says_gauge!("steward_turns_running", "turns being run");
    says_gauge!("steward_turns_waiting", "conversations that wait for a free turn");
    says_gauge!("steward_encoder_waiting", "batches of texts that wait for the encoder");
    says_gauge!("steward_generator_waiting", "requests that wait for the generator");
    says_gauge!("steward_generator_prefix_bytes", "memory of remembered prompts");
    says_gauge!("steward_conversations_queued", "conversations that wait for a person");
    says_gauge!("steward_conversations_with_people", "conversations that a person has");
    says_gauge!("steward_webhooks_waiting", "webhooks to be delivered");
    says_gauge!("steward_webhooks_dead", "webhooks that were given up");
    says_gauge!("steward_store_bytes", "size of the conversations' database");
    says_gauge!("steward_index_entries", "what the index holds, by kind");
    says_gauge!("steward_certificate_expires_seconds", "when the certificate ends, since 1970");
    says_gauge!("steward_build_info", "1, with the version");
    says_gauge!("process_resident_memory_bytes", "memory of the process");
    says_gauge!("process_open_fds", "open files and sockets of the process");
    says_gauge!("process_start_time_seconds", "when the process started, since 1970");
    says_histogram!("steward_turn_seconds", "seconds spent in each stage of a turn");
    says_histogram!("steward_acknowledge_seconds", "seconds from a message to its acknowledgement");
    says_histogram!("steward_commit_batch_messages", "customers' messages in one commit");
    says_histogram!("steward_http_request_seconds", "seconds to the answer, by route and method");
}

/// What has not happened yet is there as well: an alarm on a rise from nothing needs the nothing.
fn begin_at_zero() {
    for waiting in [
        "steward_sockets",
        "steward_turns_running",
        "steward_turns_waiting",
        "steward_encoder_waiting",
        "steward_generator_waiting",
        "steward_generator_prefix_bytes",
    ] {
        gauge!(waiting).set(0.0);
    }
    for counted in [
        "steward_messages_total",
        "steward_slow_readers_total",
        "steward_waited_out_total",
        "steward_masked_texts_total",
        "steward_judging_refused_total",
        "steward_turns_put_off_total",
        "steward_generator_prompt_tokens_total",
        "steward_generator_reused_tokens_total",
    ] {
        counter!(counted).absolute(0);
    }
    counter!("steward_errors_total", "where" => "turn").absolute(0);
    counter!("steward_webhooks_total", "outcome" => "dead").absolute(0);
    counter!("steward_spans_total", "outcome" => "dropped").absolute(0);
    gauge!("steward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    if let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        gauge!("process_start_time_seconds").set(now.as_secs_f64());
    }
}

/// Keeps the numbers up to date until `stopping`.
pub(super) async fn keep(state: Arc<AppState>, stopping: CancellationToken) {
    let mut upkeep = tokio::time::interval(UPKEEP_EVERY);
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = upkeep.tick() => {
                // Moves recorded values out of the buffers.
                if let Some(Some(handle)) = HANDLE.get() {
                    handle.run_upkeep();
                }
            }
            _ = look.tick() => look_up(&state).await,
            () = stopping.cancelled() => return,
        }
    }
}

/// Looks up what is there. What cannot be read keeps its last number: health says what is wrong.
async fn look_up(state: &AppState) {
    if let Ok(figures) = state.chat.store.figures().await {
        gauge!("steward_conversations_queued").set(figures.queued);
        gauge!("steward_conversations_with_people").set(figures.with_people);
        gauge!("steward_webhooks_waiting").set(figures.webhooks_waiting);
        gauge!("steward_webhooks_dead").set(figures.webhooks_dead);
        gauge!("steward_store_bytes").set(figures.bytes as f64);
    }
    let index = state.chat.runner.index().clone();
    let looking = tokio::task::spawn_blocking(move || {
        if let Ok(found) = index.statistics() {
            for (kind, count) in [
                ("articles", found.documents),
                ("passages", found.passages),
                ("public_records", found.public_records),
                ("account_records", found.account_records),
            ] {
                gauge!("steward_index_entries", "kind" => kind).set(count as f64);
            }
        }
        look_up_process();
    });
    // A panic in it was told already; the next look may do better.
    let _ = looking.await;
}

/// Where the system tells (Linux).
fn look_up_process() {
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(open.count() as f64);
    }
}

/// `GET /metrics`
#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, description = "Prometheus text format", body = String, content_type = "text/plain"),
))]
pub async fn metrics() -> Response {
    let text = match HANDLE.get() {
        Some(Some(handle)) => handle.render(),
        _ => String::new(),
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
