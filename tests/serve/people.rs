//! What is known of one person: given out and erased, by admins alone; backups; the audit log.

use serde_json::{Value, json};
use steward::backup::{back_up, restore};
use steward::config::Config;
use steward::retrieve::ingest::{ImportOptions, Silent, import_accounts};
use steward::setup;
use steward::store::Store;
use steward::store::audit::{Actor, AuditHead};

use crate::client::{Server, config_in, site_token};

const SECRET_WORD: &str = "Zanzibarian";

fn token(claims: Value) -> String {
    site_token(claims)
}

async fn ask(server: &Server, line: &str, token: &str) -> (u16, Value) {
    let request = format!("{line}\nauthorization: Bearer {token}\r\n");
    let (status, _, body) = server.http(&request).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// A customer's conversation with a word in it that nobody else says.
async fn say_the_word(server: &Server, customer: &str) -> String {
    let token = token(json!({ "external_id": customer }));
    let (mut socket, conversation) = server.join(&token, None).await;
    socket.say("m1", &format!("Do you sell {SECRET_WORD} boots?")).await;
    socket.until("reply").await;
    conversation
}

fn holds(config: &Config, word: &str) -> bool {
    let mut waiting = vec![config.place.data_dir.clone()];
    while let Some(at) = waiting.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if std::fs::read(&path)
                .unwrap()
                .windows(word.len())
                .any(|at| at == word.as_bytes())
            {
                return true;
            }
        }
    }
    false
}

#[tokio::test]
async fn an_admin_exports_and_erases_a_customer_and_nobody_else_may() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let conversation = say_the_word(&server, "C-1001").await;
    say_the_word(&server, "C-2002").await;
    let admin = token(json!({ "role": "admin", "sub": "Root" }));
    let agent = token(json!({ "role": "agent", "sub": "Ada" }));
    let customer = token(json!({ "external_id": "C-1001" }));
    for method in ["GET", "DELETE"] {
        let line = format!("{method} /v1/people/customer:C-1001");
        for other in [&agent, &customer, &server.visitor()] {
            assert_eq!(ask(&server, &line, other).await.0, 403, "{line}");
        }
        assert_eq!(ask(&server, &line, "x").await.0, 401);
        assert_eq!(ask(&server, &format!("{method} /v1/people/C-1001"), &admin).await.0, 400);
    }

    let (status, export) = ask(&server, "GET /v1/people/customer:C-1001", &admin).await;
    assert_eq!((status, &export["conversations"][0]["id"]), (200, &json!(conversation)));
    let said = export["conversations"][0]["messages"][0]["text"].as_str().unwrap();
    assert!(said.contains(SECRET_WORD), "{export}");
    assert!(export["conversations"][0]["judgements"][0]["judgement"].is_object());

    let (status, erased) = ask(&server, "DELETE /v1/people/customer:C-1001", &admin).await;
    assert_eq!((status, &erased["conversations"]), (200, &json!(1)));
    let (_, export) = ask(&server, "GET /v1/people/customer:C-1001", &admin).await;
    assert_eq!(export["conversations"], json!([]));
    let (_, other) = ask(&server, "GET /v1/people/customer:C-2002", &admin).await;
    assert_eq!(
        other["conversations"].as_array().unwrap().len(),
        1,
        "another customer keeps theirs"
    );
    let line = format!("GET /v1/conversations/{conversation}/transcript");
    assert_eq!(ask(&server, &line, &customer).await.0, 404);

    // The log tells who asked, without saying of whom, and is whole.
    let store = &server.state.chat().store;
    let entries = store.audit_entries(100).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["export_customer", "erase_customer", "export_customer", "export_customer"]
    );
    assert!(
        entries.iter().all(|entry| entry.actor == "agent:Root" && !entry.subject.contains("C-"))
    );
    store.verify_audit(None).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn nothing_of_an_erased_customer_is_left_on_disk() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let index = setup::index(&config).unwrap();
    let encoder = setup::encoder(&config).unwrap();
    let records = tempfile::tempdir().unwrap();
    let path = records.path().join("records.jsonl");
    let line = |id: &str, word: &str| json!({ "kind": "order", "id": format!("O-{id}"), "customer_id": id, "fields": { "item": word } });
    let lines = format!("{}\n{}\n", line("C-1", SECRET_WORD), line("C-2", "Kettle"));
    std::fs::write(&path, lines).unwrap();
    import_accounts(&index, &encoder, &[path], &ImportOptions::default(), &mut Silent).unwrap();
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let clean = steward::privacy::Masker::default();
    for owner in ["customer:C-1", "customer:C-2"] {
        let id = store.create_conversation(owner).await.unwrap();
        let text = format!(
            "{owner} asks for a {}",
            if owner.ends_with('1') { SECRET_WORD } else { "Kettle" }
        );
        store.append_customer_message(&id, "m", &clean.clean(&text), 9).await.unwrap();
    }
    assert!(holds(&config, SECRET_WORD));
    let owner = steward::data_request::owner_named("customer:C-1").unwrap();
    let erased =
        steward::data_request::erase(&store, &index, &owner, &Actor::Operator).await.unwrap();
    assert_eq!((erased.conversations, erased.records), (1, 1));
    assert!(!holds(&config, SECRET_WORD), "not in the store, its log, or the index");
    assert!(holds(&config, "Kettle"));
    store.close().await;
}

