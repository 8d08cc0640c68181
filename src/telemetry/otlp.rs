//! Sends spans to a collector: OTLP over HTTP in its JSON encoding.
//!
//! A bounded queue and a thread of its own: whoever hands over spans never waits. What does not fit, or what the
//! collector does not take, is dropped and counted.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value as Json, json};

use super::span::{Span, Value, hex};
use crate::{Error, Result};

/// Turns whose spans may wait.
const QUEUE: usize = 1024;
/// Spans of one request.
const MOST_AT_ONCE: usize = 512;
/// How long spans wait for company.
const GATHER: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Takes spans for the collector. Clones share the thread, which ends with the last of them.
#[derive(Debug, Clone)]
pub struct Exporter {
    queue: SyncSender<Vec<Span>>,
}

impl Exporter {
    /// Sends to the collector at `endpoint`; to none if it is empty.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if the thread cannot be started.
    pub fn start(endpoint: &str) -> Result<Option<Self>> {
        if endpoint.is_empty() {
            return Ok(None);
        }
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let (queue, spans) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("spans".to_string())
            .spawn(move || send_all(&url, &spans))
            .map_err(|error| Error::internal("cannot start a thread").with_source(error))?;
        Ok(Some(Self { queue }))
    }

    /// Hands over the spans of one turn. Returns at once.
    pub fn export(&self, spans: Vec<Span>) {
        if let Err(refused) = self.queue.try_send(spans) {
            let (std::sync::mpsc::TrySendError::Full(spans)
            | std::sync::mpsc::TrySendError::Disconnected(spans)) = refused;
            count("dropped", spans.len());
        }
    }
}

fn send_all(url: &str, queue: &Receiver<Vec<Span>>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .user_agent(concat!("Steward/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut failing = false;
    while let Ok(mut spans) = queue.recv() {
        gather(&mut spans, queue);
        let request = agent.post(url).header("content-type", "application/json");
        let sent = request.send(encode(&spans).to_string().as_bytes());
        count(if sent.is_ok() { "sent" } else { "dropped" }, spans.len());
        match &sent {
            Ok(_) if failing => tracing::info!("the collector takes spans again"),
            Err(error) if !failing => tracing::warn!(%error, url, "the collector takes no spans"),
            _ => {}
        }
        failing = sent.is_err();
    }
}

/// Adds what comes within [`GATHER`].
fn gather(spans: &mut Vec<Span>, queue: &Receiver<Vec<Span>>) {
    let until = Instant::now() + GATHER;
    while spans.len() < MOST_AT_ONCE {
        match queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(more) => spans.extend(more),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn count(outcome: &'static str, spans: usize) {
    metrics::counter!("steward_spans_total", "outcome" => outcome)
        .increment(u64::try_from(spans).unwrap_or(u64::MAX));
}

/// The body of a request, as `opentelemetry/proto/collector/trace/v1` in JSON: ids in hex, times as texts.
fn encode(spans: &[Span]) -> Json {
    let resource = [
        ("service.name", Value::Word("steward".to_string())),
        ("service.version", Value::Word(env!("CARGO_PKG_VERSION").to_string())),
    ];
    let spans: Vec<Json> = spans.iter().map(encode_span).collect();
    let of_scope = json!({ "scope": { "name": "steward" }, "spans": spans });
    json!({ "resourceSpans": [{
        "resource": { "attributes": encode_attributes(&resource) },
        "scopeSpans": [of_scope],
    }] })
}

fn encode_span(span: &Span) -> Json {
    const INTERNAL: u8 = 1;
    const FAILED: u8 = 2;
    let mut encoded = json!({
        "traceId": hex(&span.trace.to_be_bytes()),
        "spanId": hex(&span.id.to_be_bytes()),
        "name": span.name,
        "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(span.start),
        "endTimeUnixNano": nanoseconds(span.start + span.took),
        "attributes": encode_attributes(&span.attributes),
        "status": if span.failed { json!({ "code": FAILED }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        encoded["parentSpanId"] = hex(&parent.to_be_bytes()).into();
    }
    encoded
}

fn encode_attributes(attributes: &[(&'static str, Value)]) -> Vec<Json> {
    let encode = |(name, value): &(&str, Value)| {
        let value = match value {
            Value::Word(word) => json!({ "stringValue": word }),
            Value::Count(count) => json!({ "intValue": count.to_string() }),
        };
        json!({ "key": name, "value": value })
    };
    attributes.iter().map(encode).collect()
}

fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::span::TraceParent;

    /// The shape is that of the example in the specification (`opentelemetry-proto/examples/trace.json`).
    #[test]
    fn spans_are_written_as_the_specification_says() {
        let parent = TraceParent {
            trace: 0x5b8e_fff7_9803_8103_d269_b633_813f_c60c,
            span: 0xee,
            sampled: true,
        };
        let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_544_712_660_000_000_001);
        let mut turn = Span::root(Some(parent), "turn", start, Duration::from_secs(1))
            .with("steward.decision", Value::Word("answer".into()))
            .with("steward.evidence", Value::Count(3));
        turn.id = 0x0eee_19b7_ec3c_1b17;
        let mut part = turn.part("gather", Duration::from_millis(1), Duration::from_millis(2));
        (part.id, part.failed) = (2, true);
        let expected = json!({ "resourceSpans": [{
            "resource": { "attributes": [
                { "key": "service.name", "value": { "stringValue": "steward" } },
                { "key": "service.version",
                  "value": { "stringValue": env!("CARGO_PKG_VERSION") } },
            ] },
            "scopeSpans": [{ "scope": { "name": "steward" }, "spans": [
                {
                    "traceId": "5b8efff798038103d269b633813fc60c",
                    "spanId": "0eee19b7ec3c1b17",
                    "name": "turn",
                    "kind": 1,
                    "startTimeUnixNano": "1544712660000000001",
                    "endTimeUnixNano": "1544712661000000001",
                    "attributes": [
                        { "key": "steward.decision", "value": { "stringValue": "answer" } },
                        { "key": "steward.evidence", "value": { "intValue": "3" } },
                    ],
                    "status": {},
                    "parentSpanId": "00000000000000ee",
                },
                {
                    "traceId": "5b8efff798038103d269b633813fc60c",
                    "spanId": "0000000000000002",
                    "name": "gather",
                    "kind": 1,
                    "startTimeUnixNano": "1544712660001000001",
                    "endTimeUnixNano": "1544712660003000001",
                    "attributes": [],
                    "status": { "code": 2 },
                    "parentSpanId": "0eee19b7ec3c1b17",
                },
            ] }],
        }] });
        assert_eq!(encode(&[turn, part]), expected);
    }

    #[test]
    fn a_collector_that_takes_nothing_never_holds_a_turn_up() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", silent.local_addr().unwrap());
        let exporter = Exporter::start(&endpoint).unwrap().unwrap();
        let span = Span::root(None, "turn", SystemTime::now(), Duration::ZERO);
        let started = Instant::now();
        for _ in 0..QUEUE * 4 {
            exporter.export(vec![span.clone()]);
        }
        assert!(started.elapsed() < Duration::from_secs(1));
        assert!(Exporter::start("").unwrap().is_none());
    }
}
