//! What an idle socket costs: `cargo bench --bench sockets [-- COUNT]` opens that many (10,000) at a server of its own and reads the
//! server's resident memory before and after. Linux; each side needs a file descriptor for each socket (`ulimit -n`).

mod program;

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt, stream};
use program::{Program, visitor};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

/// Sockets that are being opened at the same time.
const AT_ONCE: usize = 64;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let data = tempfile::tempdir().unwrap();
    let server = Program::start(data.path(), &[("STEWARD_SERVER_DEMO", "false")]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // What the first sockets bring into being is not theirs.
    let warm = runtime.block_on(open(&server.address, AT_ONCE));
    let before = server.resident_kib();
    let begun = Instant::now();
    let sockets = runtime.block_on(open(&server.address, count));
    let seconds = begun.elapsed().as_secs_f64();
    std::thread::sleep(Duration::from_secs(5));
    let after = server.resident_kib();
    println!(
        "{} idle sockets, each greeted in a conversation of its own: {:.1} KiB each ({before} to {after} KiB), opened at {:.0} a second",
        sockets.len(),
        (after as f64 - before as f64) / sockets.len() as f64,
        count as f64 / seconds
    );
    drop((warm, sockets));
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
