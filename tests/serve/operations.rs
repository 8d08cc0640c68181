//! What an operator sees and limits: request ids, numbers, spans, readiness, requests per minute, logs.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::client::{Client, PATIENCE, SITE_KEY, SITE_SECRET, Server, config_in, site_token};
#[cfg(unix)]
use crate::commands::{address_of, alone, steward_in};

#[tokio::test]
async fn every_answer_carries_the_requests_id_and_errors_say_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (status, head, body) = server.http("GET /v1/nothing\nx-request-id: Shop-7.a\r\n").await;
    assert_eq!(status, 404);
    assert!(head.contains("x-request-id: shop-7.a"), "{head}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["error"]["request_id"], "Shop-7.a");
    let (_, head, _) = server.http("GET /v1/health\nx-request-id: <script>\r\n").await;
    assert!(head.contains("x-request-id: ") && !head.contains("<script>"), "{head}");
    server.stop().await;
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_for_an_address_and_for_a_person() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.requests_per_minute = 5;
    config.server.trust_forwarded_for = true;
    let server = Server::start(config).await;
    let ask = async |address: &str, token: &str| {
        let request = format!(
            "GET /v1/desk/conversations\nx-forwarded-for: {address}\r\nauthorization: Bearer {token}\r\n"
        );
        server.http(&request).await
    };
    let ada = site_token(json!({ "role": "agent", "sub": "Ada" }));
    let bo = site_token(json!({ "role": "agent", "sub": "Bo" }));
    for _ in 0..5 {
        assert_eq!(ask("192.0.2.1", &ada).await.0, 200);
    }
    let (status, head, body) = ask("192.0.2.1", &bo).await;
    assert_eq!(status, 429, "the address");
    assert!(head.contains("retry-after: ") && body.contains("rate_limited"), "{head}{body}");
    assert_eq!(ask("192.0.2.2", &ada).await.0, 429, "the person, wherever from");
    assert_eq!(ask("192.0.2.2", &bo).await.0, 200);
    for _ in 0..20 {
        let health = server.http("GET /v1/health/live\nx-forwarded-for: 192.0.2.1\r\n").await;
        assert_eq!(health.0, 200, "health is never refused");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_says_so_before_it_refuses() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.server.drain_seconds = 5;
    let server = Server::start(config).await;
    assert_eq!(server.http("GET /v1/health/ready").await.0, 200);
    server.begin_stopping();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.http("GET /v1/health/ready").await.0, 503);
    assert_eq!(server.http("GET /v1/health/live").await.0, 200);
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", "What does the warranty cover?").await;
    customer.until("reply").await;
    assert_eq!(customer.close_code().await, Some(1001));
    server.stop().await;
}

/// The names of metrics in a query.
fn metrics_in(query: &str) -> impl Iterator<Item = &str> {
    query
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| word.starts_with("steward_") || word.starts_with("process_"))
}

