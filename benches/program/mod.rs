//! The program itself, as the benches start it: on a free port, over a data directory of its own, with limits out of the way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A server that runs until it is dropped.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Program {
    /// Starts the server over `data`, with these settings besides (`STEWARD_…`).
    pub fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .env("STEWARD_LIMITS_TOKENS_PER_MINUTE", "1000000")
            .env("STEWARD_LIMITS_REQUESTS_PER_MINUTE", "1000000")
            .env("STEWARD_LIMITS_CONNECTIONS_PER_ADDRESS", "1000000")
            .env("STEWARD_LIMITS_HEARTBEAT_SECONDS", "600")
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("it listens");
        let address = address.split([',', '\n']).next().unwrap().trim().to_string();
        Self { child, address }
    }

    /// Resident memory in KiB, from `/proc`.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token for somebody who has not signed in.
pub fn visitor(address: &str) -> String {
    let body = request(address, "POST /v1/visitors", "", "");
    body["token"].as_str().unwrap().to_string()
}

/// Sends a request of `line` (method and path) with more `headers`; the answer's body must be JSON. Blocking.
pub fn request(address: &str, line: &str, headers: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{line}: {answer}"))
}
