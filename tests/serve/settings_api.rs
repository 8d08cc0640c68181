//! Settings and intents changed over HTTP: checked, kept, in force at once.

use std::sync::Arc;

use serde_json::{Value, json};
use steward::config::Config;
use steward::config::load::Layers;
use steward::setup;

use crate::client::{Server, config_in};
use crate::suggestions::{admin_headers, ask};

async fn json_of(server: &Server, line: &str, body: Value) -> (u16, Value) {
    let (status, answer) = ask(server, line, &admin_headers(), body).await;
    (status, serde_json::from_str(&answer).unwrap_or(Value::String(answer)))
}

fn setting<'a>(answer: &'a Value, key: &str) -> &'a Value {
    answer["settings"].as_array().unwrap().iter().find(|entry| entry["key"] == key).unwrap()
}

#[tokio::test]
async fn a_setting_is_changed_kept_and_in_force_at_once() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    // The policy of the agent that all tests share must stay as it is.
    let for_agent = config.clone();
    let load = move || Arc::new(setup::agent(&for_agent).unwrap());
    let agent = tokio::task::spawn_blocking(load).await.unwrap();
    let server = Server::start_with(config.clone(), agent).await;
    let (status, before) = json_of(&server, "GET /v1/settings", Value::Null).await;
    assert_eq!(status, 200, "{before}");
    let mode = setting(&before, "desk.mode");
    assert_eq!((&mode["value"], &mode["source"]), (&json!("answer"), &json!("default")));
    assert_eq!(mode["choices"], json!(["answer", "suggest", "by_intent"]));

    let changes = json!({ "changes": { "desk.mode": "suggest", "hand_off.wait_seconds": 77 } });
    let (status, after) = json_of(&server, "PUT /v1/settings", changes).await;
    assert_eq!(status, 200, "{after}");
    assert_eq!(setting(&after, "desk.mode")["source"], "desk");
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do I have to return boots?").await;
    let (said, _) = customer.until("reply").await;
    assert!(said["text"].as_str().unwrap().contains("member of our team"), "{said}");

    // A bad one changes nothing, not even the good ones beside it.
    let changes = json!({ "changes": { "desk.mode": "answer", "desk.answer_from": 3 } });
    let (status, refused) = json_of(&server, "PUT /v1/settings", changes).await;
    assert_eq!(status, 400);
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("desk.answer_from") && message.contains("0 to 1"), "{message}");
    assert_eq!(server.state.chat().config.now().desk.mode, steward::turn::mode::Mode::Suggest);
    let (status, _) =
        json_of(&server, "PUT /v1/settings", json!({ "changes": { "server.listen": "x" } })).await;
    assert_eq!(status, 400);

    // Many at once are one after the other: none is lost.
    let keys = ["knowledge_from", "intent_from", "account_from", "hand_off_from", "apologise_from"];
    let put = |key: &str| {
        let body = json!({ "changes": { format!("agent.policy.{key}"): 0.61 } });
        let server = &server;
        async move { json_of(server, "PUT /v1/settings", body).await.0 }
    };
    let statuses = futures_util::future::join_all(keys.map(put)).await;
    assert_eq!(statuses, [200; 5]);
    let policy = server.state.chat().config.now().agent.policy.clone();
    assert_eq!(policy.apologise_from, 0.61);
    server.stop().await;

    // A new start reads the same; the file is for its owner alone.
    let layers = Layers {
        whole: Some(Box::new(config.clone())),
        place: config.place.clone(),
        ..Layers::default()
    };
    let again = Config::load(&layers).unwrap();
    assert_eq!(again.hand_off.wait_seconds, 77);
    assert_eq!(again.agent.policy, policy);
    #[cfg(unix)]
    {
        let file = std::fs::metadata(data.path().join("desk.toml")).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
    }
}

#[tokio::test]
async fn intents_are_replaced_tried_and_put_back() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let for_agent = config.clone();
    let load = move || Arc::new(setup::agent(&for_agent).unwrap());
    let agent = tokio::task::spawn_blocking(load).await.unwrap();
    let server = Server::start_with(config.clone(), agent).await;
    let (_, shipped) = json_of(&server, "GET /v1/intents", Value::Null).await;
    assert_eq!(shipped["is_custom"], false);
    let mut intents = shipped["intents"].as_array().unwrap().clone();
    intents.push(json!({ "name": "tune_piano", "kind": "knowledge", "examples": ["Can you tune my piano?", "My piano is out of tune"] }));
    let (status, custom) = json_of(&server, "PUT /v1/intents", json!({ "intents": intents })).await;
    assert_eq!((status, &custom["is_custom"]), (200, &json!(true)), "{custom}");
    let (_, tried) =
        json_of(&server, "POST /v1/intents/try", json!({ "text": "please tune the piano" })).await;
    assert_eq!(tried["intents"][0]["name"], "tune_piano", "{tried}");
    for (bad, says) in [
        (json!([{ "name": "A b", "kind": "knowledge", "examples": ["x"] }]), "a-z"),
        (json!([{ "name": "a", "kind": "knowledge", "examples": [] }]), "examples"),
        (json!([{ "name": "a", "kind": "magic", "examples": ["x"] }]), "magic"),
    ] {
        let (status, answer) =
            ask(&server, "PUT /v1/intents", &admin_headers(), json!({ "intents": bad })).await;
        assert!((400..500).contains(&status) && answer.contains(says), "{status} {answer}");
    }
    let kept = std::fs::read_to_string(data.path().join("intents.toml")).unwrap();
    assert!(kept.contains("tune_piano"));
    let (_, back) = json_of(&server, "PUT /v1/intents", json!({ "intents": [] })).await;
    assert_eq!(back, shipped);
    assert!(!data.path().join("intents.toml").exists());
    server.stop().await;
}
