//! One chat socket from its hello to its close frame.
//!
//! In: frames of a client and notices of the bus. Out: frames. A message is stored, then
//! acknowledged, then told to the other sockets, then answered. Every number after the client's
//! `after` is given exactly once (see [`super::cursor`]).

mod message;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::WebSocket;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant as Deadline, MissedTickBehavior, sleep_until, timeout};

use super::Chat;
use super::close::{Close, Ends, GOING_AWAY, GONE, close_codes};
use super::cursor::{Cursor, Offer};
use super::fence::{Fence, Words};
use super::frames::{AgentFrame, ClientFrame, ErrorCode, Fault, Hello, ServerFrame};
use super::line::{AgentLine, Incoming, Line};
use crate::Result;
use crate::bus::{Notice, Subscription};
use crate::identity::{Authenticated, Holder, TokenFault};
use crate::store::audit::Actor;
use crate::store::{Author, Conversation, StoredMessage};
use crate::telemetry::span::TraceParent;
pub(super) use message::{too_fast, unknown_file};

const BACKLOG_PAGE: u32 = 200;
/// How often it is asked whether somebody who signed in, or a program's key, may still be here.
const STILL_HELD_EVERY: Duration = Duration::from_millis(500);

/// Runs `socket` until either side ends it. Its messages belong to `trace`.
pub async fn run(chat: Arc<Chat>, socket: WebSocket, trace: Option<TraceParent>) {
    let token = chat.sockets.token();
    metrics::gauge!("steward_sockets").increment(1);
    let mut line = Line::new(socket);
    let close = match converse(&chat, &mut line, trace).await {
        Ok(()) => GONE,
        Err(close) => close,
    };
    tracing::debug!(code = close.code, "a socket was closed");
    metrics::counter!("steward_sockets_closed_total", "code" => close.code.to_string())
        .increment(1);
    line.close(&close).await;
    metrics::gauge!("steward_sockets").decrement(1);
    drop(token);
}

async fn converse(chat: &Chat, line: &mut Line, trace: Option<TraceParent>) -> Ends<()> {
    let limits = chat.config.now().limits.clone();
    // Before the token is read: no change falls between the two.
    let identity_changed = chat.identity_changed.subscribe();
    let hello_limit = Duration::from_secs(limits.hello_seconds);
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
        && let Holder::Owner(owner) = &who.holder
        && let Err(wait) = chat.messages.take(&owner.key(), Instant::now())
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
    tracing::Span::current().record("conversation", &conversation.id);
    // Listening begins before the store is read, so nothing falls between the two.
    let notices = chat.bus.subscribe(&conversation.id, limits.outbound_frames);
    let after = hello.after.map_or(0, |after| i64::try_from(after).unwrap_or(i64::MAX));
    // A client that knows of more messages than there are has seen a past that is no more: the
    // conversations were restored from a backup. It gets what there is from the beginning.
    let after = if after > conversation.last_seq { 0 } else { after };
    let agent = AgentLine::of(&who.holder);
    let _present = agent.as_ref().map(|agent| chat.presence.enter(agent.name()));
    let mut session = Session {
        chat,
        line,
        agent: agent.clone(),
        cursor: Cursor::new(after),
        fence: Fence::new(conversation.last_seq, conversation.epoch),
        last_reply: String::new(),
        conversation: conversation.id,
        notices,
        trace,
        token: hello.token,
        who,
        identity_changed,
    };
    let ready = ServerFrame::Ready {
        conversation: session.conversation.clone(),
        seq: conversation.last_seq,
        after,
        state: conversation.state,
    };
    session.line.send(ready).await?;
    session.deliver_stored().await?;
    if let Some(agent) = agent {
        session.tell_holding(&agent).await?;
    }
    session.tell_how_far_was_read(conversation.read_seq, conversation.customer_read_seq).await?;
    chat.runner.wake(&session.conversation);
    session.run().await
}

/// The conversation that the hello names, if the holder may see it; a new one for an owner who names
/// none.
async fn find_or_create(
    chat: &Chat,
    who: &Authenticated,
    hello: &Hello,
) -> Result<Option<Conversation>> {
    let id = match (&hello.conversation, &who.holder) {
        (Some(id), _) => id.clone(),
        (None, Holder::Owner(owner)) => {
            let id = chat.store.create_conversation(&owner.key()).await?;
            if owner.customer().is_some() {
                chat.want_profiles();
            }
            id
        }
        (None, Holder::Agent(_)) => return Ok(None),
    };
    let found = chat.store.conversation(&id).await?;
    let seen = found.filter(|conversation| who.holder.may_see(&conversation.owner));
    if let (Some(_), Holder::Agent(person)) = (&seen, &who.holder) {
        chat.store.note(&Actor::Agent(&person.name), "follow_conversation", &id).await?;
    }
    Ok(seen)
}

/// A socket that has said hello.
pub(super) struct Session<'a> {
    pub(super) chat: &'a Chat,
    pub(super) line: &'a mut Line,
    /// Present if the client is a person of the company, who follows the conversation.
    pub(super) agent: Option<AgentLine>,
    pub(super) conversation: String,
    notices: Subscription,
    pub(super) cursor: Cursor,
    fence: Fence,
    /// Words of a reply that was given whole already are not given again.
    last_reply: String,
    trace: Option<TraceParent>,
    /// Who said hello, and with what: it is read again when what tokens are checked against has changed.
    who: Authenticated,
    token: String,
    identity_changed: watch::Receiver<()>,
}

