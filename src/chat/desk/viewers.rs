//! Who looks at which conversation: what the desk shows so that two people do not answer at once.
//!
//! Pure but for the lock: time is passed in. A desk says every 15 seconds where it is; one that has not for [`GONE_AFTER`] is
//! gone. A person with several tabs open is in several conversations.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Without a sign of life for so long somebody has left.
pub const GONE_AFTER: Duration = Duration::from_secs(40);
/// Tabs that one person can be in.
const MOST_TABS: usize = 32;

/// What somebody does in a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Reads.
    #[default]
    Viewing,
    /// Writes.
    Typing,
}

/// Somebody who looks at a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Viewer {
    /// Who.
    pub name: String,
    /// What they do.
    pub doing: Doing,
}

/// Who looks at what.
#[derive(Debug, Default)]
pub struct Viewers {
    /// By name, then by tab.
    people: Mutex<HashMap<String, HashMap<String, Seen>>>,
}

#[derive(Debug)]
struct Seen {
    conversation: String,
    doing: Doing,
    at: Instant,
}

impl Viewers {
    /// The tab `tab` of `name` is in `conversation` now, or in none. Returns the conversations whose viewers changed.
    pub fn look(
        &self,
        name: &str,
        tab: &str,
        conversation: Option<&str>,
        doing: Doing,
        now: Instant,
    ) -> Vec<String> {
        let mut people = self.people();
        let tabs = people.entry(name.to_string()).or_default();
        let before = tabs.remove(tab);
        if let Some(conversation) = conversation
            && tabs.len() < MOST_TABS
        {
            let conversation = conversation.to_string();
            tabs.insert(tab.to_string(), Seen { conversation, doing, at: now });
        }
        if tabs.is_empty() {
            people.remove(name);
        }
        let before = before.map(|seen| (seen.conversation, seen.doing));
        let now = conversation.map(|conversation| (conversation.to_string(), doing));
        if before == now {
            return Vec::new();
        }
        let mut changed: Vec<String> =
            before.into_iter().chain(now).map(|(conversation, _)| conversation).collect();
        changed.dedup();
        changed
    }

    /// Forgets who gave no sign of life. Returns the conversations that they were in.
    pub fn forget_gone(&self, now: Instant) -> Vec<String> {
        let mut left = Vec::new();
        self.people().retain(|_, tabs| {
            tabs.retain(|_, seen| {
                let stays = now.saturating_duration_since(seen.at) < GONE_AFTER;
                if !stays {
                    left.push(seen.conversation.clone());
                }
                stays
            });
            !tabs.is_empty()
        });
        left.sort();
        left.dedup();
        left
    }

    /// Who looks at `conversation`, by name.
    pub fn of(&self, conversation: &str) -> Vec<Viewer> {
        let people = self.people();
        let mut doing: BTreeMap<&str, Doing> = BTreeMap::new();
        for (name, tabs) in people.iter() {
            for seen in tabs.values().filter(|seen| seen.conversation == conversation) {
                let most = doing.entry(name).or_default();
                *most = (*most).max(seen.doing);
            }
        }
        doing.into_iter().map(|(name, doing)| Viewer { name: name.to_string(), doing }).collect()
    }

    fn people(&self) -> MutexGuard<'_, HashMap<String, HashMap<String, Seen>>> {
        // Single insertions and removals only: a panic cannot leave the map half changed.
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(name: &str, doing: Doing) -> Viewer {
        Viewer { name: name.into(), doing }
    }

    #[test]
    fn who_gives_no_sign_of_life_is_gone() {
        let viewers = Viewers::default();
        let start = Instant::now();
        assert_eq!(viewers.look("Ada", "", Some("a"), Doing::Viewing, start), ["a"]);
        assert!(viewers.look("Ada", "", Some("a"), Doing::Viewing, start).is_empty(), "as before");
        assert_eq!(viewers.look("Ada", "", Some("a"), Doing::Typing, start), ["a"]);
        let later = start + Duration::from_secs(30);
        viewers.look("Ben", "", Some("a"), Doing::Viewing, later);
        let both = [viewer("Ada", Doing::Typing), viewer("Ben", Doing::Viewing)];
        assert_eq!(viewers.of("a"), both);
        assert!(viewers.forget_gone(later).is_empty());
        assert_eq!(viewers.forget_gone(start + GONE_AFTER), ["a"]);
        assert_eq!(viewers.of("a"), [viewer("Ben", Doing::Viewing)]);
    }

    #[test]
    fn each_tab_is_in_one_conversation() {
        let viewers = Viewers::default();
        let now = Instant::now();
        viewers.look("Ada", "1", Some("a"), Doing::Viewing, now);
        viewers.look("Ada", "2", Some("b"), Doing::Viewing, now);
        assert_eq!(viewers.look("Ada", "2", Some("c"), Doing::Viewing, now), ["b", "c"]);
        assert_eq!(
            (viewers.of("a").len(), viewers.of("b").len(), viewers.of("c").len()),
            (1, 0, 1)
        );
        assert_eq!(viewers.look("Ada", "1", None, Doing::Viewing, now), ["a"]);
        assert!(viewers.of("a").is_empty());
        for tab in 0..100 {
            viewers.look("Ada", &tab.to_string(), Some("a"), Doing::Viewing, now);
        }
        assert_eq!(viewers.people().values().map(HashMap::len).sum::<usize>(), MOST_TABS);
    }
}
