//! People of the company: taking a conversation, writing in it, letting it go, and not coming.

use std::time::Duration;

use serde_json::{Value, json};
use steward::config::Fallback;

use crate::client::{Client, PATIENCE, Server, config_in, site_token};

fn token_of(name: &str) -> String {
    site_token(json!({ "role": "agent", "sub": name }))
}

async fn next_event(client: &mut Client, name: &str) -> Value {
    loop {
        let (event, _) = client.until("event").await;
        if event["event"] == name {
            return event;
        }
    }
}

async fn desk(server: &Server) -> Vec<Value> {
    let request =
        format!("GET /v1/desk/conversations\nauthorization: Bearer {}\r\n", token_of("Ada"));
    let (status, _, body) = server.http(&request).await;
    assert_eq!(status, 200, "{body}");
    let desk: Value = serde_json::from_str(&body).unwrap();
    desk["conversations"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_person_takes_over_writes_and_gives_back_and_steward_keeps_out() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    let (mut other_tab, _) = (server.connect().await, ());
    let (mut ada, _) = server.join(&token_of("Ada"), Some(&conversation)).await;
    let (mut ben, _) = server.join(&token_of("Ben"), Some(&conversation)).await;
    assert_eq!(ada.until("holding").await.0["state"], "bot");

    ada.send(json!({ "type": "take_over" })).await;
    let held = ada.until("holding").await.0;
    assert_eq!((&held["state"], &held["assignee"]), (&json!("agent"), &json!("Ada")));
    next_event(&mut customer, "agent_joined").await;
    // A repeated frame changes nothing and is answered all the same.
    ada.send(json!({ "type": "take_over" })).await;
    assert_eq!(ada.until("holding").await.0, held);

    // What the customer writes now is for Ada alone.
    customer.say("c1", "How long do returns take?").await;
    customer.until("ack").await;
    ben.say("b1", "I will").await;
    assert_eq!(ben.error_code().await, "held_by_another");
    ada.until("message").await;
    for _ in 0..2 {
        ada.say("a1", "About a week, and I'll keep an eye on it.").await;
        assert_eq!(ada.until("ack").await.0["seq"], 3);
    }
    let (reply, before) = customer.until("reply").await;
    assert_eq!((&reply["from"], &reply["decision"]), (&json!("agent"), &Value::Null));
    assert!(before.iter().all(|frame| frame["type"] != "delta"), "{before:?}");
    other_tab.hello(&token_of("Ada"), Some(&conversation), Some(0)).await;
    let mut seqs = Vec::new();
    while seqs.len() < 3 {
        let frame = other_tab.next().await;
        seqs.extend(
            frame["seq"]
                .as_i64()
                .filter(|_| frame["type"] != "ready" && frame["type"] != "judgement"),
        );
    }
    assert_eq!(seqs, [1, 2, 3]);

    // Given back, Steward answers what comes next, and nothing that Ada answered.
    ada.send(json!({ "type": "give_back" })).await;
    next_event(&mut customer, "agent_left").await;
    customer.say("c2", "What does the warranty cover?").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!(reply["from"], "steward");
    assert_eq!(reply["seq"], 6, "{reply}");

    // Closed, nobody writes any more; a customer may not do any of it.
    customer.send(json!({ "type": "close" })).await;
    assert_eq!(customer.error_code().await, "agents_only");
    ben.send(json!({ "type": "close" })).await;
    next_event(&mut customer, "closed").await;
    ada.send(json!({ "type": "take_over" })).await;
    assert_eq!(ada.error_code().await, "conversation_closed");
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_is_taken_from_another_only_by_saying_so() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    let hold = async |name: &str, body: Value| {
        let body = body.to_string();
        let request = format!(
            "POST /v1/conversations/{conversation}/holding\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n",
            token_of(name),
            body.len()
        );
        let (status, _, answer) = server.http_with(&request, &body).await;
        (status, serde_json::from_str::<Value>(&answer).unwrap())
    };
    assert_eq!(hold("Ada", json!({ "type": "take_over" })).await.0, 200);
    let (status, refused) = hold("Ben", json!({ "type": "take_over" })).await;
    assert_eq!(status, 409);
    assert!(refused["error"]["message"].as_str().unwrap().contains("Ada"), "{refused}");
    assert_eq!(hold("Ben", json!({ "type": "give_back" })).await.0, 409);
    let (status, held) = hold("Ben", json!({ "type": "take_over", "from_another": true })).await;
    assert_eq!((status, &held["assignee"], &held["epoch"]), (200, &json!("Ben"), &json!(2)));
    assert_eq!(hold("Ben", json!({ "type": "dance" })).await.0, 400);
    assert_eq!(desk(&server).await[0]["assignee"], "Ben");
    for _ in 0..2 {
        next_event(&mut customer, "agent_joined").await;
    }
    server.stop().await;
}

#[tokio::test]
async fn who_waits_in_line_too_long_is_told_and_stays_in_line() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.hand_off.wait_seconds = 1;
    config.hand_off.waited_out = "Nobody is free yet.".into();
    let server = Server::start(config).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "I want to speak to a person.").await;
    next_event(&mut customer, "handed_off").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!(reply["text"], "Nobody is free yet.");
    let waiting = desk(&server).await;
    assert_eq!(waiting[0]["conversation"], conversation.as_str());
    assert_eq!((&waiting[0]["state"], &waiting[0]["waited_out"]), (&json!("queued"), &json!(true)));
    // Told once.
    let quiet = tokio::time::timeout(Duration::from_secs(3), customer.until("reply")).await;
    assert!(quiet.is_err(), "{quiet:?}");
    server.stop().await;
}

#[tokio::test]
async fn with_the_other_fallback_steward_answers_again() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.hand_off.wait_seconds = 1;
    config.hand_off.fallback = Fallback::Steward;
    let server = Server::start(config).await;
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", "I want to speak to a person.").await;
    next_event(&mut customer, "handed_off").await;
    next_event(&mut customer, "nobody_came").await;
    customer.say("m2", "What does the warranty cover?").await;
    let (reply, _) = customer.until("reply").await;
    assert_eq!((&reply["from"], &reply["decision"]), (&json!("steward"), &json!("answer")));
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_whose_person_is_gone_goes_back_into_line() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.hand_off.away_seconds = 1;
    let server = Server::start(config).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    let (mut ada, _) = server.join(&token_of("Ada"), Some(&conversation)).await;
    ada.send(json!({ "type": "take_over" })).await;
    next_event(&mut customer, "agent_joined").await;
    customer.say("m1", "Are you there?").await;
    customer.until("ack").await;
    let kept = tokio::time::timeout(Duration::from_secs(3), customer.until("event")).await;
    assert!(kept.is_err(), "a person who is there keeps it: {kept:?}");
    drop(ada);
    let requeued = tokio::time::timeout(PATIENCE, next_event(&mut customer, "handed_off")).await;
    assert!(requeued.is_ok());
    assert_eq!(desk(&server).await[0]["state"], "queued");
    server.stop().await;
}

/// A client that knows of more than the server does was ahead of a backup that has been restored.
#[tokio::test]
async fn a_client_ahead_of_the_server_is_told_where_to_begin() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    customer.say("m1", "Hello").await;
    customer.until("reply").await;
    let mut ahead = server.connect().await;
    ahead.hello(&visitor, Some(&conversation), Some(99)).await;
    let ready = ahead.next().await;
    assert_eq!((&ready["after"], &ready["seq"]), (&json!(0), &json!(2)));
    assert_eq!((&ready["state"], ahead.next().await["seq"].as_i64()), (&json!("bot"), Some(1)));
    server.stop().await;
}
