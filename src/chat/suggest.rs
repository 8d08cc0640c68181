//! Suggestions for people of the company: read from a conversation, streamed, and kept.
//!
//! What is suggested is made in [`crate::turn::suggest`]; here is what it needs of the store. The customer's account is
//! read with the key that the conversation's owner gives, as the runner does.

mod like_cases;

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use super::transcript::turn_input;
use crate::config::live::LiveConfig;
use crate::error::Context;
use crate::store::{Author, Conversation, NewSuggestion, Store, StoredSuggestion};
use crate::turn::Agent;
use crate::turn::grounding::Groundedness;
use crate::turn::suggest::similar::{Precedents, PublicWords};
use crate::turn::suggest::{
    MOST_SUGGESTIONS, Situation, Suggested, SuggestionKind, Wish, is_new, pieces,
};
use crate::{Error, Result};

/// Conversations for which suggestions are made at the same time.
const AT_ONCE: usize = 4;
/// Suggestions of a conversation that "another" looks back on.
const LOOKED_BACK: u32 = 30;

/// What a person asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuggestionAsk {
    /// The customer's message to answer; the newest if absent.
    pub through_seq: Option<i64>,
    /// What is wished.
    pub wish: Option<Wish>,
    /// Of which suggestion.
    pub of: Option<String>,
    /// Or of which words of the person's own.
    pub draft: Option<String>,
    /// Who asks; none for Steward by itself.
    pub made_for: Option<String>,
}

/// One line of the stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SuggestionFrame {
    /// A suggestion begins.
    Suggestion {
        /// UUID v7.
        id: String,
        /// Its place, from 0.
        index: u32,
        /// What it is.
        kind: SuggestionKind,
    },
    /// More of its words.
    Delta {
        /// Of which.
        id: String,
        /// What follows.
        text: String,
    },
    /// It is whole, checked and kept.
    Done {
        /// Which.
        id: String,
        /// All of it.
        #[serde(flatten)]
        whole: Box<Suggested>,
    },
    /// There are no more.
    End {
        /// Why there is none, if there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
    /// It broke off.
    Error {
        /// For people.
        message: String,
    },
}

/// Makes suggestions. Cloning shares it.
#[derive(Clone)]
pub struct Suggester {
    shared: Arc<Shared>,
}

struct Shared {
    agent: Arc<Agent>,
    store: Store,
    config: LiveConfig,
    room: Semaphore,
    precedents: Mutex<Precedents>,
    /// The newest reply that is remembered; held while others are read.
    newest: tokio::sync::Mutex<Option<(i64, String, i64)>>,
    public: Mutex<Option<(String, Arc<PublicWords>)>>,
}

/// A conversation that was read, and what is asked of it.
pub struct Begun {
    suggester: Suggester,
    conversation: Conversation,
    situation: Arc<Situation>,
    through_seq: i64,
    ask: SuggestionAsk,
    before: Vec<StoredSuggestion>,
}

