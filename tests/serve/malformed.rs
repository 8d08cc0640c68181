//! Frames and handshakes as no good client sends them, byte by byte over TCP, after the cases of the Autobahn test suite:
//! each ends with the close code that the protocol names, and a customer beside them notices nothing.

use std::time::Duration;

use serde_json::json;
use steward::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::client::{Client, PATIENCE, Server, config_in};

const FIN: u8 = 0x80;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const MASKED: u8 = 0x80;
/// "κόσμ" cut in the middle of its last letter.
const CUT_GREEK: &[u8] = b"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE";

/// A frame as a client sends it, masked with zeros. `first` holds FIN, the reserved bits and the opcode.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = claim(first, payload.len() as u64);
    bytes.extend_from_slice(payload);
    bytes
}

/// The head of a frame of this length, in the shortest form, and its mask.
fn claim(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(MASKED | length as u8),
        126..=0xFFFF => {
            bytes.push(MASKED | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(MASKED | 127);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

fn close_frame(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// A socket whose bytes are ours.
struct Raw {
    stream: TcpStream,
}

impl Raw {
    async fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let mut raw = Self { stream };
        raw.send(upgrade("GET /v1/chat", "").as_bytes()).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// What the server no longer takes is no fault of the test.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The head of an HTTP answer; empty if the connection ends without.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match timeout(PATIENCE, self.stream.read_u8()).await.expect("an answer in time") {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8(head).unwrap()
    }

    /// The next frame: its opcode and its payload; `None` at the end.
    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.stream.read_u8().await.ok()?;
            let length = match self.stream.read_u8().await.ok()? {
                126 => u64::from(self.stream.read_u16().await.ok()?),
                127 => self.stream.read_u64().await.ok()?,
                short => u64::from(short),
            };
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).await.ok()?;
            Some((first & 0xF, payload))
        };
        timeout(PATIENCE, read).await.expect("a frame in time")
    }

    /// The code of the close frame, whatever comes before it; `None` if the connection ends without.
    async fn close_code(&mut self) -> Option<u16> {
        loop {
            let (opcode, payload) = self.next().await?;
            if opcode == CLOSE {
                return Some(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)));
            }
        }
    }
}

/// The head of a request for a socket, with further headers.
fn upgrade(request: &str, further: &str) -> String {
    format!(
        "{request} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{further}\r\n"
    )
}

fn wide(config: &mut Config) {
    config.limits.connections_per_address = 10_000;
}

/// A customer who writes now and then, and must never notice what others send.
struct Bystander {
    client: Client,
    written: i64,
}

impl Bystander {
    async fn join(server: &Server) -> Self {
        let (client, _) = server.join(&server.visitor(), None).await;
        Self { client, written: 0 }
    }

