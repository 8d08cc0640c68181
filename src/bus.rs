//! Tells every open socket of a conversation what happens in it.
//!
//! Owns only who listens and the words of the reply that is being written; what is told here has
//! been stored before, so a listener that is lost loses nothing. Queues are bounded: a listener
//! that does not keep up is dropped and sees its queue end. In one process; a network bus would
//! have the same three functions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::store::{Author, StoredMessage};

/// What happens in a conversation.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A message was stored.
    Stored(Arc<StoredMessage>),
    /// The next words of a reply.
    Delta {
        /// The reply's id.
        reply: Arc<str>,
        /// To be put after what came before.
        text: Arc<str>,
    },
    /// Steward begins to answer the message of this number.
    Typing(i64),
    /// A customer's message was judged; for agents.
    Judged {
        /// Its number.
        seq: i64,
        /// [`crate::judge::judgement::Judgement`] as it is stored.
        judgement: Arc<serde_json::Value>,
    },
}

/// The listeners of all conversations.
#[derive(Debug, Default, Clone)]
pub struct Bus {
    topics: Arc<Mutex<HashMap<String, Topic>>>,
}

#[derive(Debug, Default)]
struct Topic {
    next_listener: u64,
    listeners: Vec<(u64, mpsc::Sender<Notice>)>,
    /// The reply being written, for those who join in the middle of it.
    unfinished: Option<(Arc<str>, String)>,
}

/// A listener's end. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    bus: Bus,
    conversation: String,
    listener: u64,
    notices: mpsc::Receiver<Notice>,
}

impl Bus {
    /// Listens to `conversation` with room for `capacity` notices. A reply that is being written
    /// comes first, with all its words so far.
    pub fn subscribe(&self, conversation: &str, capacity: usize) -> Subscription {
        let (sender, notices) = mpsc::channel(capacity.max(2));
        let mut topics = self.topics();
        let topic = topics.entry(conversation.to_string()).or_default();
        if let Some((reply, text)) = &topic.unfinished {
            let notice = Notice::Delta { reply: reply.clone(), text: text.as_str().into() };
            let _ = sender.try_send(notice);
        }
        let listener = topic.next_listener;
        topic.next_listener += 1;
        topic.listeners.push((listener, sender));
        Subscription {
            bus: self.clone(),
            conversation: conversation.to_string(),
            listener,
            notices,
        }
    }

    /// Tells the listeners of `conversation`.
    pub fn publish(&self, conversation: &str, notice: &Notice) {
        let mut topics = self.topics();
        let topic = topics.entry(conversation.to_string()).or_default();
        topic.remember(notice);
        topic.listeners.retain(|(_, sender)| {
            let kept = sender.try_send(notice.clone()).is_ok();
            if !kept {
                metrics::counter!("steward_slow_readers_total").increment(1);
            }
            kept
        });
        forget_if_idle(&mut topics, conversation);
    }

    /// The reply being written will not be finished.
    pub fn abandon_reply(&self, conversation: &str) {
        let mut topics = self.topics();
        if let Some(topic) = topics.get_mut(conversation) {
            topic.unfinished = None;
        }
        forget_if_idle(&mut topics, conversation);
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<String, Topic>> {
        // Nothing that holds the lock can leave a topic half changed.
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn remember(&mut self, notice: &Notice) {
        match notice {
            Notice::Delta { reply, text } => match &mut self.unfinished {
                Some((unfinished, so_far)) if unfinished == reply => so_far.push_str(text),
                unfinished => *unfinished = Some((reply.clone(), text.to_string())),
            },
            Notice::Stored(message) if message.author == Author::Steward => self.unfinished = None,
            Notice::Stored(_) | Notice::Typing(_) | Notice::Judged { .. } => {}
        }
    }
}

fn forget_if_idle(topics: &mut HashMap<String, Topic>, conversation: &str) {
    let idle = topics
        .get(conversation)
        .is_some_and(|topic| topic.listeners.is_empty() && topic.unfinished.is_none());
    if idle {
        topics.remove(conversation);
    }
}

impl Subscription {
    /// The next notice; `None` once this listener was dropped for being slow.
    ///
    /// # Cancel safety
    /// Dropped before it is done, no notice is lost.
    pub async fn next(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// A notice that is there already.
    pub fn ready(&mut self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut topics = self.bus.topics();
        if let Some(topic) = topics.get_mut(&self.conversation) {
            topic.listeners.retain(|(listener, _)| *listener != self.listener);
        }
        forget_if_idle(&mut topics, &self.conversation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(text: &str) -> Notice {
        Notice::Delta { reply: "r".into(), text: text.into() }
    }

    #[tokio::test]
    async fn who_joins_in_the_middle_of_a_reply_gets_all_its_words_once() {
        let bus = Bus::default();
        bus.publish("c", &delta("one "));
        let mut late = bus.subscribe("c", 8);
        bus.publish("c", &delta("two"));
        let mut words = String::new();
        while let Some(Notice::Delta { text, .. }) = late.ready() {
            words.push_str(&text);
        }
        assert_eq!(words, "one two");
    }

    #[tokio::test]
    async fn a_slow_listener_is_dropped_and_the_others_go_on() {
        let bus = Bus::default();
        let mut slow = bus.subscribe("c", 2);
        let mut quick = bus.subscribe("c", 64);
        for _ in 0..5 {
            bus.publish("c", &delta("x"));
        }
        for _ in 0..5 {
            assert!(quick.ready().is_some());
        }
        assert!(slow.next().await.is_some() && slow.next().await.is_some());
        assert!(slow.next().await.is_none());
        drop((slow, quick));
        bus.abandon_reply("c");
        assert!(bus.topics().is_empty());
    }
}
