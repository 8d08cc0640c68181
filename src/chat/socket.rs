//! One chat socket from its hello to its close frame.
//!
//! In: frames of a client and notices of the bus. Out: frames. A message is stored, then
//! acknowledged, then told to the other sockets, then answered. Every number after the client's
//! `after` is given exactly once (see [`super::cursor`]).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::time::{Instant as Deadline, MissedTickBehavior, sleep_until, timeout};

use super::Chat;
use super::cursor::{Cursor, Offer};
use super::frames::{ClientFrame, ErrorCode, Fault, Hello, ServerFrame};
use crate::bus::{Notice, Subscription};
use crate::identity::{Authenticated, TokenFault};
use crate::store::{Appended, Author, Conversation, StoredMessage};
use crate::{Error, Result};

/// Close codes beyond those of RFC 6455; described in `docs/protocol.md`.
pub mod close_codes {
    /// Too many frames in a row that could not be used.
    pub const TOO_MANY_FAULTS: u16 = 4400;
    /// The token was refused or has expired.
    pub const TOKEN: u16 = 4401;
    /// There is no such conversation for this customer.
    pub const UNKNOWN_CONVERSATION: u16 = 4404;
    /// No hello came, or no sign of life.
    pub const TIMEOUT: u16 = 4408;
    /// Too many new conversations.
    pub const RATE: u16 = 4429;
    /// The client reads too slowly.
    pub const SLOW_READER: u16 = 4410;
}

const MAX_FAULTS_IN_A_ROW: u32 = 20;
const SEND_LIMIT: Duration = Duration::from_secs(10);
const BACKLOG_PAGE: u32 = 200;
/// Waits for a full queue of unanswered messages to move on.
const RETRY_WHEN_WAITING: Duration = Duration::from_secs(5);

/// Why a socket ends.
struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

type Ends<T> = std::result::Result<T, Close>;

const GONE: Close = Close::new(close_code::NORMAL, "");
const INTERNAL: Close = Close::new(close_code::ERROR, "a fault of the server");

/// Runs `socket` until either side ends it.
pub async fn run(chat: Arc<Chat>, socket: WebSocket) {
    let token = chat.sockets.token();
    metrics::gauge!("steward_sockets").increment(1);
    let mut line = Line { socket, faults_in_a_row: 0 };
    let close = match converse(&chat, &mut line).await {
        Ok(()) => GONE,
        Err(close) => close,
    };
    metrics::counter!("steward_sockets_closed_total", "code" => close.code.to_string())
        .increment(1);
    let frame = CloseFrame { code: close.code, reason: Utf8Bytes::from_static(close.reason) };
    let _ = timeout(SEND_LIMIT, line.socket.send(Message::Close(Some(frame)))).await;
    metrics::gauge!("steward_sockets").decrement(1);
    drop(token);
}

async fn converse(chat: &Chat, line: &mut Line) -> Ends<()> {
    let hello_limit = Duration::from_secs(chat.config.limits.hello_seconds);
    let hello = tokio::select! {
        hello = timeout(hello_limit, line.wait_for_hello()) => hello,
        () = chat.closing.cancelled() => return Err(GOING_AWAY),
    };
    let Some(hello) = hello.map_err(|_| Close::new(close_codes::TIMEOUT, "no hello came"))?? else {
        return Ok(());
    };
    let who = match chat.tokens.read(&hello.token) {
        Ok(who) => who,
        Err(fault) => return Err(line.refuse_token(fault).await?),
    };
    if hello.conversation.is_none()
        && let Err(wait) = chat.messages.take(&who.owner.key(), Instant::now())
    {
        let message = "too many new conversations in a short time; please wait a moment";
        let fault = Fault::new(ErrorCode::RateLimited, message).retry_after(wait);
        line.send(fault.into()).await?;
        return Err(Close::new(close_codes::RATE, "too many new conversations"));
    }
    let conversation = match find_or_create(chat, &who, &hello).await {
        Ok(Some(conversation)) => conversation,
        Ok(None) => {
            let message = "there is no such conversation; say hello with \"conversation\": null";
            line.send(Fault::new(ErrorCode::UnknownConversation, message).into()).await?;
            return Err(Close::new(close_codes::UNKNOWN_CONVERSATION, "unknown conversation"));
        }
        Err(error) => return Err(line.internal_fault(&error).await?),
    };
    // Listening begins before the store is read, so nothing falls between the two.
    let notices = chat.bus.subscribe(&conversation.id, chat.config.limits.outbound_frames);
    let after = hello.after.map_or(0, |after| i64::try_from(after).unwrap_or(i64::MAX));
    let mut session = Session {
        chat,
        line,
        cursor: Cursor::new(after.min(conversation.last_seq)),
        last_reply: String::new(),
        conversation: conversation.id,
        notices,
        token_ends: who.expires_in,
    };
    let ready = ServerFrame::Ready {
        conversation: session.conversation.clone(),
        seq: conversation.last_seq,
    };
    session.line.send(ready).await?;
    session.deliver_stored().await?;
    chat.runner.wake(&session.conversation);
    session.run().await
}

