//! The service under load: `cargo bench --bench load -- [--customers 128] [--seconds 20] [--minutes 60] [--rate N]`.
//!
//! First how many messages a second are acknowledged, over sockets, while a person has the conversations (so that
//! no reply is waited for), each customer sending the next when the last was acknowledged. Then a tenth of that for
//! `--minutes`, with resident memory read every minute: conversations come and go, some customers ask Steward
//! itself, lines are cut and taken up again. Linux.

mod program;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use program::{Program, request, visitor};
use serde_json::{Value, json};
use steward::config::Config;
use steward::http::identity::Tokens;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const SITE_SECRET: &str = "the secret of the load test and of nothing else";
/// Messages after which a customer begins a new conversation.
const MESSAGES_OF_A_CONVERSATION: usize = 40;
/// Messages after which a customer's line is cut and taken up again.
const MESSAGES_OF_A_LINE: usize = 15;
/// Customers who ask Steward itself beside the load, and how long each reads before asking on.
const ASKING: usize = 4;
const READING: Duration = Duration::from_secs(4);
const QUESTIONS: [&str; 4] = [
    "What is your return policy?",
    "How long does shipping to Canada take?",
    "Do you repair zips of tents?",
    "Can I change the address of an order?",
];

#[derive(Parser)]
struct Arguments {
    /// Customers who write at once.
    #[arg(long, default_value_t = 128)]
    customers: usize,
    /// Seconds at full load.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Minutes at a tenth of it; 0 for none.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// Messages a second then, in place of a tenth.
    #[arg(long)]
    rate: Option<f64>,
    /// What cargo hands to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let data = tempfile::tempdir().unwrap();
    let secrets = format!("load={SITE_SECRET}");
    let settings = [
        ("STEWARD_IDENTITY_SECRETS", secrets.as_str()),
        ("STEWARD_LIMITS_MESSAGES_PER_MINUTE", "1000000"),
        ("STEWARD_LIMITS_WAITING_MESSAGES", "1000000"),
        ("STEWARD_HAND_OFF_AWAY_SECONDS", "1000000"),
    ];
    let server = Program::start(data.path(), &settings);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let agent = agent_token();

    let pace = Pace { pause: Duration::ZERO, length: Duration::from_secs(arguments.seconds) };
    let full = runtime.block_on(write(&server.address, &agent, arguments.customers, pace));
    let full_rate = full.len() as f64 / pace.length.as_secs_f64();
    println!("{} customers, all they can: {}", arguments.customers, told(&full, full_rate));

    if arguments.minutes == 0 {
        return;
    }
    let length = Duration::from_secs(arguments.minutes * 60);
    let rate = arguments.rate.unwrap_or(full_rate / 10.0);
    let pause = Duration::from_secs_f64(arguments.customers as f64 / rate);
    let answered = Arc::new(AtomicUsize::new(0));
    let pace = Pace { pause, length };
    let (address, to_count) = (server.address.clone(), answered.clone());
    let load = runtime.spawn(async move {
        let asking: Vec<_> = (0..ASKING)
            .map(|at| tokio::spawn(ask(address.clone(), at, length, to_count.clone())))
            .collect();
        let waits = write(&address, &agent, arguments.customers, pace).await;
        for asking in asking {
            asking.await.unwrap();
        }
        waits
    });
    let mut resident = Vec::new();
    for minute in 0..=arguments.minutes {
        resident.push(server.resident_kib());
        println!(
            "minute {minute}: {:.1} MiB resident",
            resident[resident.len() - 1] as f64 / 1024.0
        );
        if minute < arguments.minutes {
            std::thread::sleep(Duration::from_secs(60));
        }
    }
    let waits = runtime.block_on(load).unwrap();
    println!(
        "a tenth, {} minutes: {}",
        arguments.minutes,
        told(&waits, waits.len() as f64 / length.as_secs_f64())
    );
    println!("{} questions answered beside it", answered.load(Ordering::Relaxed));
    println!("memory by quarters, mean MiB: {}", by_quarters(&resident));
}

#[derive(Clone, Copy)]
struct Pace {
    /// Between two messages of a customer.
    pause: Duration,
    length: Duration,
}

