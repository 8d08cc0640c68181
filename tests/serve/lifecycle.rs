//! Stopping, starting again, and who may write at the same time.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use steward::http::AppState;
use steward::store::desk::{Filter, Search, Sort};
use steward::store::takeover::Change;
use steward::store::{ConversationState, Moved, NewReply, Store};
use steward::turn::DecisionKind;

use steward::privacy::{CleanText, Masker};

use crate::client::{PATIENCE, Server, config_in};

fn clean(text: &str) -> CleanText {
    Masker::default().clean(text)
}

#[tokio::test]
async fn stopping_lets_the_reply_finish_and_closes_with_1001() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let (mut busy, _) = server.join(&server.visitor(), None).await;
    let (mut idle, _) = server.join(&server.visitor(), None).await;
    busy.say("m1", "What does the warranty cover?").await;
    let (typing, _) = busy.until("event").await;
    assert_eq!(typing["event"], "typing");
    server.begin_stopping();
    busy.until("reply").await;
    assert_eq!(busy.close_code().await, Some(1001));
    assert_eq!(idle.close_code().await, Some(1001));
    let address = server.address;
    tokio::time::timeout(PATIENCE, server.stop()).await.expect("an end");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_message_left_unanswered_is_answered_once_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    // An earlier process acknowledged the message and died in the middle of the turn.
    let first = Server::start(config_in(tempfile::tempdir().unwrap().path())).await;
    drop(first);
    let id = store.create_conversation("customer:C-1001").await.unwrap();
    store.append_customer_message(&id, "m1", &clean("Where is my order?"), 10).await.unwrap();
    assert!(store.begin_turn(&id).await.unwrap().is_some());
    store.close().await;
    drop(store);

    for _ in 0..2 {
        let server = Server::start(config.clone()).await;
        let answered = async {
            loop {
                let store = &server.state.chat().store;
                let messages = store.messages_after(&id, 0, 99).await.unwrap();
                if messages.iter().any(|message| message.answers_seq == Some(1)) {
                    return messages;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let messages = tokio::time::timeout(PATIENCE, answered).await.expect("an answer");
        let replies = messages.iter().filter(|message| message.answers_seq.is_some()).count();
        assert_eq!(replies, 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_message_that_keeps_failing_goes_to_a_person() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let id = store.create_conversation("customer:C-1001").await.unwrap();
    store.append_customer_message(&id, "m1", &clean("Where is my order?"), 10).await.unwrap();
    for _ in 0..3 {
        store.begin_turn(&id).await.unwrap();
    }
    store.close().await;
    drop(store);
    let server = Server::start(config).await;
    let queued = async {
        loop {
            let conversation = server.state.chat().store.conversation(&id).await.unwrap().unwrap();
            if conversation.state == ConversationState::Queued {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, queued).await.expect("a hand-off");
    server.stop().await;
}

#[tokio::test]
async fn a_reply_begun_before_a_person_took_over_cannot_land() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let id = store.create_conversation("visitor:1").await.unwrap();
    store.append_customer_message(&id, "m1", &clean("Hello"), 10).await.unwrap();
    let ticket = store.begin_turn(&id).await.unwrap().unwrap();
    let take_over = Change::TakeOver { agent: "ada", from_another: false };
    assert!(matches!(store.change(&id, take_over).await.unwrap(), Moved::Now(_)));
    let reply = NewReply {
        reply_id: "r1".into(),
        text: "Too late".into(),
        citations: Vec::new(),
        decision: DecisionKind::Answer,
        record: serde_json::json!({}),
        judgement: None,
        suggestions: Vec::new(),
    };
    assert_eq!(store.append_reply(&ticket, &reply).await.unwrap(), None);
    assert!(store.decision_record("r1").await.unwrap().is_none());
    let stored = store.messages_after(&id, 0, 9).await.unwrap();
    assert_eq!(stored.len(), 2);
    assert!(store.begin_turn(&id).await.unwrap().is_none(), "the person answers now");
}

#[tokio::test]
async fn one_process_writes_a_data_directory() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let error = Store::open(&config.store_path(), 1).await.unwrap_err();
    assert!(error.to_string().contains("another Steward"), "{error}");
    store.close().await;
    let next = Store::open(&config.store_path(), 1).await.unwrap();
    assert!(store.create_conversation("visitor:1").await.is_err(), "a closed store writes no more");
    next.create_conversation("visitor:1").await.unwrap();
}

/// What still runs for a moment after the end may hold the store; the next process need not wait for it.
#[tokio::test]
async fn a_server_that_ended_leaves_its_data_directory_to_the_next_one() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(config_in(data.path())).await;
    let still_held = first.state.clone();
    first.stop().await;
    let second = Server::start(config_in(data.path())).await;
    second.stop().await;
    drop(still_held);
}

#[cfg(unix)]
#[tokio::test]
async fn secrets_are_kept_and_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(config_in(data.path())).await;
    let token = first.visitor();
    first.stop().await;
    for name in ["visitor.secret", "demo.secret", "conversations.sqlite"] {
        let metadata = std::fs::metadata(data.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let second: Server = Server::start(config_in(data.path())).await;
    let state: &AppState = &second.state;
    assert!(state.tokens().check(&token).is_ok());
    second.stop().await;
}

/// What the desk lists and searches is filled in for conversations that were kept before there was a desk.
#[tokio::test]
async fn a_data_directory_of_before_the_desk_is_listed_and_searched() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let before = data.path().join("before");
    std::fs::create_dir(&before).unwrap();
    for file in std::fs::read_dir("migrations").unwrap() {
        let (name, path) = file.map(|file| (file.file_name(), file.path())).unwrap();
        if path.is_file() && *name.to_string_lossy() < *"0007" {
            std::fs::copy(path, before.join(name)).unwrap();
        }
    }
    let file = SqliteConnectOptions::new().filename(config.store_path()).create_if_missing(true);
    let pool = SqlitePool::connect_with(file).await.unwrap();
    Migrator::new(before.as_path()).await.unwrap().run(&pool).await.unwrap();
    sqlx::raw_sql(
        r#"INSERT INTO conversations (id, owner, state, state_ms, last_seq, last_customer_seq, created_ms)
        VALUES ('c1', 'customer:7', 'queued', 2000, 1, 1, 1000);
        INSERT INTO messages (conversation, seq, author, message_id, text, created_ms)
        VALUES ('c1', 1, 'customer', 'm1', 'My parcel never came', 2000);
        INSERT INTO judgements (conversation, seq, judgement, created_ms)
        VALUES ('c1', 1, '{"escalation":{"probability":0.8,"reason":"anger"}}', 2000);"#,
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;

    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let page = store.list(&Filter::default(), Sort::Urgency, None, 9).await.unwrap();
    let [entry] = page.entries.as_slice() else { panic!("{page:?}") };
    assert_eq!((entry.preview.as_str(), entry.last_ms), ("My parcel never came", 2000));
    assert_eq!(entry.waiting_since_ms, Some(2000));
    assert_eq!(entry.escalation, Some(0.8));
    let search = Search { words: "parcel".into(), limit: 9, ..Search::default() };
    assert_eq!(store.search(&search).await.unwrap().len(), 1);
    store.close().await;
}
