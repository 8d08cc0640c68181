//! Webhooks: signed, sent again until they are taken, given up in the end, replayed; never to private addresses.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::{Value, json};
use steward::config::{Config, WebhookConfig};
use steward::store::Store;
use steward::store::outbox::{Attempted, DeliveryState, EventKind, Telling};
use steward::webhooks::deliver::Sender;
use steward::webhooks::sign::Secret;

use crate::client::{PATIENCE, Server, config_in, site_token};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// An endpoint that keeps what it gets and answers with the next of its statuses, then 200.
#[derive(Clone, Default)]
struct Endpoint {
    statuses: Arc<Mutex<Vec<u16>>>,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Endpoint {
    async fn start(self) -> String {
        let take = async |State(endpoint): State<Self>, headers: HeaderMap, body: String| {
            endpoint.received.lock().unwrap().push((headers, body));
            let mut statuses = endpoint.statuses.lock().unwrap();
            let status = if statuses.is_empty() { 200 } else { statuses.remove(0) };
            StatusCode::from_u16(status).unwrap()
        };
        let router = Router::new().route("/hook", post(take)).with_state(self);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    async fn wait_for(&self, kind: &str) -> (HeaderMap, String) {
        let waiting = async {
            loop {
                let found = self
                    .received
                    .lock()
                    .unwrap()
                    .iter()
                    .find(|(_, body)| body.contains(kind))
                    .cloned();
                if let Some(found) = found {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("no {kind}"))
    }
}

fn to(mut config: Config, url: &str) -> Config {
    config.webhooks.endpoints.insert("crm".into(), url.into());
    config.webhooks.secrets.insert("crm".into(), SECRET.into());
    config.webhooks.allow_private = true;
    config
}

#[tokio::test]
async fn what_happens_is_told_signed_and_only_to_whom_it_should() {
    let endpoint = Endpoint::default();
    let url = endpoint.clone().start().await;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(to(config_in(data.path()), &url)).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    customer.say("m1", "This is outrageous! I want to speak to a manager right now.").await;
    customer.until("reply").await;
    let (headers, body) = endpoint.wait_for("conversation.handed_off").await;
    let text = |name: &str| headers[name].to_str().unwrap();
    let seconds: i64 = text("webhook-timestamp").parse().unwrap();
    assert!((Timestamp::now().as_second() - seconds).abs() < 60);
    let signature = Secret::parse(SECRET).unwrap().sign(text("webhook-id"), seconds, &body);
    assert_eq!(text("webhook-signature"), signature);
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["data"]["conversation"], conversation.as_str());
    assert!(event["timestamp"].is_string());
    endpoint.wait_for("conversation.escalation_risk").await;

    let (mut ada, _) = server
        .join(&site_token(json!({ "role": "agent", "sub": "Ada" })), Some(&conversation))
        .await;
    ada.send(json!({ "type": "take_over" })).await;
    endpoint.wait_for("conversation.taken_over").await;
    let rating = json!({ "rating": 2 }).to_string();
    let request = format!(
        "POST /v1/conversations/{conversation}/survey\nauthorization: Bearer {visitor}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n",
        rating.len()
    );
    assert_eq!(server.http_with(&request, &rating).await.0, 204);
    endpoint.wait_for("survey.answered").await;
    ada.send(json!({ "type": "close" })).await;
    endpoint.wait_for("conversation.closed").await;
    // What was said stays here.
    for (_, body) in endpoint.received.lock().unwrap().iter() {
        assert!(!body.contains("outrageous"), "{body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_again_with_the_same_id_and_body() {
    let endpoint = Endpoint::default();
    endpoint.statuses.lock().unwrap().extend([500, 503]);
    let url = endpoint.clone().start().await;
    let data = tempfile::tempdir().unwrap();
    let config = to(config_in(data.path()), &url);
    let telling = Telling { endpoints: vec!["crm".into()], escalation_from: 1.0 };
    let store = Store::open(&config.store_path(), 1).await.unwrap().telling(telling);
    let sender = Arc::new(Sender::new(&config.webhooks).unwrap());
    store.tell(EventKind::Test, json!({})).await.unwrap();
    let mut now = Timestamp::now();
    let mut pauses = Vec::new();
    loop {
        let due = store.due_deliveries(now.as_millisecond(), 9).await.unwrap();
        let delivery = due[0].clone();
        let sender = sender.clone();
        let sent = delivery.clone();
        let outcome =
            tokio::task::spawn_blocking(move || sender.attempt(&sent, now)).await.unwrap();
        store.attempted(&delivery, &outcome).await.unwrap();
        let Attempted::Again(next, problem) = outcome else { break };
        assert!(problem.contains("50"), "{problem}");
        pauses.push((next - now.as_millisecond()) / 1000);
        assert!(store.due_deliveries(next - 1, 9).await.unwrap().is_empty(), "not before its time");
        now = Timestamp::from_millisecond(next).unwrap();
    }
    assert!(pauses[0] >= 5 && pauses[0] < 6 && pauses[1] >= 300 && pauses[1] <= 330, "{pauses:?}");
    let received = endpoint.received.lock().unwrap().clone();
    assert_eq!(received.len(), 3);
    for (headers, body) in received.iter() {
        assert_eq!((&headers["webhook-id"], body), (&received[0].0["webhook-id"], &received[0].1));
    }
    assert_eq!(store.deliveries(9).await.unwrap()[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn what_was_given_up_waits_for_a_replay_over_http() {
    let endpoint = Endpoint::default();
    endpoint.statuses.lock().unwrap().push(410);
    let url = endpoint.clone().start().await;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(to(config_in(data.path()), &url)).await;
    let admin = site_token(json!({ "role": "admin", "sub": "Root" }));
    let ask = async |line: &str, body: &str| {
        let request = format!(
            "{line}\nauthorization: Bearer {admin}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        let (status, _, answer) = server.http_with(&request, body).await;
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Value>(&answer).unwrap()
    };
    let id = ask("POST /v1/webhooks/test", "").await["id"].clone();
    let state = async |wanted: &str| {
        let waiting = async {
            loop {
                let all = ask("GET /v1/webhooks/deliveries", "").await;
                let found =
                    all["deliveries"].as_array().unwrap().iter().find(|it| it["id"] == id).cloned();
                if let Some(found) = found.filter(|found| found["state"] == wanted) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the state comes")
    };
    let dead = state("dead").await;
    assert!(dead["error"].as_str().unwrap().contains("410"), "{dead}");
    assert_eq!(ask("POST /v1/webhooks/replay", "{}").await["replayed"], 1);
    state("delivered").await;
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_sent_to_private_addresses_unless_the_settings_say_so() {
    let endpoint = Endpoint::default();
    let url = endpoint.clone().start().await;
    let data = tempfile::tempdir().unwrap();
    let telling = Telling { endpoints: vec!["crm".into()], escalation_from: 1.0 };
    let path = config_in(data.path()).store_path();
    let store = Store::open(&path, 1).await.unwrap().telling(telling);
    store.tell(EventKind::Test, json!({})).await.unwrap();
    let delivery = store.due_deliveries(i64::MAX, 9).await.unwrap().remove(0);
    let port = url.rsplit(':').next().unwrap().to_string();
    for place in ["https://127.0.0.1:", "https://localhost:", "https://[::1]:"] {
        let settings = WebhookConfig {
            endpoints: [("crm".to_string(), format!("{place}{port}"))].into(),
            secrets: [("crm".to_string(), SECRET.to_string())].into(),
            allow_private: false,
        };
        let (sender, delivery) = (Sender::new(&settings).unwrap(), delivery.clone());
        let attempt = move || sender.attempt(&delivery, Timestamp::now());
        let outcome = tokio::task::spawn_blocking(attempt).await.unwrap();
        let Attempted::Again(_, problem) = outcome else { panic!("{outcome:?}") };
        assert!(problem.contains("public address"), "{place}: {problem}");
    }
    assert!(endpoint.received.lock().unwrap().is_empty());
    let nameless =
        WebhookConfig { endpoints: [("crm".to_string(), url)].into(), ..WebhookConfig::default() };
    let error = Sender::new(&nameless).err().unwrap();
    assert!(error.to_string().contains("webhooks.secrets.crm"), "{error}");
}
