//! The wire of one chat socket: frames in, frames out, faults answered.
//!
//! Knows the shape of frames, not what they mean for a conversation.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use serde::Serialize;
use tokio::time::timeout;

use super::close::{Close, Ends, GONE, INTERNAL, close_codes, close_for};
use super::frames::{AgentFrame, ClientFrame, ErrorCode, Fault, Hello, ServerFrame};
use crate::Error;
use crate::identity::{Holder, TokenFault};
use crate::store::DiskFault;

const MAX_FAULTS_IN_A_ROW: u32 = 20;
/// A full disk is not mended in a moment.
const RETRY_STORING: Duration = Duration::from_secs(5);
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// A socket, and how many frames in a row could not be used.
pub(super) struct Line {
    socket: WebSocket,
    faults_in_a_row: u32,
}

impl Line {
    pub fn new(socket: WebSocket) -> Self {
        Self { socket, faults_in_a_row: 0 }
    }

    pub async fn send(&mut self, frame: ServerFrame) -> Ends<()> {
        self.send_frame(&frame).await
    }

    async fn send_frame(&mut self, frame: &impl Serialize) -> Ends<()> {
        let text = serde_json::to_string(frame).map_err(|_| INTERNAL)?;
        match timeout(SEND_LIMIT, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(GONE),
            Err(_) => Err(Close::new(close_codes::SLOW_READER, "frames are not read")),
        }
    }

    /// The next frame that can be used; the faults of others are answered. `None`: the client left.
    ///
    /// # Cancel safety
    /// Dropped before it is done, no frame is lost.
    pub async fn receive(&mut self) -> Ends<Option<Incoming>> {
        match self.socket.recv().await {
            None => Ok(None),
            Some(Ok(Message::Close(_))) => {
                // The answer to it, with the code of the protocol, goes out while the next frame is read.
                let _ = timeout(SEND_LIMIT, self.socket.recv()).await;
                Ok(None)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Some(Incoming::SignOfLife)),
            Some(Ok(Message::Binary(_))) => {
                Err(Close::new(close_code::UNSUPPORTED, "frames must be text"))
            }
            Some(Ok(Message::Text(text))) => Ok(Some(match ClientFrame::parse(text.as_str()) {
                Ok(frame) => Incoming::Frame(frame),
                Err(fault) => Incoming::Fault(fault),
            })),
            Some(Err(error)) => Err(close_for(&error)),
        }
    }

    pub async fn wait_for_hello(&mut self) -> Ends<Option<Hello>> {
        loop {
            let fault = match self.receive().await? {
                None => return Ok(None),
                Some(Incoming::SignOfLife) => continue,
                Some(Incoming::Frame(ClientFrame::Hello(hello))) => return Ok(Some(hello)),
                Some(Incoming::Frame(ClientFrame::Message { id, .. })) => {
                    Fault::new(ErrorCode::HelloRequired, "say hello before the first message")
                        .of_message(&id)
                }
                Some(Incoming::Frame(
                    ClientFrame::Holding(_) | ClientFrame::Typing | ClientFrame::Read { .. },
                )) => Fault::new(ErrorCode::HelloRequired, "say hello first"),
                Some(Incoming::Fault(fault)) => fault,
            };
            self.answer_fault(fault).await?;
        }
    }

    pub async fn answer_fault(&mut self, fault: Fault) -> Ends<()> {
        metrics::counter!("steward_errors_total", "where" => "frame").increment(1);
        self.send(fault.into()).await?;
        self.faults_in_a_row += 1;
        if self.faults_in_a_row >= MAX_FAULTS_IN_A_ROW {
            return Err(Close::new(close_codes::TOO_MANY_FAULTS, "too many unusable frames"));
        }
        Ok(())
    }

    pub async fn refuse_token(&mut self, fault: TokenFault) -> Ends<Close> {
        let (code, message) = match fault {
            TokenFault::Expired => {
                (ErrorCode::TokenExpired, "the token has expired; get a new one")
            }
            TokenFault::Refused => (ErrorCode::TokenRefused, "the token was refused"),
        };
        self.send(Fault::new(code, message).into()).await?;
        Ok(Close::new(close_codes::TOKEN, "token refused"))
    }

    pub async fn internal_fault(&mut self, error: &Error) -> Ends<Close> {
        tracing::error!(error = format!("{error:#}"), "a socket met a fault");
        metrics::counter!("steward_errors_total", "where" => "socket").increment(1);
        let message = "something went wrong on our side; nothing was lost, please try again";
        self.send(Fault::new(ErrorCode::Internal, message).into()).await?;
        Ok(INTERNAL)
    }

    /// Message `id` could not be stored. If it was the disk, the socket stays: the message can be sent again.
    pub async fn not_stored(&mut self, id: &str, error: &Error) -> Ends<()> {
        if DiskFault::of(error).is_none() {
            return Err(self.internal_fault(error).await?);
        }
        metrics::counter!("steward_errors_total", "where" => "disk").increment(1);
        let message = "your message could not be stored just now; it will be sent again";
        let fault = Fault::new(ErrorCode::NotStored, message).retry_after(RETRY_STORING);
        self.send(fault.of_message(id).into()).await
    }

    /// Asks the client for a sign of life.
    pub async fn ping(&mut self) -> Ends<()> {
        let ping = self.socket.send(Message::Ping(Vec::new().into()));
        // A client that reads nothing must not hold its session for ever.
        timeout(SEND_LIMIT, ping).await.map_err(|_| GONE)?.map_err(|_| GONE)
    }

    /// The client said something that can be used: its faults are forgotten.
    pub fn forget_faults(&mut self) {
        self.faults_in_a_row = 0;
    }

    /// Says why the socket ends.
    pub async fn close(&mut self, close: &Close) {
        let frame = CloseFrame { code: close.code, reason: Utf8Bytes::from_static(close.reason) };
        let _ = timeout(SEND_LIMIT, self.socket.send(Message::Close(Some(frame)))).await;
    }
}

/// The proof that the client of a line is a person of the company.
#[derive(Clone)]
pub(super) struct AgentLine {
    name: String,
}

impl AgentLine {
    /// The proof, if the token says so.
    pub fn of(holder: &Holder) -> Option<Self> {
        match holder {
            Holder::Agent(person) => Some(Self { name: person.name.clone() }),
            Holder::Owner(_) => None,
        }
    }

    /// Who it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends what only a person of the company may see.
    pub async fn send(&self, line: &mut Line, frame: AgentFrame) -> Ends<()> {
        line.send_frame(&frame).await
    }
}

/// What came from the client.
pub(super) enum Incoming {
    Frame(ClientFrame),
    Fault(Fault),
    SignOfLife,
}