/// The conversation that the hello names, if it is this owner's; a new one if it names none.
async fn find_or_create(
    chat: &Chat,
    who: &Authenticated,
    hello: &Hello,
) -> Result<Option<Conversation>> {
    let owner = who.owner.key();
    let id = match &hello.conversation {
        Some(id) => id.clone(),
        None => chat.store.create_conversation(&owner).await?,
    };
    let found = chat.store.conversation(&id).await?;
    Ok(found.filter(|conversation| conversation.owner == owner))
}

const GOING_AWAY: Close = Close::new(close_code::AWAY, "the server is stopping");

/// The wire: frames in, frames out, faults answered.
struct Line {
    socket: WebSocket,
    faults_in_a_row: u32,
}

impl Line {
    async fn send(&mut self, frame: ServerFrame) -> Ends<()> {
        let text = serde_json::to_string(&frame).map_err(|_| INTERNAL)?;
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
    async fn receive(&mut self) -> Ends<Option<Incoming>> {
        match self.socket.recv().await {
            None | Some(Ok(Message::Close(_))) => Ok(None),
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

    async fn wait_for_hello(&mut self) -> Ends<Option<Hello>> {
        loop {
            let fault = match self.receive().await? {
                None => return Ok(None),
                Some(Incoming::SignOfLife) => continue,
                Some(Incoming::Frame(ClientFrame::Hello(hello))) => return Ok(Some(hello)),
                Some(Incoming::Frame(ClientFrame::Message { id, .. })) => {
                    Fault::new(ErrorCode::HelloRequired, "say hello before the first message")
                        .of_message(&id)
                }
                Some(Incoming::Fault(fault)) => fault,
            };
            self.answer_fault(fault).await?;
        }
    }

    async fn answer_fault(&mut self, fault: Fault) -> Ends<()> {
        metrics::counter!("steward_errors_total", "where" => "frame").increment(1);
        self.send(fault.into()).await?;
        self.faults_in_a_row += 1;
        if self.faults_in_a_row >= MAX_FAULTS_IN_A_ROW {
            return Err(Close::new(close_codes::TOO_MANY_FAULTS, "too many unusable frames"));
        }
        Ok(())
    }

    async fn refuse_token(&mut self, fault: TokenFault) -> Ends<Close> {
        let (code, message) = match fault {
            TokenFault::Expired => {
                (ErrorCode::TokenExpired, "the token has expired; get a new one")
            }
            TokenFault::Refused => (ErrorCode::TokenRefused, "the token was refused"),
        };
        self.send(Fault::new(code, message).into()).await?;
        Ok(Close::new(close_codes::TOKEN, "token refused"))
    }

    async fn internal_fault(&mut self, error: &Error) -> Ends<Close> {
        tracing::error!(error = format!("{error:#}"), "a socket met a fault");
        metrics::counter!("steward_errors_total", "where" => "socket").increment(1);
        let message = "something went wrong on our side; nothing was lost, please try again";
        self.send(Fault::new(ErrorCode::Internal, message).into()).await?;
        Ok(INTERNAL)
    }
}

enum Incoming {
    Frame(ClientFrame),
    Fault(Fault),
    SignOfLife,
}

fn close_for(error: &axum::Error) -> Close {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too large") {
        return Close::new(close_code::SIZE, "the frame is too large");
    }
    if text.contains("UTF-8") || text.contains("utf-8") {
        return Close::new(close_code::INVALID, "the text is not UTF-8");
    }
    Close::new(close_code::PROTOCOL, "not a well-formed frame")
}

/// A socket that has said hello.
struct Session<'a> {
    chat: &'a Chat,
    line: &'a mut Line,
    conversation: String,
    notices: Subscription,
    cursor: Cursor,
    /// Words of a reply that was given whole already are not given again.
    last_reply: String,
    token_ends: Duration,
}

impl Session<'_> {
    async fn run(&mut self) -> Ends<()> {
        let quiet = Duration::from_secs(self.chat.config.limits.heartbeat_seconds);
        let mut heartbeat = tokio::time::interval_at(Deadline::now() + quiet, quiet);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let token_ends = Deadline::now() + self.token_ends;
        let mut last_seen = Instant::now();
        loop {
            tokio::select! {
                incoming = self.line.receive() => {
                    let Some(incoming) = incoming? else { return Ok(()) };
                    last_seen = Instant::now();
                    self.handle(incoming).await?;
                }
                notice = self.notices.next() => {
                    let slow = Close::new(close_codes::SLOW_READER, "frames are not read");
                    let notice = notice.ok_or(slow)?;
                    self.tell(notice).await?;
                }
                _ = heartbeat.tick() => {
                    if last_seen.elapsed() > quiet * 2 {
                        return Err(Close::new(close_codes::TIMEOUT, "no sign of life"));
                    }
                    let ping = Message::Ping(Vec::new().into());
                    self.line.socket.send(ping).await.map_err(|_| GONE)?;
                }
                () = sleep_until(token_ends) => {
                    return Err(self.line.refuse_token(TokenFault::Expired).await?);
                }
                () = self.chat.closing.cancelled() => {
                    while let Some(notice) = self.notices.ready() {
                        self.tell(notice).await?;
                    }
                    return Err(GOING_AWAY);
                }
            }
        }
    }

