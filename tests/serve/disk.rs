//! A disk that takes no more: said clearly, nothing acknowledged is lost, and what is there can be read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use steward::store::Store;
use tokio_tungstenite::connect_async;

use crate::client::{Client, agent, agent_directory, config_in, signed};

const SECRET: &str = "a secret that only this test and its server know";

/// `steward serve` whose files may grow to `blocks` of 512 bytes; returns where it listens.
fn serve_within(data_dir: &Path, blocks: &str) -> (Child, String) {
    // The signal of the limit is ignored, as a full disk sends none: writing fails.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_steward")])
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .env("STEWARD_IDENTITY_SECRETS", format!("disk={SECRET}"))
        .env("STEWARD_LIMITS_MESSAGES_PER_MINUTE", "100000")
        .env("STEWARD_LIMITS_WAITING_MESSAGES", "100000")
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).expect("it listens");
    (child, address.split([',', '\n']).next().unwrap().trim().to_string())
}

async fn join(address: &str, conversation: Option<&str>) -> (Client, Value) {
    let (socket, _) = connect_async(format!("ws://{address}/v1/chat")).await.unwrap();
    let mut client = Client { socket };
    let claims = json!({ "external_id": "C-1001", "exp": 4_102_444_800_u64 });
    client.hello(&signed("disk", SECRET, &claims), conversation, None).await;
    let ready = client.next().await;
    assert_eq!(ready["type"], "ready", "{ready}");
    (client, ready)
}

async fn health(address: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET /v1/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_takes_no_more_nothing_acknowledged_is_lost() {
    agent();
    let data = tempfile::tempdir().unwrap();
    let index = data.path().join("index");
    std::fs::create_dir(&index).unwrap();
    for entry in std::fs::read_dir(agent_directory().join("index")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), index.join(entry.file_name())).unwrap();
    }
    let (mut server, address) = serve_within(data.path(), "6144");
    let (mut customer, ready) = join(&address, None).await;
    let conversation = ready["conversation"].as_str().unwrap().to_string();
    let mut acknowledged = BTreeMap::new();
    let refused = loop {
        let id = format!("m{}", acknowledged.len());
        assert!(acknowledged.len() < 2000, "three megabytes are full by now");
        customer.say(&id, &format!("{id} {}", "long words ".repeat(350))).await;
        let answer = loop {
            let frame = customer.next().await;
            if frame["type"] == "ack" || frame["type"] == "error" {
                break frame;
            }
        };
        if answer["type"] == "error" {
            break answer;
        }
        acknowledged.insert(id, answer["seq"].as_i64().unwrap());
    };
    assert_eq!(refused["code"], "not_stored", "{refused}");
    assert!(refused["retry_after_ms"].is_number() && refused["id"].is_string());
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let (status, body) = health(&address).await;
    assert!(status == 503 && (body.contains("disk")), "{body}");
    // What is there can be read.
    let (mut reader, again) = join(&address, Some(&conversation)).await;
    assert!(again["seq"].as_i64().unwrap() >= acknowledged.len() as i64);
    reader.until("message").await;
    server.kill().unwrap();
    server.wait().unwrap();

    // With room again every acknowledged message is there, under its number, and new ones are taken.
    let (mut server, address) = serve_within(data.path(), "unlimited");
    let (mut customer, _) = join(&address, Some(&conversation)).await;
    customer.say("after", "Are you there again?").await;
    customer.until("ack").await;
    let (status, body) = health(&address).await;
    assert_eq!(status, 200, "{body}");
    server.kill().unwrap();
    server.wait().unwrap();
    let store = Store::open(&config_in(data.path()).store_path(), 1).await.unwrap();
    store.check_whole().await.unwrap();
    let stored = store.messages_after(&conversation, 0, u32::MAX).await.unwrap();
    for (id, seq) in &acknowledged {
        assert_eq!(stored[*seq as usize - 1].message_id, *id);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    let path = config_in(data.path()).store_path();
    let text = "this is not a database, whoever put it here ".repeat(50);
    std::fs::write(&path, &text).unwrap();
    let error = Store::open(&path, 1).await.unwrap_err();
    assert!(error.to_string().contains("conversations.sqlite"), "{error}");
    assert!(error.to_string().contains("not a database"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
