//! What every open desk is told: changes of any conversation, who looks where, notes, who is there.
//!
//! The bus says that something in a conversation changed; `run` gathers such changes for a moment, reads the conversations
//! once, and tells all desks. Whatever is told here can be read from the store as well: a desk that was too slow is told to read
//! its list again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::super::Chat;
use super::viewers::Viewer;
use crate::Result;
use crate::store::desk::{Changed, Note};

/// Events that a slow desk may be behind.
const EVENTS: usize = 1024;
/// Changes that come within this time of each other are told once.
const GATHER: Duration = Duration::from_millis(60);
/// Conversations that are read at once.
const MOST_AT_ONCE: usize = 200;

/// Something that desks show.
#[derive(Debug, Clone)]
pub enum DeskEvent {
    /// A conversation, as it stands now.
    Conversation(Arc<Changed>),
    /// A conversation is no more.
    Removed(Arc<str>),
    /// Other people look at a conversation than before.
    Presence(Arc<Present>),
    /// A note was written.
    Note(Arc<Note>),
    /// Other people are there than before, or have other conversations.
    Team(Arc<Vec<TeamMember>>),
    /// Something that desks keep is to be read again.
    Changed(What),
}

/// What is to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The prepared replies.
    Canned,
    /// Articles of the knowledge.
    Knowledge,
    /// The settings.
    Settings,
    /// The tags that there are.
    Tags,
    /// The list of conversations: events were missed.
    Conversations,
}

/// Who looks at a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// The conversation.
    pub conversation: String,
    /// Who.
    pub viewers: Vec<Viewer>,
}

/// A person of the company, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamMember {
    /// Who.
    pub name: String,
    /// A desk or a chat socket of theirs is open.
    pub online: bool,
    /// Conversations that they have.
    pub holding: i64,
}

/// Tells desks.
#[derive(Debug, Clone)]
pub struct Hub {
    events: broadcast::Sender<DeskEvent>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { events: broadcast::Sender::new(EVENTS) }
    }
}

impl Hub {
    /// All events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<DeskEvent> {
        self.events.subscribe()
    }

    /// Tells every desk.
    pub fn tell(&self, event: DeskEvent) {
        // Nobody may have a desk open.
        let _ = self.events.send(event);
    }

    fn is_heard(&self) -> bool {
        self.events.receiver_count() > 0
    }
}

/// Tells desks of conversations that change, until the chat is gone or stops.
pub(in crate::chat) async fn run(chat: Weak<Chat>) {
    let Some(mut changes) = chat.upgrade().map(|chat| chat.bus.changes()) else { return };
    let mut holding: Vec<TeamMember> = Vec::new();
    loop {
        let first = changes.recv().await;
        tokio::time::sleep(GATHER).await;
        let Some(chat) = chat.upgrade().filter(|chat| !chat.closing.is_cancelled()) else { return };
        let mut gathered = BTreeSet::new();
        let mut missed = false;
        match first {
            Ok(conversation) => drop(gathered.insert(conversation)),
            Err(RecvError::Lagged(_)) => missed = true,
            Err(RecvError::Closed) => return,
        }
        while gathered.len() < MOST_AT_ONCE {
            match changes.try_recv() {
                Ok(conversation) => drop(gathered.insert(conversation)),
                Err(broadcast::error::TryRecvError::Lagged(_)) => missed = true,
                Err(_) => break,
            }
        }
        if !chat.hub.is_heard() {
            continue;
        }
        if missed {
            chat.hub.tell(DeskEvent::Changed(What::Conversations));
        }
        let gathered: Vec<String> = gathered.iter().map(ToString::to_string).collect();
        if let Err(error) = tell_changed(&chat, &gathered, &mut holding).await {
            metrics::counter!("steward_errors_total", "where" => "desk").increment(1);
            tracing::error!(error = format!("{error:#}"), "desks were not told of a change");
        }
    }
}

async fn tell_changed(
    chat: &Chat,
    conversations: &[String],
    holding: &mut Vec<TeamMember>,
) -> Result<()> {
    for changed in chat.store.changed_entries(conversations).await? {
        chat.hub.tell(DeskEvent::Conversation(Arc::new(changed)));
    }
    let team = chat.team_members().await?;
    if team != *holding {
        holding.clone_from(&team);
        chat.hub.tell(DeskEvent::Team(Arc::new(team)));
    }
    Ok(())
}

impl Chat {
    /// The members, and others of the company who are there or have conversations, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn team_members(&self) -> Result<Vec<TeamMember>> {
        let there = self.presence.there();
        let mut holding: BTreeMap<String, i64> =
            self.store.member_names().await?.into_iter().map(|name| (name, 0)).collect();
        holding.extend(there.iter().map(|name| (name.clone(), 0)));
        holding.extend(self.store.held_counts().await?);
        let member = |(name, holding)| TeamMember { online: there.contains(&name), name, holding };
        Ok(holding.into_iter().map(member).collect())
    }

    /// Tells desks and agents' sockets of a note.
    pub fn tell_note(&self, note: Note) {
        let note = Arc::new(note);
        self.bus.publish(&note.conversation, &crate::bus::Notice::Noted(note.clone()));
        if !note.mentions.is_empty() {
            self.bus.changed(&note.conversation);
        }
        self.hub.tell(DeskEvent::Note(note));
    }

    /// Tells desks who looks at `conversations` now.
    pub fn tell_viewers(&self, conversations: Vec<String>) {
        for conversation in conversations {
            let viewers = self.viewers.of(&conversation);
            self.hub.tell(DeskEvent::Presence(Arc::new(Present { conversation, viewers })));
        }
    }

    /// Tells desks that conversations are no more.
    pub fn tell_removed(&self, conversations: &[String]) {
        for conversation in conversations {
            self.hub.tell(DeskEvent::Removed(conversation.as_str().into()));
        }
    }

    /// Tells desks who is there, if anybody listens.
    pub(in crate::chat) async fn tell_team(&self) -> Result<()> {
        if self.hub.is_heard() {
            self.hub.tell(DeskEvent::Team(Arc::new(self.team_members().await?)));
        }
        Ok(())
    }
}