#[tokio::test]
async fn a_backup_made_while_serving_brings_everything_back_but_the_erased() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let visitor = server.visitor();
    let gone = say_the_word(&server, "C-1001").await;
    let (mut socket, kept) = server.join(&visitor, None).await;
    socket.say("m1", "How long do returns take?").await;
    socket.until("reply").await;

    let backups = tempfile::tempdir().unwrap();
    let target = backups.path().join("monday");
    back_up(data.path(), &config.store_path(), &target).await.unwrap();
    let again = back_up(data.path(), &config.store_path(), &target).await.unwrap_err();
    assert!(again.to_string().contains("already"), "{again}");
    let busy = restore(&target, data.path(), &config.store_path()).await.unwrap_err();
    assert!(busy.to_string().contains("another Steward"), "{busy}");

    // After the backup one customer is erased and another writes on.
    let admin = token(json!({ "role": "admin", "sub": "Root" }));
    assert_eq!(ask(&server, "DELETE /v1/people/customer:C-1001", &admin).await.0, 200);
    socket.say("m2", "Thanks!").await;
    socket.until("reply").await;
    server.stop().await;
    let restored = restore(&target, data.path(), &config.store_path()).await.unwrap();
    assert_eq!(restored.erased_again, 1);
    assert!(restored.set_aside.unwrap().join("conversations.sqlite").is_file());

    let server = Server::start(config.clone()).await;
    let store = &server.state.chat().store;
    assert_eq!(store.conversation(&gone).await.unwrap(), None);
    let mut resumed = server.connect().await;
    resumed.hello(&visitor, Some(&kept), Some(4)).await;
    let ready = resumed.next().await;
    assert_eq!(
        (&ready["seq"], &ready["after"]),
        (&json!(2), &json!(0)),
        "the visitor's token still works"
    );
    store.verify_audit(None).await.unwrap();
    server.stop().await;

    // A backup that was touched is not put back.
    std::fs::write(target.join("visitor.secret"), [7; 32]).unwrap();
    let changed = restore(&target, data.path(), &config.store_path()).await.unwrap_err();
    assert!(changed.to_string().contains("visitor.secret"), "{changed}");
}