/// Customers of conversations that a person has, until the time is over; how long each acknowledgement took, in milliseconds.
async fn write(address: &str, agent: &str, customers: usize, pace: Pace) -> Vec<f64> {
    let writing: Vec<_> = (0..customers)
        .map(|at| {
            let (address, agent) = (address.to_string(), agent.to_string());
            tokio::spawn(async move {
                // Spread, so that paced customers do not write in step.
                tokio::time::sleep(pace.pause.mul_f64(at as f64 / customers as f64)).await;
                let begun = Instant::now();
                let mut waits = Vec::new();
                while begun.elapsed() < pace.length {
                    converse(&address, &agent, begun, pace, &mut waits).await;
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for writing in writing {
        waits.extend(writing.await.unwrap());
    }
    waits.sort_by(f64::total_cmp);
    waits
}

/// One conversation, over several lines.
async fn converse(address: &str, agent: &str, begun: Instant, pace: Pace, waits: &mut Vec<f64>) {
    let token = tokio::task::block_in_place(|| visitor(address));
    let (mut socket, conversation) = join(address, &token, None).await;
    tokio::task::block_in_place(|| take_over(address, agent, &conversation));
    for at in 1..=MESSAGES_OF_A_CONVERSATION {
        let sent = Instant::now();
        let id = at.to_string();
        send(
            &mut socket,
            &json!({ "type": "message", "id": id, "text": "Is there any news of it yet?" }),
        )
        .await;
        until(&mut socket, "ack").await;
        waits.push(sent.elapsed().as_secs_f64() * 1e3);
        if begun.elapsed() >= pace.length {
            return;
        }
        tokio::time::sleep(pace.pause.saturating_sub(sent.elapsed())).await;
        if at % MESSAGES_OF_A_LINE == 0 {
            socket = join(address, &token, Some(&conversation)).await.0;
        }
    }
}

/// A customer who asks Steward itself, in one conversation after the other.
async fn ask(address: String, at: usize, length: Duration, answered: Arc<AtomicUsize>) {
    let begun = Instant::now();
    while begun.elapsed() < length {
        let token = tokio::task::block_in_place(|| visitor(&address));
        let (mut socket, _) = join(&address, &token, None).await;
        for (number, question) in
            QUESTIONS.iter().cycle().skip(at).take(QUESTIONS.len()).enumerate()
        {
            let id = number.to_string();
            send(&mut socket, &json!({ "type": "message", "id": id, "text": question })).await;
            until(&mut socket, "reply").await;
            answered.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(READING).await;
        }
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn join(address: &str, token: &str, conversation: Option<&str>) -> (Socket, String) {
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{address}/v1/chat")).await.unwrap();
    send(&mut socket, &json!({ "type": "hello", "token": token, "conversation": conversation }))
        .await;
    let ready = until(&mut socket, "ready").await;
    (socket, ready["conversation"].as_str().unwrap().to_string())
}

async fn send(socket: &mut Socket, frame: &Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

async fn until(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let message = socket.next().await.expect("the server keeps the line").unwrap();
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == kind {
            return frame;
        }
    }
}

fn take_over(address: &str, agent: &str, conversation: &str) {
    let line = format!("POST /v1/conversations/{conversation}/holding");
    let headers = format!("authorization: Bearer {agent}\r\ncontent-type: application/json\r\n");
    let body = json!({ "type": "take_over", "from_another": false }).to_string();
    let holding = request(address, &line, &headers, &body);
    assert_eq!(holding["state"], "agent", "{holding}");
}

fn agent_token() -> String {
    // Opening tokens installs the one signature that they may have.
    let directory = tempfile::tempdir().unwrap();
    Tokens::open(&Config::default().identity, directory.path()).unwrap();
    let header = Header { kid: Some("load".into()), ..Header::new(Algorithm::HS256) };
    let exp = jsonwebtoken::get_current_timestamp() + 86_400;
    let claims = json!({ "role": "agent", "sub": "Load", "exp": exp });
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SITE_SECRET.as_bytes()))
        .unwrap()
}

fn told(waits: &[f64], rate: f64) -> String {
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    format!(
        "{rate:.0} durable messages a second, acknowledged in {p50:.1} ms (p50), {p99:.1} ms (p99), {most:.0} ms at most"
    )
}

fn by_quarters(resident: &[u64]) -> String {
    let mean = |part: &[u64]| part.iter().sum::<u64>() as f64 / part.len() as f64 / 1024.0;
    let length = resident.len().div_ceil(4);
    resident.chunks(length).map(|part| format!("{:.1}", mean(part))).collect::<Vec<_>>().join(", ")
}
