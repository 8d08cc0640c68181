//! What the widget is told before anybody says a word, and what customers say of themselves.

use serde_json::{Value, json};
use steward::config::live::LiveConfig;

use crate::client::{Server, config_in, site_token};

async fn widget(server: &Server, query: &str) -> (u16, Value) {
    let (status, _, body) = server.http(&format!("GET /v1/widget{query}")).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_widget_is_told_its_looks_words_hours_and_files() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.server.allowed_origins = vec!["https://shop.example".into()];
    config.widget.heading = "Ask us".into();
    config.widget.accent = "#FFCC00".into();
    config.widget.suggestions = vec!["Where is my order?".into()];
    config.widget.hours.timezone = "Europe/Berlin".into();
    for day in [
        &mut config.widget.hours.monday,
        &mut config.widget.hours.tuesday,
        &mut config.widget.hours.wednesday,
        &mut config.widget.hours.thursday,
        &mut config.widget.hours.friday,
        &mut config.widget.hours.saturday,
        &mut config.widget.hours.sunday,
    ] {
        *day = "00:00-24:00".into();
    }
    let server = Server::start(config).await;
    let (status, body) = widget(&server, "").await;
    assert_eq!(
        (status, &body["heading"], &body["suggestions"]),
        (200, &json!("Ask us"), &json!(["Where is my order?"]))
    );
    assert_eq!(body["hours"], json!({ "open": true, "next_open_ms": null }));
    // Yellow: black on it, itself on dark, and something darker on light.
    assert_eq!((&body["accent"], &body["accent_text"]), (&json!("#ffcc00"), &json!("#000000")));
    assert_eq!(body["accent_on_dark"], "#ffcc00");
    assert_ne!(body["accent_on_light"], "#ffcc00");
    assert_eq!(body["files"]["types"][0], "image/png");
    assert_eq!(body["people_online"], false);
    let (_, conversation) = server.join(&server.visitor(), None).await;
    let agent = site_token(json!({ "role": "agent", "sub": "Ada" }));
    let agent = server.join(&agent, Some(&conversation)).await;
    assert_eq!(widget(&server, "").await.1["people_online"], true);
    drop(agent);

    assert_eq!(widget(&server, "?token=x").await.0, 400);
    let (_, head, _) = server.http("GET /v1/widget\norigin: https://shop.example\r\n").await;
    assert!(head.contains("access-control-allow-origin: https://shop.example"), "{head}");
    let (_, head, _) = server.http("GET /v1/widget\norigin: https://evil.example\r\n").await;
    assert!(!head.contains("access-control-allow-origin"), "{head}");
    server.stop().await;
}

#[tokio::test]
async fn a_page_without_a_known_token_is_refused_once_there_are_any_and_a_reload_takes_effect() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.widget.websites.insert("shop".into(), "shop-0123456789".into());
    config.widget.files = false;
    let server = Server::start(config).await;
    assert_eq!(widget(&server, "?website_token=shop-0123456789").await.0, 200);
    for wrong in ["", "?website_token=", "?website_token=shop-012345678"] {
        assert_eq!(widget(&server, wrong).await.0, 403, "{wrong}");
    }
    let live: &LiveConfig = &server.state.chat().config;
    assert_eq!(live.now().widget.websites.len(), 1);
    let visitor = server.visitor();
    let (_, conversation) = server.join(&visitor, None).await;
    let request = format!(
        "POST /v1/conversations/{conversation}/files?id=f\nauthorization: Bearer {visitor}\r\ncontent-length: 2\r\n"
    );
    assert_eq!(server.http_with(&request, "hi").await.0, 403, "no files are taken");
    server.stop().await;
}

#[tokio::test]
async fn what_a_customer_says_of_themselves_is_kept_masked_and_proves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let put = async |token: &str, body: Value| {
        let body = body.to_string();
        let request = format!(
            "PUT /v1/conversations/{conversation}/attributes\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n",
            body.len()
        );
        let (status, _, answer) = server.http_with(&request, &body).await;
        (status, serde_json::from_str::<Value>(&answer).unwrap_or(Value::Null))
    };
    let body = json!({ "name": "Jo Bloggs", "email": "jo@example.com", "custom": { "customer_id": "C-1001", "card": "4111 1111 1111 1111" } });
    let (status, kept) = put(&visitor, body).await;
    assert_eq!(
        (status, &kept["name"], &kept["custom"]["customer_id"]),
        (200, &json!("Jo Bloggs"), &json!("C-1001"))
    );
    assert!(!kept.to_string().contains("1111 1111"), "{kept}");
    let (_, kept) =
        put(&visitor, json!({ "email": "", "custom": { "card": null, "vip": true } })).await;
    assert_eq!(
        kept,
        json!({ "name": "Jo Bloggs", "email": null, "custom": { "customer_id": "C-1001", "vip": true } })
    );
    for (body, expected) in [
        (json!({ "email": "nobody" }), "`email`"),
        (json!({ "custom": { "a": [1] } }), "custom.a"),
        (json!({ "role": "admin" }), "role"),
    ] {
        let (status, answer) = put(&visitor, body).await;
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(expected), "{status} {message}");
    }
    let many: serde_json::Map<String, Value> =
        (0..29).map(|number| (format!("k{number}"), json!(1))).collect();
    let (status, answer) = put(&visitor, json!({ "custom": many })).await;
    assert!(status == 400 && answer.to_string().contains("30"), "{answer}");
    assert_eq!(put(&server.visitor(), json!({ "name": "Eve" })).await.0, 404);
    assert_eq!(
        put(&site_token(json!({ "role": "agent", "sub": "Ada" })), json!({ "name": "Eve" }))
            .await
            .0,
        403
    );
    // Whoever says to be somebody is still a visitor.
    customer.say("m1", "Where is my order?").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!(reply["citations"], json!([]), "{reply}");
    server.stop().await;
}