impl Suggester {
    /// Makes suggestions with `agent` from what is in `store`.
    pub fn new(agent: Arc<Agent>, store: Store, config: LiveConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                agent,
                store,
                config,
                room: Semaphore::new(AT_ONCE),
                precedents: Mutex::default(),
                newest: tokio::sync::Mutex::default(),
                public: Mutex::default(),
            }),
        }
    }

    /// Reads the conversation for suggestions.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if there is nothing to answer, or what is wished fits nothing; else those of the store
    /// and the models.
    pub async fn begin(&self, conversation: &Conversation, ask: SuggestionAsk) -> Result<Begun> {
        if ask.wish.is_none() && (ask.of.is_some() || ask.draft.is_some()) {
            let message = "`of` and `draft` need a `wish`: shorter, warmer or another";
            return Err(Error::input(message));
        }
        let before = self.shared.store.suggestions(&conversation.id, LOOKED_BACK).await?;
        if let Some(of) = &ask.of
            && !before.iter().any(|suggestion| suggestion.id == *of)
        {
            let message = format!("`of` is {of:?}, which was not suggested in this conversation");
            return Err(Error::input(message));
        }
        let (situation, through_seq) = self.read(conversation, ask.through_seq).await?;
        Ok(Begun {
            suggester: self.clone(),
            conversation: conversation.clone(),
            situation: Arc::new(situation),
            through_seq,
            ask,
            before,
        })
    }

    /// How well a text that a person is about to send rests on what is known.
    ///
    /// # Errors
    /// As [`Suggester::begin`].
    pub async fn mark(&self, conversation: &Conversation, text: String) -> Result<Groundedness> {
        let (situation, _) = self.read(conversation, None).await?;
        blocking(move || Ok(situation.mark(&text))).await
    }

    /// Everything at once, as Steward does it by itself; nothing is kept yet.
    ///
    /// # Errors
    /// As [`Suggester::begin`].
    pub async fn made(
        &self,
        conversation: &Conversation,
        through: i64,
    ) -> Result<Vec<NewSuggestion>> {
        let ask = SuggestionAsk { through_seq: Some(through), ..SuggestionAsk::default() };
        let begun = self.begin(conversation, ask).await?;
        let chosen = begun.chosen().await?;
        let new = chosen.into_iter().zip(0..);
        Ok(new.map(|(suggested, place)| begun.new_suggestion(suggested, place)).collect())
    }

    async fn read(
        &self,
        conversation: &Conversation,
        through: Option<i64>,
    ) -> Result<(Situation, i64)> {
        let Shared { agent, store, config, .. } = &*self.shared;
        let config = config.now();
        let limits = &config.limits;
        let limit = limits.history_messages.saturating_add(limits.waiting_messages);
        let messages = match through {
            None => store.newest_messages(&conversation.id, limit).await?,
            Some(through) => {
                let mut messages = store.messages_through(&conversation.id, through, limit).await?;
                messages.retain(|message| message.author != Author::Event);
                messages
            }
        };
        let asked = messages.iter().rev().find(|message| message.author == Author::Customer);
        let through_seq = match (asked, through) {
            (None, _) => return Err(Error::input("the customer has not written anything yet")),
            (Some(asked), Some(through)) if asked.seq != through => {
                let message =
                    format!("`through_seq` is {through}, which is no message of the customer");
                return Err(Error::input(message));
            }
            (Some(asked), _) => asked.seq,
        };
        let (id, owner) = (&conversation.id, &conversation.owner);
        let input =
            turn_input(id, owner, messages, through_seq, limits.history_messages, &config.desk)?;
        let _room =
            self.shared.room.acquire().await.internal("suggestions are not made any more")?;
        let agent = agent.clone();
        let situation = blocking(move || Situation::read(&agent, &input)).await?;
        Ok((situation, through_seq))
    }
}

impl Begun {
    /// Makes what was asked for and tells it, line by line, until the reader has gone.
    ///
    /// # Errors
    /// Those of the store and the models.
    pub async fn tell(self, frames: mpsc::Sender<SuggestionFrame>) -> Result<()> {
        let _room = self.suggester.shared.room.acquire().await.internal("no room")?;
        let mut reason = None;
        let mut place = 0;
        match self.ask.wish {
            None => {
                // The first goes out before the others are looked for.
                let mut given: Vec<Suggested> = Vec::new();
                let situation = self.situation.clone();
                let mut own = blocking(move || Ok(situation.candidates())).await?.into_iter();
                if let Some(first) = own.next() {
                    given.push(self.give(first, 0, &frames).await?);
                }
                let rest = self.others(own.collect(), &given).await?;
                for suggested in rest {
                    place = given.len() as u32;
                    given.push(self.give(suggested, place, &frames).await?);
                }
            }
            Some(wish) => match self.wished(wish).await? {
                Some(suggested) => drop(self.give(suggested, place, &frames).await?),
                None => reason = Some(nothing_to(wish)),
            },
        }
        // The reader may have gone; what was made is kept.
        let _ = frames.send(SuggestionFrame::End { reason }).await;
        Ok(())
    }

    async fn chosen(&self) -> Result<Vec<Suggested>> {
        let situation = self.situation.clone();
        let mut own = blocking(move || Ok(situation.candidates())).await?.into_iter();
        let mut chosen: Vec<Suggested> = own.next().into_iter().collect();
        let rest = self.others(own.collect(), &chosen).await?;
        chosen.extend(rest);
        Ok(chosen)
    }

