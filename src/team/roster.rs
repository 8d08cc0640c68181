//! Who holds a session or a key, answered from memory.
//!
//! A copy of what the store says, put in whole ([`Roster::install`]) after each change, whoever made it. So a request or
//! a frame is checked without the disk, and what was taken back counts for nothing from then on. When sessions and keys were used
//! is noted here, and taken out ([`Roster::take_uses`]) to be kept.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::secret::{hash_of, read_key};
use super::{Key, Member, Session, Snapshot};
use crate::identity::{Grant, Person};

/// How long sessions last, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle_ms: i64,
    /// In all.
    pub absolute_ms: i64,
}

impl SessionLimits {
    /// True if `session` may be used at `now_ms`.
    pub fn allow(&self, session: &Session, now_ms: i64) -> bool {
        now_ms < self.end_of(session) && now_ms < session.seen_ms.saturating_add(self.idle_ms)
    }

    /// When `session` ends however much it is used.
    pub fn end_of(&self, session: &Session) -> i64 {
        session.created_ms.saturating_add(self.absolute_ms)
    }
}

/// A session in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub member: Member,
}

/// When sessions and keys were last used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// Session's id, and milliseconds since 1970.
    pub sessions: Vec<(String, i64)>,
    /// Key's id, and milliseconds since 1970.
    pub keys: Vec<(String, i64)>,
}

/// The sessions and keys that are good.
#[derive(Debug)]
pub struct Roster {
    limits: SessionLimits,
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    generation: i64,
    /// By lower-case name.
    members: HashMap<String, Member>,
    /// By id.
    sessions: HashMap<String, Session>,
    /// Session's id by the hash of its secret.
    secrets: HashMap<String, String>,
    /// By id.
    keys: HashMap<String, Key>,
    sessions_used: HashMap<String, i64>,
    keys_used: HashMap<String, i64>,
}

impl Roster {
    /// A roster of nobody.
    pub fn new(limits: SessionLimits) -> Self {
        Self { limits, held: RwLock::default() }
    }

    /// How long sessions last.
    pub fn limits(&self) -> SessionLimits {
        self.limits
    }

    /// The generation that was put in last.
    pub fn generation(&self) -> i64 {
        self.read(|held| held.generation)
    }

    /// Puts `snapshot` in place of what was there. Uses that were not kept yet stay noted.
    pub fn install(&self, snapshot: Snapshot) {
        let Snapshot { generation, members, sessions, keys } = snapshot;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.generation = generation;
        held.members =
            members.into_iter().map(|one| (one.name.to_ascii_lowercase(), one)).collect();
        held.secrets =
            sessions.iter().map(|one| (one.secret_hash.clone(), one.id.clone())).collect();
        held.sessions = sessions.into_iter().map(|one| (one.id.clone(), one)).collect();
        held.keys = keys.into_iter().map(|one| (one.id.clone(), one)).collect();
    }

    /// The session whose cookie holds `secret`, noted as used.
    pub fn session_of(&self, secret: &str, now_ms: i64) -> Option<InUse> {
        let hash = hash_of(secret);
        let id = self.read(|held| held.secrets.get(&hash).cloned())?;
        self.use_session(&id, now_ms)
    }

    /// The key with this text, noted as used; with it, when it ends.
    pub fn key_of(&self, text: &str, now_ms: i64) -> Option<Key> {
        let (id, secret) = read_key(text)?;
        let hash = hash_of(secret);
        let is_it = |key: &&Key| key.secret_hash == hash && key.is_good(now_ms);
        let key = self.read(|held| held.keys.get(id).filter(is_it).cloned())?;
        self.note_key(id, now_ms);
        Some(key)
    }

    /// Who holds `grant` now; `None` once it ended, its member was disabled, or it was taken back. Notes the use of it
    /// if `is_used`.
    pub fn holder_of(&self, grant: &Grant, is_used: bool, now_ms: i64) -> Option<Person> {
        match grant {
            Grant::Session(id) => {
                let found = self.read(|held| held.in_use(id, self.limits, now_ms))?;
                if is_used {
                    self.note_session(id, now_ms);
                }
                Some(Person::from(&found.member))
            }
            Grant::Key(id) => {
                let good = |key: &&Key| key.is_good(now_ms);
                let person = self.read(|held| held.keys.get(id).filter(good).map(Key::person))?;
                if is_used {
                    self.note_key(id, now_ms);
                }
                Some(person)
            }
        }
    }

    /// The session `id`, noted as used.
    pub fn use_session(&self, id: &str, now_ms: i64) -> Option<InUse> {
        let found = self.read(|held| held.in_use(id, self.limits, now_ms))?;
        self.note_session(id, now_ms);
        Some(found)
    }

