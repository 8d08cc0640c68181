//! What a person of the company does over a socket: takes the conversation, writes in it, lets it go.

use std::time::Instant;

use super::close::Ends;
use super::frames::{AgentFrame, Fault, HoldingFrame, ServerFrame};
use super::line::AgentLine;
use super::socket::{Session, too_fast, unknown_file};
use crate::Result;
use crate::privacy::CleanText;
use crate::store::takeover::NotYours;
use crate::store::{AgentAppended, Moved, StoredJudgement};

impl Session<'_> {
    /// Makes the change that `agent` asks for, or says why not; then tells who has the conversation.
    pub(super) async fn change_holder(
        &mut self,
        agent: &AgentLine,
        frame: HoldingFrame,
    ) -> Ends<()> {
        match self.chat.change(&self.conversation, frame.by(agent.name())).await {
            // The event tells this socket like all others.
            Ok(Moved::Now(_)) => Ok(()),
            Ok(Moved::AsBefore) => self.tell_holding(agent).await,
            Ok(Moved::Refused(why)) => {
                self.line.send(Fault::from(why).into()).await?;
                self.tell_holding(agent).await
            }
            Ok(Moved::Unknown) => self.line.send(Fault::from(NotYours::Closed).into()).await,
            Err(error) => Err(self.line.internal_fault(&error).await?),
        }
    }

    /// Stores what `agent` writes to the customer, and acknowledges it.
    pub(super) async fn take_agent_message(
        &mut self,
        agent: &AgentLine,
        id: &str,
        text: &str,
        files: &[String],
    ) -> Ends<()> {
        let text = self.chat.masker().clean(text);
        let appended = match self.check_and_store_for(agent, id, &text, files).await {
            Ok(Ok(appended)) => appended,
            Ok(Err(fault)) => return self.line.send(fault.of_message(id).into()).await,
            Err(error) => return self.line.not_stored(id, &error).await,
        };
        let fault = match appended {
            AgentAppended::New(message) => return self.acknowledge(id, message.seq, &text).await,
            AgentAppended::Known(seq) => return self.acknowledge(id, seq, &text).await,
            AgentAppended::Refused(why) => Fault::from(why),
            AgentAppended::Unknown => Fault::from(NotYours::Closed),
            AgentAppended::UnknownFile => unknown_file(),
        };
        self.line.send(fault.of_message(id).into()).await
    }

    async fn check_and_store_for(
        &mut self,
        agent: &AgentLine,
        id: &str,
        text: &CleanText,
        files: &[String],
    ) -> Result<std::result::Result<AgentAppended, Fault>> {
        if let Err(fault) = self.check_text(text.as_str(), files) {
            return Ok(Err(fault));
        }
        let key = format!("agent:{}:{}", agent.name(), self.conversation);
        if let Err(wait) = self.chat.messages.take(&key, Instant::now()) {
            return Ok(Err(too_fast(wait)));
        }
        self.chat.agent_says(&self.conversation, agent.name(), id, text, files).await.map(Ok)
    }

    /// Tells `agent` who has the conversation.
    pub(super) async fn tell_holding(&mut self, agent: &AgentLine) -> Ends<()> {
        match self.chat.store.holding(&self.conversation).await {
            Ok(Some(holding)) => agent.send(self.line, holding.into()).await,
            Ok(None) => Ok(()),
            Err(error) => Err(self.line.internal_fault(&error).await?),
        }
    }

    /// The judgements of the messages after number `after` up to `through`.
    pub(super) async fn deliver_judgements(
        &mut self,
        agent: &AgentLine,
        after: i64,
        through: i64,
    ) -> Ends<()> {
        match self.chat.store.judgements(&self.conversation, after, through).await {
            Ok(judged) => {
                for StoredJudgement { seq, judgement } in judged {
                    agent.send(self.line, AgentFrame::Judgement { seq, judgement }).await?;
                }
                Ok(())
            }
            Err(error) => Err(self.line.internal_fault(&error).await?),
        }
    }

    /// Tells the client that its message is on disk, and in which words if some were masked.
    pub(super) async fn acknowledge(&mut self, id: &str, seq: i64, text: &CleanText) -> Ends<()> {
        self.cursor.acknowledge(seq);
        let text = text.if_changed().map(str::to_string);
        self.line.send(ServerFrame::Ack { id: id.to_string(), seq, text }).await
    }
}
