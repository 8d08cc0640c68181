//! Suggestions to people of the company, on the real models: streamed, marked, kept, and nobody else's.

use serde_json::{Value, json};
use steward::store::audit::Actor;

use crate::client::{Server, config_in, signed, site_token};

pub fn agent_headers() -> String {
    let token = site_token(json!({ "role": "agent", "sub": "Ada" }));
    format!("authorization: Bearer {token}\r\n")
}

pub fn admin_headers() -> String {
    let token = site_token(json!({ "role": "admin", "sub": "Root" }));
    format!("authorization: Bearer {token}\r\n")
}

/// A request with a JSON body; the status and the body of the answer.
pub async fn ask(server: &Server, line: &str, headers: &str, body: Value) -> (u16, String) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let head =
        format!("{line}\n{headers}content-type: application/json\r\ncontent-length: {length}\r\n");
    let (status, head, answer) = server.http_with(&head, &body).await;
    let chunked = head.contains("transfer-encoding: chunked");
    (status, if chunked { unchunked(&answer) } else { answer })
}

fn unchunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        text = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Asks for suggestions; the `done` lines, after checking that the stream is as it is described.
pub async fn suggest(server: &Server, conversation: &str, body: Value) -> Vec<Value> {
    let line = format!("POST /v1/conversations/{conversation}/suggestions");
    let (status, answer) = ask(server, &line, &agent_headers(), body).await;
    assert_eq!(status, 200, "{answer}");
    let lines: Vec<Value> =
        answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["type"], "end", "{answer}");
    let mut done = Vec::new();
    let mut text = String::new();
    for line in &lines {
        match line["type"].as_str().unwrap() {
            "suggestion" => {
                assert_eq!(line["index"], done.len());
                text.clear();
            }
            "delta" => text.push_str(line["text"].as_str().unwrap()),
            "done" => {
                assert_eq!(line["text"], text.as_str(), "the deltas are the text");
                for mark in line["groundedness"]["sentences"].as_array().unwrap() {
                    let evidence = line["evidence"].as_array().unwrap();
                    let known = evidence.iter().any(|item| item["id"] == mark["by"]);
                    let is_supported = mark["supported"] == true && mark["claims"] == true;
                    assert_eq!(known, is_supported, "{mark}");
                }
                done.push(line.clone());
            }
            "end" => {}
            other => panic!("{other}: {line}"),
        }
    }
    done
}

