//! Numbers for the operator, in the text format of Prometheus.

use std::sync::OnceLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Seconds: from a quick reply on a fast machine to the longest turn that is allowed.
const TURN_BUCKETS: [f64; 12] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Begins to count. Harmless when called again.
pub fn install() {
    HANDLE.get_or_init(|| {
        let matcher = Matcher::Full("steward_turn_seconds".to_string());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(matcher, &TURN_BUCKETS)
            .and_then(PrometheusBuilder::install_recorder);
        match handle {
            Ok(handle) => {
                describe();
                Some(handle)
            }
            Err(error) => {
                tracing::warn!(%error, "metrics are off");
                None
            }
        }
    });
}

fn describe() {
    metrics::describe_counter!("steward_messages_total", "customers' messages stored");
    metrics::describe_counter!("steward_turns_total", "turns that ended in a reply, by decision");
    metrics::describe_counter!("steward_errors_total", "faults, by where they happened");
    metrics::describe_counter!("steward_sockets_closed_total", "chat sockets closed, by code");
    metrics::describe_counter!("steward_slow_readers_total", "sockets dropped for not reading");
    metrics::describe_gauge!("steward_sockets", "open chat sockets");
    metrics::describe_gauge!("steward_turns_running", "turns being run");
    metrics::describe_gauge!("steward_turns_waiting", "conversations that wait for a free turn");
    metrics::describe_histogram!("steward_turn_seconds", "seconds spent in each stage of a turn");
    for gauge in ["steward_sockets", "steward_turns_running", "steward_turns_waiting"] {
        metrics::gauge!(gauge).set(0.0);
    }
}

/// Moves recorded values out of the buffers; to be called every few seconds.
pub fn upkeep() {
    if let Some(Some(handle)) = HANDLE.get() {
        handle.run_upkeep();
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
