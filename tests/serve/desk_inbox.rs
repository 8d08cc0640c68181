//! The desk's list: which conversations, in which order, page by page while things change; tags, snoozing, who is asked to take one.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use steward::privacy::Masker;
use steward::store::Store;
use steward::store::takeover::Change;
use steward::team::Role;

use crate::browser::{Browser, signed_in};
use crate::client::{PATIENCE, Server, config_in};

/// A conversation in line for a person whose newest message was judged so; nobody answers it.
async fn in_line(store: &Store, owner: &str, text: &str, escalation: f64) -> String {
    let id = store.create_conversation(owner).await.unwrap();
    store.append_customer_message(&id, "m1", &Masker::default().clean(text), 9).await.unwrap();
    let judgement = json!({
        "intent": { "name": "refund", "score": 0.9 },
        "satisfaction": { "dissatisfied": escalation },
        "escalation": { "probability": escalation, "reason": "anger" },
    });
    store.put_judgement(&id, 1, &judgement).await.unwrap();
    store.change(&id, Change::HandOff).await.unwrap();
    id
}

async fn list(browser: &mut Browser, query: &str) -> Value {
    let answer = browser.get(&format!("/v1/desk/conversations?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

fn ids(list: &Value) -> Vec<String> {
    let entries = list["conversations"].as_array().unwrap();
    entries.iter().map(|entry| entry["conversation"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn the_most_urgent_comes_first_and_filters_hold() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let store = &server.state.chat().store;
    let calm = in_line(store, "visitor:v1", "A small question about socks", 0.1).await;
    let angry = in_line(store, "customer:c-7", "This is a disgrace", 0.9).await;
    let middle = in_line(store, "visitor:v2", "Where is it?", 0.5).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;

    let all = list(&mut ada, "").await;
    assert_eq!(ids(&all), [&*angry, &*middle, &*calm].map(String::from));
    let first = &all["conversations"][0];
    assert_eq!((&first["signed_in"], &first["owner"]), (&json!(true), &json!("customer:c-7")));
    assert_eq!(
        (&first["preview"], &first["preview_from"]),
        (&json!("This is a disgrace"), &json!("customer"))
    );
    assert_eq!(
        (&first["intent"], &first["escalation_reason"]),
        (&json!("refund"), &json!("anger"))
    );
    assert!((first["satisfaction"].as_f64().unwrap() - 0.1).abs() < 1e-9);
    assert!(first["urgency"].as_f64().unwrap() > 0.5 && first["waiting_since_ms"].is_i64());
    assert_eq!(
        all["counts"],
        json!({"queued":3,"agent":0,"mine":0,"bot":0,"snoozed":0,"mentions":0})
    );

    assert_eq!(
        ids(&list(&mut ada, "sort=waiting").await),
        [&*calm, &*angry, &*middle].map(String::from)
    );
    assert_eq!(
        ids(&list(&mut ada, "sort=newest").await),
        [&*middle, &*angry, &*calm].map(String::from)
    );
    assert_eq!(
        ids(&list(&mut ada, "sort=oldest").await),
        [&*calm, &*angry, &*middle].map(String::from)
    );
    assert_eq!(
        ids(&list(&mut ada, "min_escalation=0.5&q=DISGRACE").await),
        std::slice::from_ref(&angry)
    );
    assert_eq!(ids(&list(&mut ada, "q=c-7").await), std::slice::from_ref(&angry));
    assert_eq!(ids(&list(&mut ada, &format!("q={angry}")).await), std::slice::from_ref(&angry));
    assert!(ids(&list(&mut ada, "q=100%25").await).is_empty());
    assert_eq!(ids(&list(&mut ada, "intent=refund&limit=1").await), std::slice::from_ref(&angry));
    assert!(ids(&list(&mut ada, "intent=other").await).is_empty());

    // Taken, tagged, given to somebody, closed.
    let take = ada
        .post(&format!("/v1/conversations/{middle}/holding"), json!({"type": "take_over"}))
        .await;
    assert_eq!(take.status, 200, "{take:?}");
    let tags = json!({ "tags": ["vip", " late   delivery ", "vip"] });
    assert_eq!(
        ada.send("PUT", &format!("/v1/conversations/{middle}/tags"), tags).await.status,
        204
    );
    let tagged = list(&mut ada, "tag=late+delivery&assignee=me").await;
    assert_eq!(ids(&tagged), std::slice::from_ref(&middle));
    assert_eq!(tagged["conversations"][0]["tags"], json!(["late delivery", "vip"]));
    let known = ada.get("/v1/desk/tags").await.body;
    assert_eq!(known["tags"], json!([{"name":"late delivery","count":1},{"name":"vip","count":1}]));
    assert_eq!(tagged["counts"]["mine"], 1);
    assert_eq!(
        ids(&list(&mut ada, "assignee=none&state=queued").await),
        [angry.clone(), calm.clone()]
    );
    signed_in(&server, "Ben", Role::Agent).await;
    let to = |name: &str| json!({ "to": name });
    let assign = format!("/v1/conversations/{angry}/assign");
    assert_eq!(ada.post(&assign, to("nobody-here")).await.status, 400);
    assert_eq!(ada.post(&assign, to("ben")).await.status, 204);
    let of_ben = list(&mut ada, "assignee=Ben").await;
    assert_eq!(
        (ids(&of_ben), &of_ben["conversations"][0]["assigned_to"]),
        (vec![angry.clone()], &json!("Ben"))
    );
    let close =
        ada.post(&format!("/v1/conversations/{middle}/holding"), json!({"type": "close"})).await;
    assert_eq!(close.status, 200);
    assert_eq!(ids(&list(&mut ada, "state=closed").await), [middle]);
    assert_eq!(ids(&list(&mut ada, "state=all&sort=oldest").await).len(), 3);

    for bad in
        ["state=odd", "sort=best", "min_escalation=2", "after=xyz", "colour=red", "limit=many"]
    {
        let answer = ada.get(&format!("/v1/desk/conversations?{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
        let told = answer.body["error"]["message"].as_str().unwrap().to_string();
        assert!(told.contains(bad.split('=').next().unwrap()), "{bad}: {told}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_show_each_conversation_that_does_not_change_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let store = &server.state.chat().store;
    let mut before = Vec::new();
    for at in 0..25_u32 {
        // Some are alike in everything but their ids.
        before.push(in_line(store, "visitor:v", "Hello", f64::from(at / 5) / 5.0).await);
    }
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    for sort in ["urgency", "waiting", "newest", "oldest"] {
        let whole = ids(&list(&mut ada, &format!("sort={sort}&limit=500")).await);
        let (mut seen, mut after) = (Vec::new(), String::new());
        let mut added = Vec::new();
        loop {
            let page = list(&mut ada, &format!("sort={sort}&limit=4{after}")).await;
            seen.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
            // Meanwhile another comes, at the top of one order or the other, and an old one changes.
            added.push(in_line(store, "visitor:w", "New", 0.99).await);
            store
                .put_judgement(&before[0], 1, &json!({ "escalation": { "probability": 0.97 } }))
                .await
                .unwrap();
        }
        let is_quiet = |id: &&String| !added.contains(id) && **id != before[0];
        let quiet: Vec<_> = seen.iter().filter(is_quiet).collect();
        let expected: Vec<_> = whole.iter().filter(is_quiet).collect();
        assert_eq!(quiet, expected, "{sort}");
        assert_eq!(quiet.iter().collect::<BTreeSet<_>>().len(), quiet.len());
        let other = if sort == "newest" { "oldest" } else { "newest" };
        let mixed = ada.get(&format!("/v1/desk/conversations?sort={other}{after}")).await;
        assert_eq!(mixed.status, 400, "a cursor is good for its own order");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_snoozed_conversation_comes_back_by_itself_and_when_the_customer_writes() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let store = &server.state.chat().store;
    let visitor = server.visitor();
    let (mut customer, first) = server.join(&visitor, None).await;
    customer.say("m1", "I want to talk to a human, please.").await;
    customer.until("reply").await;
    let second = in_line(store, "visitor:v2", "Hello", 0.2).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let now_ms = jiff_now();
    let snooze = async |ada: &mut Browser, id: &str, until_ms: Value| {
        let path = format!("/v1/conversations/{id}/snooze");
        ada.post(&path, json!({ "until_ms": until_ms })).await.status
    };
    assert_eq!(snooze(&mut ada, &first, json!(now_ms - 1)).await, 400);
    assert_eq!(snooze(&mut ada, &first, json!(now_ms + 3_600_000)).await, 204);
    assert_eq!(snooze(&mut ada, &second, json!(now_ms + 8_000)).await, 204);
    let open = list(&mut ada, "").await;
    assert!(ids(&open).is_empty(), "{open}");
    assert_eq!((&open["counts"]["snoozed"], &open["counts"]["queued"]), (&json!(2), &json!(0)));
    let snoozed = list(&mut ada, "state=snoozed").await;
    assert_eq!(snoozed["conversations"].as_array().unwrap().len(), 2);

    customer.say("m2", "Are you there?").await;
    customer.until("ack").await;
    assert_eq!(ids(&list(&mut ada, "").await), std::slice::from_ref(&first));
    let both = BTreeSet::from([first.clone(), second]);
    let back = async {
        while ids(&list(&mut ada, "").await).into_iter().collect::<BTreeSet<_>>() != both {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
    assert_eq!(snooze(&mut ada, &first, json!(now_ms + 3_600_000)).await, 204);
    assert_eq!(snooze(&mut ada, &first, Value::Null).await, 204);
    assert!(ids(&list(&mut ada, "").await).contains(&first));
    server.stop().await;
}

fn jiff_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn messages_come_page_by_page() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let store = &server.state.chat().store;
    let id = store.create_conversation("visitor:v").await.unwrap();
    store.change(&id, Change::HandOff).await.unwrap();
    for at in 2..=12 {
        let text = Masker::default().clean(&format!("message {at}"));
        store.append_customer_message(&id, &at.to_string(), &text, 99).await.unwrap();
    }
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;
    let mut page = async |query: &str| {
        let answer = ada.get(&format!("/v1/conversations/{id}/messages?{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let messages = answer.body["messages"].as_array().unwrap().clone();
        assert_eq!((&answer.body["first_seq"], &answer.body["last_seq"]), (&json!(1), &json!(12)));
        messages.iter().map(|message| message["seq"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(page("limit=3").await, [10, 11, 12]);
    assert_eq!(page("limit=3&before=10").await, [7, 8, 9]);
    assert_eq!(page("before=3").await, [1, 2]);
    assert!(page("before=1").await.is_empty());
    assert_eq!(page("after=10").await, [11, 12]);
    assert_eq!(page("after=0&limit=2").await, [1, 2]);
    let both = ada.get(&format!("/v1/conversations/{id}/messages?before=3&after=1")).await;
    assert_eq!(both.status, 400);
    assert_eq!(ada.get("/v1/conversations/none/messages").await.status, 404);
    server.stop().await;
}
