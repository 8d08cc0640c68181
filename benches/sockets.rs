//! What an idle socket costs: `cargo bench --bench sockets [-- COUNT]` opens that many (10,000) at a server of its own and reads the
//! server's resident memory before and after. Linux; each side needs a file descriptor for each socket (`ulimit -n`).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt, stream};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Sockets that are being opened at the same time.
const AT_ONCE: usize = 64;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let data = tempfile::tempdir().unwrap();
    let (server, address) = serve(data.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // What the first sockets bring into being is not theirs.
    let warm = runtime.block_on(open(&address, AT_ONCE));
    let before = resident_kib(&server);
    let begun = Instant::now();
    let sockets = runtime.block_on(open(&address, count));
    let seconds = begun.elapsed().as_secs_f64();
    std::thread::sleep(Duration::from_secs(5));
    let after = resident_kib(&server);
    println!(
        "{} idle sockets, each greeted in a conversation of its own: {:.1} KiB each ({before} to {after} KiB), opened at {:.0} a second",
        sockets.len(),
        (after as f64 - before as f64) / sockets.len() as f64,
        count as f64 / seconds
    );
    drop((warm, sockets));
    finish(server);
}

fn serve(data: &std::path::Path) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .env("STEWARD_LIMITS_TOKENS_PER_MINUTE", "1000000")
        .env("STEWARD_LIMITS_CONNECTIONS_PER_ADDRESS", "1000000")
        .env("STEWARD_LIMITS_HEARTBEAT_SECONDS", "600")
        .env("STEWARD_SERVER_DEMO", "false")
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).expect("it listens");
    (server, address.split([',', '\n']).next().unwrap().trim().to_string())
}

async fn open(address: &str, count: usize) -> Vec<impl Sized> {
    let opening = stream::iter(0..count).map(|_| async {
        let token = tokio::task::block_in_place(|| visitor(address));
        let url = format!("ws://{address}/v1/chat");
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let hello = json!({ "type": "hello", "token": token }).to_string();
        socket.send(Message::text(hello)).await.unwrap();
        let ready = socket.next().await.unwrap().unwrap();
        assert!(ready.to_text().unwrap().contains("\"ready\""), "{ready}");
        socket
    });
    opening.buffer_unordered(AT_ONCE).collect().await
}

fn visitor(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /v1/visitors HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["token"].as_str().unwrap().to_string()
}

/// Resident memory of the server, from /proc.
fn resident_kib(server: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn finish(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}