    async fn handle(&mut self, incoming: Incoming) -> Ends<()> {
        let fault = match incoming {
            Incoming::SignOfLife => return Ok(()),
            Incoming::Fault(fault) => fault,
            Incoming::Frame(ClientFrame::Hello(_)) => {
                Fault::new(ErrorCode::AlreadyGreeted, "this socket has said hello already")
            }
            Incoming::Frame(ClientFrame::Message { id, text }) => {
                self.line.faults_in_a_row = 0;
                return self.take_message(&id, &text).await;
            }
        };
        self.line.answer_fault(fault).await
    }

    async fn take_message(&mut self, id: &str, text: &str) -> Ends<()> {
        let stored = self.check_and_store(id, text).await;
        let appended = match stored {
            Ok(Ok(appended)) => appended,
            Ok(Err(fault)) => return self.line.send(fault.of_message(id).into()).await,
            Err(error) => return Err(self.line.internal_fault(&error).await?),
        };
        let fault = match appended {
            Appended::New(seq) | Appended::Known(seq) => {
                self.cursor.acknowledge(seq);
                self.line.send(ServerFrame::Ack { id: id.to_string(), seq }).await?;
                if let Appended::New(seq) = appended {
                    self.tell_others(seq, id, text);
                }
                self.chat.runner.wake(&self.conversation);
                return Ok(());
            }
            Appended::TooManyWaiting => {
                let message = "several messages wait for an answer; please wait for it";
                Fault::new(ErrorCode::TooManyWaiting, message).retry_after(RETRY_WHEN_WAITING)
            }
            Appended::Closed => {
                let message = "this conversation is over; please begin a new one";
                Fault::new(ErrorCode::ConversationClosed, message)
            }
        };
        self.line.send(fault.of_message(id).into()).await
    }

    async fn check_and_store(
        &mut self,
        id: &str,
        text: &str,
    ) -> Result<std::result::Result<Appended, Fault>> {
        let limit = self.chat.config.server.max_message_chars;
        let length = text.chars().count();
        if length > limit {
            let message = format!("the message has {length} characters; the limit is {limit}");
            return Ok(Err(Fault::new(ErrorCode::MessageTooLong, message)));
        }
        if text.trim().is_empty() {
            return Ok(Err(Fault::new(ErrorCode::EmptyMessage, "the message has no text")));
        }
        let store = &self.chat.store;
        if let Err(wait) = self.chat.messages.take(&self.conversation, Instant::now()) {
            // A repeated message is not a new one: it gets its acknowledgement whatever the rate.
            let known = store.seq_of_customer_message(&self.conversation, id).await?;
            let fault = || {
                let message = "too many messages in a short time; please wait a moment";
                Fault::new(ErrorCode::RateLimited, message).retry_after(wait)
            };
            return Ok(known.map(Appended::Known).ok_or_else(fault));
        }
        let waiting_limit = self.chat.config.limits.waiting_messages;
        store.append_customer_message(&self.conversation, id, text, waiting_limit).await.map(Ok)
    }

    fn tell_others(&self, seq: i64, id: &str, text: &str) {
        metrics::counter!("steward_messages_total").increment(1);
        let message = StoredMessage {
            seq,
            author: Author::Customer,
            message_id: id.to_string(),
            text: text.to_string(),
            citations: Vec::new(),
            decision: None,
            answers_seq: None,
            created_ms: 0,
        };
        self.chat.bus.publish(&self.conversation, &Notice::Stored(Arc::new(message)));
    }

    async fn tell(&mut self, notice: Notice) -> Ends<()> {
        match notice {
            Notice::Stored(message) => match self.cursor.offer(message.seq) {
                Offer::Deliver => self.deliver(&message).await,
                Offer::Skip => Ok(()),
                Offer::Gap => self.deliver_stored().await,
            },
            Notice::Delta { reply, .. } if *reply == *self.last_reply => Ok(()),
            Notice::Delta { reply, text } => {
                let (reply, text) = (reply.to_string(), text.to_string());
                self.line.send(ServerFrame::Delta { reply, text }).await
            }
            Notice::Typing(seq) => {
                self.line.send(ServerFrame::Event { seq, event: "typing".to_string() }).await
            }
        }
    }

    /// Everything in the store that the client does not have.
    async fn deliver_stored(&mut self) -> Ends<()> {
        let mut after = self.cursor.delivered();
        loop {
            let page =
                self.chat.store.messages_after(&self.conversation, after, BACKLOG_PAGE).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(self.line.internal_fault(&error).await?),
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for message in &page {
                if self.cursor.offer(message.seq) == Offer::Deliver {
                    self.deliver(message).await?;
                }
            }
        }
    }

    async fn deliver(&mut self, message: &StoredMessage) -> Ends<()> {
        if message.author == Author::Steward {
            self.last_reply.clone_from(&message.message_id);
        }
        self.line.send(ServerFrame::from(message)).await
    }
}