impl Session<'_> {
    async fn run(&mut self) -> Ends<()> {
        let quiet = Duration::from_secs(self.chat.config.now().limits.heartbeat_seconds);
        let mut heartbeat = tokio::time::interval_at(Deadline::now() + quiet, quiet);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let token_ends = Deadline::now() + self.who.expires_in;
        let mut still_held = tokio::time::interval(STILL_HELD_EVERY);
        still_held.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_seen = Instant::now();
        loop {
            tokio::select! {
                incoming = self.line.receive() => {
                    let Some(incoming) = incoming? else { return Ok(()) };
                    last_seen = Instant::now();
                    self.check_grant(!matches!(incoming, Incoming::SignOfLife)).await?;
                    self.handle(incoming).await?;
                }
                _ = still_held.tick(), if self.who.grant.is_some() => self.check_grant(false).await?,
                notice = self.notices.next() => {
                    self.check_grant(false).await?;
                    let slow = Close::new(close_codes::SLOW_READER, "frames are not read");
                    let notice = notice.ok_or(slow)?;
                    self.tell(notice).await?;
                }
                _ = heartbeat.tick() => {
                    if last_seen.elapsed() > quiet * 2 {
                        return Err(Close::new(close_codes::TIMEOUT, "no sign of life"));
                    }
                    self.line.ping().await?;
                }
                () = sleep_until(token_ends) => {
                    return Err(self.line.refuse_token(TokenFault::Expired).await?);
                }
                Ok(()) = self.identity_changed.changed() => {
                    // What can be taken back is asked for before each frame; its token was for the hello alone.
                    if self.who.grant.is_none()
                        && let Err(fault) = self.chat.tokens.read(&self.token)
                    {
                        return Err(self.line.refuse_token(fault).await?);
                    }
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

    /// Ends the socket of somebody whose session ended, who was disabled, or whose key was revoked.
    async fn check_grant(&mut self, is_used: bool) -> Ends<()> {
        if self.chat.tokens.still_holds(&self.who, is_used) {
            return Ok(());
        }
        Err(self.line.refuse_token(TokenFault::Expired).await?)
    }

    async fn handle(&mut self, incoming: Incoming) -> Ends<()> {
        let fault = match incoming {
            Incoming::SignOfLife => return Ok(()),
            Incoming::Fault(fault) => fault,
            Incoming::Frame(ClientFrame::Hello(_)) => {
                Fault::new(ErrorCode::AlreadyGreeted, "this socket has said hello already")
            }
            Incoming::Frame(ClientFrame::Message { id, text, files }) => {
                self.line.forget_faults();
                return match self.agent.clone() {
                    Some(agent) => self.take_agent_message(&agent, &id, &text, &files).await,
                    None => self.take_message(&id, &text, &files).await,
                };
            }
            Incoming::Frame(ClientFrame::Holding(frame)) => match self.agent.clone() {
                Some(agent) => {
                    self.line.forget_faults();
                    return self.change_holder(&agent, frame).await;
                }
                None => Fault::new(ErrorCode::AgentsOnly, "only people of the company may do this"),
            },
            Incoming::Frame(ClientFrame::Typing) => {
                self.line.forget_faults();
                return self.take_typing().await;
            }
            Incoming::Frame(ClientFrame::Read { seq }) => {
                self.line.forget_faults();
                return self.take_read(seq).await;
            }
        };
        self.line.answer_fault(fault).await
    }

    async fn tell(&mut self, notice: Notice) -> Ends<()> {
        match notice {
            Notice::Stored(message) => {
                match self.cursor.offer(message.seq) {
                    Offer::Deliver => self.deliver(&message).await?,
                    Offer::Skip => return Ok(()),
                    Offer::Gap => self.deliver_stored().await?,
                }
                match self.agent.clone() {
                    Some(agent) if message.changes_holder() => self.tell_holding(&agent).await,
                    _ => Ok(()),
                }
            }
            Notice::Delta { reply, epoch, text } => {
                if self.may_give_words(epoch).await? && *reply != *self.last_reply {
                    let (reply, text) = (reply.to_string(), text.to_string());
                    self.line.send(ServerFrame::Delta { reply, text }).await?;
                }
                Ok(())
            }
            Notice::Typing { epoch, seq, .. } => {
                self.tell_of_turn(epoch, ServerFrame::event(seq, "typing")).await
            }
            Notice::Busy { epoch, seq, retry_after, .. } => {
                self.tell_of_turn(epoch, ServerFrame::busy(seq, retry_after)).await
            }
            Notice::Judged { seq, judgement } => {
                let Some(agent) = &self.agent else { return Ok(()) };
                let judgement = Value::clone(&judgement);
                agent.send(self.line, AgentFrame::Judgement { seq, judgement }).await
            }
            Notice::Noted(note) => self.tell_note(&note).await,
            Notice::Writing(writer) => self.tell_writing(&writer).await,
            Notice::Read { by, seq } => self.tell_read(by, seq).await,
        }
    }

    /// Whether words of a turn that began in `epoch` may be given now.
    pub(super) async fn may_give_words(&mut self, epoch: i64) -> Ends<bool> {
        if self.fence.check(epoch) == Words::AfterTheChange {
            self.deliver_stored().await?;
        }
        Ok(self.fence.check(epoch) == Words::Give)
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
            let before = std::mem::replace(&mut after, last.seq);
            for message in &page {
                if self.cursor.offer(message.seq) == Offer::Deliver {
                    self.deliver(message).await?;
                }
            }
            if let Some(agent) = self.agent.clone() {
                self.deliver_judgements(&agent, before, after).await?;
            }
        }
    }

    async fn deliver(&mut self, message: &StoredMessage) -> Ends<()> {
        if message.changes_holder() {
            self.fence.changed(message.seq);
        }
        if message.author == Author::Steward {
            self.last_reply.clone_from(&message.message_id);
        }
        self.line.send(ServerFrame::from(message)).await
    }
}