    /// What is given after the first: another plan, and how people answered in a like case; a second plan without one.
    async fn others(&self, own: Vec<Suggested>, given: &[Suggested]) -> Result<Vec<Suggested>> {
        let retold = self.suggester.retold(&self.conversation, &self.situation).await?;
        let mut others: Vec<Suggested> = Vec::new();
        let mut own = own.into_iter();
        let room = MOST_SUGGESTIONS - given.len();
        let is_new = |suggested: &Suggested, others: &Vec<Suggested>| {
            let known = given.iter().chain(others).map(|known| known.text.as_str());
            is_new(&suggested.text, known)
        };
        if room > 1 {
            others.extend(own.next());
        }
        let similar = retold.into_iter().find(|suggested| is_new(suggested, &others));
        others.extend(similar);
        for suggested in own {
            if others.len() < room && is_new(&suggested, &others) {
                others.push(suggested);
            }
        }
        others.truncate(room);
        Ok(others)
    }

    async fn wished(&self, wish: Wish) -> Result<Option<Suggested>> {
        let of =
            self.ask.of.as_ref().and_then(|of| self.before.iter().find(|known| known.id == *of));
        let of = of.map(|of| of.suggested.clone());
        if wish == Wish::Another {
            let given = self.before.iter().filter(|known| known.through_seq == self.through_seq);
            let mut given: Vec<String> = given.map(|known| known.suggested.text.clone()).collect();
            given.extend(self.ask.draft.clone());
            let situation = self.situation.clone();
            let mut all = self.suggester.retold(&self.conversation, &self.situation).await?;
            all.extend(blocking(move || Ok(situation.candidates())).await?);
            all.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
            let is_other =
                |suggested: &Suggested| is_new(&suggested.text, given.iter().map(String::as_str));
            return Ok(all.into_iter().find(is_other));
        }
        let (situation, draft) = (self.situation.clone(), self.ask.draft.clone());
        blocking(move || {
            let of = match (draft, of) {
                (Some(draft), of) => situation.of_draft(draft, of.as_ref()),
                (None, Some(of)) => of,
                (None, None) => match situation.candidates().into_iter().next() {
                    Some(own) => own,
                    None => return Ok(None),
                },
            };
            situation.reworded(&of, wish)
        })
        .await
    }

    /// Tells and keeps a suggestion.
    async fn give(
        &self,
        suggested: Suggested,
        place: u32,
        frames: &mpsc::Sender<SuggestionFrame>,
    ) -> Result<Suggested> {
        let new = self.new_suggestion(suggested, place);
        let (id, kind) = (new.id.clone(), new.suggested.kind);
        let gone = |_| Error::new(crate::ErrorKind::Cancelled, "the reader has gone");
        frames
            .send(SuggestionFrame::Suggestion { id: id.clone(), index: place, kind })
            .await
            .map_err(gone)?;
        for text in pieces(&new.suggested.text) {
            frames.send(SuggestionFrame::Delta { id: id.clone(), text }).await.map_err(gone)?;
        }
        let store = &self.suggester.shared.store;
        store.put_suggestions(&self.conversation.id, std::slice::from_ref(&new)).await?;
        let whole = Box::new(new.suggested.clone());
        frames.send(SuggestionFrame::Done { id, whole }).await.map_err(gone)?;
        Ok(new.suggested)
    }

    fn new_suggestion(&self, suggested: Suggested, place: u32) -> NewSuggestion {
        NewSuggestion {
            id: Uuid::now_v7().to_string(),
            through_seq: self.through_seq,
            place,
            wish: self.ask.wish,
            of: self.ask.of.clone(),
            made_for: self.ask.made_for.clone(),
            suggested,
        }
    }
}

fn nothing_to(wish: Wish) -> &'static str {
    match wish {
        Wish::Shorter => "it is one sentence already",
        Wish::Warmer => "there is nothing to say",
        Wish::Another => "there is nothing else to say",
    }
}

/// Runs blocking work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.internal("suggestions stopped unexpectedly")?
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Single insertions and replacements only: a panic leaves nothing half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
