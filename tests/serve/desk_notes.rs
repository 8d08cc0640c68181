//! Notes, whispers and mentions: among people of the company, never to the customer.

use std::time::Duration;

use serde_json::{Value, json};
use steward::team::Role;

use crate::browser::{Browser, signed_in, socket_token};
use crate::client::{Server, config_in};

const SECRET: &str = "Archaeopteryx";

async fn add(browser: &mut Browser, conversation: &str, note: Value) -> (u16, Value) {
    let answer = browser.post(&format!("/v1/conversations/{conversation}/notes"), note).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn a_note_reaches_colleagues_and_never_the_customer() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = server.visitor();
    let (mut customer, conversation) = server.join(&token, None).await;
    customer.say("m1", "How long do returns take?").await;
    customer.until("reply").await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let mut ben = signed_in(&server, "Ben", Role::Agent).await;
    let (mut socket, _) = server.join(&socket_token(&mut ben).await, Some(&conversation)).await;
    socket.until("holding").await;

    let text = format!("{SECRET}: @ben please look, my card is 4111 1111 1111 1111");
    let (status, note) = add(&mut ada, &conversation, json!({ "id": "n1", "text": text })).await;
    assert_eq!((status, &note["mentions"], &note["after_seq"]), (200, &json!(["Ben"]), &json!(2)));
    assert!(note["text"].as_str().unwrap().ends_with("[card ending 1111]"), "{note}");
    let (told, _) = socket.until("note").await;
    assert_eq!((&told["id"], &told["author"]), (&json!("n1"), &json!("Ada")));

    // The same id is the same note; another text under it is refused.
    assert_eq!(add(&mut ada, &conversation, json!({ "id": "n1", "text": text })).await.1, note);
    assert_eq!(add(&mut ada, &conversation, json!({ "id": "n1", "text": "other" })).await.0, 409);
    assert_eq!(add(&mut ada, &conversation, json!({ "id": "n2", "text": " " })).await.0, 400);
    assert_eq!(add(&mut ada, "none", json!({ "id": "n2", "text": "x" })).await.0, 404);

    // A customer who writes, comes back and keeps the transcript sees none of it.
    let gets_nothing = tokio::time::timeout(Duration::from_millis(600), customer.next()).await;
    assert!(gets_nothing.is_err(), "{gets_nothing:?}");
    let mut again = server.connect().await;
    again.hello(&token, Some(&conversation), Some(0)).await;
    for _ in 0..3 {
        let frame = again.next().await;
        assert!(!frame.to_string().contains(SECRET), "{frame}");
    }
    let bearer = format!("authorization: Bearer {token}\r\n");
    for format in ["json", "text"] {
        let path =
            format!("GET /v1/conversations/{conversation}/transcript?format={format}\n{bearer}");
        let (status, _, transcript) = server.http(&path).await;
        assert!(status == 200 && !transcript.contains(SECRET), "{transcript}");
    }
    let path = format!("GET /v1/conversations/{conversation}/notes\n{bearer}");
    assert_eq!(server.http(&path).await.0, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_whisper_is_for_one_and_a_mention_waits_until_it_is_seen() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do returns take?").await;
    customer.until("reply").await;
    let mut ada = signed_in(&server, "Ada", Role::Admin).await;
    let mut ben = signed_in(&server, "Ben", Role::Agent).await;
    let mut cleo = signed_in(&server, "Cleo", Role::Admin).await;
    let whisper = json!({ "id": "w1", "text": "offer a refund @cleo", "whisper_to": "ben" });
    let (status, note) = add(&mut ada, &conversation, whisper).await;
    assert_eq!((status, &note["whisper_to"]), (200, &json!("Ben")));
    assert_eq!(note["mentions"], json!(["Ben"]), "a whisper is brought to nobody else's notice");
    let to_nobody = json!({ "id": "w2", "text": "x", "whisper_to": "nobody-here" });
    assert_eq!(add(&mut ada, &conversation, to_nobody).await.0, 400);
    let path = format!("/v1/conversations/{conversation}/notes");
    for (browser, sees) in [(&mut ada, 1), (&mut ben, 1), (&mut cleo, 0)] {
        let notes = browser.get(&path).await.body;
        assert_eq!(notes["notes"].as_array().unwrap().len(), sees, "{notes}");
    }

    add(&mut cleo, &conversation, json!({ "id": "n1", "text": "@Ben, @ben and @Cleo" })).await;
    let mentions = ben.get("/v1/desk/mentions?unread=1").await.body;
    let ids: Vec<_> =
        mentions["mentions"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!("n1"), json!("w1")]);
    assert_eq!(
        cleo.get("/v1/desk/mentions").await.body,
        json!({ "mentions": [] }),
        "not of oneself"
    );
    let entry = ben.get(&format!("/v1/conversations/{conversation}")).await.body;
    assert_eq!(entry["unread_mentions"], 2);
    assert_eq!(ben.get("/v1/desk/conversations?state=all").await.body["counts"]["mentions"], 2);
    let seen = ben.post("/v1/desk/mentions/read", json!({ "conversation": conversation })).await;
    assert_eq!(seen.status, 204);
    assert_eq!(ben.get("/v1/desk/mentions?unread=1").await.body, json!({ "mentions": [] }));
    let all = ben.get("/v1/desk/mentions").await.body;
    assert_eq!(
        (&all["mentions"][0]["read"], &all["mentions"][1]["read"]),
        (&json!(true), &json!(true))
    );
    server.stop().await;
}