    /// What was used since the last call.
    pub fn take_uses(&self) -> Uses {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // What is to be kept must count until it is read again.
        let sessions: Vec<_> = held.sessions_used.drain().collect();
        for (id, seen_ms) in &sessions {
            if let Some(session) = held.sessions.get_mut(id) {
                session.seen_ms = session.seen_ms.max(*seen_ms);
            }
        }
        Uses { sessions, keys: held.keys_used.drain().collect() }
    }

    fn note_session(&self, id: &str, now_ms: i64) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.sessions_used.insert(id.to_string(), now_ms);
    }

    fn note_key(&self, id: &str, now_ms: i64) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.keys_used.insert(id.to_string(), now_ms);
    }

    fn read<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        // A panic elsewhere cannot leave it half changed: it is put in whole.
        look(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    fn in_use(&self, id: &str, limits: SessionLimits, now_ms: i64) -> Option<InUse> {
        let mut session = self.sessions.get(id)?.clone();
        if let Some(used_ms) = self.sessions_used.get(id) {
            session.seen_ms = session.seen_ms.max(*used_ms);
        }
        let member = self.members.get(&session.member.to_ascii_lowercase())?;
        let is_good = !member.disabled && limits.allow(&session, now_ms);
        is_good.then(|| InUse { session, member: member.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::super::secret::{key_text, new_key};
    use super::*;

    const LIMITS: SessionLimits = SessionLimits { idle_ms: 100, absolute_ms: 1000 };

    fn snapshot() -> Snapshot {
        let member =
            Member { name: "Ada".into(), role: Role::Agent, disabled: false, created_ms: 0 };
        let session = Session {
            id: "s1".into(),
            secret_hash: hash_of("secret"),
            member: "Ada".into(),
            created_ms: 0,
            seen_ms: 0,
        };
        Snapshot { generation: 1, members: vec![member], sessions: vec![session], keys: Vec::new() }
    }

    #[test]
    fn a_session_lives_while_it_is_used_and_ends_for_good() {
        let roster = Roster::new(LIMITS);
        assert!(roster.session_of("secret", 0).is_none(), "nobody is known yet");
        roster.install(snapshot());
        let mut now_ms = 0;
        while now_ms < 990 {
            assert!(roster.session_of("secret", now_ms).is_some(), "{now_ms}");
            // A change elsewhere forgets no use, nor does keeping the uses.
            match now_ms % 3 {
                0 => roster.install(snapshot()),
                1 => assert_eq!(roster.take_uses().sessions, [("s1".to_string(), now_ms)]),
                _ => {}
            }
            now_ms += 49;
        }
        assert!(roster.session_of("secret", 1000).is_none(), "its time is over");
        assert!(roster.session_of("Secret", 0).is_none());
        let idle = Roster::new(LIMITS);
        idle.install(snapshot());
        assert!(idle.session_of("secret", 100).is_none(), "nobody used it");
    }

    #[test]
    fn what_is_taken_back_counts_for_nothing_at_once() {
        let roster = Roster::new(LIMITS);
        let grant = Grant::Session("s1".into());
        roster.install(snapshot());
        assert!(roster.holder_of(&grant, false, 0).is_some());
        let mut disabled = snapshot();
        disabled.members[0].disabled = true;
        roster.install(disabled);
        assert!(
            roster.holder_of(&grant, true, 0).is_none() && roster.session_of("secret", 0).is_none()
        );
        let mut ended = snapshot();
        ended.sessions.clear();
        roster.install(ended);
        assert!(roster.holder_of(&grant, true, 0).is_none());
        assert!(roster.session_of("secret", 0).is_none());
    }

    #[test]
    fn a_key_needs_its_secret_and_its_time() {
        let roster = Roster::new(LIMITS);
        let (id, secret) = new_key();
        let key = Key {
            id: id.clone(),
            secret_hash: hash_of(&secret),
            name: "reports".into(),
            role: Role::Admin,
            created_by: "operator".into(),
            created_ms: 0,
            expires_ms: Some(50),
            used_ms: None,
            revoked_ms: None,
        };
        let keys = vec![key];
        roster.install(Snapshot { generation: 1, keys, ..Snapshot::default() });
        let text = key_text(&id, &secret);
        let held = roster.key_of(&text, 0).unwrap();
        assert_eq!(held.person(), Person { name: "key:reports".into(), is_admin: true });
        assert!(roster.key_of(&key_text(&id, &new_key().1), 0).is_none());
        assert_eq!(roster.take_uses().keys, [(id.clone(), 0)]);
        assert!(roster.key_of(&text, 50).is_none());
        assert!(roster.holder_of(&Grant::Key(id), false, 50).is_none());
    }
}
