//! Holds every screen against what is on disk in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use steward::store::{Author, Store, StoredMessage};

use crate::actors::Written;
use crate::screen::Screen;
use crate::server::STORE_FILE;

/// What is stored this long before a tab is closed must be on it.
const GRACE_MS: i64 = 8000;

pub struct Transcripts {
    conversations: BTreeMap<String, Vec<StoredMessage>>,
}

#[derive(Default)]
pub struct Summary {
    pub acknowledged: usize,
    pub replies: usize,
    pub takeovers: usize,
    pub violations: Vec<String>,
}

impl Transcripts {
    pub async fn read(data: &Path, ids: &[String]) -> Self {
        let store = Store::open(&data.join(STORE_FILE), 1).await.unwrap();
        let mut conversations = BTreeMap::new();
        for id in ids {
            let messages = store.messages_after(id, 0, u32::MAX).await.unwrap();
            conversations.insert(id.clone(), messages);
        }
        // Whoever wrote or was put in line a moment before the end is answered at the next start.
        let end = jiff::Timestamp::now().as_millisecond();
        for waiting in store.unanswered_conversations().await.unwrap() {
            let messages: &Vec<StoredMessage> = &conversations[&waiting];
            let last: Vec<_> = messages.iter().rev().take(6).rev().collect();
            let is_fresh = last.last().is_some_and(|message| end - message.created_ms < GRACE_MS);
            assert!(is_fresh, "{waiting} waits at {end}: {last:#?}");
        }
        store.close().await;
        Self { conversations }
    }

    pub fn judge(&self, written: &[Written], screens: &[Screen]) -> Summary {
        let mut summary = Summary::default();
        for (conversation, messages) in &self.conversations {
            self.judge_transcript(conversation, messages, &mut summary);
        }
        for (conversation, messages) in written {
            for (id, text) in messages {
                let stored = self.conversations[conversation].iter().filter(|message| {
                    message.author == Author::Customer && message.message_id == *id
                });
                let texts: Vec<_> = stored.map(|message| message.text.as_str()).collect();
                if texts != [text.as_str()] {
                    summary.violations.push(format!("{conversation}: {id} is stored as {texts:?}"));
                }
            }
        }
        for screen in screens {
            summary.violations.extend(screen.violations.iter().cloned());
            self.judge_screen(screen, &mut summary);
        }
        summary
    }

    /// Numbers without gaps, one reply at most to each message, Steward silent while a person has it.
    fn judge_transcript(&self, id: &str, messages: &[StoredMessage], summary: &mut Summary) {
        let mut answered = BTreeSet::new();
        let mut person_has_it = false;
        for (at, message) in messages.iter().enumerate() {
            let mut violate = |what: &str| {
                summary.violations.push(format!("{id}, {}: {what}: {message:?}", message.seq));
            };
            if message.seq != at as i64 + 1 {
                violate("a gap");
            }
            match message.author {
                Author::Event => {
                    person_has_it = message.text == "agent_joined";
                    summary.takeovers += usize::from(person_has_it);
                }
                Author::Steward => {
                    if person_has_it {
                        violate("Steward spoke while a person had it");
                    }
                    if message.answers_seq.is_some_and(|seq| !answered.insert(seq)) {
                        violate("a second reply to the same message");
                    }
                    summary.replies += 1;
                }
                Author::Agent if !person_has_it => violate("a person wrote without having it"),
                Author::Agent | Author::Customer => {}
            }
        }
    }

    /// What it showed and what it was promised is on disk, and it missed nothing in between.
    fn judge_screen(&self, screen: &Screen, summary: &mut Summary) {
        let stored = &self.conversations[&screen.conversation];
        let violations = &mut summary.violations;
        let name = format!("{} at {}", screen.name, screen.conversation);
        for (seq, shown) in &screen.shown {
            let message = &stored[*seq as usize - 1];
            let same_id = shown.kind == "event" || shown.id == message.message_id;
            if shown.text != message.text || !same_id {
                violations.push(format!("{name}: showed {shown:?} for {message:?}"));
            }
        }
        for (id, seq) in &screen.acknowledged {
            summary.acknowledged += 1;
            if stored[*seq as usize - 1].message_id != *id {
                violations.push(format!("{name}: {id} was acknowledged as {seq} and is not there"));
            }
        }
        let own: BTreeSet<i64> = screen.acknowledged.values().copied().collect();
        for seq in 1..=screen.after() {
            if !screen.shown.contains_key(&seq) && !own.contains(&seq) {
                violations.push(format!("{name}: never showed {seq}"));
            }
        }
        if screen.name.starts_with("customer") {
            for message in
                stored.iter().filter(|message| message.created_ms + GRACE_MS < screen.left_ms)
            {
                if !screen.shown.contains_key(&message.seq) && !own.contains(&message.seq) {
                    violations.push(format!("{name}: left without {message:?}"));
                }
            }
        }
    }
}
