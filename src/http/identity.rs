//! Tokens: signed for visitors and demo customers, checked for everybody.
//!
//! A site signs its customers in with a JWT: HS256, `kid` naming one of `[identity.secrets]`,
//! claims `external_id` (the customer's id in the records), `exp`, and `aud` if it likes. A token with
//! `role` `agent` or `admin` and `sub` (the name) in place of `external_id` is for a person of the company. This is
//! the only place where a [`VerifiedCustomer`] is made from something that came over the network.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jsonwebtoken::errors::ErrorKind as JwtErrorKind;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    get_current_timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::hs256;
use crate::config::IdentityConfig;
use crate::error::Context;
use crate::identity::{Authenticated, Holder, Owner, Person, TokenFault, VerifiedCustomer};
use crate::{Error, ErrorKind, Result};

/// Key ids of our own secrets.
const VISITOR_KEY: &str = "visitor";
const DEMO_KEY: &str = "demo";
/// The `role` of a token of a person of the company.
const AGENT_ROLE: &str = "agent";
/// That of one who may also give out and erase what is known of customers.
const ADMIN_ROLE: &str = "admin";
const SECRET_BYTES: usize = 32;
const MAX_TOKEN_BYTES: usize = 8192;
const MAX_EXTERNAL_ID_BYTES: usize = 256;
/// Longer than any socket lives; keeps arithmetic on deadlines far from overflow.
pub(super) const MAX_EXPIRES_IN: Duration = Duration::from_secs(31_536_000);

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aud: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    exp: u64,
}

/// Signs our own tokens and checks all of them.
pub struct Tokens {
    visitor_secret: Vec<u8>,
    demo_secret: Vec<u8>,
    /// What the settings say; a reload replaces it.
    rules: ArcSwap<Rules>,
}

struct Rules {
    settings: IdentityConfig,
    keys: HashMap<String, DecodingKey>,
}

impl Tokens {
    /// Tokens after `settings`. Our own secrets are made in `data_dir` at the first start.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if a secret can be neither read nor written.
    pub fn open(settings: &IdentityConfig, data_dir: &Path) -> Result<Self> {
        hs256::install();
        let visitor_secret = read_or_make_secret(&data_dir.join("visitor.secret"))?;
        let demo_secret = read_or_make_secret(&data_dir.join("demo.secret"))?;
        let rules = ArcSwap::from_pointee(rules(settings, &visitor_secret, &demo_secret));
        Ok(Self { visitor_secret, demo_secret, rules })
    }

    /// Tokens are after `settings` from now on; those whose secret is not in them any more prove nobody.
    pub(super) fn take_over(&self, settings: &IdentityConfig) {
        self.rules.store(Arc::new(rules(settings, &self.visitor_secret, &self.demo_secret)));
    }

    /// A token for somebody who has not signed in.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be signed.
    pub fn for_new_visitor(&self) -> Result<String> {
        self.for_visitor(&Uuid::new_v4().to_string())
    }

    /// A token for a visitor who has one that is still good.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be signed.
    pub fn for_visitor(&self, id: &str) -> Result<String> {
        let lifetime = self.rules.load().settings.visitor_token_seconds;
        let claims = self.claims(Some(id.to_string()), None, lifetime);
        sign(VISITOR_KEY, &self.visitor_secret, &claims)
    }

    /// A token for a customer of the demo shop. The caller has checked that it is one.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be signed.
    pub fn for_demo_customer(&self, id: &str) -> Result<String> {
        let lifetime = self.rules.load().settings.demo_token_seconds;
        let claims = self.claims(None, Some(id.to_string()), lifetime);
        sign(DEMO_KEY, &self.demo_secret, &claims)
    }

