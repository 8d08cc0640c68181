//! A server on a free port, and a client that speaks `steward.v1`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use steward::config::{Config, Place};
use steward::http::identity::Tokens;
use steward::http::{self, AppState};
use steward::retrieve::ingest::{ImportOptions, Silent, import_knowledge};
use steward::setup;
use steward::turn::Agent;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// A secret of the site whose customers sign in.
pub const SITE_KEY: &str = "site-1";
pub const SITE_SECRET: &str = "a secret that only the site and steward know";
/// Real turns on a busy machine may take a while.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Settings for a server whose data lives in `data_dir`.
pub fn config_in(data_dir: &Path) -> Config {
    let mut config = Config::default();
    config.identity.secrets.insert(SITE_KEY.into(), SITE_SECRET.into());
    config.limits.messages_per_minute = 1000;
    config.limits.tokens_per_minute = 1000;
    config.limits.requests_per_minute = 100_000;
    config.place = Place { data_dir: data_dir.to_path_buf(), offline: false };
    config
}

/// The data directory whose index all tests share.
pub fn agent_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve-help-center")
}

/// A help center of three articles: what the tests ask about.
const ARTICLES: [(&str, &str); 3] = [
    ("shipping", "# Shipping\n\nOrders are shipped in 3 to 5 days. We ship to Canada for $12.\n"),
    ("returns", "# Returns\n\nReturn boots within 30 days. A refund takes about a week.\n"),
    ("warranty", "# Warranty\n\nThe warranty covers faults in material for two years.\n"),
];

/// The real agent over a small help center, loaded once for each process. Its index is shared by
/// all tests and made by whichever comes first.
pub fn agent() -> Arc<Agent> {
    static AGENT: OnceLock<Arc<Agent>> = OnceLock::new();
    let load = || {
        let directory = agent_directory();
        std::fs::create_dir_all(&directory).unwrap();
        let lock = std::fs::File::create(directory.join("lock")).unwrap();
        lock.lock().unwrap();
        let config = config_in(&directory);
        let index = setup::index(&config).unwrap();
        if !index.ever_imported().unwrap() {
            let encoder = setup::encoder(&config).unwrap();
            let articles = tempfile::tempdir().unwrap();
            for (name, text) in ARTICLES {
                std::fs::write(articles.path().join(name).with_extension("md"), text).unwrap();
            }
            let paths = [articles.path().to_path_buf()];
            let options = ImportOptions::default();
            import_knowledge(&index, &encoder, &paths, &options, &mut Silent).unwrap();
        }
        Arc::new(setup::agent(&config).unwrap())
    };
    AGENT.get_or_init(load).clone()
}

pub struct Server {
    pub address: SocketAddr,
    pub state: Arc<AppState>,
    shutdown: CancellationToken,
    task: JoinHandle<steward::Result<()>>,
}

impl Server {
    pub async fn start(config: Config) -> Self {
        let agent = tokio::task::spawn_blocking(agent).await.unwrap();
        Self::start_with(config, agent).await
    }

    pub async fn start_with(config: Config, agent: Arc<Agent>) -> Self {
        let state = AppState::open(config, agent).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(http::serve(state.clone(), listener, shutdown.clone()));
        Self { address, state, shutdown, task }
    }

    pub fn begin_stopping(&self) {
        self.shutdown.cancel();
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }

    pub fn visitor(&self) -> String {
        self.state.tokens().for_new_visitor().unwrap()
    }

    pub async fn connect(&self) -> Client {
        let (socket, _) = tokio_tungstenite::connect_async(self.chat_url()).await.unwrap();
        Client { socket }
    }

    pub fn chat_url(&self) -> String {
        format!("ws://{}/v1/chat", self.address)
    }

    /// A socket that has said hello; returns the conversation as well.
    pub async fn join(&self, token: &str, conversation: Option<&str>) -> (Client, String) {
        let mut client = self.connect().await;
        client.hello(token, conversation, None).await;
        let ready = client.next().await;
        assert_eq!(ready["type"], "ready", "{ready}");
        (client, ready["conversation"].as_str().unwrap().to_string())
    }

    /// A plain HTTP request; returns status, headers in lower case, and body.
    pub async fn http(&self, request: &str) -> (u16, String, String) {
        self.http_with(request, "").await
    }

    /// The same with a body, whose length the request must say.
    pub async fn http_with(&self, request: &str, body: &str) -> (u16, String, String) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
        let head = format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        stream.write_all(format!("{head}{rest}\r\n{body}").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), head.to_lowercase(), body.to_string())
    }
}

/// The beginning of an answer that has no end: status and what came within a moment.
pub async fn beginning_of(server: &Server, request: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
    let head = format!("{line} HTTP/1.1\r\nhost: {}\r\n{rest}\r\n", server.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut wait = PATIENCE;
    while let Ok(Ok(read)) = tokio::time::timeout(wait, stream.read_buf(&mut answer)).await {
        if read == 0 {
            break;
        }
        wait = Duration::from_millis(200);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer[9..12].parse().unwrap(), answer)
}

/// A token signed by the site with `claims`; expires in an hour unless they say otherwise.
pub fn site_token(claims: Value) -> String {
    let mut all = json!({ "exp": jsonwebtoken::get_current_timestamp() + 3600 });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    signed(SITE_KEY, SITE_SECRET, &all)
}

pub fn signed(key_id: &str, secret: &str, claims: &Value) -> String {
    // Opening tokens installs the one signature that they may have.
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        Tokens::open(&Config::default().identity, directory.path()).unwrap();
    });
    let header = Header { kid: Some(key_id.into()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn hello(&mut self, token: &str, conversation: Option<&str>, after: Option<i64>) {
        let hello = json!({
            "type": "hello", "token": token, "conversation": conversation, "after": after,
        });
        self.send(hello).await;
    }

    pub async fn say(&mut self, id: &str, text: &str) {
        self.send(json!({ "type": "message", "id": id, "text": text })).await;
    }

    /// The next frame; panics at a close frame.
    pub async fn next(&mut self) -> Value {
        match self.next_or_close().await {
            Ok(frame) => frame,
            Err(code) => panic!("closed with {code:?}"),
        }
    }

    /// The next frame, or the close code.
    pub async fn next_or_close(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next frame of type `kind`, and those before it.
    pub async fn until(&mut self, kind: &str) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return (frame, before);
            }
            before.push(frame);
        }
    }

    /// The code of the next error frame.
    pub async fn error_code(&mut self) -> String {
        let (error, _) = self.until("error").await;
        error["code"].as_str().unwrap().to_string()
    }

    /// The close code, whatever frames come before it.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.next_or_close().await {
                return code;
            }
        }
    }
}

/// Opens the chat socket as a page of `origin` would.
pub async fn connect_from(server: &Server, origin: &str) -> Result<Client, u16> {
    let mut request = server.chat_url().into_client_request().unwrap();
    request.headers_mut().insert("origin", origin.parse().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", "steward.v1".parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, answer)) => {
            assert_eq!(answer.headers()["sec-websocket-protocol"], "steward.v1");
            Ok(Client { socket })
        }
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}
