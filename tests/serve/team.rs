//! People of the company sign in to Steward itself: passwords, sessions, cookies, keys.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward::store::audit::Actor;
use steward::team::{Key, Role};

use crate::browser::{Browser, PASSWORD, add_member, conversation, holds, signed_in, socket_token};
use crate::client::{Server, config_in, site_token};

const OTHER_PASSWORD: &str = "seven slow brown owls";

#[tokio::test]
async fn a_member_works_with_a_session_from_sign_in_to_sign_out() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do returns take?").await;
    customer.until("reply").await;
    let mut admin = signed_in(&server, "root", Role::Admin).await;
    let ada = json!({ "name": "Ada", "role": "agent", "password": OTHER_PASSWORD });
    assert_eq!(admin.post("/v1/team/members", ada.clone()).await.status, 201);
    assert_eq!(admin.post("/v1/team/members", ada).await.status, 409);

    let mut browser = Browser::new(&server);
    assert_eq!(browser.get("/v1/desk/conversations").await.status, 401);
    let session = browser.sign_in("ada", OTHER_PASSWORD).await;
    assert_eq!((&session.body["name"], &session.body["role"]), (&json!("Ada"), &json!("agent")));
    let again = browser.get("/v1/team/session").await;
    assert_eq!(again.body, session.body, "a page that was loaded anew gets its token again");
    assert_eq!(browser.get("/v1/desk/conversations").await.status, 200);
    assert_eq!(browser.get("/v1/team/members").await.status, 403);
    let path = format!("/v1/conversations/{conversation}/transcript");
    assert_eq!(browser.get(&path).await.body["messages"][0]["seq"], 1);

    let token = socket_token(&mut browser).await;
    assert_eq!(
        browser
            .ask("GET", &path, &format!("authorization: Bearer {token}\r\n"), Value::Null)
            .await
            .status,
        401,
        "a socket's token opens sockets alone"
    );
    let (mut socket, _) = server.join(&token, Some(&conversation)).await;
    socket.send(json!({ "type": "take_over" })).await;
    socket.until("event").await;
    socket.say("a1", "I'm looking into it.").await;
    socket.until("ack").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!((&reply["from"], &reply["text"]), (&json!("agent"), &json!("I'm looking into it.")));
    let holding = format!("/v1/conversations/{conversation}/holding");
    let body = json!({ "type": "give_back" });
    assert_eq!(browser.post(&holding, body).await.body["state"], "bot");

    let before = browser.clone();
    let out = browser.post("/v1/team/sign-out", json!({})).await;
    assert_eq!((out.status, out.cookie("steward_session")), (204, Some("")));
    assert_eq!(socket.close_code().await, Some(4401));
    let mut kept = before;
    assert_eq!(kept.get("/v1/desk/conversations").await.status, 401);
    assert_eq!(kept.post("/v1/team/socket-token", json!({})).await.status, 401);
    let mut late = server.connect().await;
    late.hello(&token, Some(&conversation), None).await;
    assert_eq!(late.error_code().await, "token_expired");

    let store = &server.state.chat().store;
    let entries = store.audit_entries(100).await.unwrap();
    let acts: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action.starts_with("sign") || entry.action.contains("member"))
        .map(|entry| (entry.actor.as_str(), entry.action.as_str()))
        .collect();
    let wanted = [
        ("operator", "add_member"),
        ("agent:root", "sign_in"),
        ("agent:root", "add_member"),
        ("agent:Ada", "sign_in"),
        ("agent:Ada", "sign_out"),
    ];
    assert_eq!(acts, wanted);
    store.verify_audit(None).await.unwrap();
    server.stop().await;
    for secret in [
        OTHER_PASSWORD,
        &kept.cookies["steward_session"],
        &kept.csrf_token,
        kept.csrf_token.get(..32).unwrap(),
    ] {
        assert!(!holds(data.path(), secret), "no secret is on disk");
    }
}

