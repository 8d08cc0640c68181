//! The REST routes and the pages.

use serde_json::Value;
use steward::demo_data;

use crate::client::{Server, config_in};

#[tokio::test]
async fn a_visitors_token_opens_a_conversation() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.tokens_per_minute = 2;
    let server = Server::start(config).await;
    for _ in 0..2 {
        let (status, _, body) = server.http("POST /v1/visitors").await;
        assert_eq!(status, 200);
        let body: Value = serde_json::from_str(&body).unwrap();
        server.join(body["token"].as_str().unwrap(), None).await;
    }
    let (status, head, _) = server.http("POST /v1/visitors").await;
    assert_eq!(status, 429);
    assert!(head.contains("retry-after: "));
    server.stop().await;
}

#[tokio::test]
async fn health_metrics_and_the_description_are_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (status, _, body) = server.http("GET /v1/health").await;
    assert_eq!(status, 200);
    let health: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&health["status"], &health["ready"]), (&"ok".into(), &true.into()));
    let (mut client, _) = server.join(&server.visitor(), None).await;
    client.say("m", "Hello").await;
    client.until("reply").await;
    let (_, _, metrics) = server.http("GET /metrics").await;
    for name in
        ["steward_sockets", "steward_turns_total{", "steward_turn_seconds_bucket{stage=\"total\""]
    {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    let (_, _, description) = server.http("GET /v1/openapi.json").await;
    let description: Value = serde_json::from_str(&description).unwrap();
    for path in ["/v1/chat", "/v1/visitors", "/v1/conversations/{id}/transcript", "/v1/health"] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_carry_the_headers_that_protect_them() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (status, head_of_start, _) = server.http("GET /").await;
    assert_eq!(status, 200, "{head_of_start}");
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self'",
        "x-content-type-options: nosniff",
        "referrer-policy: ",
        "permissions-policy: camera=()",
        "cross-origin-opener-policy: same-origin",
        "content-type: text/html; charset=utf-8",
    ] {
        assert!(head_of_start.contains(header), "{header} in {head_of_start}");
    }
    let (_, head, _) = server.http("POST /v1/visitors").await;
    assert!(head.contains("cache-control: no-store"), "tokens stay out of caches: {head}");
    let tag = head_of_start.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let again = server.http(&format!("GET /\nif-none-match: {tag}\r\n")).await;
    assert_eq!(again.0, 304);
    for path in ["/demo/../../Cargo.toml", "/widget/..%2f..%2fCargo.toml", "/nothing", "/demo/"] {
        assert_eq!(server.http(&format!("GET {path}")).await.0, 404, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_demo_signs_in_listed_customers_only_and_only_while_it_is_on() {
    let data = tempfile::tempdir().unwrap();
    let list = data.path().join("demo.toml");
    std::fs::write(&list, "[[customer]]\nid = \"c-1\"\nname = \"One\"\nnote = \"Two orders\"\n")
        .unwrap();
    let mut config = config_in(data.path());
    config.server.demo_customers = list.display().to_string();
    demo_data::mark_in_use(data.path()).unwrap();
    let server = Server::start(config.clone()).await;
    let sign_in = |customer: &str| {
        let body = format!("{{\"customer\":\"{customer}\"}}");
        format!("POST /v1/demo/sign-in\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let (_, _, customers) = server.http("GET /v1/demo/customers").await;
    let customers: Value = serde_json::from_str(&customers).unwrap();
    assert_eq!(customers["customers"][0]["note"], "Two orders");
    let (status, _, body) = server.http(&sign_in("c-1")).await;
    assert_eq!(status, 200, "{body}");
    let token: Value = serde_json::from_str(&body).unwrap();
    server.join(token["token"].as_str().unwrap(), None).await;
    assert_eq!(server.http(&sign_in("c-2")).await.0, 404);
    demo_data::end(data.path()).unwrap();
    assert_eq!(server.http(&sign_in("c-1")).await.0, 404, "other data was imported");
    assert_eq!(server.http("GET /v1/demo/customers").await.0, 404);
    demo_data::mark_in_use(data.path()).unwrap();
    server.stop().await;

    config.server.demo = false;
    let server = Server::start(config).await;
    assert_eq!(server.http("GET /v1/demo/customers").await.0, 404);
    assert_eq!(server.http(&sign_in("c-1")).await.0, 404);
    assert_eq!(server.http("GET /").await.0, 404);
    server.stop().await;
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_out_of_the_pages() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let outside = ["Cargo.toml", "etc/passwd", "demo/index.html", "widget/panel.js"];
    let ups = [
        "../",
        "../../../../",
        "%2e%2e/",
        "%2E%2E%2F",
        "..%2f",
        "..%5c",
        "..\\",
        "....//",
        "%252e%252e/",
        "/",
        "%2f",
        "./%00/",
        "%c0%ae%c0%ae/",
    ];
    for base in ["/widget/", "/demo/", "/widget/demo/"] {
        for (up, name) in ups.iter().flat_map(|up| outside.map(|name| (up, name))) {
            let (status, head, body) = server.http(&format!("GET {base}{up}{name}")).await;
            assert!([400, 404].contains(&status), "{base}{up}{name}: {status} {body}");
            let is_ours = head.contains("application/json") || body.is_empty();
            assert!(is_ours, "{base}{up}{name}: {head}");
        }
    }
    server.stop().await;
}