#[tokio::test]
async fn records_of_the_erased_stay_out_of_what_a_backup_brings_back_even_an_older_one() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let index = setup::index(&config).unwrap();
    let encoder = setup::encoder(&config).unwrap();
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("records.jsonl");
    let line = |id: &str, word: &str| json!({ "kind": "order", "id": format!("O-{id}"), "customer_id": id, "fields": { "item": word } });
    std::fs::write(&path, format!("{}\n{}\n", line("C-1", SECRET_WORD), line("C-2", "Kettle")))
        .unwrap();
    let import = |index: &steward::retrieve::Index| {
        let paths = [path.clone()];
        import_accounts(index, &encoder, &paths, &ImportOptions::default(), &mut Silent).unwrap()
    };
    import(&index);
    let store = Store::open(&config.store_path(), 1).await.unwrap();
    let backups = tempfile::tempdir().unwrap();
    let (new, old) = (backups.path().join("new"), backups.path().join("old"));
    back_up(data.path(), &config.store_path(), &new).await.unwrap();
    assert!(!new.join("index").exists() && new.join("content.sqlite").is_file());
    // A backup as it was before imports were kept: the index in place of the content.
    copy_tree(&new, &old);
    std::fs::remove_file(old.join("content.sqlite")).unwrap();
    copy_tree(&data.path().join("index"), &old.join("index"));
    rewrite_manifest(&old);

    let owner = steward::data_request::owner_named("customer:C-1").unwrap();
    steward::data_request::erase(&store, &index, &owner, &Actor::Operator).await.unwrap();
    store.close().await;
    drop((store, index));
    for backup in [new, old] {
        let restored = restore(&backup, data.path(), &config.store_path()).await.unwrap();
        assert_eq!(restored.accounts_erased_again, 1, "{}", backup.display());
        std::fs::remove_dir_all(restored.set_aside.unwrap()).unwrap();
        let index = setup::index(&config).unwrap();
        assert_eq!(index.statistics().unwrap().account_records, 1);
        assert!(!holds(&config, SECRET_WORD), "{}", backup.display());
        assert!(holds(&config, "Kettle"));
        let checked = steward::retrieve::upkeep::check(data.path()).unwrap();
        assert_eq!(checked, steward::retrieve::upkeep::Finding::Current);
    }
    // Imported again after the erasure and backed up, they are the company's to keep.
    import(&setup::index(&config).unwrap());
    let later = backups.path().join("later");
    back_up(data.path(), &config.store_path(), &later).await.unwrap();
    let restored = restore(&later, data.path(), &config.store_path()).await.unwrap();
    assert_eq!(restored.accounts_erased_again, 0);
    let statistics = setup::index(&config).unwrap().statistics().unwrap();
    assert_eq!(statistics.account_records, 2);
}

fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else if path.extension().is_none_or(|extension| extension != "lock") {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// Lists what is in `backup` now.
fn rewrite_manifest(backup: &std::path::Path) {
    let path = backup.join("backup.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut files = serde_json::Map::new();
    for (directory, prefix) in [(backup.to_path_buf(), ""), (backup.join("index"), "index/")] {
        for entry in std::fs::read_dir(directory).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if file.is_file() && name != "backup.json" {
                let hash = steward::model::fetch::sha256_of_file(&file).unwrap();
                files.insert(format!("{prefix}{name}"), json!(hash));
            }
        }
    }
    manifest["files"] = Value::Object(files);
    std::fs::write(path, manifest.to_string()).unwrap();
}

#[tokio::test]
async fn a_log_that_was_changed_or_shortened_is_found_out() {
    let data = tempfile::tempdir().unwrap();
    let path = config_in(data.path()).store_path();
    let store = Store::open(&path, 1).await.unwrap();
    for subject in ["a", "b", "c"] {
        store.note(&Actor::Agent("Ada"), "read_conversation", subject).await.unwrap();
    }
    let head: AuditHead = store.verify_audit(None).await.unwrap();
    assert_eq!(head.to_string().parse::<AuditHead>().unwrap(), head);
    store.verify_audit(Some(&head)).await.unwrap();
    store.close().await;
    drop(store);
    let tamper = |sql: &str| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let sql = sqlx::AssertSqlSafe(sql.to_string());
        async move {
            let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
        }
    };
    assert!(tamper("UPDATE audit SET actor = 'agent:Ben' WHERE seq = 2").await.is_err());
    assert!(tamper("DELETE FROM audit").await.is_err());
    // Somebody with the file in hand removes the triggers first.
    let without = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;";
    tamper(&format!("{without} DELETE FROM audit WHERE seq = 3")).await.unwrap();
    let store = Store::open(&path, 1).await.unwrap();
    store.verify_audit(None).await.unwrap();
    assert!(store.verify_audit(Some(&head)).await.is_err(), "the noted head is gone");
    store.close().await;
    drop(store);
    tamper("UPDATE audit SET actor = 'agent:Ben' WHERE seq = 2").await.unwrap();
    let store = Store::open(&path, 1).await.unwrap();
    let error = store.verify_audit(None).await.unwrap_err();
    assert!(error.to_string().contains("entry 2"), "{error}");
}

#[tokio::test]
async fn old_conversations_go_when_the_setting_says_so() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(&config_in(data.path()).store_path(), 1).await.unwrap();
    let id = store.create_conversation("visitor:1").await.unwrap();
    let clean = steward::privacy::Masker::default();
    store.append_customer_message(&id, "m", &clean.clean("Hello"), 9).await.unwrap();
    assert!(store.remove_older(60_000).await.unwrap().is_empty());
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert_eq!(store.remove_older(5).await.unwrap().len(), 1);
    assert_eq!(store.conversation(&id).await.unwrap(), None);
}
