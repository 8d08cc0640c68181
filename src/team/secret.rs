//! Secrets that Steward makes: of sessions, of keys, and the tokens against forged requests.
//!
//! A secret is 256 random bits, so a plain SHA-256 of it is enough to keep: there is nothing to guess.

use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 6;
const KEY_PREFIX: &str = "stw_";

/// A new secret, as 64 hexadecimal digits.
pub fn new_secret() -> String {
    random_hex::<SECRET_BYTES>()
}

/// A new key's id and its secret; [`key_text`] puts them together.
pub fn new_key() -> (String, String) {
    (random_hex::<KEY_ID_BYTES>(), new_secret())
}

/// A key as its holder keeps it.
pub fn key_text(id: &str, secret: &str) -> String {
    format!("{KEY_PREFIX}{id}_{secret}")
}

/// The id and the secret of what looks like a key.
pub fn read_key(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(KEY_PREFIX)?.split_once('_')
}

/// True if `text` is meant to be a key, good or not.
pub fn is_key(text: &str) -> bool {
    text.starts_with(KEY_PREFIX)
}

/// What is kept of a secret.
pub fn hash_of(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// The token that a page must send beside the cookie with this secret. It follows from the secret, which pages
/// cannot read, and says nothing of it.
pub fn csrf_token_of(session_secret: &str) -> String {
    let digest = Sha256::new().chain_update("steward-csrf:").chain_update(session_secret);
    hex(&digest.finalize())
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes[..]);
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let (id, secret) = new_key();
        let text = key_text(&id, &secret);
        assert_eq!(read_key(&text), Some((id.as_str(), secret.as_str())));
        assert_ne!(new_key().1, secret);
        for other in ["", "stw_", "stw_abc", "ey.J", "STW_a_b"] {
            assert!(read_key(other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_token_of_a_session_is_not_its_secret_nor_its_hash() {
        let secret = new_secret();
        let token = csrf_token_of(&secret);
        assert!(token != secret && token != hash_of(&secret) && token == csrf_token_of(&secret));
        assert!(same(&token, &csrf_token_of(&secret)) && !same(&token, &secret));
    }
}