    async fn goes_on(&mut self) {
        self.written += 1;
        let id = format!("m{}", self.written);
        self.client.say(&id, "How long does shipping take?").await;
        let (ack, _) = self.client.until("ack").await;
        assert_eq!(ack["id"], id);
        let (reply, _) = self.client.until("reply").await;
        assert!(reply["text"].as_str().unwrap().contains("3 to 5 days"), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_malformed_frame_ends_its_socket_with_the_code_of_the_protocol() {
    let (protocol, not_utf8, too_large) = (1002, 1007, 1009);
    let text = |payload: &[u8]| frame(FIN | TEXT, payload);
    let two = |first: Vec<u8>, second: Vec<u8>| [first, second].concat();
    let mut cases: Vec<(String, Vec<u8>, u16)> = Vec::new();
    let mut case =
        |name: &str, bytes: Vec<u8>, code: u16| cases.push((name.to_string(), bytes, code));
    for bits in 1..=7u8 {
        case(&format!("reserved bits {bits:03b}"), frame(FIN | bits << 4 | TEXT, b"{}"), protocol);
        case(
            &format!("reserved bits {bits:03b} of a ping"),
            frame(FIN | bits << 4 | PING, b""),
            protocol,
        );
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        case(&format!("reserved opcode {opcode}"), frame(FIN | opcode, b""), protocol);
        case(
            &format!("reserved opcode {opcode} with a payload"),
            frame(FIN | opcode, b"x"),
            protocol,
        );
    }
    case("a fragmented ping", two(frame(PING, b"a"), frame(FIN, b"b")), protocol);
    case("a fragmented close", two(frame(CLOSE, b""), frame(FIN, b"")), protocol);
    case("a ping of 126 bytes", frame(FIN | PING, &[b'x'; 126]), protocol);
    case("a close of 126 bytes", close_frame(1000, &[b'x'; 124]), protocol);
    case("no mask", vec![FIN | TEXT, 2, b'{', b'}'], protocol);
    case("an end without a beginning", frame(FIN, b"x"), protocol);
    case("a middle without a beginning", frame(0, b"x"), protocol);
    case("a message within another", two(frame(TEXT, b"{"), text(b"{}")), protocol);
    case("bytes within a text", two(frame(TEXT, b"{"), frame(FIN | BINARY, b"x")), protocol);
    case("a binary frame", frame(FIN | BINARY, b"{}"), 1003);

    for (name, bytes) in [
        ("a stray byte", &b"a\xFFb"[..]),
        ("an overlong form", b"\xC0\x80"),
        ("a surrogate", b"\xED\xA0\x80"),
        ("beyond the last character", b"\xF4\x90\x80\x80"),
        ("half a character", CUT_GREEK),
    ] {
        case(name, text(bytes), not_utf8);
        case(
            &format!("{name} in the first of two"),
            two(frame(TEXT, bytes), frame(FIN, b"")),
            not_utf8,
        );
        case(
            &format!("{name} in the second of two"),
            two(frame(TEXT, b"a"), frame(FIN, bytes)),
            not_utf8,
        );
    }
    case(
        "a character whose second half is another's",
        two(frame(TEXT, CUT_GREEK), frame(FIN, b"a")),
        not_utf8,
    );
    // Said at once, though the message has not ended.
    case("a stray byte in a message without end", frame(TEXT, b"a\xFFb"), not_utf8);

    case("a close of one byte", frame(FIN | CLOSE, b"x"), protocol);
    case("a close whose reason is not UTF-8", close_frame(1000, b"\xFF"), not_utf8);
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535] {
        case(&format!("close code {code}"), close_frame(code, b""), protocol);
    }
    for code in [1000, 1001, 1003, 1011, 3000, 4999] {
        case(&format!("the good close code {code}"), close_frame(code, b"bye"), code);
    }

    for length in [65_537, 1 << 31, 1 << 40, 1 << 62, 1 << 63, u64::MAX] {
        case(&format!("a claim of {length} bytes"), claim(FIN | TEXT, length), too_large);
    }
    let endless = std::iter::repeat_n(frame(0, &[b'x'; 4096]), 17).collect::<Vec<_>>().concat();
    case("fragments without end", two(frame(TEXT, b"{"), endless), too_large);

    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    wide(&mut config);
    let server = Server::start(config).await;
    let mut bystander = Bystander::join(&server).await;
    // Where the server stops reading in the middle of what was sent, TCP may cut off its last word.
    let is_right = |name: &str, expected: u16, code: Option<u16>| {
        code == Some(expected) || code.is_none() && name == "fragments without end"
    };
    for (place, (name, bytes, expected)) in cases.iter().enumerate() {
        let mut raw = Raw::open(&server).await;
        raw.send(bytes).await;
        let code = raw.close_code().await;
        assert!(is_right(name, *expected, code), "{name}: {code:?} where {expected} is right");
        // The same after the hello, in the middle of a conversation.
        let mut raw = Raw::open(&server).await;
        let hello = json!({ "type": "hello", "token": server.visitor() }).to_string();
        raw.send(&text(hello.as_bytes())).await;
        raw.send(bytes).await;
        let code = raw.close_code().await;
        assert!(is_right(name, *expected, code), "{name} after the hello: {code:?}");
        if place % 20 == 0 {
            bystander.goes_on().await;
        }
    }
    bystander.goes_on().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_may_be_cut_anywhere_and_pings_may_stand_between() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let mut raw = Raw::open(&server).await;
    let hello = json!({ "type": "hello", "token": server.visitor() }).to_string();
    let (beginning, end) = hello.split_at(10);
    let mut bytes = frame(TEXT, beginning.as_bytes());
    bytes.extend(frame(FIN | PING, b"between"));
    bytes.extend(frame(0, b""));
    bytes.extend(frame(FIN, end.as_bytes()));
    for byte in bytes {
        raw.send(&[byte]).await;
    }
    assert_eq!(raw.next().await, Some((0xA, b"between".to_vec())));
    let (_, ready) = raw.next().await.unwrap();
    assert!(ready.starts_with(b"{\"type\":\"ready\""), "{}", String::from_utf8_lossy(&ready));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_a_close_is_not_read() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let token = server.visitor();
    let (_, conversation) = server.join(&token, None).await;
    let mut raw = Raw::open(&server).await;
    let hello = json!({ "type": "hello", "token": token, "conversation": conversation });
    let message = json!({ "type": "message", "id": "late", "text": "Hello?" });
    let mut bytes = frame(FIN | TEXT, hello.to_string().as_bytes());
    bytes.extend(close_frame(1000, b""));
    bytes.extend(frame(FIN | TEXT, message.to_string().as_bytes()));
    raw.send(&bytes).await;
    assert_eq!(raw.close_code().await, Some(1000));
    let stored = server.state.chat().store.messages_after(&conversation, 0, 9).await.unwrap();
    assert_eq!(stored.len(), 0, "{stored:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_frame_and_silence_ends_in_a_timeout() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.hello_seconds = 1;
    config.limits.heartbeat_seconds = 1;
    let server = Server::start(config).await;
    let hello = json!({ "type": "hello", "token": server.visitor() }).to_string();
    let hello = frame(FIN | TEXT, hello.as_bytes());
    let half = &hello[..hello.len() / 2];
    for before in [&b""[..], &hello] {
        let mut raw = Raw::open(&server).await;
        raw.send(before).await;
        raw.send(half).await;
        assert_eq!(raw.close_code().await, Some(4408), "{} bytes before", before.len());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_cannot_be_used_is_answered_and_opens_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    wide(&mut config);
    let server = Server::start(config).await;
    let mut bystander = Bystander::join(&server).await;
    let good = upgrade("GET /v1/chat", "");
    let header = |length: usize| format!("x: {}\r\n", "y".repeat(length));
    for (name, request, status) in [
        ("an old version", good.replace("version: 13", "version: 8"), 400),
        ("no version", good.replace("sec-websocket-version: 13\r\n", ""), 400),
        ("no key", good.replace("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), 400),
        ("no upgrade", good.replace("upgrade: websocket\r\n", ""), 400),
        ("no connection", good.replace("connection: upgrade\r\n", ""), 400),
        ("another method", upgrade("DELETE /v1/chat", ""), 405),
        ("another protocol", upgrade("GET /v1/chat", "sec-websocket-protocol: soap\r\n"), 400),
        ("many headers", upgrade("GET /v1/chat", &header(1).repeat(200)), 431),
        ("a huge header", upgrade("GET /v1/chat", &header(1 << 20)), 431),
        ("no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_string(), 400),
        ("no version of HTTP", "GET /v1/chat\r\n\r\n".to_string(), 400),
        (
            "two lengths",
            "POST /v1/visitors HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"
                .to_string(),
            400,
        ),
        (
            "a length that is none",
            "POST /v1/visitors HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_string(),
            400,
        ),
    ] {
        let mut raw = Raw { stream: TcpStream::connect(server.address).await.unwrap() };
        raw.send(request.as_bytes()).await;
        let head = raw.head().await;
        // The connection may be reset before the whole of a huge head was sent.
        let refused = head.starts_with(&format!("HTTP/1.1 {status} "));
        assert!(refused || (status == 431 && head.is_empty()), "{name}: {head:?}");
    }
    bystander.goes_on().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_dribbles_its_request_loses_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.limits.hello_seconds = 1;
    let server = Server::start(config).await;
    let mut bystander = Bystander::join(&server).await;
    let token = server.visitor();
    let body = format!(
        "POST /v1/conversations/none/survey HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 9999\r\n\r\n{{"
    );
    for (beginning, dribbles) in
        [("GET /v1/chat HTTP/1.1\r\nhost: a\r\nx: ", true), (&body, true), ("", false)]
    {
        let (mut reader, mut writer) =
            TcpStream::connect(server.address).await.unwrap().into_split();
        writer.write_all(beginning.as_bytes()).await.unwrap();
        let dribble = tokio::spawn(async move {
            while !dribbles || writer.write_all(b" ").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        });
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(10), reader.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "still open after ten seconds: {answer:?}");
        dribble.abort();
    }
    bystander.goes_on().await;
    server.stop().await;
}

/// The server runs in this process, so its memory is ours.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_unfinished_messages_costs_little_memory() {
    let resident_kib = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    wide(&mut config);
    let server = Server::start(config).await;
    let mut bystander = Bystander::join(&server).await;
    bystander.goes_on().await;
    let before = resident_kib();
    let mut crowd = Vec::new();
    for _ in 0..200 {
        let mut raw = Raw::open(&server).await;
        raw.send(&frame(TEXT, &[b'x'; 30_000])).await;
        raw.send(&frame(0, &[b'x'; 30_000])).await;
        raw.send(&claim(0, 5000)).await;
        crowd.push(raw);
    }
    bystander.goes_on().await;
    let grown = resident_kib().saturating_sub(before);
    // 60,000 bytes each are 12 MiB, and our own side holds as much in its buffers.
    assert!(grown < 64 << 10, "200 sockets cost {grown} KiB");
    server.stop().await;
}
