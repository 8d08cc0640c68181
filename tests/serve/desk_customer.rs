//! Whom a conversation is with, prepared replies, search, and the supervisor's view.

use serde_json::{Value, json};
use steward::retrieve::ingest::{ImportOptions, Silent, import_accounts};
use steward::setup;
use steward::team::Role;

use crate::browser::{holds, signed_in};
use crate::client::{PATIENCE, Server, config_in, site_token};

const WORD: &str = "Pachycephalosaurus";

/// A server whose customer C-1 has an account.
async fn with_account(data: &std::path::Path) -> Server {
    let config = config_in(data);
    let records = data.join("records.jsonl");
    let lines = [
        json!({ "kind": "customer", "id": "C-1", "customer_id": "C-1", "fields": { "name": { "first": "Jo", "last": "Bloggs" } } }),
        json!({ "kind": "order", "id": "FH-20001", "customer_id": "C-1", "fields": { "placed_on": "2026-01-02", "status": "delivered", "total": 40.0 } }),
        json!({ "kind": "order", "id": "FH-20002", "customer_id": "C-1", "fields": { "placed_on": "2026-02-02", "status": "shipped", "total": 21.5,
            "items": [{ "name": "Mug", "price": 21.5 }] } }),
        json!({ "kind": "order", "id": "FH-20009", "customer_id": "C-2", "fields": { "placed_on": "2026-02-02", "status": "lost", "total": 900.0 } }),
    ];
    std::fs::write(&records, lines.map(|line| line.to_string()).join("\n")).unwrap();
    let index = setup::index(&config).unwrap();
    let encoder = setup::encoder(&config).unwrap();
    import_accounts(&index, &encoder, &[records], &ImportOptions::default(), &mut Silent).unwrap();
    let agent = std::sync::Arc::new(setup::agent(&config).unwrap());
    Server::start_with(config, agent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_stands_beside_the_conversation_and_fills_prepared_replies() {
    let data = tempfile::tempdir().unwrap();
    let server = with_account(data.path()).await;
    let token = site_token(json!({ "external_id": "C-1" }));
    let (mut customer, conversation) = server.join(&token, None).await;
    customer.say("m1", "What is the status of order FH-20002?").await;
    let (reply, _) = customer.until("reply").await;
    let (mut visitor, of_visitor) = server.join(&server.visitor(), None).await;
    visitor.say("m1", "Hello").await;
    visitor.until("reply").await;
    let (_, earlier) = server.join(&token, None).await;
    let mut ada = signed_in(&server, "Ada", Role::Agent).await;

    let panel = ada.get(&format!("/v1/conversations/{conversation}/customer")).await.body;
    assert_eq!((&panel["name"], &panel["signed_in"]), (&json!("Jo Bloggs"), &json!(true)));
    let records = panel["records"].as_array().unwrap();
    let ids: Vec<_> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["C-1", "FH-20001", "FH-20002"], "nobody else's");
    let used: Vec<_> = records.iter().map(|record| record["used"] == true).collect();
    assert_eq!(used, [false, false, true], "{reply} {panel}");
    let item = json!({ "name": "item", "value": "Mug: price $21.50" });
    assert!(records[2]["fields"].as_array().unwrap().contains(&item), "{}", records[2]);
    assert_eq!(panel["facts_used"][0]["source"], "order/FH-20002");
    assert_eq!(panel["facts_used"][0]["seq"], reply["seq"]);
    assert_eq!(panel["conversations"], json!([]), "nothing was said in {earlier}");
    let panel = ada.get(&format!("/v1/conversations/{of_visitor}/customer")).await.body;
    assert_eq!(
        (&panel["records"], &panel["signed_in"], &panel["name"]),
        (&json!([]), &json!(false), &Value::Null)
    );

    // The list knows whose it is and what they are worth, a moment later; and what a visitor says of themselves.
    let named = async {
        loop {
            let list = ada.get("/v1/desk/conversations?state=all&q=bloggs").await.body;
            if let Some(entry) = list["conversations"].get(0) {
                return entry.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let entry = tokio::time::timeout(PATIENCE, named).await.unwrap();
    assert_eq!((&entry["owner_name"], &entry["value"]), (&json!("Jo Bloggs"), &json!(61.5)));

    let reply = |shortcut: &str, text: &str| json!({ "shortcut": shortcut, "title": "Status", "text": text });
    let text =
        "Hi {{customer.name}}, {{order.id}} is {{order.status}}. {{agent.name}}, {{flight.gate}}";
    let canned = ada.post("/v1/desk/canned", reply("status", text)).await;
    assert_eq!(canned.status, 200, "{canned:?}");
    let id = canned.body["id"].as_str().unwrap().to_string();
    assert_eq!(ada.post("/v1/desk/canned", reply("STATUS", "x")).await.status, 409);
    assert_eq!(ada.post("/v1/desk/canned", reply("two words", "x")).await.status, 400);
    assert_eq!(ada.post("/v1/desk/canned", reply("empty", " ")).await.status, 400);
    let filled = ada
        .post(&format!("/v1/conversations/{conversation}/canned/{id}/render"), Value::Null)
        .await
        .body;
    assert_eq!(filled["text"], "Hi Jo Bloggs, FH-20002 is shipped. Ada, {{flight.gate}}");
    assert_eq!(filled["missing"], json!(["flight.gate"]));
    let filled = ada
        .post(&format!("/v1/conversations/{of_visitor}/canned/{id}/render"), Value::Null)
        .await
        .body;
    assert_eq!(
        filled["missing"],
        json!(["customer.name", "order.id", "order.status", "flight.gate"])
    );
    let path = format!("/v1/desk/canned/{id}");
    let changed = ada.send("PUT", &path, reply("where", "{{conversation.id}}")).await.body;
    assert_eq!((&changed["shortcut"], &changed["by"]), (&json!("where"), &json!("Ada")));
    assert_eq!(ada.get("/v1/desk/canned").await.body["canned"].as_array().unwrap().len(), 1);
    assert_eq!(ada.send("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(ada.send("DELETE", &path, Value::Null).await.status, 404);
    assert_eq!(ada.send("PUT", &path, reply("where", "x")).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn what_was_said_is_found_until_the_person_is_erased() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = site_token(json!({ "external_id": "C-gone" }));
    let (mut customer, conversation) = server.join(&token, None).await;
    customer.say("m1", &format!("Do you sell {WORD} boots?")).await;
    customer.until("reply").await;
    let (mut visitor, _) = server.join(&server.visitor(), None).await;
    visitor.say("m1", "Do you sell other boots?").await;
    visitor.until("reply").await;
    let mut ada = signed_in(&server, "Ada", Role::Admin).await;
    let search = format!("/v1/desk/search?q={}", WORD.to_lowercase());
    let found = ada.get(&search).await.body;
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["conversation"], &hit["seq"], &hit["from"]),
        (&json!(conversation), &json!(1), &json!("customer"))
    );
    assert_eq!(hit["snippet"], format!("Do you sell «{WORD}» boots?"));
    assert!(ada.get("/v1/desk/search?q=boots").await.body["hits"].as_array().unwrap().len() >= 2);
    let later = format!("{search}&from_ms=9999999999999");
    assert_eq!(ada.get(&later).await.body, json!({ "hits": [] }));
    assert_eq!(ada.get("/v1/desk/search?q=boots&limit=x").await.status, 400);
    let note = json!({ "id": "n1", "text": format!("a note on {WORD}") });
    ada.post(&format!("/v1/conversations/{conversation}/notes"), note).await;
    let tags = json!({ "tags": [WORD] });
    ada.send("PUT", &format!("/v1/conversations/{conversation}/tags"), tags).await;

    let export = ada.get("/v1/people/customer:C-gone").await.body;
    assert_eq!(export["conversations"][0]["notes"][0]["id"], "n1");
    assert_eq!(export["conversations"][0]["tags"], json!([WORD]));
    let erased = ada.send("DELETE", "/v1/people/customer:C-gone", Value::Null).await;
    assert_eq!((erased.status, &erased.body["conversations"]), (200, &json!(1)));
    assert_eq!(ada.get(&search).await.body, json!({ "hits": [] }));
    assert_eq!(ada.get("/v1/desk/tags").await.body, json!({ "tags": [] }));
    assert!(!ada.get("/v1/desk/search?q=boots").await.body["hits"].as_array().unwrap().is_empty());
    server.stop().await;
    for word in [WORD.to_string(), WORD.to_lowercase()] {
        assert!(!holds(data.path(), &word), "{word} is still on disk");
    }
}

#[tokio::test]
async fn a_supervisor_sees_who_is_busy_and_what_is_at_risk() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut ada = signed_in(&server, "Ada", Role::Admin).await;
    let mut ben = signed_in(&server, "Ben", Role::Agent).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "I want to talk to a human, please.").await;
    customer.until("reply").await;
    let (mut second, _) = server.join(&server.visitor(), None).await;
    second.say("m1", "Let me speak to a person!").await;
    second.until("reply").await;
    let token = crate::browser::socket_token(&mut ben).await;
    let (mut agent, _) = server.join(&token, Some(&conversation)).await;
    agent.send(json!({ "type": "take_over" })).await;
    agent.say("a1", "Ben here.").await;
    agent.until("ack").await;
    customer.say("m2", "At last.").await;
    customer.until("ack").await;
    let team = ada.get("/v1/desk/team").await.body;
    let of = |name: &str| {
        let members = team["members"].as_array().unwrap();
        members.iter().find(|one| one["name"] == name).unwrap().clone()
    };
    let ben_now = of("Ben");
    assert_eq!((&ben_now["online"], &ben_now["waiting"]), (&json!(true), &json!(1)), "{team}");
    assert_eq!(ben_now["holding"], json!([conversation]));
    assert!(ben_now["first_response_ms_median"].as_i64().unwrap() >= 0);
    let ada_now = of("Ada");
    assert_eq!((&ada_now["role"], &ada_now["holding"]), (&json!("admin"), &json!([])));
    assert_eq!(team["queue"]["length"], 1);
    assert!(team["queue"]["longest_wait_ms"].as_i64().unwrap() >= 0);
    assert!(team["at_risk"].is_array());
    server.stop().await;
}
