//! Who is writing, who has read how far, and private notes: what sockets tell each other beside messages.
//!
//! The customer is told of the person who has the conversation alone; notes go to people of the company alone, by the proof that
//! [`super::line::AgentLine`] is.

use std::sync::Arc;
use std::time::Instant;

use super::close::Ends;
use super::frames::{AgentFrame, ServerFrame};
use super::socket::Session;
use crate::bus::{Notice, Writer};
use crate::store::desk::{Note, Reader};

/// What agents are told when the customer writes.
const CUSTOMER: &str = "customer";

impl Session<'_> {
    /// The client is writing. More of it than is allowed is dropped: it tells nothing new.
    pub(super) async fn take_typing(&mut self) -> Ends<()> {
        let name = self.agent.as_ref().map(|agent| agent.name().to_string());
        let key = format!("{}:{}", name.as_deref().unwrap_or_default(), self.conversation);
        if self.chat.signs.take(&key, Instant::now()).is_err() {
            return Ok(());
        }
        let writer = match name {
            None => Writer::Customer,
            Some(name) => match self.chat.store.holding(&self.conversation).await {
                Ok(holding) => {
                    let holds = holding.is_some_and(|holding| holding.may_write(&name).is_ok());
                    Writer::Agent { name, holds }
                }
                Err(error) => return Err(self.line.internal_fault(&error).await?),
            },
        };
        self.chat.bus.publish(&self.conversation, &Notice::Writing(Arc::new(writer)));
        Ok(())
    }

    /// The client has read everything up to number `seq`.
    pub(super) async fn take_read(&mut self, seq: i64) -> Ends<()> {
        let by = if self.agent.is_some() { Reader::Agent } else { Reader::Customer };
        match self.chat.store.mark_read(&self.conversation, by, seq).await {
            Ok(None) => {}
            Ok(Some(seq)) => {
                self.chat.bus.publish(&self.conversation, &Notice::Read { by, seq });
            }
            Err(error) => return Err(self.line.internal_fault(&error).await?),
        }
        Ok(())
    }

    /// Tells the client how a turn goes that began in `epoch`, unless somebody else answers since.
    pub(super) async fn tell_of_turn(&mut self, epoch: i64, frame: ServerFrame) -> Ends<()> {
        match self.may_give_words(epoch).await? {
            true => self.line.send(frame).await,
            false => Ok(()),
        }
    }

    /// Tells the client that somebody else is writing.
    pub(super) async fn tell_writing(&mut self, writer: &Writer) -> Ends<()> {
        match (&self.agent.clone(), writer) {
            (Some(agent), Writer::Customer) => {
                let who = CUSTOMER.to_string();
                agent.send(self.line, AgentFrame::Typing { who }).await
            }
            (Some(agent), Writer::Agent { name, .. }) if agent.name() != name => {
                agent.send(self.line, AgentFrame::Typing { who: name.clone() }).await
            }
            (None, Writer::Agent { holds: true, .. }) => {
                let seq = self.cursor.delivered();
                self.line.send(ServerFrame::event(seq, "agent_typing")).await
            }
            _ => Ok(()),
        }
    }

    /// Tells the client how far the other side has read.
    pub(super) async fn tell_read(&mut self, by: Reader, seq: i64) -> Ends<()> {
        match (&self.agent.clone(), by) {
            (Some(agent), Reader::Customer) => {
                agent.send(self.line, AgentFrame::Read { seq }).await
            }
            (None, Reader::Agent) => self.line.send(ServerFrame::event(seq, "read")).await,
            _ => Ok(()),
        }
    }

    /// The same for a client that has just come; nothing while nobody has read.
    pub(super) async fn tell_how_far_was_read(
        &mut self,
        read_seq: i64,
        customer_read_seq: i64,
    ) -> Ends<()> {
        let (by, seq) = match self.agent {
            Some(_) => (Reader::Customer, customer_read_seq),
            None => (Reader::Agent, read_seq),
        };
        if seq == 0 {
            return Ok(());
        }
        self.tell_read(by, seq).await
    }

    /// Gives the client a note, if it is a person of the company who may read it.
    pub(super) async fn tell_note(&mut self, note: &Note) -> Ends<()> {
        match self.agent.clone().filter(|agent| note.is_for(agent.name())) {
            Some(agent) => agent.send(self.line, AgentFrame::Note(note.clone())).await,
            None => Ok(()),
        }
    }
}
