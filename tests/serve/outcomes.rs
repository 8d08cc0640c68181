//! Outcomes over HTTP: what became of real conversations, and how long ten thousand of them take.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward::store::Store;

use crate::client::{Server, config_in, site_token};

const QUESTION: &str = "Within how many days can I return boots?";

fn agent_token() -> String {
    site_token(json!({ "role": "agent", "sub": "Ada" }))
}

async fn get(server: &Server, path: &str) -> (u16, String, String) {
    server.http(&format!("GET {path}\nauthorization: Bearer {}\r\n", agent_token())).await
}

async fn json_of(server: &Server, path: &str) -> Value {
    let (status, _, body) = get(server, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

async fn survey(server: &Server, token: &str, conversation: &str, body: Value) {
    let body = body.to_string();
    let request = format!(
        "POST /v1/conversations/{conversation}/survey\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n",
        body.len()
    );
    assert_eq!(server.http_with(&request, &body).await.0, 204);
}

#[tokio::test]
async fn what_became_of_each_conversation_is_told_apart_with_those_behind_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    // Confirmed in the survey.
    let confirmed_by = server.visitor();
    let (mut socket, confirmed) = server.join(&confirmed_by, None).await;
    socket.say("m1", QUESTION).await;
    socket.until("reply").await;
    survey(&server, &confirmed_by, &confirmed, json!({ "rating": 5, "solved": true })).await;
    // Not solved, says the customer.
    let unsolved_by = server.visitor();
    let (mut socket, unsolved) = server.join(&unsolved_by, None).await;
    socket.say("m1", QUESTION).await;
    socket.until("reply").await;
    survey(&server, &unsolved_by, &unsolved, json!({ "rating": 1, "solved": false })).await;
    // Asked for a person, answered by one, closed; with a name that a spreadsheet would run.
    let handed_by = site_token(json!({ "external_id": "=HYPERLINK(\"http://evil\")" }));
    let (mut socket, handed) = server.join(&handed_by, None).await;
    socket.say("m1", "I want to talk to a person please").await;
    socket.until("reply").await;
    let (mut agent, _) = server.join(&agent_token(), Some(&handed)).await;
    agent.send(json!({ "type": "take_over" })).await;
    agent.until("holding").await;
    agent.send(json!({ "type": "message", "id": "a1", "text": "I'm here, what can I do?" })).await;
    agent.until("ack").await;
    agent.send(json!({ "type": "close" })).await;
    agent.until("event").await;
    // Just now: too early to say.
    let (mut socket, open) = server.join(&server.visitor(), None).await;
    socket.say("m1", QUESTION).await;
    socket.until("reply").await;
    // Nobody wrote here.
    server.join(&server.visitor(), None).await;

    let body = json_of(&server, "/v1/outcomes?by=day&timezone=Europe/Berlin").await;
    let totals = &body["totals"];
    let expected = json!({ "abandoned": 1, "assumed": 0, "came_back": 0, "confirmed": 1, "handed_off": 1, "open": 1 });
    assert_eq!(
        (&totals["conversations"], &totals["resolution"]),
        (&json!(4), &expected),
        "{totals}"
    );
    assert_eq!(
        (&totals["escalations"], &totals["escalation_reasons"]),
        (&json!(1), &json!({ "asks_for_person": 1 }))
    );
    assert_eq!(totals["satisfaction"]["survey"], json!({ "mean": 3.0, "n": 2 }));
    assert_eq!((&totals["steward_replies"], &totals["agent_replies"]), (&json!(4), &json!(1)));
    assert!(totals["first_response_ms"]["median"].as_i64().unwrap() > 0);
    let estimate = totals["satisfaction"]["estimate"]["mean"].as_f64().unwrap();
    assert!((1.0..=5.0).contains(&estimate), "{estimate}");
    assert_eq!(body["previous"]["conversations"], 0);
    let points = body["series"].as_array().unwrap();
    assert_eq!(points.last().unwrap()["resolution"], expected, "all of today");
    assert_eq!(points.iter().map(|point| point["conversations"].as_u64().unwrap()).sum::<u64>(), 4);

    for (filter, conversation) in [
        ("resolution=confirmed", &confirmed),
        ("resolution=abandoned", &unsolved),
        ("resolution=handed_off", &handed),
        ("reason=any", &handed),
        ("reason=asks_for_person", &handed),
        ("resolution=open", &open),
    ] {
        let behind = json_of(&server, &format!("/v1/outcomes/conversations?{filter}")).await;
        let listed = behind["conversations"].as_array().unwrap();
        assert_eq!(
            (listed.len(), &listed[0]["conversation"]),
            (1, &json!(conversation)),
            "{filter}"
        );
        assert!(!listed[0]["preview"].as_str().unwrap().is_empty());
    }
    let behind = json_of(&server, "/v1/outcomes/conversations?survey=answered").await;
    assert_eq!(
        (&behind["count"], &behind["conversations"][0]["conversation"]),
        (&json!(2), &json!(unsolved))
    );
    let none = json_of(&server, "/v1/outcomes/conversations?to_ms=1000&from_ms=0").await;
    assert_eq!(none["count"], 0);

    let (status, head, table) = get(&server, "/v1/outcomes.csv").await;
    assert!(status == 200 && head.contains("text/csv") && head.contains("attachment"), "{head}");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let hostile = rows.iter().find(|row| row.get(0) == Some(handed.as_str())).unwrap();
    assert_eq!((rows.len(), hostile.get(3)), (4, Some("handed_off")));
    for cell in rows.iter().flat_map(|row| row.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let (_, _, table) = get(&server, "/v1/outcomes.csv?what=series&by=week").await;
    assert!(table.starts_with("begins,conversations") && table.lines().count() >= 4, "{table}");

    for wrong in [
        "/v1/outcomes?from_ms=5&to_ms=5",
        "/v1/outcomes?from_ms=0",
        "/v1/outcomes?by=hour",
        "/v1/outcomes?timezone=Mars/Olympus",
        "/v1/outcomes?from_ms=-9223372036854775808&to_ms=9223372036854775807",
        "/v1/outcomes/conversations?resolution=happy",
        "/v1/outcomes/conversations?survey=maybe",
        "/v1/outcomes.csv?what=everything",
    ] {
        assert_eq!(get(&server, wrong).await.0, 400, "{wrong}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_comes_back_with_the_same_matter_came_back_and_thanks_confirm() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let again = site_token(json!({ "external_id": "C-7" }));
    for _ in 0..2 {
        let (mut socket, conversation) = server.join(&again, None).await;
        socket.say("m1", QUESTION).await;
        let (reply, _) = socket.until("reply").await;
        assert!(!reply["citations"].as_array().unwrap().is_empty(), "{reply}");
        let (mut agent, _) = server.join(&agent_token(), Some(&conversation)).await;
        agent.send(json!({ "type": "close" })).await;
        agent.until("event").await;
    }
    let thankful = server.visitor();
    let (mut socket, thanked) = server.join(&thankful, None).await;
    socket.say("m1", QUESTION).await;
    socket.until("reply").await;
    socket.say("m2", "Thank you so much, that helped a lot!").await;
    socket.until("reply").await;
    let (mut agent, _) = server.join(&agent_token(), Some(&thanked)).await;
    agent.send(json!({ "type": "close" })).await;
    agent.until("event").await;
    let totals = json_of(&server, "/v1/outcomes").await["totals"].clone();
    let expected = json!({ "abandoned": 0, "assumed": 1, "came_back": 1, "confirmed": 1, "handed_off": 0, "open": 0 });
    assert_eq!(totals["resolution"], expected, "{totals}");
    assert_eq!(totals["confirmed_by"], json!({ "words": 1 }));
    server.stop().await;
}

/// Ten thousand conversations of eight weeks: as the demo's are, in length and in what is recorded of them.
async fn fill(path: &std::path::Path, conversations: usize) {
    Store::open(path, 1).await.unwrap().close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let text = "I ordered boots two weeks ago and they have not arrived; could you tell me where they are? ".repeat(2);
    let judgement = |intent: &str, number: usize| {
        let dissatisfied = (number % 10) as f64 / 10.0;
        let causes: Vec<Value> = (0..6).map(|turn| json!({ "moved": "escalation", "by": 0.1, "turn": turn, "start": 0, "end": 9, "text": "x" })).collect();
        json!({
            "intent": { "name": intent, "score": 0.9 }, "sentiment": { "score": 0.1, "emotion": "calm", "probability": 0.5 },
            "satisfaction": { "rating": 3.5, "dissatisfied": dissatisfied, "ratings": [0.1, 0.2, 0.3, 0.2, 0.2] },
            "escalation": { "probability": 0.2, "reason": "anger", "reason_probability": 0.4 }, "causes": causes, "heads": "0123456789abcdef",
        })
        .to_string()
    };
    sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    let span = 56 * 86_400_000;
    for number in 0..conversations {
        let id = format!("c{number:06}");
        let begun = now - span + span * number as i64 / conversations as i64;
        let state = ["bot", "bot", "bot", "closed"][number % 4];
        sqlx::query("INSERT INTO conversations (id, owner, state, last_seq, last_customer_seq, answered_seq, created_ms) VALUES (?, ?, ?, 8, 7, 7, ?)")
            .bind(&id).bind(format!("customer:C-{}", number % 1000)).bind(state).bind(begun).execute(&mut connection).await.unwrap();
        for seq in 1..=8i64 {
            let author = if seq % 2 == 1 { "customer" } else { "steward" };
            let (author, words) = if seq == 6 && number % 7 == 0 {
                ("event", "handed_off")
            } else {
                (author, text.as_str())
            };
            let citations = json!([{ "source": format!("order/{}", number % 500), "title": "Order", "quote": text }]).to_string();
            let is_reply = author == "steward";
            sqlx::query("INSERT INTO messages (conversation, seq, author, message_id, text, citations, decision, answers_seq, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(&id).bind(seq).bind(author).bind(format!("{id}-{seq}")).bind(words)
                .bind(if is_reply { citations.as_str() } else { "[]" }).bind(is_reply.then_some("answer")).bind(is_reply.then_some(seq - 1))
                .bind(begun + seq * 20_000).execute(&mut connection).await.unwrap();
            if author == "customer" {
                let intent = ["track_order", "returns", "out_of_scope", "warranty"]
                    [(number + seq as usize) % 4];
                sqlx::query("INSERT INTO judgements (conversation, seq, judgement, created_ms) VALUES (?, ?, ?, ?)")
                    .bind(&id).bind(seq).bind(judgement(intent, number)).bind(begun).execute(&mut connection).await.unwrap();
            } else if is_reply {
                let record = json!({ "decision": "answer", "intent": { "name": "thanks", "score": 0.8 }, "evidence": vec!["passage"; 16] });
                sqlx::query("INSERT INTO decision_records (reply_id, conversation, record, created_ms) VALUES (?, ?, ?, ?)")
                    .bind(format!("{id}-{seq}")).bind(&id).bind(record.to_string()).bind(begun + seq * 20_000).execute(&mut connection).await.unwrap();
            }
        }
    }
    sqlx::query("COMMIT").execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

#[tokio::test]
async fn ten_thousand_conversations_are_told_in_a_moment() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    fill(&config.store_path(), 10_000).await;
    let server = Server::start(config).await;
    let from_ms = jiff::Timestamp::now().as_millisecond() - 57 * 86_400_000;
    let timed = async |path: &str| {
        let mut best = Duration::MAX;
        let mut body = String::new();
        for _ in 0..3 {
            let started = Instant::now();
            body = get(&server, path).await.2;
            best = best.min(started.elapsed());
        }
        (best, body)
    };
    let (whole, body) = timed(&format!("/v1/outcomes?from_ms={from_ms}&by=week")).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["totals"]["conversations"], 10_000);
    assert!(body["totals"]["resolution"]["came_back"].as_u64().unwrap() > 0);
    assert!(body["totals"]["escalations"].as_u64().unwrap() > 1000);
    let (weeks, _) = timed("/v1/outcomes").await;
    let (behind, _) =
        timed(&format!("/v1/outcomes/conversations?from_ms={from_ms}&resolution=came_back")).await;
    let (table, _) = timed(&format!("/v1/outcomes.csv?from_ms={from_ms}")).await;
    println!(
        "10,000 conversations: outcomes {whole:?}, of four weeks and the four before {weeks:?}, behind {behind:?}, table {table:?}"
    );
    // Far above what was measured (docs/outcomes.md): the machine may be busy.
    assert!(whole < Duration::from_secs(5), "{whole:?}");
    server.stop().await;
}
