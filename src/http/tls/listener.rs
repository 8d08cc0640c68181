//! Accepts connections and makes TLS of them, many at a time: one that is slow or broken holds nobody up.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use super::Certificates;

/// How long a handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Handshakes at the same time. Another one takes the place of the oldest: honest ones are soon done.
const MOST_HANDSHAKES: usize = 256;
const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\
    connection: close\r\n\r\nThis port speaks HTTPS: use https:// or wss://.\n";

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// A listener whose connections are TLS.
pub struct TlsListener {
    listener: TcpListener,
    certificates: Arc<Certificates>,
    handshakes: JoinSet<Option<Connection>>,
    /// Those under way, oldest first.
    under_way: VecDeque<AbortHandle>,
}

impl TlsListener {
    /// TLS over `listener`, with the certificate that is in use when a connection comes.
    pub fn new(listener: TcpListener, certificates: Arc<Certificates>) -> Self {
        Self { listener, certificates, handshakes: JoinSet::new(), under_way: VecDeque::new() }
    }

    fn begin(&mut self, stream: TcpStream, address: SocketAddr) {
        self.under_way.retain(|handshake| !handshake.is_finished());
        if self.under_way.len() >= MOST_HANDSHAKES
            && let Some(oldest) = self.under_way.pop_front()
        {
            count("pushed_out");
            oldest.abort();
        }
        let config = self.certificates.config();
        let handshake = self.handshakes.spawn(async move {
            match timeout(HANDSHAKE_LIMIT, shake_hands(stream, config)).await {
                Ok(Some(stream)) => Some((stream, address)),
                Ok(None) => None,
                Err(_) => {
                    count("too_slow");
                    None
                }
            }
        });
        self.under_way.push_back(handshake);
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        loop {
            tokio::select! {
                // Whoever is done goes first.
                biased;
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
                (stream, address) = Listener::accept(&mut self.listener) => self.begin(stream, address),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn shake_hands(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
) -> Option<TlsStream<TcpStream>> {
    let mut first = [0; 1];
    // A TLS record begins with a control character, a request of HTTP with a capital letter.
    if stream.peek(&mut first).await.is_ok() && first[0].is_ascii_uppercase() {
        count("plain_http");
        // What is left unread would take the answer with it. Whoever asked may be gone.
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(PLAIN_HTTP).await;
        let _ = stream.shutdown().await;
        return None;
    }
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => {
            count("done");
            Some(stream)
        }
        Err(error) => {
            count("failed");
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("steward_tls_handshakes_total", "outcome" => outcome).increment(1);
}
