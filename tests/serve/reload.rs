//! Settings that change while the server runs.

use serde_json::json;

use crate::client::{Server, config_in, connect_from, signed, site_token};

const NEW_SECRET: &str = "another secret that only the site and steward know";

#[tokio::test]
async fn a_secret_taken_out_ends_the_sockets_that_came_by_it() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let (mut by_old, conversation) =
        server.join(&site_token(json!({ "external_id": "C-1" })), None).await;
    let (mut visitor, _) = server.join(&server.visitor(), None).await;

    // Rotation: the new secret beside the old one, then in its place.
    config.identity.secrets.insert("site-2".into(), NEW_SECRET.into());
    let taken = server.state.reload(&config).unwrap();
    assert_eq!((taken.changed, taken.needs_restart), (vec!["identity.secrets".into()], vec![]));
    by_old.say("m1", "Hello").await;
    by_old.until("ack").await;
    let claims = json!({ "external_id": "C-1", "exp": jsonwebtoken::get_current_timestamp() + 60 });
    let (mut by_new, _) =
        server.join(&signed("site-2", NEW_SECRET, &claims), Some(&conversation)).await;
    config.identity.secrets.remove("site-1");
    server.state.reload(&config).unwrap();
    assert_eq!(by_old.error_code().await, "token_refused");
    assert_eq!(by_old.close_code().await, Some(4401));
    let mut again = server.connect().await;
    again.hello(&site_token(json!({ "external_id": "C-1" })), Some(&conversation), None).await;
    assert_eq!(again.error_code().await, "token_refused");
    for (client, id) in [(&mut by_new, "m2"), (&mut visitor, "m3")] {
        client.say(id, "Hello").await;
        client.until("ack").await;
    }
    server.stop().await;
}

#[tokio::test]
async fn safe_settings_hold_at_once_and_unusable_ones_change_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let page = "https://shop.example";
    assert_eq!(connect_from(&server, page).await.err(), Some(403));
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    config.server.allowed_origins = vec![page.into()];
    config.server.max_message_chars = 5;
    config.limits.tokens_per_minute = 1;
    config.privacy.mask.clear();
    config.server.demo = !config.server.demo;
    let taken = server.state.reload(&config).unwrap();
    let changed = [
        "limits.tokens_per_minute",
        "privacy.mask",
        "server.allowed_origins",
        "server.max_message_chars",
    ];
    assert_eq!(taken.changed, changed);
    assert_eq!(taken.needs_restart, ["server.demo"]);
    assert!(connect_from(&server, page).await.is_ok());
    customer.say("m1", "What does the warranty cover?").await;
    assert_eq!(customer.error_code().await, "message_too_long");
    let statuses =
        [server.http("POST /v1/visitors").await.0, server.http("POST /v1/visitors").await.0];
    assert_eq!(statuses, [200, 429]);

    let before = server.state.chat().config.now();
    config.server.max_message_chars = 50;
    config.webhooks.endpoints.insert("crm".into(), "https://crm.example".into());
    let error = server.state.reload(&config).unwrap_err();
    assert!(error.to_string().contains("webhooks.secrets.crm"), "{error}");
    assert_eq!(*server.state.chat().config.now(), *before);
    server.stop().await;
}
