//! Judges customers' messages that no turn judged: those written while a person has the conversation, and
//! those that were answered together with a later one.

use std::sync::Arc;

use super::judging_line::Joined;
use super::runner::{Inner, Runner};
use super::transcript::utterances;
use crate::Result;
use crate::bus::Notice;
use crate::error::Context;
use crate::judge::conversation::{Explain, MOST_TURNS};
use crate::judge::judgement::Judgement;
use crate::store::Author;

/// Messages judged at a time; older ones stay unjudged.
const MOST_AT_ONCE: u32 = 8;

impl Runner {
    /// Judges a customer's message again and tells which words moved the judgement; nothing if `seq` is no
    /// customer's message of the conversation.
    ///
    /// # Errors
    /// Those of the store and of the encoder.
    pub async fn explain(&self, conversation: &str, seq: i64) -> Result<Option<Judgement>> {
        let inner = self.inner();
        if !inner.store.is_customer_message(conversation, seq).await? {
            return Ok(None);
        }
        let limit = u32::try_from(MOST_TURNS).unwrap_or(u32::MAX);
        let mut messages = inner.store.messages_through(conversation, seq, limit).await?;
        messages.retain(|message| message.author != Author::Event);
        let turns = utterances(messages, seq, limit);
        let judge = inner.agent.judge_of(conversation).clone();
        let judging = tokio::task::spawn_blocking(move || judge.judge(&turns, Explain::Words));
        judging.await.internal("a judgement stopped unexpectedly")?.map(Some)
    }
}

impl Inner {
    /// Judges what no turn judged, behind the answers: nothing waits for it. A failure is logged.
    pub(super) fn judge_the_rest(self: &Arc<Self>, conversation: &str) {
        match self.judging.join(conversation) {
            Joined::Waits => return,
            Joined::Full => {
                metrics::counter!("steward_judging_refused_total").increment(1);
                return;
            }
            Joined::AndWork => {}
        }
        let inner = self.clone();
        self.tasks.spawn(async move {
            while let Some(conversation) = inner.judging.next() {
                if inner.stopping.is_cancelled() {
                    return;
                }
                if let Err(error) = inner.try_to_judge_the_rest(&conversation).await {
                    metrics::counter!("steward_errors_total", "where" => "judge").increment(1);
                    tracing::error!(
                        conversation = &*conversation,
                        error = format!("{error:#}"),
                        "not judged"
                    );
                }
            }
        });
    }

    async fn try_to_judge_the_rest(&self, conversation: &str) -> Result<()> {
        let unjudged = self.store.unjudged_messages(conversation, MOST_AT_ONCE).await?;
        if unjudged.is_empty() {
            return Ok(());
        }
        let limit = u32::try_from(MOST_TURNS).unwrap_or(u32::MAX);
        let messages = self.store.newest_messages(conversation, limit.saturating_mul(2)).await?;
        for seq in unjudged {
            let turns = utterances(messages.clone(), seq, limit);
            if turns.is_empty() {
                continue;
            }
            let judge = self.agent.judge_of(conversation).clone();
            let judging = tokio::task::spawn_blocking(move || judge.judge(&turns, Explain::Turns));
            let judgement = judging.await.internal("a judgement stopped unexpectedly")??;
            let judgement = serde_json::to_value(judgement).internal("a judgement")?;
            self.store.put_judgement(conversation, seq, &judgement).await?;
            self.tell_judgement(conversation, seq, judgement);
        }
        Ok(())
    }

    /// Tells the agents who follow the conversation.
    pub(super) fn tell_judgement(
        &self,
        conversation: &str,
        seq: i64,
        judgement: serde_json::Value,
    ) {
        let notice = Notice::Judged { seq, judgement: Arc::new(judgement) };
        self.bus.publish(conversation, &notice);
    }
}
