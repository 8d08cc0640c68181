//! The server over TLS of its own, with certificates made here.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use steward::config::{Config, TlsConfig};
use steward::http::tls::{self, Certificates};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{PATIENCE, Server, config_in};

/// Writes a certificate for `localhost` that is good until `until` and its key; returns it.
fn write_certificate(
    directory: &Path,
    until: (i32, u8, u8),
) -> (CertificateDer<'static>, TlsConfig) {
    let mut params = CertificateParams::new(vec!["localhost".to_string()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until.0, until.1, until.2);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let path = |name: &str| directory.join(name).to_str().unwrap().to_string();
    let settings = TlsConfig { certificate: path("certificate.pem"), key: path("key.pem") };
    std::fs::write(&settings.certificate, certificate.pem()).unwrap();
    std::fs::write(&settings.key, key.serialize_pem()).unwrap();
    (certificate.der().clone(), settings)
}

const FAR: (i32, u8, u8) = (2120, 1, 1);

async fn serve_tls(directory: &Path) -> (Server, Config, CertificateDer<'static>) {
    let (certificate, settings) = write_certificate(directory, FAR);
    let mut config = config_in(directory);
    config.server.tls = settings;
    (Server::start(config.clone()).await, config, certificate)
}

/// A connection that believes `trusted` alone.
async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn get(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A plain connection may be reset behind the answer.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap().to_lowercase()
}

#[tokio::test]
async fn a_customer_chats_over_wss_and_browsers_are_told_to_stay_with_https() {
    let directory = tempfile::tempdir().unwrap();
    let (server, config, certificate) = serve_tls(directory.path()).await;
    assert!(config.server.serves_tls());
    let stream = connect(server.address, &certificate).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let (mut socket, _) =
        tokio_tungstenite::client_async("wss://localhost/v1/chat", stream).await.unwrap();
    let hello = json!({ "type": "hello", "token": server.visitor(), "conversation": null });
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let message = json!({ "type": "message", "id": "m1", "text": "What does the warranty cover?" });
    socket.send(Message::text(message.to_string())).await.unwrap();
    let reply = async {
        loop {
            let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] == "reply" {
                return frame;
            }
        }
    };
    let reply = tokio::time::timeout(PATIENCE, reply).await.unwrap();
    assert!(reply["text"].as_str().unwrap().contains("two years"), "{reply}");

    // Limits count by the peer's address, which is known behind TLS as well.
    let stream = connect(server.address, &certificate).await.unwrap();
    let health = get(stream, "/v1/health").await;
    assert!(health.starts_with("http/1.1 200"), "{health}");
    assert!(health.contains("strict-transport-security: max-age="), "{health}");
    server.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_served_after_a_reload_and_a_bad_one_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (server, config, first) = serve_tls(directory.path()).await;
    let kept = connect(server.address, &first).await.unwrap();
    let (second, _) = write_certificate(directory.path(), FAR);
    assert!(connect(server.address, &first).await.is_ok(), "not before it is told");
    server.state.reload(&config).unwrap();
    assert!(connect(server.address, &first).await.is_err());
    assert!(connect(server.address, &second).await.is_ok());
    assert!(get(kept, "/v1/health").await.contains("200 ok"), "connections go on");

    std::fs::write(&config.server.tls.key, "no key").unwrap();
    let error = server.state.reload(&config).unwrap_err();
    assert!(error.to_string().contains("key.pem"), "{error}");
    assert!(connect(server.address, &second).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn slow_broken_and_plain_connections_harm_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let (server, _, certificate) = serve_tls(directory.path()).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let plain = get(TcpStream::connect(server.address).await.unwrap(), "/").await;
    assert!(plain.starts_with("http/1.1 400") && plain.contains("https"), "{plain}");
    let mut garbage = TcpStream::connect(server.address).await.unwrap();
    garbage.write_all(&[0x16; 100]).await.unwrap();
    let honest =
        tokio::time::timeout(Duration::from_secs(5), connect(server.address, &certificate));
    assert!(honest.await.expect("in time").is_ok());
    // The oldest of the silent ones made room.
    let mut byte = [0];
    let ended = tokio::time::timeout(Duration::from_secs(5), silent[0].read(&mut byte)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    server.stop().await;
}

#[test]
fn what_is_wrong_with_the_files_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let (_, good) = write_certificate(directory.path(), FAR);
    let error = |settings: &TlsConfig| Certificates::open(settings).err().unwrap().to_string();
    assert!(Certificates::open(&good).unwrap().is_some());
    assert!(Certificates::open(&TlsConfig::default()).unwrap().is_none());
    let no_key = TlsConfig { key: String::new(), ..good.clone() };
    assert!(error(&no_key).contains("server.tls.key is missing"), "{}", error(&no_key));
    let gone = TlsConfig { certificate: "/nowhere.pem".into(), ..good.clone() };
    assert!(error(&gone).contains("/nowhere.pem"), "{}", error(&gone));
    let swapped = TlsConfig { certificate: good.key.clone(), key: good.certificate.clone() };
    assert!(error(&swapped).contains("no certificate"), "{}", error(&swapped));
    let other_directory = tempfile::tempdir().unwrap();
    let (_, other) = write_certificate(other_directory.path(), FAR);
    let mixed = TlsConfig { key: other.key, ..good.clone() };
    assert!(error(&mixed).contains("not the key of the certificate"), "{}", error(&mixed));

    let now: jiff::Timestamp = "2024-06-01T00:00:00Z".parse().unwrap();
    let (validity, fault) = tls::check(&good, now).unwrap();
    assert_eq!((validity.not_after.to_string().as_str(), fault), ("2120-01-01T00:00:00Z", None));
    let (_, old) = write_certificate(directory.path(), (2024, 5, 31));
    let (_, fault) = tls::check(&old, now).unwrap();
    assert!(fault.unwrap().contains("expired"));
    assert!(Certificates::open(&old).is_ok(), "an expired one is a warning, not an end");
}
