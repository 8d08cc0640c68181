//! A line to the server that can break in every way a line breaks.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::screen::Screen;

/// How long a dead line lingers before its client lets go of it.
const HALF_OPEN: Duration = Duration::from_millis(1500);

pub struct Line {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Line {
    /// A line that has said hello for `screen` and been answered.
    pub async fn open(address: &str, token: &str, screen: &Screen) -> Option<Self> {
        let url = format!("ws://{address}/v1/chat");
        let opening = tokio_tungstenite::connect_async(url);
        let (socket, _) =
            tokio::time::timeout(Duration::from_secs(10), opening).await.ok()?.ok()?;
        let mut line = Self { socket };
        let conversation = Some(&screen.conversation).filter(|id| !id.is_empty());
        let hello = json!({
            "type": "hello", "token": token, "conversation": conversation, "after": screen.after(),
        });
        line.send(&hello).await.then_some(line)
    }

    /// False if the line is dead.
    pub async fn send(&mut self, frame: &Value) -> bool {
        let sending = self.socket.send(Message::text(frame.to_string()));
        matches!(tokio::time::timeout(Duration::from_secs(10), sending).await, Ok(Ok(())))
    }

    /// The next frame; `None` if the line is dead.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Ends the line: politely, by a cut, or by falling silent with the connection still open.
    pub fn cut(mut self, dice: &mut ChaCha8Rng) {
        match dice.random_range(0..3) {
            0 => drop(tokio::spawn(async move { drop(self.socket.close(None).await) })),
            1 => drop(self),
            _ => drop(tokio::spawn(async move {
                tokio::time::sleep(HALF_OPEN).await;
                drop(self);
            })),
        }
    }
}
