//! Who answers a conversation, and who may change that.
//!
//! Pure: the store reads a [`Holding`], asks [`Holding::after`], and writes what comes back in the same
//! transaction. Every change raises the epoch, and a reply is stored only under the epoch that its turn
//! began with: whatever Steward was about to say when a person took over is lost on purpose.
//!
//! ```text
//!            hand_off               take_over
//!     bot ------------> queued ------------------> agent
//!      ^ \               | ^                       | | |
//!      |  \______________|_|____ take_over ________^ | |
//!      |                 | |____ requeue, lost ______| |
//!      |__ nobody_came __|                             |
//!      |______________________ give_back ______________|          close, from anywhere -> closed
//! ```

use serde::{Deserialize, Serialize};

/// Who answers a conversation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// Steward.
    Bot,
    /// Nobody yet: it waits for a person.
    Queued,
    /// A person.
    Agent,
    /// Nobody any more.
    Closed,
}

/// Who has a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holding {
    /// Who answers.
    pub state: ConversationState,
    /// The person's name while one has it.
    pub assignee: Option<String>,
    /// Grows with every change.
    pub epoch: i64,
}

/// What somebody wants to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change<'a> {
    /// Steward or the customer calls for a person.
    HandOff,
    /// The person `agent` answers from now on.
    TakeOver {
        /// Who.
        agent: &'a str,
        /// Even if another person has it.
        from_another: bool,
    },
    /// The person who has it leaves the word to Steward.
    GiveBack {
        /// Who.
        agent: &'a str,
    },
    /// The person who has it puts it back in line for another.
    Requeue {
        /// Who.
        agent: &'a str,
    },
    /// The person who has it has been away while the customer waits.
    AgentLost,
    /// Nobody took it in time, and Steward answers again.
    NobodyCame,
    /// It is over.
    Close {
        /// Who says so.
        agent: &'a str,
    },
}

impl Change<'_> {
    /// What the audit log calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HandOff => "hand_off",
            Self::TakeOver { .. } => "take_over",
            Self::GiveBack { .. } => "give_back",
            Self::Requeue { .. } => "requeue",
            Self::AgentLost => "agent_lost",
            Self::NobodyCame => "nobody_came",
            Self::Close { .. } => "close",
        }
    }
}

/// What the customer and the agents are told when something changed: the text of a stored event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingEvent {
    /// It waits for a person.
    HandedOff,
    /// A person has it.
    AgentJoined,
    /// Steward answers again.
    AgentLeft,
    /// Nobody took it in time; Steward answers again.
    NobodyCame,
    /// It is over.
    Closed,
}

impl HoldingEvent {
    const ALL: [Self; 5] =
        [Self::HandedOff, Self::AgentJoined, Self::AgentLeft, Self::NobodyCame, Self::Closed];

    /// The event of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Its name, as it is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HandedOff => "handed_off",
            Self::AgentJoined => "agent_joined",
            Self::AgentLeft => "agent_left",
            Self::NobodyCame => "nobody_came",
            Self::Closed => "closed",
        }
    }
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotYours {
    /// This other person has it.
    HeldBy(String),
    /// The person who asks does not have it.
    NotHeld,
    /// It is over.
    Closed,
}

/// What comes of a [`Change`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterChange {
    /// This is how it stands now, and what is told.
    Changed(Holding, HoldingEvent),
    /// It stood like that already; nothing is told again.
    AsBefore,
    /// Nothing changed.
    Refused(NotYours),
}

