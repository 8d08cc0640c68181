//! What open desks and sockets are told as it happens: changes, who looks where, who is writing, what was read; and when it ends.

use std::time::Duration;

use serde_json::{Value, json};
use steward::team::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::browser::{Browser, signed_in, socket_token};
use crate::client::{PATIENCE, Server, config_in, site_token};

/// An open stream of server-sent events.
struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    async fn open(server: &Server, headers: &str) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET /v1/desk/events HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n",
            server.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut events = Self { stream, text: String::new() };
        while !events.text.contains("\r\n\r\n") {
            assert!(events.read().await, "{}", events.text);
        }
        assert!(events.text.starts_with("HTTP/1.1 200"), "{}", events.text);
        assert!(events.text.contains("text/event-stream"), "{}", events.text);
        events
    }

    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("an event in time");
        let read = read.unwrap_or(0);
        self.text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    /// The next event of this name; `None` if the stream ends before.
    async fn next(&mut self, name: &str) -> Option<Value> {
        let mark = format!("event: {name}\n");
        loop {
            if let Some(at) = self.text.find(&mark)
                && let Some(end) = self.text[at..].find("\n\n")
            {
                let event = self.text[at..at + end].to_string();
                self.text.drain(..at + end);
                let data = event.split_once("data: ").unwrap().1;
                return Some(serde_json::from_str(data).unwrap());
            }
            if !self.read().await {
                return None;
            }
        }
    }

    async fn entry_where(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let entry = self.next("conversation").await.expect("the stream goes on");
            if holds(&entry) {
                return entry;
            }
        }
    }
}

#[tokio::test]
async fn a_desk_is_told_of_messages_judgements_takeovers_and_notes() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut ada = signed_in(&server, "Ada", Role::Admin).await;
    let mut ben = signed_in(&server, "Ben", Role::Agent).await;
    let mut desk = Events::open(&server, &ben.headers()).await;
    let team = desk.next("team").await.unwrap();
    assert!(team["members"].as_array().unwrap().iter().any(|one| one["name"] == "Ben"), "{team}");

    let owner = site_token(json!({ "external_id": "C-gone" }));
    let (mut customer, conversation) = server.join(&owner, None).await;
    customer.say("m1", "I want to talk to a human, please.").await;
    let entry =
        desk.entry_where(|entry| entry["state"] == "queued" && entry["escalation"].is_f64()).await;
    assert_eq!(entry["conversation"], conversation.as_str());
    assert_eq!(entry["preview_from"], "steward");

    let take = json!({ "type": "take_over" });
    ada.post(&format!("/v1/conversations/{conversation}/holding"), take).await;
    desk.entry_where(|entry| entry["assignee"] == "Ada").await;
    let team = desk.next("team").await.unwrap();
    let ada_has = |one: &Value| one["name"] == "Ada" && one["holding"] == 1;
    assert!(team["members"].as_array().unwrap().iter().any(ada_has), "{team}");

    let path = format!("/v1/conversations/{conversation}/notes");
    ada.post(&path, json!({ "id": "n1", "text": "@ben see this" })).await;
    assert_eq!(desk.next("note").await.unwrap()["id"], "n1");
    assert_eq!(desk.next("mention").await.unwrap()["id"], "n1");
    let entry = desk.entry_where(|entry| entry["unread_mentions"] == 1).await;
    assert_eq!(entry["conversation"], conversation.as_str());
    // A whisper to oneself by another's desk: told to nobody else.
    ada.post(&path, json!({ "id": "w1", "text": "for me", "whisper_to": "Ada" })).await;
    ada.post(&path, json!({ "id": "n2", "text": "for all" })).await;
    assert_eq!(desk.next("note").await.unwrap()["id"], "n2");

    ada.send("DELETE", "/v1/people/customer:C-gone", Value::Null).await;
    assert_eq!(desk.next("removed").await.unwrap()["conversation"], conversation.as_str());
    let _ = ben.get("/v1/desk/tags").await;
    server.stop().await;
    assert_eq!(desk.next("never").await, None, "it ends with the server");
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let mut desk = Events::open(&server, &ada.headers()).await;
    desk.next("ping").await.unwrap();
    assert_eq!(ada.post("/v1/team/sign-out", json!({})).await.status, 204);
    assert_eq!(timeout(Duration::from_secs(5), desk.next("never")).await.unwrap(), None);
    server.stop().await;
}

