//! A conversation that goes well: numbers, streams, tabs, resuming, handing over.

use crate::client::{Server, config_in};

#[tokio::test]
async fn a_message_is_acknowledged_then_answered_in_words_that_add_up_to_the_reply() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut client, conversation) = server.join(&server.visitor(), None).await;
    client.say("m1", "How long does shipping take?").await;
    let ack = client.next().await;
    assert_eq!((&ack["type"], &ack["id"], &ack["seq"]), (&"ack".into(), &"m1".into(), &1.into()));
    let stored = server.state.chat().store.messages_after(&conversation, 0, 10).await.unwrap();
    assert_eq!(stored[0].message_id, "m1", "on disk before the acknowledgement");

    let (reply, before) = client.until("reply").await;
    assert_eq!(before[0]["event"], "typing");
    let deltas: Vec<_> = before.iter().filter(|frame| frame["type"] == "delta").collect();
    assert!(deltas.iter().all(|delta| delta["reply"] == reply["reply"]));
    let words: String = deltas.iter().map(|delta| delta["text"].as_str().unwrap()).collect();
    assert_eq!(words, reply["text"].as_str().unwrap());
    assert_eq!((&reply["seq"], &reply["from"]), (&2.into(), &"steward".into()));
    assert!(reply["citations"].is_array() && reply["decision"].is_string());
    let reply_id = reply["reply"].as_str().unwrap();
    let record = server.state.chat().store.decision_record(reply_id).await.unwrap().unwrap();
    assert!(record["provenance"].is_object() && record["timings_ms"].is_object());
    server.stop().await;
}

#[tokio::test]
async fn the_same_id_gets_the_same_acknowledgement_and_one_reply() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut client, conversation) = server.join(&server.visitor(), None).await;
    for _ in 0..3 {
        client.say("same", "Can I return my boots?").await;
        let (ack, _) = client.until("ack").await;
        assert_eq!(ack["seq"], 1);
    }
    client.say("other", "Thanks!").await;
    let (ack, _) = client.until("ack").await;
    let last = ack["seq"].as_i64().unwrap();
    loop {
        let (reply, _) = client.until("reply").await;
        let stored = server.state.chat().store.messages_after(&conversation, 0, 99).await.unwrap();
        let answered = stored.iter().filter_map(|message| message.answers_seq).max();
        assert!(reply["seq"].is_i64());
        if answered == Some(last) {
            let of_first = stored.iter().filter(|message| message.answers_seq == Some(1)).count();
            assert!(of_first <= 1);
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_reconnecting_customer_sees_every_message_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = server.visitor();
    let (mut client, conversation) = server.join(&token, None).await;
    client.say("m1", "Do you ship to Canada?").await;
    let (first, _) = client.until("reply").await;
    client.say("m2", "And how much is it?").await;
    client.until("ack").await;
    drop(client);

    let after = first["seq"].as_i64().unwrap();
    let mut again = server.connect().await;
    again.hello(&token, Some(&conversation), Some(after)).await;
    let (reply, before) = again.until("reply").await;
    assert_eq!(before[0]["type"], "ready");
    assert_eq!(before[0]["conversation"], conversation.as_str());
    let messages: Vec<_> = before.iter().filter(|frame| frame["type"] == "message").collect();
    assert_eq!(messages.len(), 1);
    assert_eq!((&messages[0]["id"], &messages[0]["from"]), (&"m2".into(), &"customer".into()));
    let words: String = before
        .iter()
        .filter(|frame| frame["type"] == "delta")
        .map(|frame| frame["text"].as_str().unwrap())
        .collect();
    assert!(reply["text"].as_str().unwrap().ends_with(&words), "joined in the middle or not");

    let (mut whole, _) = server.join(&token, Some(&conversation)).await;
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        numbers.extend(whole.next().await["seq"].as_i64());
    }
    assert_eq!(numbers, [1, 2, 3, 4]);
    server.stop().await;
}

#[tokio::test]
async fn two_tabs_stay_in_step() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = server.visitor();
    let (mut left, conversation) = server.join(&token, None).await;
    let (mut right, _) = server.join(&token, Some(&conversation)).await;
    left.say("from-left", "What is your return policy?").await;
    let (seen, _) = right.until("message").await;
    assert_eq!((&seen["id"], &seen["seq"]), (&"from-left".into(), &1.into()));
    let (left_reply, left_before) = left.until("reply").await;
    let (right_reply, right_before) = right.until("reply").await;
    assert_eq!(left_reply, right_reply);
    let streamed = |frames: Vec<serde_json::Value>| {
        frames.into_iter().filter(|frame| frame["type"] == "delta").collect::<Vec<_>>()
    };
    assert_eq!(streamed(left_before), streamed(right_before));
    server.stop().await;
}

#[tokio::test]
async fn messages_during_a_turn_are_answered_together_and_in_order() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut client, conversation) = server.join(&server.visitor(), None).await;
    for number in 1..=5 {
        client.say(&format!("m{number}"), "Which sizes do you have?").await;
    }
    let store = &server.state.chat().store;
    loop {
        client.until("reply").await;
        let stored = store.messages_after(&conversation, 0, 99).await.unwrap();
        let numbers: Vec<i64> = stored.iter().map(|message| message.seq).collect();
        assert_eq!(numbers, (1..=stored.len() as i64).collect::<Vec<_>>(), "no gaps");
        let customer: Vec<_> = stored
            .iter()
            .filter(|message| message.author == steward::store::Author::Customer)
            .collect();
        let ids: Vec<_> = customer.iter().map(|message| message.message_id.as_str()).collect();
        assert!(["m1", "m2", "m3", "m4", "m5"].starts_with(&ids));
        let answered = stored.iter().filter_map(|message| message.answers_seq).max();
        if ids.len() == 5 && answered == customer.last().map(|message| message.seq) {
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn after_a_hand_off_there_is_one_acknowledgement_and_then_silence() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut client, conversation) = server.join(&server.visitor(), None).await;
    client.say("m1", "I want to talk to a human, please.").await;
    let (reply, _) = client.until("reply").await;
    assert_eq!(reply["decision"], "hand_off");
    let event = client.next().await;
    assert_eq!((&event["type"], &event["event"]), (&"event".into(), &"handed_off".into()));
    assert_eq!(event["seq"].as_i64(), reply["seq"].as_i64().map(|seq| seq + 1));

    client.say("m2", "It is urgent.").await;
    let (acknowledgement, _) = client.until("reply").await;
    assert_eq!(acknowledgement["decision"], "hand_off");
    client.say("m3", "Hello?").await;
    let (ack, _) = client.until("ack").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let stored = server.state.chat().store.messages_after(&conversation, 0, 99).await.unwrap();
    assert_eq!(stored.last().unwrap().seq, ack["seq"].as_i64().unwrap(), "Steward stays silent");
    server.stop().await;
}