#[tokio::test]
async fn three_distinct_suggestions_rest_on_evidence_and_are_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do I have to return boots?").await;
    customer.until("reply").await;
    let done = suggest(&server, &conversation, json!({})).await;
    assert!((2..=3).contains(&done.len()), "{done:?}");
    assert_eq!(done[0]["kind"], "answer");
    assert!(done[0]["text"].as_str().unwrap().contains("30 days"));
    assert_eq!(done[0]["citations"][0]["source"], "returns");
    assert_eq!(done[0]["groundedness"]["score"], 1.0);
    let texts: std::collections::BTreeSet<&str> =
        done.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), done.len());

    let id = done[0]["id"].as_str().unwrap();
    let shorter = suggest(&server, &conversation, json!({ "wish": "shorter", "of": id })).await;
    if let Some(shorter) = shorter.first() {
        let (short, long) = (shorter["text"].as_str().unwrap(), done[0]["text"].as_str().unwrap());
        assert!(short.len() < long.len() && long.contains(short), "{short}");
    }
    let warmer = suggest(&server, &conversation, json!({ "wish": "warmer", "of": id })).await;
    assert!(warmer[0]["text"].as_str().unwrap().contains(done[0]["text"].as_str().unwrap()));
    assert_eq!(warmer[0]["groundedness"]["score"], 1.0);
    let another = suggest(&server, &conversation, json!({ "wish": "another" })).await;
    for other in &another {
        assert!(!texts.contains(other["text"].as_str().unwrap()), "{other}");
    }

    // What became of them.
    let outcome = format!("POST /v1/suggestions/{id}/outcome");
    let body =
        json!({ "outcome": "edited", "sent_text": "Boots: 30 days. Card 4111 1111 1111 1111" });
    let (status, answer) = ask(&server, &outcome, &agent_headers(), body).await;
    assert_eq!(status, 200, "{answer}");
    let closeness: Value = serde_json::from_str(&answer).unwrap();
    assert!(closeness["edit_distance"].as_u64().unwrap() > 0 && closeness["saved_ms"].is_i64());
    let line = format!("GET /v1/conversations/{conversation}/suggestions");
    let (_, answer) = ask(&server, &line, &agent_headers(), Value::Null).await;
    assert!(!answer.contains("4111 1111"), "what people write is masked");
    let kept: Value = serde_json::from_str(&answer).unwrap();
    let kept = kept["suggestions"].as_array().unwrap();
    assert!(kept.len() > done.len());
    assert_eq!(kept[0]["outcome"], "edited");
    assert_eq!(kept[0]["outcome_by"], "Ada");
    assert_eq!(kept[0]["made_for"], "Ada");

    // Refusals say what is wrong.
    for (body, says) in [
        (json!({ "wish": "shorter", "of": "nothing" }), "`of`"),
        (json!({ "draft": "x" }), "wish"),
        (json!({ "wish": "longer" }), "longer"),
        (json!({ "through_seq": 99 }), "through_seq"),
        (json!({ "wish": "warmer", "draft": " " }), "empty"),
    ] {
        let line = format!("POST /v1/conversations/{conversation}/suggestions");
        let (status, answer) = ask(&server, &line, &agent_headers(), body).await;
        assert!(status == 400 || status == 422, "{status} {answer}");
        assert!(answer.contains(says), "{answer}");
    }
    // Erased with the person, and exported before.
    let store = &server.state.chat().store;
    let owner = store.conversation(&conversation).await.unwrap().unwrap().owner;
    let exported = store.export_owner(&owner, &Actor::Operator).await.unwrap();
    assert!(!exported[0].suggestions.is_empty());
    store.erase_owner(&owner, &Actor::Operator).await.unwrap();
    assert!(store.suggestions(&conversation, 99).await.unwrap().is_empty());
    assert!(store.suggestion(id).await.unwrap().is_none());
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_is_told_in_its_own_words_at_the_hand_off_and_when_asked() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do I have to return boots?").await;
    customer.until("reply").await;
    customer.say("m2", "I want to talk to a person").await;
    customer.until("event").await;
    let store = &server.state.chat().store;
    let mut made = None;
    for _ in 0..100 {
        made = store.summary(&conversation).await.unwrap();
        if made.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let made = made.expect("a summary is made at the hand-off");
    assert!(made.summary.text.contains("How long do I have to return boots?"), "{made:?}");
    let line = format!("POST /v1/conversations/{conversation}/summary");
    let (status, answer) = ask(&server, &line, &agent_headers(), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    let told: Value = serde_json::from_str(&answer).unwrap();
    for sentence in told["summary"]["sentences"].as_array().unwrap() {
        assert!(!sentence["seqs"].as_array().unwrap().is_empty(), "{sentence}");
    }
    assert!(told["summary"]["text"].as_str().unwrap().contains("30 days"), "{told}");
    server.stop().await;
}

#[tokio::test]
async fn a_text_is_marked_before_it_is_sent() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do I have to return boots?").await;
    customer.until("reply").await;
    let line = format!("POST /v1/conversations/{conversation}/check");
    let text = "Thank you for waiting! Return boots within 30 days. A refund takes about a day.";
    let (status, answer) = ask(&server, &line, &agent_headers(), json!({ "text": text })).await;
    assert_eq!(status, 200, "{answer}");
    let marks: Value = serde_json::from_str(&answer).unwrap();
    let marks = &marks["groundedness"];
    let supported: Vec<bool> = marks["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| mark["supported"].as_bool().unwrap())
        .collect();
    assert_eq!(supported, [true, true, false], "{marks}");
    assert_eq!(marks["score"], 0.5);
    server.stop().await;
}

/// A person answers one customer; what is suggested for another holds none of the first one's words.
#[tokio::test]
async fn what_was_answered_to_one_is_retold_to_another_without_what_is_the_firsts() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let chat = server.state.chat();
    let first = site_token(json!({ "external_id": "C-first" }));
    let (mut customer, one) = server.join(&first, None).await;
    customer
        .say("m1", "My name is Rose Quetzal. My boots squeak when I walk, how do I stop it?")
        .await;
    customer.until("reply").await;
    let take = json!({ "type": "take_over" });
    let (status, answer) =
        ask(&server, &format!("POST /v1/conversations/{one}/holding"), &agent_headers(), take)
            .await;
    assert_eq!(status, 200, "{answer}");
    let reply = "Hi Rose, sorry about that! Please let the boots dry and use some oil on the sole. \
        Your order FH-90210 was sent to 12 Elm Street. Rose, I've refunded $33.10 to Quetzal. \
        It helps to walk in the boots for a few days.";
    let clean = chat.masker().clean(reply);
    chat.agent_says(&one, "Ada", "a1", &clean, &[]).await.unwrap();
    assert!(chat.suggester.catch_up(100).await.unwrap() <= 1);

    let (mut other, two) = server.join(&server.visitor(), None).await;
    other.say("m1", "My boots squeak when I walk. How can I stop that?").await;
    other.until("reply").await;
    let done = suggest(&server, &two, json!({})).await;
    let all = serde_json::to_string(&done).unwrap();
    for secret in ["Rose", "Quetzal", "FH-90210", "Elm", "33.10", "C-first", "refunded"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
    let similar = done.iter().find(|line| line["kind"] == "similar");
    let similar = similar.unwrap_or_else(|| panic!("nothing is retold: {all}"));
    assert!(similar["text"].as_str().unwrap().contains("walk in the boots"), "{similar}");
    // "Sole" stands in no article and in nothing of the other's: it may be a name for all that is known.
    assert!(!all.contains("sole"), "{all}");
    let marks = similar["groundedness"]["sentences"].as_array().unwrap();
    assert!(marks.iter().any(|mark| mark["supported"] == false), "no article says it: {similar}");

    // Nothing of it is told once the first is erased.
    chat.store.erase_owner("customer:C-first", &Actor::Operator).await.unwrap();
    let done = suggest(&server, &two, json!({})).await;
    assert!(done.iter().all(|line| line["kind"] != "similar"), "{done:?}");
    server.stop().await;
}

#[tokio::test]
async fn only_people_of_the_company_are_given_suggestions() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    customer.say("m1", "Do you ship to Canada?").await;
    customer.until("reply").await;
    let line = format!("POST /v1/conversations/{conversation}/suggestions");
    let headers = format!("authorization: Bearer {visitor}\r\n");
    let (status, _) = ask(&server, &line, &headers, json!({})).await;
    assert_eq!(status, 403);
    let forged = signed(
        "site-1",
        "another secret that is long enough!",
        &json!({ "role": "agent", "sub": "x" }),
    );
    let headers = format!("authorization: Bearer {forged}\r\n");
    let (status, _) = ask(&server, &line, &headers, json!({})).await;
    assert_eq!(status, 401);
    server.stop().await;
}
