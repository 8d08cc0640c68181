//! Files: taken piece by piece, told by their bytes, seen by their conversation alone, gone with their person.

use std::path::PathBuf;

use serde_json::{Value, json};
use steward::backup::{back_up, restore};
use steward::config::Config;
use steward::store::files::{FileAdded, FileRoom, NewFile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Server, config_in, site_token};

/// The smallest picture: one transparent point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\xdac\xfc\xff\xff\x3f\0\x05\xfe\x02\xfe\
    \xa7\x35\x81\x84\0\0\0\0IEND\xaeB`\x82";
const WORD: &str = "Zanzibarian";

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_string()
    }
}

/// A request with any bytes; `headers` each end with CRLF.
async fn send(server: &Server, line: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may answer before it has read all.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    Answer { status: head[9..12].parse().unwrap(), head, body: answer[end + 4..].to_vec() }
}

async fn upload(
    server: &Server,
    token: &str,
    conversation: &str,
    query: &str,
    media_type: &str,
    body: &[u8],
) -> Answer {
    let headers = format!(
        "authorization: Bearer {token}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n",
        body.len()
    );
    send(server, &format!("POST /v1/conversations/{conversation}/files?{query}"), &headers, body)
        .await
}

async fn get(server: &Server, token: &str, id: &str) -> Answer {
    send(server, &format!("GET /v1/files/{id}"), &format!("authorization: Bearer {token}\r\n"), b"")
        .await
}

/// A text that `token` uploads; returns its id.
pub async fn uploaded(
    server: &Server,
    token: &str,
    conversation: &str,
    id: &str,
    text: &[u8],
) -> String {
    let query = format!("id={id}&name=note.txt");
    let answer = upload(server, token, conversation, &query, "text/plain", text).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["id"].as_str().unwrap().to_string()
}

fn kept(config: &Config) -> Vec<PathBuf> {
    let directory = config.place.data_dir.join("files");
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn agent_token() -> String {
    site_token(json!({ "role": "agent", "sub": "Ada" }))
}

#[tokio::test]
async fn a_picture_goes_with_a_message_to_everybody_who_may_see_it() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let (mut agent, _) = server.join(&agent_token(), Some(&conversation)).await;

    let answer = upload(
        &server,
        &visitor,
        &conversation,
        "id=f1&name=..%2Fmy%20boots.PNG",
        "image/png",
        PNG,
    )
    .await;
    let file = answer.json();
    let expected = json!({ "id": file["id"], "name": "my boots.png", "type": "image/png", "bytes": PNG.len() });
    assert_eq!((answer.status, &file), (200, &expected));
    let again =
        upload(&server, &visitor, &conversation, "id=f1&name=other.png", "image/png", PNG).await;
    assert_eq!(again.json(), file, "the same id is the same file");
    let id = file["id"].as_str().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(data.path().join("files").join(id)), 0o600);
        assert_eq!(mode(data.path().join("files")), 0o700);
    }

    // A message of a file alone; it is shown to the agent, and Steward says that it cannot read it.
    customer.send(json!({ "type": "message", "id": "m1", "files": [id] })).await;
    let (shown, _) = agent.until("message").await;
    assert_eq!((&shown["text"], &shown["files"]), (&json!(""), &json!([expected])));
    let (reply, _) = customer.until("reply").await;
    assert_eq!(reply["decision"], "clarify");
    assert!(reply["text"].as_str().unwrap().contains("can't open files"), "{reply}");
    // "Yes" to the offer of a person.
    customer.say("m2", "yes please").await;
    assert_eq!(customer.until("reply").await.0["decision"], "hand_off");

    // From the store, and in the transcript.
    let (mut late, _) = server.join(&visitor, Some(&conversation)).await;
    assert_eq!(late.until("message").await.0["files"], json!([expected]));
    let headers = format!("authorization: Bearer {visitor}\r\n");
    let transcript =
        send(&server, &format!("GET /v1/conversations/{conversation}/transcript"), &headers, b"")
            .await;
    assert_eq!(transcript.json()["messages"][0]["files"], json!([expected]));

    for token in [&visitor, &agent_token()] {
        let answer = get(&server, token, id).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, PNG));
        for header in [
            "content-type: image/png",
            "content-disposition: inline; filename=\"my boots.png\"",
            "x-content-type-options: nosniff",
            "content-security-policy: default-src 'none'; sandbox",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{header} in {}", answer.head);
        }
    }
    for token in [server.visitor(), site_token(json!({ "external_id": "C-1" }))] {
        assert_eq!(get(&server, &token, id).await.status, 404);
        let elsewhere = upload(&server, &token, &conversation, "id=x", "image/png", PNG).await;
        assert_eq!(elsewhere.status, 404);
    }
    assert_eq!(get(&server, "nonsense", id).await.status, 401);
    assert_eq!(get(&server, &visitor, "..%2f..%2fvisitor.secret").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.widget.max_file_bytes = 1000;
    config.widget.conversation_file_bytes = 2500;
    config.widget.file_types.retain(|kind| kind.name() != "gif");
    let server = Server::start(config.clone()).await;
    let visitor = server.visitor();
    let (_, conversation) = server.join(&visitor, None).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    let mut polyglot = PNG.to_vec();
    polyglot.extend_from_slice(html);
    for (media_type, body, status, code) in [
        ("image/svg+xml", &svg[..], 415, "file_type"),
        ("text/html", &html[..], 415, "file_type"),
        ("image/png", &svg[..], 415, "file_type"),
        ("text/plain", &html[..], 415, "file_type"),
        ("image/jpeg", PNG, 415, "file_type"),
        ("text/plain", PNG, 415, "file_type"),
        ("image/gif", b"GIF89a\x01\0\x01\0\0\0\0;", 415, "file_type"),
        ("application/octet-stream", b"MZ\x90\0\x03\0", 415, "file_type"),
        ("application/zip", b"PK\x03\x04", 415, "file_type"),
        ("image/png; x=y", b"nothing like it", 415, "file_type"),
        ("text/plain", b"", 400, "bad_request"),
        ("text/plain", &[b'a'; 1001], 413, "file_too_large"),
        ("text/plain", &[b'a'; 100_000], 413, "file_too_large"),
    ] {
        let answer =
            upload(&server, &visitor, &conversation, "id=f1&name=a.png", media_type, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{media_type} {}",
            body.len()
        );
    }
    // Without a length: the size is counted as it comes.
    let mut chunked = b"3e9\r\n".to_vec();
    chunked.extend_from_slice(&[b'a'; 0x3e9]);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let line = format!("POST /v1/conversations/{conversation}/files?id=f1");
    let headers = format!("authorization: Bearer {visitor}\r\ntransfer-encoding: chunked\r\n");
    assert_eq!(send(&server, &line, &headers, &chunked).await.code(), "file_too_large");
    for query in [
        "",
        "id=",
        "id=f1&path=%2Fetc",
        &format!("id={}", "x".repeat(129)),
        &format!("id=f1&name={}", "x".repeat(1001)),
    ] {
        let answer = upload(&server, &visitor, &conversation, query, "image/png", PNG).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{query}");
    }
    assert_eq!(kept(&config), Vec::<PathBuf>::new(), "nothing of them is left");

    // A picture with a page behind it is served as a picture that nothing runs in, and a page as nothing at all.
    let answer =
        upload(&server, &visitor, &conversation, "id=f1&name=page.html", "image/png", &polyglot)
            .await;
    assert_eq!(answer.json()["name"], "page_html.png");
    let served = get(&server, &visitor, answer.json()["id"].as_str().unwrap()).await;
    assert!(served.head.contains("content-type: image/png") && served.head.contains("nosniff"));
    // A text is saved, never shown; its name cannot leave the header.
    let query = "id=f2&name=evil%22%0D%0ASet-Cookie%3A%20a%3Db%E2%80%AEtxt.exe";
    let answer = upload(&server, &visitor, &conversation, query, "text/plain", b"just words").await;
    let served = get(&server, &visitor, answer.json()["id"].as_str().unwrap()).await;
    assert!(
        served.head.contains("content-disposition: attachment;")
            && !served.head.contains("\r\nset-cookie")
    );

    // Rooms are limited, and others have theirs.
    let filling = [b'a'; 1000];
    let mut codes = Vec::new();
    for number in 3..8 {
        let query = format!("id=f{number}");
        codes.push(
            upload(&server, &visitor, &conversation, &query, "text/plain", &filling).await.code(),
        );
    }
    assert_eq!(codes.iter().filter(|code| code.as_str() == "file_quota").count(), 3, "{codes:?}");
    let (_, other) = server.join(&visitor, None).await;
    uploaded(&server, &visitor, &other, "f1", b"room here").await;
    // A customer gives a card number away in a name: it is masked there too.
    let answer = upload(
        &server,
        &visitor,
        &other,
        "id=f9&name=4111%201111%201111%201111.txt",
        "text/plain",
        b"x",
    )
    .await;
    assert!(!answer.json()["name"].as_str().unwrap().contains("1111 1111"), "{}", answer.json());
    server.stop().await;
}

#[tokio::test]
async fn a_message_takes_only_files_that_are_its_own_and_each_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let (_, other) = server.join(&visitor, None).await;
    let mine = uploaded(&server, &visitor, &conversation, "f1", b"mine").await;
    let elsewhere = uploaded(&server, &visitor, &other, "f1", b"of another conversation").await;
    let agents = uploaded(&server, &agent_token(), &conversation, "f1", b"of the agent").await;
    assert_eq!(get(&server, &visitor, &agents).await.status, 404, "not sent yet");
    for files in
        [json!([elsewhere]), json!([agents]), json!([mine, mine]), json!([mine, "nonsense"])]
    {
        customer
            .send(json!({ "type": "message", "id": "m0", "text": "look", "files": files }))
            .await;
        let (fault, _) = customer.until("error").await;
        assert_eq!(
            (&fault["code"], &fault["id"]),
            (&json!("unknown_file"), &json!("m0")),
            "{files}"
        );
    }
    let eleven = vec!["x"; 11];
    customer.send(json!({ "type": "message", "id": "m0", "text": "look", "files": eleven })).await;
    assert_eq!(customer.error_code().await, "bad_frame");
    customer.send(json!({ "type": "message", "id": "m0", "text": "" })).await;
    assert_eq!(customer.error_code().await, "empty_message");

    // Words with a file are answered by the words.
    customer.send(json!({ "type": "message", "id": "m1", "text": "Within how many days can I return boots?", "files": [mine] })).await;
    assert_eq!(customer.until("ack").await.0["seq"], 1, "what was refused took no number");
    let (reply, _) = customer.until("reply").await;
    assert!(reply["text"].as_str().unwrap().contains("30 days"), "{reply}");
    customer.send(json!({ "type": "message", "id": "m2", "text": "again", "files": [mine] })).await;
    assert_eq!(customer.error_code().await, "unknown_file");
    // The same message again is the same message, although its files are taken.
    customer.send(json!({ "type": "message", "id": "m1", "text": "x", "files": [mine] })).await;
    assert_eq!(customer.until("ack").await.0["seq"], 1);

    // A person sends one back.
    let (mut agent, _) = server.join(&agent_token(), Some(&conversation)).await;
    agent.send(json!({ "type": "take_over" })).await;
    agent.until("holding").await;
    agent
        .send(json!({ "type": "message", "id": "a1", "text": "Here it is", "files": [agents] }))
        .await;
    let reply = loop {
        let (reply, _) = customer.until("reply").await;
        if reply["from"] == "agent" {
            break reply;
        }
    };
    assert_eq!(reply["files"][0]["id"], json!(agents));
    assert_eq!(get(&server, &visitor, &agents).await.body, b"of the agent");
    // Nothing more once it is over.
    agent.send(json!({ "type": "close" })).await;
    agent.until("event").await;
    let late = upload(&server, &visitor, &conversation, "id=f3", "text/plain", b"late").await;
    assert_eq!((late.status, late.code().as_str()), (409, "conflict"));
    server.stop().await;
}

#[tokio::test]
async fn files_are_exported_backed_up_and_erased_with_their_person() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let admin = site_token(json!({ "role": "admin", "sub": "Root" }));
    let customer = site_token(json!({ "external_id": "C-1001" }));
    let other = site_token(json!({ "external_id": "C-2002" }));
    let (mut socket, conversation) = server.join(&customer, None).await;
    let (_, others) = server.join(&other, None).await;
    let file = uploaded(&server, &customer, &conversation, "f1", WORD.as_bytes()).await;
    let others_file = uploaded(&server, &other, &others, "f1", b"stays").await;
    let headers = format!(
        "authorization: Bearer {customer}\r\ncontent-type: application/json\r\ncontent-length: 31\r\n"
    );
    let attributes = format!("PUT /v1/conversations/{conversation}/attributes");
    let said = send(&server, &attributes, &headers, br#"{"name":"Jo","custom":{"a":1}} "#).await;
    assert_eq!(
        (said.status, said.json()),
        (200, json!({ "name": "Jo", "email": null, "custom": { "a": 1 } }))
    );
    socket.send(json!({ "type": "message", "id": "m1", "files": [file] })).await;
    socket.until("reply").await;

    let as_admin = format!("authorization: Bearer {admin}\r\n");
    let export = send(&server, "GET /v1/people/customer:C-1001", &as_admin, b"").await.json();
    let whole = &export["conversations"][0];
    assert_eq!(whole["files"][0]["content"], "WmFuemliYXJpYW4=", "{whole}");
    assert_eq!(
        (&whole["files"][0]["seq"], &whole["attributes"]["name"]),
        (&json!(1), &json!("Jo"))
    );

    let backups = tempfile::tempdir().unwrap();
    let target = backups.path().join("monday");
    back_up(data.path(), &config.store_path(), &target).await.unwrap();
    assert!(target.join("files").join(&file).is_file());
    let erased = send(&server, "DELETE /v1/people/customer:C-1001", &as_admin, b"").await;
    assert_eq!(erased.status, 200);
    assert_eq!(get(&server, &admin, &file).await.status, 404);
    assert_eq!(kept(&config), [data.path().join("files").join(&others_file)]);
    server.stop().await;

    // A backup brings back what is the other's; the erased stay erased, and their files with them.
    restore(&target, data.path(), &config.store_path()).await.unwrap();
    assert_eq!(kept(&config), [data.path().join("files").join(&others_file)]);
    let server = Server::start(config).await;
    assert_eq!(get(&server, &other, &others_file).await.body, b"stays");
    server.stop().await;
}

#[tokio::test]
async fn what_no_message_takes_is_removed_and_so_are_bytes_without_a_row() {
    let data = tempfile::tempdir().unwrap();
    let config = config_in(data.path());
    let server = Server::start(config.clone()).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let sent = uploaded(&server, &visitor, &conversation, "f1", b"sent").await;
    uploaded(&server, &visitor, &conversation, "f2", b"never sent").await;
    customer.send(json!({ "type": "message", "id": "m1", "files": [sent] })).await;
    customer.until("ack").await;
    let store = &server.state.chat().store;
    std::fs::write(data.path().join("files").join("incoming-abc"), b"a process that ended")
        .unwrap();
    assert_eq!(store.remove_stray_files(3_600_000).await.unwrap(), 0, "not that old");
    assert_eq!(kept(&config).len(), 3);
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert_eq!(store.remove_stray_files(10).await.unwrap(), 2);
    assert_eq!(kept(&config), [data.path().join("files").join(&sent)]);
    // There is no more room than the setting says, over all conversations.
    let masker = steward::privacy::Masker::default();
    let new = NewFile {
        conversation: conversation.clone(),
        client_id: "f3".into(),
        uploader: "agent:Ada".into(),
        name: masker.clean("a.txt"),
        media_type: "text/plain",
        bytes: 7,
    };
    let incoming = store.incoming_file().unwrap();
    let room = FileRoom { of_conversation: 100, of_all: 10 };
    assert_eq!(store.add_file(new, incoming, room).await.unwrap(), FileAdded::AllFull);
    server.stop().await;
}