impl Holding {
    /// How it stands after `change`.
    pub fn after(&self, change: Change<'_>) -> AfterChange {
        use ConversationState::{Agent, Bot, Closed, Queued};
        let to = |state, assignee: Option<&str>, event| {
            let assignee = assignee.map(str::to_string);
            AfterChange::Changed(Self { state, assignee, epoch: self.epoch + 1 }, event)
        };
        let holder = self.assignee.as_deref();
        match (change, self.state) {
            (Change::Close { .. }, Closed) => AfterChange::AsBefore,
            (_, Closed) => AfterChange::Refused(NotYours::Closed),
            (Change::HandOff, Bot) => to(Queued, None, HoldingEvent::HandedOff),
            (Change::NobodyCame, Queued) => to(Bot, None, HoldingEvent::NobodyCame),
            (Change::AgentLost, Agent) => to(Queued, None, HoldingEvent::HandedOff),
            (Change::HandOff | Change::NobodyCame | Change::AgentLost, _) => AfterChange::AsBefore,
            (Change::TakeOver { agent, from_another }, Agent) => match holder {
                Some(name) if name == agent => AfterChange::AsBefore,
                Some(name) if !from_another => {
                    AfterChange::Refused(NotYours::HeldBy(name.to_string()))
                }
                _ => to(Agent, Some(agent), HoldingEvent::AgentJoined),
            },
            (Change::TakeOver { agent, .. }, Bot | Queued) => {
                to(Agent, Some(agent), HoldingEvent::AgentJoined)
            }
            (
                Change::GiveBack { agent } | Change::Requeue { agent } | Change::Close { agent },
                Agent,
            ) if holder != Some(agent) => AfterChange::Refused(
                holder.map_or(NotYours::NotHeld, |name| NotYours::HeldBy(name.to_string())),
            ),
            (Change::GiveBack { .. }, Agent) => to(Bot, None, HoldingEvent::AgentLeft),
            (Change::Requeue { .. }, Agent) => to(Queued, None, HoldingEvent::HandedOff),
            (Change::GiveBack { .. } | Change::Requeue { .. }, Bot | Queued) => {
                AfterChange::Refused(NotYours::NotHeld)
            }
            (Change::Close { .. }, Bot | Queued | Agent) => to(Closed, None, HoldingEvent::Closed),
        }
    }

    /// Whether the person `agent` may write to the customer.
    ///
    /// # Errors
    /// Why not.
    pub fn may_write(&self, agent: &str) -> Result<(), NotYours> {
        match (self.state, self.assignee.as_deref()) {
            (ConversationState::Closed, _) => Err(NotYours::Closed),
            (ConversationState::Agent, Some(name)) if name == agent => Ok(()),
            (ConversationState::Agent, Some(name)) => Err(NotYours::HeldBy(name.to_string())),
            _ => Err(NotYours::NotHeld),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn change() -> impl Strategy<Value = Change<'static>> {
        let agent = prop_oneof![Just("ada"), Just("ben")];
        (0..7, agent, any::<bool>()).prop_map(|(kind, agent, from_another)| match kind {
            0 => Change::HandOff,
            1 => Change::TakeOver { agent, from_another },
            2 => Change::GiveBack { agent },
            3 => Change::Requeue { agent },
            4 => Change::AgentLost,
            5 => Change::NobodyCame,
            _ => Change::Close { agent },
        })
    }

    proptest! {
        /// Whatever is asked in whatever order.
        #[test]
        fn one_person_at_most_has_it_and_every_change_raises_the_epoch(
            changes in proptest::collection::vec(change(), 0..40),
        ) {
            let mut holding =
                Holding { state: ConversationState::Bot, assignee: None, epoch: 0 };
            for change in changes {
                let before = holding.clone();
                if let AfterChange::Changed(next, _) = holding.after(change) {
                    prop_assert_eq!(next.epoch, before.epoch + 1);
                    prop_assert_ne!((&next.state, &next.assignee), (&before.state, &before.assignee));
                    prop_assert_ne!(before.state, ConversationState::Closed);
                    holding = next;
                }
                prop_assert_eq!(holding.assignee.is_some(), holding.state == ConversationState::Agent);
                let writers = ["ada", "ben"].into_iter().filter(|name| holding.may_write(name).is_ok());
                prop_assert_eq!(writers.count(), usize::from(holding.assignee.is_some()));
                // Asked again at once, nothing more happens: a repeated frame does no harm.
                let again = holding.after(change);
                let may_repeat = matches!(change, Change::GiveBack { .. } | Change::Requeue { .. });
                prop_assert!(may_repeat || !matches!(again, AfterChange::Changed(..)) || holding == before, "{change:?}");
            }
        }
    }

    #[test]
    fn a_person_takes_it_from_another_only_by_saying_so() {
        let holding =
            Holding { state: ConversationState::Agent, assignee: Some("ada".into()), epoch: 3 };
        let asked = holding.after(Change::TakeOver { agent: "ben", from_another: false });
        assert_eq!(asked, AfterChange::Refused(NotYours::HeldBy("ada".into())));
        let insisted = holding.after(Change::TakeOver { agent: "ben", from_another: true });
        let AfterChange::Changed(next, HoldingEvent::AgentJoined) = insisted else { panic!() };
        assert_eq!(next.assignee.as_deref(), Some("ben"));
        assert_eq!(next.may_write("ada"), Err(NotYours::HeldBy("ben".into())));
    }
}
