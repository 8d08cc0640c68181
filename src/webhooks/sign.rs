//! Signatures: HMAC-SHA256 over `id.timestamp.body`, as Standard Webhooks has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, Result};

const PREFIX: &str = "whsec_";
/// Shortest and longest key that the standard allows, in bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// An endpoint's secret.
#[derive(Clone)]
pub struct Secret {
    key: Vec<u8>,
}

impl Secret {
    /// Reads `whsec_` and base64.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if it is anything else, or not 24 to 64 bytes long.
    pub fn parse(text: &str) -> Result<Self> {
        let key = text.strip_prefix(PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
        let key = key.filter(|key| KEY_BYTES.contains(&key.len())).ok_or_else(|| {
            Error::input("a secret is whsec_ and 24 to 64 bytes in base64; `openssl rand -base64 32` makes one")
        })?;
        Ok(Self { key })
    }

    /// The `webhook-signature` of `body`.
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let mac = mac.chain_update(format!("{id}.{timestamp_seconds}.{body}"));
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_is_signed_as_published() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"]
        {
            assert!(Secret::parse(text).is_err(), "{text}");
        }
    }
}
