//! What cannot be used is refused by name, and nothing that is sent ends the server.

use futures_util::SinkExt;
use proptest::prelude::*;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::client::{PATIENCE, Server, config_in, connect_from};

#[tokio::test]
async fn each_unusable_frame_gets_its_code_and_the_socket_stays() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.server.max_message_chars = 10;
    let server = Server::start(config).await;
    let mut client = server.connect().await;
    client.say("early", "Hi").await;
    let (error, _) = client.until("error").await;
    assert_eq!((&error["code"], &error["id"]), (&"hello_required".into(), &"early".into()));
    assert!(error.get("retry_after_ms").is_some_and(|value| value.is_null()));

    let token = server.visitor();
    client.hello(&token, None, None).await;
    client.until("ready").await;
    for (frame, code) in [
        ("{not json", "bad_frame"),
        ("[1,2]", "bad_frame"),
        (r#"{"type":"message","id":7,"text":"x"}"#, "bad_frame"),
        (r#"{"type":"sing"}"#, "unknown_type"),
        (r#"{"type":"hello","token":"x"}"#, "already_greeted"),
        (r#"{"type":"message","id":"a","text":" \n "}"#, "empty_message"),
        (r#"{"type":"message","id":"a","text":"eleven char"}"#, "message_too_long"),
    ] {
        client.send_text(frame).await;
        assert_eq!(client.error_code().await, code, "{frame}");
    }
    client.say("a", "ten chars!").await;
    client.until("ack").await;
    server.stop().await;
}

#[tokio::test]
async fn too_many_messages_are_told_when_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.messages_per_minute = 2;
    let server = Server::start(config).await;
    let (mut client, _) = server.join(&server.visitor(), None).await;
    for id in ["m1", "m2", "m3"] {
        client.say(id, "Hello").await;
    }
    let (error, _) = client.until("error").await;
    assert_eq!((&error["code"], &error["id"]), (&"rate_limited".into(), &"m3".into()));
    assert!((1..=60_000).contains(&error["retry_after_ms"].as_u64().unwrap()));
    client.say("m2", "Hello").await;
    let (ack, _) = client.until("ack").await;
    assert_eq!(ack["id"], "m2", "a repeated message is acknowledged whatever the rate");

    let token = server.visitor();
    server.join(&token, None).await;
    server.join(&token, None).await;
    let mut third = server.connect().await;
    third.hello(&token, None, None).await;
    assert_eq!(third.error_code().await, "rate_limited");
    assert_eq!(third.close_code().await, Some(4429));
    server.stop().await;
}

#[tokio::test]
async fn frames_of_the_wrong_kind_or_size_close_the_socket_with_their_code() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.frame_bytes = 2048;
    config.limits.hello_seconds = 1;
    let server = Server::start(config).await;
    let (mut binary, _) = server.join(&server.visitor(), None).await;
    binary.socket.send(Message::binary(vec![0, 159, 146, 150])).await.unwrap();
    assert_eq!(binary.close_code().await, Some(1003));

    let (mut large, _) = server.join(&server.visitor(), None).await;
    large.say("m", &"x".repeat(5000)).await;
    assert_eq!(large.close_code().await, Some(1009));

    let mut silent = server.connect().await;
    assert_eq!(silent.close_code().await, Some(4408));

    let (mut rude, _) = server.join(&server.visitor(), None).await;
    for _ in 0..20 {
        rude.send_text("?").await;
    }
    assert_eq!(rude.close_code().await, Some(4400));
    server.stop().await;
}

#[tokio::test]
async fn only_pages_of_known_origins_may_open_a_socket_and_only_so_many() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.server.allowed_origins = vec!["https://shop.example".into()];
    config.limits.connections_per_address = 2;
    let server = Server::start(config).await;
    assert_eq!(connect_from(&server, "https://evil.example").await.err(), Some(403));
    assert_eq!(connect_from(&server, "null").await.err(), Some(403));
    let own = connect_from(&server, &format!("http://{}", server.address)).await;
    let allowed = connect_from(&server, "https://shop.example").await;
    assert!(own.is_ok() && allowed.is_ok());
    assert_eq!(connect_from(&server, "https://shop.example").await.err(), Some(429));
    drop(own);
    let room = async {
        while connect_from(&server, "https://shop.example").await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, room).await.expect("a closed socket makes room");
    server.stop().await;
}

#[tokio::test]
async fn a_client_of_another_version_is_told_which_one_is_spoken() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let connect = async |protocols: &str| {
        let mut request = server.chat_url().into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", protocols.parse().unwrap());
        tokio_tungstenite::connect_async(request).await
    };
    let Err(Error::Http(refused)) = connect("steward.v2, chat").await else { panic!("let in") };
    let body = String::from_utf8(refused.body().clone().unwrap()).unwrap();
    assert!(refused.status() == 400 && body.contains("steward.v1"), "{body}");
    let (_, answer) = connect("steward.v2, steward.v1").await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "steward.v1");
    server.stop().await;
}

/// Frames near to the protocol's, and bytes far from it.
fn garbage() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("\"type\"".to_string()),
        Just("\"message\"".to_string()),
        Just("\"hello\"".to_string()),
        Just("{".to_string()),
        Just("}".to_string()),
        Just(":".to_string()),
        Just(",".to_string()),
        ".{0,12}",
    ];
    proptest::collection::vec(words, 0..12).prop_map(|words| words.concat())
}

#[test]
fn no_frames_end_the_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let server = runtime.block_on(Server::start(config_in(data.path())));
    proptest!(ProptestConfig::with_cases(40), |(
        frames in proptest::collection::vec(garbage(), 1..15), greeted: bool,
    )| {
        runtime.block_on(async {
            let mut client = server.connect().await;
            if greeted {
                client.hello(&server.visitor(), None, None).await;
            }
            for frame in frames {
                if client.socket.send(Message::text(frame)).await.is_err() {
                    break;
                }
            }
        });
    });
    runtime.block_on(async {
        let (mut client, _) = server.join(&server.visitor(), None).await;
        client.say("m", "Still there?").await;
        client.until("ack").await;
        server.stop().await;
    });
}