#[tokio::test]
async fn every_number_of_the_dashboard_is_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", "What does the warranty cover?").await;
    customer.until("reply").await;
    let (code, _) =
        (server.http("GET /v1/customer-7/secret").await.0, customer.socket.close(None).await);
    assert_eq!(code, 404);

    let dashboard: Value =
        serde_json::from_str(include_str!("../../deploy/grafana/steward.json")).unwrap();
    let mut wanted = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            wanted.extend(metrics_in(target["expr"].as_str().unwrap()));
        }
    }
    assert!(wanted.len() > 20, "{wanted:?}");
    let numbers = async {
        loop {
            let numbers = server.http("GET /metrics").await.2;
            let served: BTreeSet<&str> = numbers
                .lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| line.split(['{', ' ']).next())
                .collect();
            let missing: Vec<_> = wanted.iter().filter(|name| !served.contains(**name)).collect();
            if missing.is_empty() {
                return numbers;
            }
            println!("not yet: {missing:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let numbers = tokio::time::timeout(PATIENCE, numbers).await.expect("all of them");
    assert!(!numbers.contains("customer-7"), "paths are no labels");
    assert!(numbers.contains(r#"route="/v1/health"#) || numbers.contains(r#"route="none""#));
    server.stop().await;
}

/// A collector of one body for each request, until it has the spans that are waited for.
fn collect(listener: TcpListener) -> std::thread::JoinHandle<Vec<Value>> {
    std::thread::spawn(move || {
        let mut spans = Vec::new();
        while !spans.iter().any(|span: &Value| span["name"] == "store") {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            assert!(head.starts_with("POST /v1/traces"), "{head}");
            let head = head.to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let sent = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.extend(sent.as_array().unwrap().clone());
        }
        spans
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stages_of_a_turn_reach_the_collector_in_the_trace_of_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.telemetry.otlp_endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collected = collect(listener);
    let server = Server::start(config).await;
    let mut request = server.chat_url().into_client_request().unwrap();
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    request.headers_mut().insert("traceparent", traceparent.parse().unwrap());
    let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let mut customer = Client { socket };
    customer.hello(&server.visitor(), None, None).await;
    customer.say("m1", "What does the Quetzalcoatlus warranty cover?").await;
    customer.until("reply").await;

    let spans = collected.join().unwrap();
    let turn = spans.iter().find(|span| span["name"] == "turn").unwrap();
    assert_eq!(turn["parentSpanId"], "00f067aa0ba902b7");
    for stage in ["understand", "gather", "decide", "compose", "store"] {
        let span = spans.iter().find(|span| span["name"] == stage);
        let span = span.unwrap_or_else(|| panic!("{stage} in {spans:?}"));
        assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(span["parentSpanId"], turn["spanId"]);
        let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"));
    }
    let all = json!(spans).to_string();
    assert!(all.contains("steward.decision") && !all.contains("Quetzalcoatlus"), "{all}");
    server.stop().await;
}

/// Everything is logged that can be: ids of ours, never a token, a secret or what somebody wrote.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn at_no_level_is_a_token_or_a_word_of_a_customer_logged() {
    let directory = tokio::task::spawn_blocking(alone).await.unwrap();
    let log = directory.path().join("steward.log");
    let mut serve = steward_in(directory.path(), &["serve", "--listen", "127.0.0.1:0", "-vv"]);
    let mut child = serve
        .env("RUST_LOG", "trace")
        .env("STEWARD_LOG_FORMAT", "json")
        .env("STEWARD_IDENTITY_SECRETS", format!("{SITE_KEY}={SITE_SECRET}"))
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let address = address_of(&mut child);
    let token = site_token(json!({ "external_id": "C-1" }));
    let mut request = format!("ws://{address}/v1/chat").into_client_request().unwrap();
    request.headers_mut().insert("x-request-id", "socket-7".parse().unwrap());
    let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let mut customer = Client { socket };
    customer.hello(&token, None, None).await;
    let conversation = customer.next().await["conversation"].as_str().unwrap().to_string();
    customer.say("m1", "What does the Quetzalcoatlus warranty cover?").await;
    customer.until("reply").await;
    customer.socket.close(None).await.unwrap();
    let asked = ureq::get(format!("http://{address}/v1/conversations/{conversation}/transcript"))
        .header("authorization", format!("Bearer {token}"))
        .header("x-request-id", "transcript-7")
        .call();
    assert!(asked.unwrap().body_mut().read_to_string().unwrap().contains("Quetzalcoatlus"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(child.wait().unwrap().success());

    let log = std::fs::read_to_string(log).unwrap();
    let parts = token.split('.').skip(1);
    for secret in parts.chain([SITE_SECRET, "Quetzalcoatlus", "quetzalcoatlus", "two years"]) {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line_of = |message: &str, request: &str| {
        lines
            .iter()
            .map(Value::to_string)
            .find(|line| line.contains(message) && line.contains(request))
    };
    for (message, request) in [
        ("answered", "transcript-7"),
        ("a socket was closed", "socket-7"),
        ("a socket was closed", &conversation),
        ("a reply was made", &conversation),
    ] {
        assert!(line_of(message, request).is_some(), "{message} of {request}");
    }
}
