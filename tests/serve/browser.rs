//! A browser of a member: keeps cookies, and sends the session's token with what it changes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use steward::store::audit::Actor;
use steward::team::{Role, password};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Server;

/// The password of every member that [`add_member`] adds.
pub const PASSWORD: &str = "four quiet green boats";

/// Adds a member as the operator does.
pub async fn add_member(server: &Server, name: &str, role: Role) {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| password::hash(PASSWORD).unwrap());
    let store = &server.state.chat().store;
    assert!(store.add_member(name, role, hash, &Actor::Operator).await.unwrap());
}

/// A new member, signed in.
pub async fn signed_in(server: &Server, name: &str, role: Role) -> Browser {
    add_member(server, name, role).await;
    let mut browser = Browser::new(server);
    let answer = browser.sign_in(name, PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    browser
}

/// A token for the hello of a socket.
pub async fn socket_token(browser: &mut Browser) -> String {
    let answer = browser.post("/v1/team/socket-token", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["token"].as_str().unwrap().to_string()
}

/// A customer's conversation.
pub async fn conversation(server: &Server) -> String {
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", "How long do returns take?").await;
    customer.until("reply").await;
    conversation
}

/// Whether `word` is anywhere in the files of a directory.
pub fn holds(directory: &Path, word: &str) -> bool {
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(at) = waiting.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(word.len()).any(|at| at == word.as_bytes()) {
                return true;
            }
        }
    }
    false
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `Set-Cookie`, as they came.
    pub cookies: Vec<String>,
    pub body: Value,
}

impl Answer {
    /// What the cookie `name` is set to.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let named = |cookie: &String| cookie.starts_with(&format!("{name}="));
        let cookie = self.cookies.iter().find(|cookie| named(cookie))?;
        cookie.split(';').next()?.split_once('=').map(|(_, value)| value)
    }
}

#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    /// What it calls the server.
    pub host: String,
    pub cookies: BTreeMap<String, String>,
    pub csrf_token: String,
    /// Headers of every request besides.
    pub more: String,
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        Self::at(server.address)
    }

    pub fn at(address: SocketAddr) -> Self {
        let host = address.to_string();
        let (cookies, csrf_token, more) = (BTreeMap::new(), String::new(), String::new());
        Self { address, host, cookies, csrf_token, more }
    }

    /// One that comes from the address `from`, as a proxy tells it.
    pub fn from(server: &Server, from: &str) -> Self {
        Self { more: format!("x-forwarded-for: {from}\r\n"), ..Self::new(server) }
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let answer =
            self.post("/v1/team/sign-in", json!({ "name": name, "password": password })).await;
        if let Some(token) = answer.body["csrf_token"].as_str() {
            self.csrf_token = token.to_string();
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let headers = self.headers();
        self.ask("GET", path, &headers, Value::Null).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub async fn send(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let headers = self.headers();
        self.ask(method, path, &headers, body).await
    }

    /// The cookies and the token, as headers.
    pub fn headers(&self) -> String {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookie = match cookies.is_empty() {
            true => String::new(),
            false => format!("cookie: {}\r\n", cookies.join("; ")),
        };
        format!("{cookie}x-steward-csrf: {}\r\n", self.csrf_token)
    }

    /// Sends a request with `headers` alone, and takes the cookies of its answer.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str, body: Value) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{}{headers}\r\n{body}",
            self.host,
            body.len(),
            self.more
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let cookies: Vec<String> = head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
            .map(str::to_string)
            .collect();
        for cookie in &cookies {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_string(), value.to_string());
            }
        }
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        Answer { status: head[9..12].parse().unwrap(), cookies, body }
    }
}