async fn presence(browser: &mut Browser, conversation: &Value, doing: &str, tab: &str) -> u16 {
    let body = json!({ "conversation": conversation, "doing": doing, "tab": tab });
    browser.post("/v1/desk/presence", body).await.status
}

#[tokio::test]
async fn colleagues_see_who_looks_at_a_conversation() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let conversation = crate::browser::conversation(&server).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let mut ben = signed_in(&server, "Ben", Role::Agent).await;
    let mut desk = Events::open(&server, &ben.headers()).await;
    let here = json!(conversation);
    assert_eq!(presence(&mut ada, &here, "viewing", "t1").await, 204);
    let told = desk.next("presence").await.unwrap();
    assert_eq!(
        told,
        json!({ "conversation": conversation, "viewers": [{ "name": "Ada", "doing": "viewing" }] })
    );
    presence(&mut ada, &here, "typing", "t1").await;
    assert_eq!(desk.next("presence").await.unwrap()["viewers"][0]["doing"], "typing");
    let entry = ben.get(&format!("/v1/conversations/{conversation}")).await.body;
    assert_eq!(entry["viewers"], json!([{ "name": "Ada", "doing": "typing" }]));
    presence(&mut ada, &Value::Null, "viewing", "t1").await;
    assert_eq!(desk.next("presence").await.unwrap()["viewers"], json!([]));
    assert_eq!(presence(&mut ada, &json!("none"), "viewing", "").await, 404);
    assert_eq!(presence(&mut ada, &here, "dancing", "").await, 400);
    assert_eq!(presence(&mut ada, &here, "viewing", &"x".repeat(65)).await, 400);
    server.stop().await;
}

#[tokio::test]
async fn both_sides_see_who_is_writing_and_what_was_read() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = server.visitor();
    let (mut customer, conversation) = server.join(&token, None).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let (mut agent, _) = server.join(&socket_token(&mut ada).await, Some(&conversation)).await;
    agent.until("holding").await;

    // A person who only looks on is not announced; one who has the conversation is.
    agent.send(json!({ "type": "typing" })).await;
    agent.send(json!({ "type": "take_over" })).await;
    let (joined, before) = customer.until("event").await;
    assert_eq!((&joined["event"], before.len()), (&json!("agent_joined"), 0));
    agent.send(json!({ "type": "typing" })).await;
    assert_eq!(customer.until("event").await.0["event"], "agent_typing");
    customer.send(json!({ "type": "typing" })).await;
    assert_eq!(agent.until("typing").await.0["who"], "customer");

    customer.say("m1", "Hello?").await;
    customer.until("ack").await;
    agent.say("a1", "Hello, this is Ada.").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!((&reply["name"], &reply["from"]), (&json!("Ada"), &json!("agent")));
    agent.send(json!({ "type": "read", "seq": 2 })).await;
    let (read, _) = customer.until("event").await;
    assert_eq!((&read["event"], &read["seq"]), (&json!("read"), &json!(2)));
    // More than there is was not read; and nothing is told twice.
    customer.send(json!({ "type": "read", "seq": 99 })).await;
    assert_eq!(agent.until("read").await.0["seq"], 3);
    customer.send(json!({ "type": "read", "seq": 3 })).await;
    customer.send(json!({ "type": "typing" })).await;
    let (_, between) = agent.until("typing").await;
    assert!(between.iter().all(|frame| frame["type"] != "read"), "{between:?}");
    let entry = ada.get(&format!("/v1/conversations/{conversation}")).await.body;
    assert_eq!((&entry["read_seq"], &entry["customer_read_seq"]), (&json!(2), &json!(3)));

    // It is there again after a resume.
    let mut again = server.connect().await;
    again.hello(&token, Some(&conversation), Some(3)).await;
    again.until("ready").await;
    let (read, _) = again.until("event").await;
    assert_eq!((&read["event"], &read["seq"]), (&json!("read"), &json!(2)));
    for bad in [json!({ "type": "read" }), json!({ "type": "read", "seq": -1 })] {
        again.send(bad).await;
        assert_eq!(again.error_code().await, "bad_frame");
    }
    // However often somebody says so, few of it are passed on.
    for _ in 0..200 {
        customer.send(json!({ "type": "typing" })).await;
    }
    customer.say("m2", "done").await;
    let (_, before) = agent.until("message").await;
    let signs = before.iter().filter(|frame| frame["type"] == "typing").count();
    assert!(signs < 40, "{signs}");
    server.stop().await;
}
