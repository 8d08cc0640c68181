//! Tokens that Steward signs for members: for the hello of the chat socket, and to know a browser again.
//!
//! HS256 with a secret of the data directory. A token for the socket names a session and rests on it; it opens nothing else.

use std::path::Path;

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, get_current_timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::identity::{read_or_make_secret, sign};
use crate::Result;
use crate::identity::TokenFault;

/// Key id of the secret.
const TEAM_KEY: &str = "team";
/// How long a browser is known: a year.
const DEVICE_SECONDS: u64 = 31_536_000;

/// What a token is for; one is never taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    Socket,
    Device,
}

#[derive(Serialize, Deserialize)]
struct TeamClaims {
    purpose: Purpose,
    /// The session, or the member's name in lower case.
    sub: String,
    /// Names the browser.
    jti: String,
    exp: u64,
}

/// Signs and reads them.
pub struct TeamTokens {
    secret: Vec<u8>,
    key: DecodingKey,
}

impl TeamTokens {
    /// Tokens with the secret of `data_dir`, made at the first start.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the secret can be neither read nor written.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let secret = read_or_make_secret(&data_dir.join("team.secret"))?;
        Ok(Self { key: DecodingKey::from_secret(&secret), secret })
    }

    /// A token for a socket of `session`, good for `seconds`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be signed.
    pub fn for_socket(&self, session: &str, seconds: u64) -> Result<String> {
        self.signed(Purpose::Socket, session.to_string(), Uuid::new_v4().to_string(), seconds)
    }

    /// The session that a token for the socket names; `None` if it is a token of another kind.
    pub fn socket_session(&self, token: &str) -> Option<std::result::Result<String, TokenFault>> {
        let header = decode_header(token).ok()?;
        if header.kid.as_deref() != Some(TEAM_KEY) {
            return None;
        }
        Some(self.read(token, Purpose::Socket).map(|claims| claims.sub))
    }

    /// A token that makes this browser known as one of `name`. One that was known as `device` stays that.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if it cannot be signed.
    pub fn for_device(&self, name: &str, device: Option<String>) -> Result<String> {
        let device = device.unwrap_or_else(|| Uuid::new_v4().to_string());
        self.signed(Purpose::Device, name.to_ascii_lowercase(), device, DEVICE_SECONDS)
    }

    /// Which known browser of `name` the token is from.
    pub fn device_of(&self, token: &str, name: &str) -> Option<String> {
        let claims = self.read(token, Purpose::Device).ok()?;
        claims.sub.eq_ignore_ascii_case(name).then_some(claims.jti)
    }

    fn signed(&self, purpose: Purpose, sub: String, jti: String, seconds: u64) -> Result<String> {
        let exp = get_current_timestamp().saturating_add(seconds);
        sign(TEAM_KEY, &self.secret, &TeamClaims { purpose, sub, jti, exp })
    }

    fn read(&self, token: &str, purpose: Purpose) -> std::result::Result<TeamClaims, TokenFault> {
        let mut validation = Validation::new(Algorithm::HS256);
        // We sign and read with one clock.
        validation.leeway = 0;
        let claims = decode::<TeamClaims>(token, &self.key, &validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::ExpiredSignature => TokenFault::Expired,
                _ => TokenFault::Refused,
            })?
            .claims;
        if claims.purpose == purpose { Ok(claims) } else { Err(TokenFault::Refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_for_nothing_but_its_purpose() {
        let data = tempfile::tempdir().unwrap();
        super::super::super::hs256::install();
        let tokens = TeamTokens::open(data.path()).unwrap();
        let socket = tokens.for_socket("s1", 60).unwrap();
        let device = tokens.for_device("Ada", Some("d1".into())).unwrap();
        assert_eq!(tokens.socket_session(&socket), Some(Ok("s1".into())));
        assert_eq!(tokens.socket_session(&device), Some(Err(TokenFault::Refused)));
        assert_eq!(tokens.device_of(&device, "ADA"), Some("d1".into()));
        assert_eq!(tokens.device_of(&device, "ben"), None);
        assert_eq!(tokens.device_of(&socket, "s1"), None);
        let other = tempfile::tempdir().unwrap();
        let forged = TeamTokens::open(other.path()).unwrap().for_socket("s1", 60).unwrap();
        assert_eq!(tokens.socket_session(&forged), Some(Err(TokenFault::Refused)));
    }
}
