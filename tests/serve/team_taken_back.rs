//! What keeps people of the company out: waits after guesses, what is taken back, commands beside the server, restarts and restores.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward::config::Config;
use steward::store::audit::Actor;
use steward::team::Role;

use crate::browser::{Browser, PASSWORD, add_member, conversation, holds, signed_in, socket_token};
use crate::client::{Server, config_in};

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
