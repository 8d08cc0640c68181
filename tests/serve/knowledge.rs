//! Articles edited over HTTP: the truth on disk, answered from at once; and drafts that are tried without being saved.

use std::sync::Arc;

use serde_json::{Value, json};
use steward::setup;
use steward::turn::Agent;

use crate::client::{Server, config_in};
use crate::suggestions::{admin_headers, agent_headers, ask};

/// A server with an empty knowledge of its own.
async fn server(data: &std::path::Path) -> (Server, Arc<Agent>) {
    let config = config_in(data);
    let for_agent = config.clone();
    let load = move || Arc::new(setup::agent(&for_agent).unwrap());
    let agent = tokio::task::spawn_blocking(load).await.unwrap();
    (Server::start_with(config, agent.clone()).await, agent)
}

async fn json_of(server: &Server, line: &str, headers: &str, body: Value) -> (u16, Value) {
    let (status, answer) = ask(server, line, headers, body).await;
    (status, serde_json::from_str(&answer).unwrap_or(Value::String(answer)))
}

#[tokio::test]
async fn an_article_is_added_changed_answered_from_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let (server, _agent) = server(data.path()).await;
    let admin = admin_headers();
    let text = "Ceramic mugs may be returned within 14 days.\n\n## How\n\n- Pack it well.\n- Use [our label](https://shop.example/label).";
    let body = json!({ "title": "Returning mugs", "text": text, "language": "en" });
    let (status, added) = json_of(&server, "POST /v1/knowledge", &admin, body).await;
    assert_eq!((status, added["id"].as_str()), (200, Some("returning-mugs")), "{added}");

    let question = "How long do I have to return a ceramic mug?";
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", question).await;
    assert!(customer.until("reply").await.0["text"].as_str().unwrap().contains("14 days"));

    let line = "GET /v1/knowledge/returning-mugs";
    let (_, article) = json_of(&server, line, &agent_headers(), Value::Null).await;
    assert_eq!(article["text"], text, "what was written is what is edited");
    let version = article["version"].as_str().unwrap();

    // A draft is tried, and nothing of it is saved.
    let draft = json!({ "id": "returning-mugs", "title": "Returning mugs", "text": text.replace("14", "90") });
    let tried = json!({ "question": question, "draft": draft });
    let (status, tried) = json_of(&server, "POST /v1/knowledge/try", &agent_headers(), tried).await;
    assert_eq!(status, 200, "{tried}");
    assert!(tried["before"]["text"].as_str().unwrap().contains("14 days"), "{tried}");
    assert!(tried["after"]["text"].as_str().unwrap().contains("90 days"), "{tried}");
    let new = json!({ "question": "Do you repair zithers?", "draft": { "title": "Zithers", "text": "We repair zithers in 8 weeks." } });
    let (_, tried) = json_of(&server, "POST /v1/knowledge/try", &agent_headers(), new).await;
    assert!(tried["after"]["text"].as_str().unwrap().contains("8 weeks"), "{tried}");
    assert!(!tried["before"]["text"].as_str().unwrap().contains("8 weeks"), "{tried}");
    let (_, same) = json_of(&server, line, &agent_headers(), Value::Null).await;
    assert_eq!(same, article);

    // Who saves over what another saved is told.
    let change = |days: &str| json!({ "title": "Returning mugs", "text": text.replace("14", days), "version": version });
    let put = "PUT /v1/knowledge/returning-mugs";
    let (one, two) = tokio::join!(
        json_of(&server, put, &admin, change("21")),
        json_of(&server, put, &admin, change("28")),
    );
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    // Whoever came second met the other's version, or its lock.
    assert!(statuses[0] == 200 && [409, 503].contains(&statuses[1]), "{one:?} {two:?}");
    let (status, _) = json_of(&server, put, &admin, change("35")).await;
    assert_eq!(status, 409);
    customer.say("m2", question).await;
    let said = customer.until("reply").await.0["text"].as_str().unwrap().to_string();
    assert!(said.contains("21 days") || said.contains("28 days"), "{said}");

    let (_, found) =
        json_of(&server, "GET /v1/knowledge?q=ceramic", &agent_headers(), Value::Null).await;
    assert_eq!(found["articles"].as_array().unwrap().len(), 1);
    assert!(found["articles"][0]["updated_ms"].is_i64());
    let (_, none) =
        json_of(&server, "GET /v1/knowledge?q=zither", &agent_headers(), Value::Null).await;
    assert_eq!(none["articles"].as_array().unwrap().len(), 0);

    let (status, _) =
        json_of(&server, "DELETE /v1/knowledge/returning-mugs", &admin, Value::Null).await;
    assert_eq!(status, 204);
    let (status, _) =
        json_of(&server, "DELETE /v1/knowledge/returning-mugs", &admin, Value::Null).await;
    assert_eq!(status, 404);
    customer.say("m3", question).await;
    assert!(!customer.until("reply").await.0["text"].as_str().unwrap().contains("days"));

    let (_, log) = json_of(&server, "GET /v1/audit?limit=10", &admin, Value::Null).await;
    let actions: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    for action in ["remove_article", "change_article", "add_article"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_article_is_refused_with_what_is_wrong() {
    let data = tempfile::tempdir().unwrap();
    let (server, _agent) = server(data.path()).await;
    for (body, says) in [
        (json!({ "title": "", "text": "x" }), "title"),
        (json!({ "title": "x", "text": "" }), "no text"),
        (json!({ "title": "x", "text": "y", "colour": "z" }), "colour"),
        (json!({ "title": "x".repeat(400), "text": "y" }), "longer"),
    ] {
        let (status, answer) = ask(&server, "POST /v1/knowledge", &admin_headers(), body).await;
        assert!((400..500).contains(&status) && answer.contains(says), "{status} {answer}");
    }
    let (status, _) =
        ask(&server, "POST /v1/knowledge", &agent_headers(), json!({ "title": "x", "text": "y" }))
            .await;
    assert_eq!(status, 403, "agents may not");
    let body = json!({ "text": "<script>x</script>\n\n[a](javascript:x)" });
    let (_, shown) = json_of(&server, "POST /v1/knowledge/preview", &agent_headers(), body).await;
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("javascript:"), "{html}");
    server.stop().await;
}
