//! Passwords of members: which are good, and their hashes.
//!
//! Argon2id with 19 MiB, two passes, one lane (OWASP's Password Storage Cheat Sheet), kept as a PHC string. A hash costs time and
//! memory on purpose, so few are made at once and few may wait: more are refused, and the rest of the server goes on.
//! Keyboards write the same letter in several ways, so a password is brought to one form (NFKC) first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes made at the same time: 38 MiB.
const AT_ONCE: usize = 2;
/// Hashes under way and those that wait.
const MOST_WAITING: usize = 16;

const FEWEST_CHARS: usize = 12;
const MOST_BYTES: usize = 1024;
/// Characters beside the name that a password must have.
const FEWEST_OWN_CHARS: usize = 8;
const COMMON: &str = include_str!("common_passwords.txt");

/// Whether `password` may be that of the member `name`.
///
/// # Errors
/// [`ErrorKind::Input`] saying which rule it breaks, never the password itself.
pub fn check(password: &str, name: &str) -> Result<()> {
    if password.len() > MOST_BYTES {
        return Err(Error::input(format!("a password has at most {MOST_BYTES} bytes")));
    }
    if password.chars().count() < FEWEST_CHARS {
        let message = format!(
            "a password has at least {FEWEST_CHARS} characters; several words are easy to remember"
        );
        return Err(Error::input(message));
    }
    let lower = password.to_lowercase();
    let without_name = lower.replace(&name.to_lowercase(), "");
    let made_of_name =
        without_name.len() < lower.len() && without_name.chars().count() < FEWEST_OWN_CHARS;
    if made_of_name {
        return Err(Error::input("a password must be more than the name"));
    }
    let first = lower.chars().next();
    let is_one_character = lower.chars().all(|character| Some(character) == first);
    if is_one_character || COMMON.lines().any(|common| common == lower) {
        return Err(Error::input(
            "this password is one of the first that anybody tries; choose another",
        ));
    }
    Ok(())
}

/// Hashes passwords and verifies them, few at once. Cloning shares the bounds.
#[derive(Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// The hash of nobody's password: an unknown name costs the same time as a known one.
    nobody: Arc<str>,
}

impl Hasher {
    /// A hasher, ready to use. Makes one hash: blocking for some tens of milliseconds.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the system gives no random bytes.
    pub fn new() -> Result<Self> {
        let nobody = hash(&super::secret::new_secret())?.into();
        Ok(Self { slots: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default(), nobody })
    }

    /// The PHC string of `password`.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if too many wait already.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.in_turn(move || hash(&password)).await
    }

    /// Whether `password` is that of `phc`; for nobody (`None`) it is no one's, after the same time.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if too many wait already.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool> {
        let is_somebody = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.nobody.to_string());
        self.in_turn(move || Ok(verify(&password, &phc)? && is_somebody)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = Place::take(&self.waiting).ok_or_else(|| {
            Error::new(ErrorKind::Busy, "many are signing in just now; try again in a moment")
        })?;
        let slot = self.slots.clone().acquire_owned().await.internal("hashing has ended")?;
        // The slot goes with the work: whoever asked may be gone before it is done.
        let work = move || {
            let _slot = slot;
            work()
        };
        tokio::task::spawn_blocking(work).await.internal("hashing failed")?
    }
}

/// A place among those that wait.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(waiting.clone());
        (waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string of `password`. Blocking.
///
/// # Errors
/// [`ErrorKind::Internal`] if the system gives no random bytes.
pub fn hash(password: &str) -> Result<String> {
    Ok(argon2()?.hash_password(one_form(password).as_bytes()).map_err(fault)?.to_string())
}

fn verify(password: &str, phc: &str) -> Result<bool> {
    let hash = PasswordHash::new(phc).map_err(fault)?;
    match argon2()?.verify_password(one_form(password).as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

fn one_form(password: &str) -> String {
    password.nfkc().collect()
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a password cannot be hashed or verified: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_never_repeated() {
        let long = "x1".repeat(MOST_BYTES);
        for bad in [
            "",
            "short",
            "elevenchars",
            "password1234",
            "PasswordPassword",
            "aaaaaaaaaaaaaaaa",
            "ada.lovelace",
            "Ada.Lovelace123",
            "ada.lovelaceada.lovelace",
            &long,
        ] {
            let error = check(bad, "ada.lovelace").unwrap_err().to_string();
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
        for good in ["four quiet green boats", "ada.lovelace drinks tea", "ñandú über straße"] {
            assert!(check(good, "ada.lovelace").is_ok(), "{good}");
        }
        assert!(
            COMMON
                .lines()
                .all(|line| line.chars().count() >= FEWEST_CHARS && line == line.to_lowercase())
        );
    }

    #[tokio::test]
    async fn a_hash_verifies_its_password_alone_and_nobody_has_one() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash("four quiet green boats".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let verify = |password: &str, phc: Option<&String>| {
            hasher.verify(password.to_string(), phc.cloned())
        };
        assert!(verify("four quiet green boats", Some(&phc)).await.unwrap());
        assert!(!verify("four quiet green boat", Some(&phc)).await.unwrap());
        assert!(!verify("four quiet green boats", None).await.unwrap());
        let accented = hasher.hash("na\u{ef}ve caf\u{e9} au lait".into()).await.unwrap();
        assert!(verify("nai\u{308}ve cafe\u{301} au lait", Some(&accented)).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_refused_in_place_of_waiting_without_end() {
        let hasher = Hasher::new().unwrap();
        let flood = (0..MOST_WAITING * 4).map(|_| hasher.verify("x".into(), None));
        let ended = futures_util::future::join_all(flood).await;
        let refused = ended
            .iter()
            .filter(|one| one.as_ref().is_err_and(|error| error.kind() == ErrorKind::Busy));
        assert_eq!(refused.count(), MOST_WAITING * 3);
        assert!(!hasher.verify("x".into(), None).await.unwrap(), "afterwards there is room again");
    }
}
