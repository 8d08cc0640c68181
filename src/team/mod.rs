//! The people of the company who sign in to Steward itself, and the keys of their programs.
//!
//! Plain data and pure decisions: [`password`] says which passwords are good and hashes them, [`lockout`] how long somebody
//! who failed has to wait, [`secret`] makes and reads secrets, [`roster`] answers who holds a session or a key. What is on disk is
//! in `store::team`; HTTP is in `http::team`. A *member* is a person with a password; a *key* is a program's.

use serde::{Deserialize, Serialize};

use crate::identity::Person;
use crate::{Error, Result};

pub mod lockout;
pub mod password;
pub mod roster;
pub mod secret;
pub mod settings;

/// Longest sign-in name and name of a key, in characters.
const MOST_NAME_CHARS: usize = 64;
const DAY_MS: i64 = 86_400_000;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// See every conversation, and take part.
    Agent,
    /// That, give out and erase what is known of people, and say who is of the team.
    Admin,
}

impl std::fmt::Display for Role {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Agent => "agent",
            Self::Admin => "admin",
        })
    }
}

impl std::str::FromStr for Role {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "agent" => Ok(Self::Agent),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::input(format!("{word:?} is no role; choose agent or admin"))),
        }
    }
}

/// A person who signs in with a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// What they sign in with, and what colleagues see. Upper and lower case are the same.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// May not sign in.
    pub disabled: bool,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

/// One sign-in of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session; proves nothing.
    pub id: String,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: String,
    /// Whose it is.
    pub member: String,
    /// When it began, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last used.
    pub seen_ms: i64,
}

/// A program's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Names the key; the key's text holds it.
    pub id: String,
    /// SHA-256 of its secret.
    #[serde(skip)]
    pub secret_hash: String,
    /// What it is for.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Who made it.
    pub created_by: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// When it ends by itself.
    pub expires_ms: Option<i64>,
    /// When it was last used, to a minute or so.
    pub used_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

impl Key {
    /// A new key, and its text, which is shown once.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if the name or the number of days is none.
    pub fn new(
        name: &str,
        role: Role,
        expires_in_days: Option<u32>,
        created_by: &str,
    ) -> Result<(Self, String)> {
        check_name(name)?;
        if expires_in_days == Some(0) {
            return Err(Error::input(
                "a key is good for 1 day or more, or for ever without a number",
            ));
        }
        let (id, secret) = secret::new_key();
        let text = secret::key_text(&id, &secret);
        let created_ms = jiff::Timestamp::now().as_millisecond();
        let key = Self {
            id,
            secret_hash: secret::hash_of(&secret),
            name: name.to_string(),
            role,
            created_by: created_by.to_string(),
            created_ms,
            expires_ms: expires_in_days.map(|days| created_ms + i64::from(days) * DAY_MS),
            used_ms: None,
            revoked_ms: None,
        };
        Ok((key, text))
    }

    /// True if it is neither revoked nor over at `now_ms`.
    pub fn is_good(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|end| now_ms < end)
    }

    /// Its holder, as colleagues and the audit log name it. No member has such a name.
    pub fn person(&self) -> Person {
        Person { name: format!("key:{}", self.name), is_admin: self.role == Role::Admin }
    }
}

/// What a member's person looks like.
impl From<&Member> for Person {
    fn from(member: &Member) -> Self {
        Self { name: member.name.clone(), is_admin: member.role == Role::Admin }
    }
}

/// Everybody who may come in, as of one generation of the store.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Grows with every change of the team.
    pub generation: i64,
    /// All members.
    pub members: Vec<Member>,
    /// Their sessions.
    pub sessions: Vec<Session>,
    /// Keys that are not revoked.
    pub keys: Vec<Key>,
}

/// Checks the name of a member or a key.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if it has other characters than are allowed, or is too long.
pub fn check_name(name: &str) -> Result<()> {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || "._-@+".contains(character);
    let begins_well = name.chars().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if begins_well && name.len() <= MOST_NAME_CHARS && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Error::input(format!(
        "a name has 1 to {MOST_NAME_CHARS} letters a to z, digits, or . _ - @ +, and begins with a letter or a digit"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_nothing_that_could_be_taken_for_something_else() {
        for good in ["ada", "Ada.L", "ada@example.com", "a", "7-of-9"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(MOST_NAME_CHARS + 1);
        for bad in ["", " ada", "ada l", "key:ada", ".ada", "аda", "ada\n", &long] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
