//! Which people of the company are there: who has a chat socket or a desk open.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Which people have a socket open, and since when the others have not.
#[derive(Debug, Clone)]
pub struct Presence {
    started: Instant,
    people: Arc<Mutex<HashMap<String, Seen>>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    sockets: u32,
    left: Instant,
}

/// A person who is there for as long as it lives.
pub struct Present {
    presence: Presence,
    agent: String,
}

impl Presence {
    /// Nobody is there; everybody was until `now`.
    pub fn new(now: Instant) -> Self {
        Self { started: now, people: Arc::default() }
    }

    /// The person `agent` opened a socket.
    pub fn enter(&self, agent: &str) -> Present {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Seen { sockets: 0, left: Instant::now() };
        people.entry(agent.to_string()).or_insert(seen).sockets += 1;
        Present { presence: self.clone(), agent: agent.to_string() }
    }

    /// How long the person has had no socket open; a person never seen, since the server started.
    pub fn away_for(&self, agent: &str, now: Instant) -> Duration {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        match people.get(agent) {
            Some(seen) if seen.sockets > 0 => Duration::ZERO,
            Some(seen) => now.saturating_duration_since(seen.left),
            None => now.saturating_duration_since(self.started),
        }
    }

    /// Who is there now, by name.
    pub fn there(&self) -> BTreeSet<String> {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let there = people.iter().filter(|(_, seen)| seen.sockets > 0);
        there.map(|(name, _)| name.clone()).collect()
    }

    /// Whether anybody is there.
    pub fn is_anybody_there(&self) -> bool {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.values().any(|seen| seen.sockets > 0)
    }

    /// How many sockets and desks the person has open.
    pub fn count_of(&self, agent: &str) -> u32 {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.get(agent).map_or(0, |seen| seen.sockets)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut people = self.presence.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = people.get_mut(&self.agent) {
            seen.sockets -= 1;
            seen.left = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_away_once_the_last_socket_is_closed() {
        let start = Instant::now();
        let presence = Presence::new(start);
        let later = start + Duration::from_secs(3600);
        assert_eq!(presence.away_for("ada", later), Duration::from_secs(3600));
        let first = presence.enter("ada");
        let second = presence.enter("ada");
        drop(first);
        assert_eq!(presence.away_for("ada", later), Duration::ZERO);
        drop(second);
        let away = presence.away_for("ada", later);
        assert!(away > Duration::from_secs(3590) && away <= Duration::from_secs(3600));
    }
}