#[tokio::test]
async fn a_page_that_cannot_read_the_sessions_token_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.server.allowed_origins = vec!["https://shop.example".into()];
    let server = Server::start(config).await;
    let conversation = conversation(&server).await;
    let mut ada = signed_in(&server, "ada", Role::Admin).await;
    let ben = signed_in(&server, "ben", Role::Admin).await;
    let cookie = format!("cookie: steward_session={}\r\n", ada.cookies["steward_session"]);
    let own = format!("x-steward-csrf: {}\r\n", ada.csrf_token);
    let of_another = format!("x-steward-csrf: {}\r\n", ben.csrf_token);
    let holding = format!("/v1/conversations/{conversation}/holding");
    let take = json!({ "type": "take_over" });
    for (method, path, body) in [
        ("POST", holding.as_str(), take.clone()),
        ("POST", "/v1/team/keys", json!({ "name": "k", "role": "admin" })),
        ("POST", "/v1/team/sign-out", json!({})),
        ("PATCH", "/v1/team/members/ben", json!({ "disabled": true })),
        ("DELETE", "/v1/people/customer:C-1", Value::Null),
    ] {
        for more in [
            String::new(),
            of_another.clone(),
            "x-steward-csrf: \r\n".to_string(),
            format!("{own}origin: https://evil.test\r\n"),
            format!("{own}origin: https://shop.example\r\n"),
            format!("{own}origin: null\r\n"),
        ] {
            let headers = format!("{cookie}{more}");
            let answer = ada.ask(method, path, &headers, body.clone()).await;
            assert_eq!(answer.status, 401, "{method} {path} with {more}: {answer:?}");
        }
    }
    let foreign = format!("{cookie}origin: https://shop.example\r\n");
    assert_eq!(ada.ask("GET", "/v1/desk/conversations", &foreign, Value::Null).await.status, 401);
    let page = format!("{cookie}{own}origin: http://{}\r\n", server.address);
    assert_eq!(ada.ask("POST", &holding, &page, take).await.status, 200);
    // Nor does a strange page sign anybody in, as somebody else.
    let body = json!({ "name": "ben", "password": PASSWORD });
    for origin in ["https://shop.example", "https://evil.test"] {
        let headers = format!("origin: {origin}\r\n");
        let answer = ada.ask("POST", "/v1/team/sign-in", &headers, body.clone()).await;
        assert_eq!(answer.status, 403);
    }
    // A token that came in a header was put there on purpose: it needs no other.
    let token = site_token(json!({ "role": "agent", "sub": "Cleo" }));
    let bearer = format!("authorization: Bearer {token}\r\n{cookie}");
    let back = json!({ "type": "take_over", "from_another": true });
    assert_eq!(ada.ask("POST", &holding, &bearer, back).await.body["assignee"], "Cleo");
    server.stop().await;
}

#[tokio::test]
async fn cookies_are_guarded_and_a_planted_session_is_never_adopted() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    add_member(&server, "ada", Role::Agent).await;
    let mut browser = Browser { host: "desk.example".into(), ..Browser::new(&server) };
    let planted = "5".repeat(64);
    browser.cookies.insert("__Host-steward_session".into(), planted.clone());
    let answer = browser.sign_in("ada", PASSWORD).await;
    assert_eq!(answer.status, 200);
    for cookie in &answer.cookies {
        assert!(cookie.starts_with("__Host-steward_"), "{cookie}");
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
            assert!(cookie.contains(flag), "{flag} in {cookie}");
        }
        assert!(!cookie.to_lowercase().contains("domain"), "{cookie}");
    }
    let first = answer.cookie("__Host-steward_session").unwrap().to_string();
    assert!(first != planted && first.len() == 64);
    let first_browser = browser.clone();
    let mut with_planted = browser.clone();
    with_planted.cookies.insert("__Host-steward_session".into(), planted);
    assert_eq!(with_planted.get("/v1/team/session").await.status, 401);
    assert_eq!(browser.get("/v1/team/session").await.status, 200);

    // Another sign-in of the same browser is another session, and ends the first.
    let second = browser.sign_in("ada", PASSWORD).await;
    assert_ne!(second.cookie("__Host-steward_session"), Some(first.as_str()));
    assert_eq!(browser.get("/v1/team/session").await.status, 200);
    assert_eq!(first_browser.clone().get("/v1/team/session").await.status, 401);
    // One of another browser does not.
    let mut other = Browser { host: "desk.example".into(), ..Browser::new(&server) };
    other.sign_in("ada", PASSWORD).await;
    assert_eq!(browser.get("/v1/team/session").await.status, 200);

    let mut local = Browser { host: format!("localhost:{}", server.address.port()), ..other };
    let answer = local.sign_in("ada", PASSWORD).await;
    assert!(answer.cookies.iter().all(|cookie| !cookie.contains("Secure")), "{answer:?}");
    server.stop().await;
}