    /// Whom `token` proves.
    ///
    /// # Errors
    /// Why it proves nobody.
    pub fn check(&self, token: &str) -> std::result::Result<Authenticated, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Refused);
        }
        let header = decode_header(token).map_err(|_| TokenFault::Refused)?;
        let key_id = header.kid.ok_or(TokenFault::Refused)?;
        let rules = self.rules.load();
        let key = rules.keys.get(&key_id).ok_or(TokenFault::Refused)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = rules.settings.clock_leeway_seconds;
        validation.validate_nbf = true;
        validation.set_audience(&[&rules.settings.audience]);
        let claims = decode::<Claims>(token, key, &validation)
            .map_err(|error| match error.kind() {
                JwtErrorKind::ExpiredSignature => TokenFault::Expired,
                _ => TokenFault::Refused,
            })?
            .claims;
        let holder = holder_of(&key_id, &claims).ok_or(TokenFault::Refused)?;
        let until = claims.exp.saturating_add(rules.settings.clock_leeway_seconds);
        let expires_in = Duration::from_secs(until.saturating_sub(get_current_timestamp()));
        Ok(Authenticated { holder, expires_in: expires_in.min(MAX_EXPIRES_IN), grant: None })
    }

    fn claims(&self, sub: Option<String>, external_id: Option<String>, lifetime: u64) -> Claims {
        let exp = get_current_timestamp().saturating_add(lifetime);
        let aud = Some(self.rules.load().settings.audience.clone().into());
        Claims { sub, external_id, aud, role: None, exp }
    }
}

fn rules(settings: &IdentityConfig, visitor_secret: &[u8], demo_secret: &[u8]) -> Rules {
    let configured = settings.secrets.iter().map(|(id, secret)| (id.as_str(), secret.as_bytes()));
    let own = [(VISITOR_KEY, visitor_secret), (DEMO_KEY, demo_secret)];
    let keys = configured
        .chain(own)
        .map(|(id, secret)| (id.to_string(), DecodingKey::from_secret(secret)))
        .collect();
    Rules { settings: settings.clone(), keys }
}

fn holder_of(key_id: &str, claims: &Claims) -> Option<Holder> {
    let is_name = |name: &str| !name.trim().is_empty() && name.len() <= MAX_EXTERNAL_ID_BYTES;
    let is_own_key = key_id == VISITOR_KEY || key_id == DEMO_KEY;
    match (claims.role.as_deref(), claims.external_id.as_deref()) {
        (None, None) if key_id == VISITOR_KEY => {
            let id = Uuid::try_parse(claims.sub.as_deref()?).ok()?;
            Some(Holder::Owner(Owner::Visitor(id.to_string())))
        }
        (None, Some(id)) if key_id != VISITOR_KEY && is_name(id) => {
            let customer = VerifiedCustomer::from_checked_token(id.to_string());
            Some(Holder::Owner(Owner::Customer(customer)))
        }
        // A token that says it is for both, or has a role that is not known, is for nobody.
        (Some(role @ (AGENT_ROLE | ADMIN_ROLE)), None) if !is_own_key => {
            let name = claims.sub.as_deref().filter(|name| is_name(name))?.to_string();
            Some(Holder::Agent(Person { name, is_admin: role == ADMIN_ROLE }))
        }
        _ => None,
    }
}

/// A token with `claims`, signed with the secret that `key_id` names.
pub(super) fn sign(key_id: &str, secret: &[u8], claims: &impl Serialize) -> Result<String> {
    let header = Header { kid: Some(key_id.to_string()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(secret)).internal("cannot sign a token")
}

/// The secret in `path`; made and kept readable by its owner alone if there is none.
pub(super) fn read_or_make_secret(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Ok(secret) if secret.len() == SECRET_BYTES => return Ok(secret),
        Ok(_) => {
            let message = format!(
                "{} is not a secret of {SECRET_BYTES} bytes; remove it to have a new one made \
                 (whoever holds a token signed with it then begins anew)",
                path.display()
            );
            return Err(Error::setup(message));
        }
        Err(error) if error.kind() == IoErrorKind::NotFound => {}
        Err(error) => {
            return Err(Error::setup(format!("cannot read {}", path.display())).with_source(error));
        }
    }
    let mut secret = vec![0; SECRET_BYTES];
    rand::fill(&mut secret[..]);
    let write_error = || format!("cannot write {}", path.display());
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).context(ErrorKind::Setup, write_error)?;
    // A temporary file is readable by its owner alone (mode 0600), and keeps that when renamed.
    let mut file =
        tempfile::NamedTempFile::new_in(parent).context(ErrorKind::Setup, write_error)?;
    file.write_all(&secret).context(ErrorKind::Setup, write_error)?;
    file.as_file().sync_all().context(ErrorKind::Setup, write_error)?;
    file.persist(path).context(ErrorKind::Setup, write_error)?;
    Ok(secret)
}
