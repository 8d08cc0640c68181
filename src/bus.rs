//! Tells every open socket of a conversation what happens in it.
//!
//! Owns only who listens and the words of the reply that is being written; what is told here has
//! been stored before, so a listener that is lost loses nothing. Queues are bounded: a listener
//! that does not keep up is dropped and sees its queue end. In one process; a network bus would
//! have the same three functions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::store::desk::{Note, Reader};
use crate::store::{Author, StoredMessage};

/// Conversations whose change may wait to be looked at; whoever misses some is told so.
const CHANGES: usize = 4096;

/// What happens in a conversation.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A message was stored.
    Stored(Arc<StoredMessage>),
    /// The next words of a reply.
    Delta {
        /// The reply's id.
        reply: Arc<str>,
        /// The conversation's epoch when its turn began.
        epoch: i64,
        /// To be put after what came before.
        text: Arc<str>,
    },
    /// Steward begins to write a reply.
    Typing {
        /// The reply's id.
        reply: Arc<str>,
        /// The conversation's epoch when its turn began.
        epoch: i64,
        /// The number of the message that it answers.
        seq: i64,
    },
    /// There is no room for a reply just now; it is begun again.
    Busy {
        /// The reply's id.
        reply: Arc<str>,
        /// The conversation's epoch when its turn began.
        epoch: i64,
        /// The number of the message that waits.
        seq: i64,
        /// After how long it is begun again.
        retry_after: Duration,
    },
    /// A customer's message was judged; for agents.
    Judged {
        /// Its number.
        seq: i64,
        /// [`crate::judge::judgement::Judgement`] as it is stored.
        judgement: Arc<serde_json::Value>,
    },
    /// A private note was written; for agents.
    Noted(Arc<Note>),
    /// Somebody is writing.
    Writing(Arc<Writer>),
    /// Everything up to a number was read.
    Read {
        /// By whom.
        by: Reader,
        /// The number.
        seq: i64,
    },
}

/// Who is writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// The customer.
    Customer,
    /// A person of the company, and whether they have the conversation: only then its customer is told.
    Agent {
        /// Who.
        name: String,
        /// The customer is told as well.
        holds: bool,
    },
}

/// The listeners of all conversations.
#[derive(Debug, Default, Clone)]
pub struct Bus {
    topics: Arc<Mutex<HashMap<String, Topic>>>,
    changes: Changes,
}

/// The ids of conversations in which something changed, for whoever follows all of them.
#[derive(Debug, Clone)]
struct Changes(broadcast::Sender<Arc<str>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(CHANGES))
    }
}

#[derive(Debug, Default)]
struct Topic {
    next_listener: u64,
    listeners: Vec<(u64, mpsc::Sender<Notice>)>,
    /// The reply being written, for those who join in the middle of it.
    unfinished: Option<Unfinished>,
}

#[derive(Debug)]
struct Unfinished {
    reply: Arc<str>,
    epoch: i64,
    so_far: String,
    fence: CancellationToken,
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
        if let Some(Unfinished { reply, epoch, so_far, .. }) = &topic.unfinished
            && !so_far.is_empty()
        {
            let (reply, text) = (reply.clone(), so_far.as_str().into());
            let notice = Notice::Delta { reply, epoch: *epoch, text };
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

    /// Words of `reply` are told from now on, until it is stored, given up, or fenced off: the token is
    /// cancelled when somebody else has the conversation.
    ///
    /// Asked for **before** the turn is begun in the store. Whoever takes the conversation afterwards tells of
    /// it afterwards too, and that ends the reply here; whoever took it before leaves no turn to begin.
    pub fn open_reply(&self, conversation: &str, reply: &Arc<str>) -> CancellationToken {
        let mut topics = self.topics();
        let topic = topics.entry(conversation.to_string()).or_default();
        match &topic.unfinished {
            Some(unfinished) if unfinished.reply == *reply => unfinished.fence.clone(),
            _ => {
                let fence = CancellationToken::new();
                let (reply, so_far) = (reply.clone(), String::new());
                topic.unfinished =
                    Some(Unfinished { reply, epoch: 0, so_far, fence: fence.clone() });
                fence
            }
        }
    }

    /// The ids of conversations in which a message was stored or judged, or [`Bus::changed`] was called, from now on.
    pub fn changes(&self) -> broadcast::Receiver<Arc<str>> {
        self.changes.0.subscribe()
    }

    /// Something about `conversation` is different: its tags, who is to take it.
    pub fn changed(&self, conversation: &str) {
        // Nobody may be following.
        let _ = self.changes.0.send(conversation.into());
    }

    /// Tells the listeners of `conversation`. Words of a reply that is not open are dropped.
    pub fn publish(&self, conversation: &str, notice: &Notice) {
        if matches!(notice, Notice::Stored(_) | Notice::Judged { .. }) {
            self.changed(conversation);
        }
        let mut topics = self.topics();
        let topic = topics.entry(conversation.to_string()).or_default();
        if !topic.remember(notice) {
            forget_if_idle(&mut topics, conversation);
            return;
        }
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
    /// False if the notice belongs to a reply that is not open: nobody may be told.
    fn remember(&mut self, notice: &Notice) -> bool {
        match notice {
            Notice::Delta { reply, epoch, .. }
            | Notice::Typing { reply, epoch, .. }
            | Notice::Busy { reply, epoch, .. } => {
                let Some(open) = self.unfinished.as_mut().filter(|open| open.reply == *reply)
                else {
                    return false;
                };
                open.epoch = *epoch;
                if let Notice::Delta { text, .. } = notice {
                    open.so_far.push_str(text);
                }
            }
            Notice::Stored(message) => {
                let open =
                    |id: &str| self.unfinished.as_ref().is_some_and(|open| *open.reply == *id);
                if message.changes_holder() {
                    if let Some(unfinished) = self.unfinished.take() {
                        unfinished.fence.cancel();
                    }
                } else if message.author == Author::Steward && open(&message.message_id) {
                    self.unfinished = None;
                }
            }
            Notice::Judged { .. } | Notice::Noted(_) | Notice::Writing(_) | Notice::Read { .. } => {
            }
        }
        true
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
        Notice::Delta { reply: "r".into(), epoch: 0, text: text.into() }
    }

    #[tokio::test]
    async fn who_joins_in_the_middle_of_a_reply_gets_all_its_words_once() {
        let bus = Bus::default();
        bus.open_reply("c", &"r".into());
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
        bus.open_reply("c", &"r".into());
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

    #[tokio::test]
    async fn no_words_are_told_once_somebody_else_has_the_conversation() {
        let bus = Bus::default();
        let mut listener = bus.subscribe("c", 8);
        let fence = bus.open_reply("c", &"r".into());
        bus.publish("c", &delta("one "));
        let mut joined = StoredMessage::event(2, "agent_joined");
        bus.publish("c", &Notice::Stored(Arc::new(joined.clone())));
        bus.publish("c", &delta("two"));
        bus.publish("c", &Notice::Typing { reply: "r".into(), epoch: 0, seq: 1 });
        assert!(fence.is_cancelled());
        assert!(matches!(listener.ready(), Some(Notice::Delta { .. })));
        assert!(matches!(listener.ready(), Some(Notice::Stored(_))));
        assert!(listener.ready().is_none());
        // A note of another kind does not end a reply.
        let fence = bus.open_reply("c", &"s".into());
        joined.text = "survey".into();
        bus.publish("c", &Notice::Stored(Arc::new(joined)));
        assert!(!fence.is_cancelled());
    }
}
