//! People of the company sign in to Steward itself: passwords, sessions, sockets, keys, and the commands beside the server.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward::config::Config;
use steward::store::audit::Actor;
use steward::team::{Key, Role};

use crate::browser::{Browser, PASSWORD, add_member};
use crate::client::{Server, config_in, site_token};

const OTHER_PASSWORD: &str = "seven slow brown owls";
/// Within this much of a change elsewhere a socket is closed.
const SOON: Duration = Duration::from_secs(3);

/// `steward team …` on a data directory that may be in use; `input` is its standard input.
async fn steward_team(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.arg("team").args(arguments).arg("--data-dir").arg(data_dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap()
}

/// Settings of a server behind a proxy, so that its clients have addresses.
fn config_behind_a_proxy(data_dir: &Path) -> Config {
    let mut config = config_in(data_dir);
    config.server.trust_forwarded_for = true;
    config
}

async fn signed_in(server: &Server, name: &str, role: Role) -> Browser {
    add_member(server, name, role).await;
    let mut browser = Browser::new(server);
    let answer = browser.sign_in(name, PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    browser
}

async fn socket_token(browser: &mut Browser) -> String {
    let answer = browser.post("/v1/team/socket-token", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["token"].as_str().unwrap().to_string()
}

/// A customer's conversation.
async fn conversation(server: &Server) -> String {
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do returns take?").await;
    customer.until("reply").await;
    conversation
}

fn holds(directory: &Path, word: &str) -> bool {
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(at) = waiting.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(word.len()).any(|at| at == word.as_bytes()) {
                return true;
            }
        }
    }
    false
}

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
async fn guessing_is_slowed_and_cannot_keep_a_member_out_of_a_known_browser() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_behind_a_proxy(data.path());
    config.team.free_failures = 3;
    config.team.first_wait_seconds = 600;
    let server = Server::start(config.clone()).await;
    add_member(&server, "ada", Role::Agent).await;
    let mut known = Browser::from(&server, "198.51.100.1");
    assert_eq!(known.sign_in("ada", PASSWORD).await.status, 200);

    // A known name and an unknown one are answered alike.
    let answers_to = async |name: &str, address: &str| {
        let mut stranger = Browser::from(&server, address);
        let mut answers = Vec::new();
        for _ in 0..4 {
            let answer = stranger.sign_in(name, "not the password").await;
            let waits = answer.body["error"]["retry_after_ms"].as_i64().map(|ms| ms > 500_000);
            let error = &answer.body["error"];
            answers.push(format!(
                "{} {} {} {waits:?}",
                answer.status, error["code"], error["message"]
            ));
        }
        answers
    };
    let of_known = answers_to("ada", "203.0.113.1").await;
    assert_eq!(of_known, answers_to("zebulon", "203.0.113.2").await);
    assert!(of_known[1].starts_with("401") && of_known[1].ends_with("None"), "{of_known:?}");
    assert!(of_known[2].starts_with("401") && of_known[2].ends_with("Some(true)"));
    assert!(of_known[3].starts_with("429 \"rate_limited\"") && of_known[3].ends_with("Some(true)"));

    // The name is slowed for every stranger, the address for every name; the right password is no way round.
    let mut elsewhere = Browser::from(&server, "203.0.113.3");
    assert_eq!(elsewhere.sign_in("Ada", PASSWORD).await.status, 429);
    assert_eq!(elsewhere.sign_in("ben", PASSWORD).await.status, 401);
    assert_eq!(Browser::from(&server, "203.0.113.1").sign_in("ben", "x").await.status, 429);
    // But not for the browser in which she signed in before, wherever it is.
    let forwarded = "x-forwarded-for: 203.0.113.1\r\n".to_string();
    let mut at_home = Browser { more: forwarded, ..known.clone() };
    assert_eq!(at_home.sign_in("ada", PASSWORD).await.status, 200);

    // Waits outlast a restart, and an admin may end one.
    server.stop().await;
    let server = Server::start(config).await;
    let mut elsewhere = Browser::from(&server, "203.0.113.4");
    assert_eq!(elsewhere.sign_in("ada", PASSWORD).await.status, 429);
    let output = steward_team(data.path(), &["unlock", "ADA"], "").await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(elsewhere.sign_in("ada", PASSWORD).await.status, 200);
    let entries = server.state.chat().store.audit_entries(100).await.unwrap();
    let locked: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "sign_in_locked")
        .map(|entry| entry.subject.as_str())
        .collect();
    assert_eq!(locked, ["ada", "an unknown name"]);
    server.stop().await;
    assert!(!holds(data.path(), "not the password") && !holds(data.path(), "zebulon"));
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
async fn what_is_taken_back_ends_the_socket_at_once_and_takes_no_frame_after_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let conversation = conversation(&server).await;
    let mut admin = signed_in(&server, "root", Role::Admin).await;
    let made = admin.post("/v1/team/keys", json!({ "name": "reports", "role": "agent" })).await;
    assert_eq!(made.status, 201);
    let key = made.body["key"].as_str().unwrap().to_string();
    let key_id = made.body["id"].as_str().unwrap().to_string();
    let key_path = format!("/v1/team/keys/{key_id}");
    let reset = json!({ "password": OTHER_PASSWORD });
    for (who, method, path, body) in [
        ("asa", "PATCH", "/v1/team/members/asa", json!({ "disabled": true })),
        ("ben", "PATCH", "/v1/team/members/ben", json!({ "role": "agent" })),
        ("cleo", "PUT", "/v1/team/members/cleo/password", reset),
        ("key", "DELETE", key_path.as_str(), Value::Null),
    ] {
        let token = match who {
            "key" => key.clone(),
            member => socket_token(&mut signed_in(&server, member, Role::Admin).await).await,
        };
        let (mut socket, _) = server.join(&token, Some(&conversation)).await;
        socket.send(json!({ "type": "take_over", "from_another": true })).await;
        socket.until("event").await;
        assert_eq!(admin.send(method, path, body).await.status, 204, "{who}");
        let _ = futures_util::SinkExt::send(
            &mut socket.socket,
            tokio_tungstenite::tungstenite::Message::text(
                json!({ "type": "message", "id": who, "text": "too late" }).to_string(),
            ),
        )
        .await;
        let asked = Instant::now();
        assert_eq!(socket.close_code().await, Some(4401), "{who}");
        assert!(asked.elapsed() < SOON, "{who}: {:?}", asked.elapsed());
    }
    let messages = server.state.chat().store.messages_after(&conversation, 0, 99).await.unwrap();
    assert!(messages.iter().all(|message| message.text != "too late"), "{messages:?}");
    let bearer = format!("authorization: Bearer {key}\r\n");
    let desk = admin.ask("GET", "/v1/desk/conversations", &bearer, Value::Null).await;
    assert_eq!(desk.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_command_beside_the_server_is_seen_by_it() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.waiting_messages = 100;
    let server = Server::start(config).await;
    let conversation = conversation(&server).await;
    let input = format!("{PASSWORD}\n");
    let added =
        steward_team(data.path(), &["add", "ada", "--role", "agent", "--password-stdin"], &input);
    let added = added.await;
    assert!(added.status.success(), "{added:?}");
    let mut browser = Browser::new(&server);
    assert_eq!(browser.sign_in("ada", PASSWORD).await.status, 200);
    let key = steward_team(data.path(), &["keys", "add", "reports", "--role", "agent"], "").await;
    let key = String::from_utf8(key.stdout).unwrap().trim().to_string();
    let (mut socket, _) = server.join(&socket_token(&mut browser).await, Some(&conversation)).await;

    // The customer writes all the while: neither process keeps the other from its file.
    let visitor = server.visitor();
    let (mut customer, _) = server.join(&visitor, None).await;
    let disabled = steward_team(data.path(), &["disable", "ada"], "");
    let (disabled, ()) = tokio::join!(disabled, async {
        for at in 0..20 {
            customer.say(&format!("m{at}"), "Hello").await;
            let (ack, _) = customer.until("ack").await;
            assert_eq!(ack["id"], format!("m{at}"));
        }
    });
    assert!(disabled.status.success(), "{disabled:?}");
    let asked = Instant::now();
    assert_eq!(socket.close_code().await, Some(4401));
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(browser.get("/v1/team/session").await.status, 401);
    assert_eq!(browser.sign_in("ada", PASSWORD).await.status, 401);

    // A key made there works here, and ends there.
    let (mut program, _) = server.join(&key, Some(&conversation)).await;
    let id = key.split('_').nth(1).unwrap();
    let revoked = steward_team(data.path(), &["keys", "revoke", id], "").await;
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(program.close_code().await, Some(4401));
    let store = &server.state.chat().store;
    let operator = Actor::Operator.to_string();
    let acts: Vec<_> = store
        .audit_entries(100)
        .await
        .unwrap()
        .into_iter()
        .filter(|entry| entry.actor == operator)
        .map(|entry| entry.action)
        .collect();
    assert_eq!(acts, ["add_member", "add_key", "disable_member", "revoke_key"]);
    store.verify_audit(None).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn the_first_admin_is_made_at_the_terminal_before_anything_is_served() {
    let data = tempfile::tempdir().unwrap();
    let add = ["add", "root", "--role", "admin", "--password-stdin"];
    let run = async |arguments: &[&str], input: &str| {
        let output = steward_team(data.path(), arguments, input).await;
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), words(&output.stdout), words(&output.stderr))
    };
    for weak in ["short\n", "password1234\n", "root-root-12\n", "\n"] {
        let (code, out, errors) = run(&add, weak).await;
        assert_eq!(code, Some(1), "{weak}: {out}");
        let repeated = !weak.trim().is_empty() && errors.contains(weak.trim());
        assert!(errors.contains("password") && !repeated, "{errors}");
    }
    let (code, _, errors) = run(&add, &format!("{PASSWORD}\r\n")).await;
    assert_eq!(code, Some(0), "{errors}");
    let (code, _, errors) = run(&add, &format!("{PASSWORD}\n")).await;
    assert!(code == Some(1) && errors.contains("already"), "{errors}");
    for arguments in [["disable", "root"].as_slice(), &["role", "root", "agent"]] {
        let (code, _, errors) = run(arguments, "").await;
        assert!(code == Some(1) && errors.contains("last admin"), "{errors}");
    }
    let (_, list, _) = run(&["list"], "").await;
    let member: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&member["name"], &member["role"]), (&json!("root"), &json!("admin")));
    assert!(!list.contains("argon2"), "{list}");
    let (code, _, errors) = run(&["add", "ben", "--role", "agent"], "").await;
    assert!(code == Some(1) && errors.contains("--password-stdin"), "{errors}");
    let (code, ..) = run(&["add", "ben", "--role", "owner"], "").await;
    assert_eq!(code, Some(2));

    let server = Server::start(config_in(data.path())).await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.sign_in("root", PASSWORD).await.body["role"], "admin");
    server.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_sessions_and_keys_and_a_restore_ends_sessions() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let mut browser = signed_in(&server, "ada", Role::Admin).await;
    let body = json!({ "name": "reports", "role": "agent", "expires_in_days": 30 });
    let key = browser.post("/v1/team/keys", body).await.body["key"].as_str().unwrap().to_string();
    server.stop().await;

    let server = Server::start(config.clone()).await;
    let mut again = Browser { host: browser.host.clone(), ..Browser::new(&server) };
    (again.cookies, again.csrf_token) = (browser.cookies.clone(), browser.csrf_token.clone());
    let bearer = format!("authorization: Bearer {key}\r\n");
    assert_eq!(again.ask("GET", "/v1/desk/conversations", &bearer, Value::Null).await.status, 200);
    let list = again.get("/v1/team/keys").await;
    assert_eq!(list.status, 200, "{list:?}");
    assert!(list.body["keys"][0]["expires_ms"].is_i64());
    assert!(list.body["keys"][0].get("secret_hash").is_none(), "{list:?}");
    assert_eq!(again.post("/v1/team/socket-token", json!({})).await.status, 200);
    server.stop().await;

    let backups = tempfile::tempdir().unwrap();
    let target = backups.path().join("monday");
    steward::backup::back_up(data.path(), &config.store_path(), &target).await.unwrap();
    steward::backup::restore(&target, data.path(), &config.store_path()).await.unwrap();
    let server = Server::start(config).await;
    let mut restored = Browser::new(&server);
    (restored.cookies, restored.csrf_token) = (browser.cookies, browser.csrf_token);
    assert_eq!(restored.get("/v1/team/session").await.status, 401);
    assert_eq!(restored.sign_in("ada", PASSWORD).await.status, 200);
    let used = restored.get("/v1/team/keys").await;
    assert!(used.body["keys"][0]["used_ms"].is_i64(), "kept when the server stopped: {used:?}");
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