#[tokio::test]
async fn guesses_sent_at_once_are_not_more_than_guesses_one_by_one() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.team.free_failures = 3;
    config.team.first_wait_seconds = 600;
    config.team.longest_wait_seconds = 600;
    let server = Server::start(config).await;
    add_member(&server, "ada", Role::Agent).await;
    let guesses = (0..40).map(|_| {
        let mut stranger = Browser::new(&server);
        async move { stranger.sign_in("ada", "not the password").await.status }
    });
    let statuses = futures_util::future::join_all(guesses).await;
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!(looked_at <= 3, "{statuses:?}");
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_the_old_password() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut here = signed_in(&server, "ada", Role::Agent).await;
    let mut there = Browser::new(&server);
    assert_eq!(there.sign_in("ADA", PASSWORD).await.status, 200);
    let change = |old: &str, new: &str| json!({ "old_password": old, "new_password": new });
    for (body, status) in [
        (change("not the password", OTHER_PASSWORD), 401),
        (change(PASSWORD, "short"), 400),
        (change(PASSWORD, "ada-ada-ada-ada"), 400),
        (change(PASSWORD, OTHER_PASSWORD), 204),
    ] {
        let answer = here.post("/v1/team/password", body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        let said = answer.body.to_string();
        assert!(!said.contains(PASSWORD) && !said.contains(OTHER_PASSWORD), "{said}");
    }
    assert_eq!(here.get("/v1/team/session").await.status, 200);
    assert_eq!(there.get("/v1/team/session").await.status, 401);
    assert_eq!(there.sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(there.sign_in("ada", OTHER_PASSWORD).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn an_unused_session_ends_and_so_does_one_that_is_used_for_too_long() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.team.session_idle_seconds = 2;
    config.team.session_seconds = 5;
    let server = Server::start(config).await;
    let conversation = conversation(&server).await;
    let mut idle = signed_in(&server, "ada", Role::Agent).await;
    let mut used = signed_in(&server, "ben", Role::Agent).await;
    let began = Instant::now();
    let (mut socket, _) = server.join(&socket_token(&mut used).await, Some(&conversation)).await;
    while began.elapsed() < Duration::from_secs(3) {
        assert_eq!(used.get("/v1/team/session").await.status, 200);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(idle.get("/v1/team/session").await.status, 401);
    assert_eq!(socket.close_code().await, Some(4401));
    assert!(began.elapsed() > Duration::from_secs(3), "requests keep the socket's session alive");
    let mut over = used.get("/v1/team/session").await.status;
    while over == 200 && began.elapsed() < Duration::from_secs(8) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        over = used.get("/v1/team/session").await.status;
    }
    assert_eq!(over, 401);
    server.stop().await;
}

#[tokio::test]
async fn the_last_admin_stays_one() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut root = signed_in(&server, "root", Role::Admin).await;
    add_member(&server, "ada", Role::Agent).await;
    let path = "/v1/team/members/root";
    for body in [json!({ "disabled": true }), json!({ "role": "agent" })] {
        assert_eq!(root.send("PATCH", path, body).await.status, 409);
    }
    let promoted = root.send("PATCH", "/v1/team/members/ada", json!({ "role": "admin" })).await;
    assert_eq!(promoted.status, 204);
    assert_eq!(root.send("PATCH", path, json!({ "role": "agent" })).await.status, 204);
    assert_eq!(root.get("/v1/team/members").await.status, 403, "at once, with the same session");
    assert_eq!(root.send("PATCH", "/v1/team/members/x", json!({})).await.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_is_over_or_made_up_opens_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut admin = signed_in(&server, "root", Role::Admin).await;
    let store = &server.state.chat().store;
    let (mut over, over_text) = Key::new("over", Role::Admin, Some(1), "operator").unwrap();
    over.expires_ms = Some(over.created_ms);
    store.add_key(&over, &Actor::Operator).await.unwrap();
    let made = admin.post("/v1/team/keys", json!({ "name": "good", "role": "admin" })).await;
    let good = made.body["key"].as_str().unwrap().to_string();
    let (id, secret) = good.strip_prefix("stw_").unwrap().split_once('_').unwrap();
    let changed = format!("stw_{id}_{}0", &secret[..secret.len() - 1]);
    let of_another = format!("stw_{}_{secret}", over.id);
    for (key, status) in [
        (good.as_str(), 200),
        (over_text.as_str(), 401),
        (if changed == good { "stw__" } else { changed.as_str() }, 401),
        (of_another.as_str(), 401),
        ("stw_", 401),
    ] {
        let headers = format!("authorization: Bearer {key}\r\n");
        let answer = admin.ask("GET", "/v1/team/members", &headers, Value::Null).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // A key has no session.
    let headers = format!("authorization: Bearer {good}\r\n");
    let answer = admin.ask("POST", "/v1/team/socket-token", &headers, json!({})).await;
    assert_eq!(answer.status, 403);
    assert!(!holds(data.path(), secret));
    server.stop().await;
}
