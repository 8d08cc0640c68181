//! Judgements are for agents: over their sockets and over HTTP, never for the customer. Labels and surveys
//! are kept.

use serde_json::{Value, json};

use crate::client::{Client, Server, config_in, signed, site_token};

const ANGRY: &str = "This is outrageous, I am furious! I want to speak to a manager right now.";
/// Words that only frames for agents have.
const FOR_AGENTS: [&str; 5] =
    ["judgement", "escalation", "satisfaction", "dissatisfied", "sentiment"];

fn agent_token() -> String {
    site_token(json!({ "role": "agent", "sub": "Ada" }))
}

async fn ask(server: &Server, line: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let length = format!("content-length: {}\r\n", body.len());
    let request = format!("{line}\nauthorization: Bearer {token}\r\n{kind}{length}");
    let (status, _, answer) = server.http_with(&request, &body).await;
    (status, serde_json::from_str(&answer).unwrap_or(Value::Null))
}

/// Every frame up to the reply and whatever follows at once, as text.
async fn frames_through_reply(client: &mut Client) -> Vec<Value> {
    let (reply, mut frames) = client.until("reply").await;
    frames.push(reply);
    frames
}

#[tokio::test]
async fn agents_see_judgements_and_customers_never_do() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let (mut agent, _) = server.join(&agent_token(), Some(&conversation)).await;

    customer.say("m1", ANGRY).await;
    let (live, _) = agent.until("judgement").await;
    assert_eq!(live["seq"], 1);
    let escalation = live["judgement"]["escalation"]["probability"].as_f64().unwrap();
    let dissatisfied = live["judgement"]["satisfaction"]["dissatisfied"].as_f64().unwrap();
    assert!(escalation > 0.5 && dissatisfied > 0.5, "{live}");
    let mut seen = frames_through_reply(&mut customer).await;
    let (event, _) = customer.until("event").await;
    assert_eq!(event["event"], "handed_off");
    // While a person has the conversation the messages are judged too.
    customer.say("m2", "Still nobody? I will tell everybody what you are like.").await;
    let (queued, _) = agent.until("judgement").await;
    assert_eq!(queued["seq"].as_i64(), Some(4), "{queued}");
    seen.extend(frames_through_reply(&mut customer).await);
    // Everything again, from the store.
    let mut again = server.connect().await;
    again.hello(&visitor, Some(&conversation), Some(0)).await;
    for _ in 0..6 {
        seen.push(again.next().await);
    }
    for frame in &seen {
        let text = frame.to_string();
        for word in FOR_AGENTS {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    let (mut late, _) = server.join(&agent_token(), Some(&conversation)).await;
    for expected in [&live, &queued] {
        assert_eq!(late.until("judgement").await.0, *expected);
    }
    late.say("a1", "hello").await;
    let (refused, _) = late.until("error").await;
    assert_eq!((&refused["code"], &refused["id"]), (&json!("not_held"), &json!("a1")));
    server.stop().await;
}

#[tokio::test]
async fn only_agents_read_judgements_and_give_labels() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    customer.say("m1", ANGRY).await;
    customer.until("reply").await;

    let judgements = format!("GET /v1/conversations/{conversation}/judgements");
    let labels = format!("POST /v1/conversations/{conversation}/labels");
    let survey = format!("POST /v1/conversations/{conversation}/survey");
    let stranger = server.visitor();
    for token in [&visitor, &stranger, &site_token(json!({ "external_id": "C-1001" }))] {
        assert_eq!(ask(&server, &judgements, token, None).await.0, 403);
        let label = json!({ "kind": "satisfaction", "value": "5" });
        assert_eq!(ask(&server, &labels, token, Some(label)).await.0, 403);
    }
    let agent = agent_token();
    let (status, body) = ask(&server, &judgements, &agent, None).await;
    assert_eq!((status, &body["judgements"][0]["seq"]), (200, &json!(1)), "{body}");

    let one = format!("GET /v1/conversations/{conversation}/judgements/1");
    let (status, body) = ask(&server, &one, &agent, None).await;
    let causes = body["judgement"]["causes"].as_array().unwrap();
    let words: Vec<&str> = causes.iter().map(|cause| cause["text"].as_str().unwrap()).collect();
    assert!(status == 200 && words.contains(&"manager"), "{body}");
    assert_eq!(ask(&server, &one, &visitor, None).await.0, 403);
    let none = format!("GET /v1/conversations/{conversation}/judgements/2");
    assert_eq!(ask(&server, &none, &agent, None).await.0, 404);

    for (label, expected) in [
        (json!({ "seq": 1, "kind": "satisfaction", "value": "9" }), "1 to 5"),
        (json!({ "seq": 1, "kind": "escalation", "value": "maybe" }), "person_needed"),
        (json!({ "seq": 2, "kind": "satisfaction", "value": "1" }), "no customer's message"),
        (json!({ "seq": 1, "kind": "mood", "value": "1" }), "mood"),
        (json!({ "seq": 1, "kind": "comment", "value": "x" }), "survey"),
    ] {
        let (status, body) = ask(&server, &labels, &agent, Some(label)).await;
        let message = body["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(expected), "{status} {message}");
    }
    for value in ["2", "1"] {
        let label = json!({ "seq": 1, "kind": "satisfaction", "value": value });
        assert_eq!(ask(&server, &labels, &agent, Some(label)).await.0, 204);
    }

    assert_eq!(ask(&server, &survey, &stranger, Some(json!({ "rating": 1 }))).await.0, 404);
    assert_eq!(ask(&server, &survey, &agent, Some(json!({ "rating": 1 }))).await.0, 403);
    assert_eq!(ask(&server, &survey, &visitor, Some(json!({ "rating": 0 }))).await.0, 400);
    for rating in [1, 2] {
        let answer = json!({ "rating": rating, "comment": "nobody called" });
        assert_eq!(ask(&server, &survey, &visitor, Some(answer)).await.0, 204);
    }
    let (_, body) = ask(&server, &judgements, &agent, None).await;
    let mut kept: Vec<String> = body["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| format!("{} {} {}", label["source"], label["kind"], label["value"]))
        .collect();
    kept.sort();
    let expected = [
        r#""agent" "satisfaction" "1""#,
        r#""survey" "comment" "nobody called""#,
        r#""survey" "satisfaction" "2""#,
    ];
    assert_eq!(kept, expected);
    server.stop().await;

    // They are there after a restart, in the form that training reads, beside the running server.
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let store = steward::store::Store::open_to_read(&config.store_path()).await.unwrap();
    let labelled = store.kept_conversations(true, 10).await.unwrap();
    let turns = steward::learning::kept::labelled(&labelled[0]).turns;
    assert_eq!(
        (turns[0].text.as_str(), turns[0].satisfaction),
        (ANGRY, Some([1.0, 0.0, 0.0, 0.0, 0.0]))
    );
    assert_eq!(store.judgements(&conversation, 0, i64::MAX).await.unwrap().len(), 1);
    assert!(store.put_labels(&conversation, &labelled[0].labels).await.is_err());
    store.close().await;
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_an_agents_only_if_the_site_says_so() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (_, conversation) = server.join(&server.visitor(), None).await;
    let path = format!("GET /v1/conversations/{conversation}/judgements");
    assert_eq!(ask(&server, &path, &agent_token(), None).await.0, 200);
    let claims = json!({ "role": "agent", "sub": "Ada", "exp": 4_102_444_800_u64 });
    for token in [
        site_token(json!({ "role": "agent" })),
        site_token(json!({ "role": "agent", "sub": " " })),
        site_token(json!({ "role": "superuser", "sub": "Ada" })),
        site_token(json!({ "role": "agent", "sub": "Ada", "external_id": "C-1001" })),
        signed(crate::client::SITE_KEY, "another secret, long enough to be a secret", &claims),
    ] {
        assert_eq!(ask(&server, &path, &token, None).await.0, 401);
    }
    // An agent follows conversations; none is begun by one.
    let mut agent = server.connect().await;
    agent.hello(&agent_token(), None, None).await;
    assert_eq!(agent.error_code().await, "unknown_conversation");
    server.stop().await;
}
