//! Who a request comes from: the one place where that is decided.
//!
//! A request shows `Authorization: Bearer …` (a site's token, a visitor's, a program's key) or the cookie of a session. Browsers send
//! cookies by themselves, so the cookie of a request that changes something counts only with the session's token in `x-steward-csrf`,
//! and never from another origin: [`withhold_unproven_cookie`] takes it away before any route sees it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};

use super::AppState;
use super::answer::Refusal;
use super::identity::{MAX_EXPIRES_IN, Tokens};
use super::origin::OriginKind;
use super::team::{Team, now_ms};
use crate::identity::{Authenticated, Grant, Holder, Person, TokenFault, TokenReader};
use crate::team::roster::{InUse, Roster};
use crate::team::secret::{csrf_token_of, is_key, same};

/// The header of the token against forged requests.
pub const CSRF_HEADER: &str = "x-steward-csrf";
/// Over TLS browsers take a cookie of this name from this host alone, over TLS, for all paths.
const SECURE_PREFIX: &str = "__Host-";
const SESSION_COOKIE: &str = "steward_session";
const DEVICE_COOKIE: &str = "steward_device";
const DEVICE_SECONDS: u64 = 31_536_000;

/// The cookies as they came, proven or not: for signing in, where the password is the proof.
#[derive(Clone, Default)]
pub struct Presented {
    /// Secret of a session.
    pub session: Option<String>,
    /// Token of a known browser.
    pub device: Option<String>,
}

/// Takes the cookies from a request that a strange page could have caused.
pub fn withhold_unproven_cookie(request: &mut Request, origin: OriginKind) {
    let headers = request.headers();
    let session = cookie(headers, SESSION_COOKIE);
    let device = cookie(headers, DEVICE_COOKIE);
    let has_token = |secret: &String| {
        let sent = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        sent.is_some_and(|sent| same(sent, &csrf_token_of(secret)))
    };
    let is_proven = origin == OriginKind::Own
        && (request.method().is_safe() || session.as_ref().is_some_and(has_token));
    request.extensions_mut().insert(Presented { session, device });
    if !is_proven {
        request.headers_mut().remove(header::COOKIE);
    }
}

/// Who the request comes from.
///
/// # Errors
/// 401 if it proves nobody.
pub(super) fn authenticated(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<Authenticated, Refusal> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        let found = session_secret(headers)
            .and_then(|secret| state.team.roster.session_of(&secret, now_ms()));
        return found.map(|found| of_session(&state.team.roster, &found)).ok_or_else(|| {
            Refusal::denied(
                "send the token as \"Authorization: Bearer …\", or sign in; what changes something needs x-steward-csrf \
                 beside the cookie",
            )
        });
    };
    let token = authorization.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
    let token =
        token.ok_or_else(|| Refusal::denied("send the token as \"Authorization: Bearer …\""))?;
    read_bearer(&state.tokens, &state.team.roster, token.trim()).map_err(|fault| {
        Refusal::denied(match fault {
            TokenFault::Expired => "the token has expired; get a new one",
            TokenFault::Refused => "the token was refused",
        })
    })
}

/// The session that the request's cookie proves, and its secret.
///
/// # Errors
/// 401 without one, 403 for somebody who came with a token.
pub(super) fn session_of(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<(InUse, String), Refusal> {
    let who = authenticated(state, headers)?;
    let secret = session_secret(headers).unwrap_or_default();
    let (Some(Grant::Session(_)), Some(found)) =
        (who.grant, state.team.roster.session_of(&secret, now_ms()))
    else {
        let message = "only who signed in with a password may do this";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "denied", message));
    };
    Ok((found, secret))
}

/// Tokens as the hello of the chat socket takes them: all that requests take, and tokens for the socket.
pub fn reader(tokens: Arc<Tokens>, team: Arc<Team>) -> TokenReader {
    let roster = team.roster.clone();
    let read = move |token: &str| match team.tokens.socket_session(token) {
        Some(session) => {
            let found = team.roster.use_session(&session?, now_ms());
            found.map(|found| of_session(&team.roster, &found)).ok_or(TokenFault::Expired)
        }
        None => read_bearer(&tokens, &team.roster, token),
    };
    TokenReader::new(read, move |grant, is_used| roster.holder_of(grant, is_used, now_ms()))
}

fn read_bearer(tokens: &Tokens, roster: &Roster, token: &str) -> Result<Authenticated, TokenFault> {
    if !is_key(token) {
        return tokens.check(token);
    }
    let key = roster.key_of(token, now_ms()).ok_or(TokenFault::Refused)?;
    let expires_in = key.expires_ms.map_or(MAX_EXPIRES_IN, remaining);
    let holder = Holder::Agent(key.person());
    Ok(Authenticated { holder, expires_in, grant: Some(Grant::Key(key.id)) })
}

fn of_session(roster: &Roster, found: &InUse) -> Authenticated {
    Authenticated {
        holder: Holder::Agent(Person::from(&found.member)),
        expires_in: remaining(roster.limits().end_of(&found.session)),
        grant: Some(Grant::Session(found.session.id.clone())),
    }
}

fn remaining(end_ms: i64) -> Duration {
    let left = u64::try_from(end_ms.saturating_sub(now_ms())).unwrap_or(0);
    Duration::from_millis(left).min(MAX_EXPIRES_IN)
}

fn session_secret(headers: &HeaderMap) -> Option<String> {
    cookie(headers, SESSION_COOKIE)
}

/// The value of the cookie: the one with the prefix goes first, one without it says something only where it is set so.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let named = |prefix: &str| {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| found.strip_prefix(prefix) == Some(name))
            .map(|(_, value)| value.to_string())
    };
    named(SECURE_PREFIX).or_else(|| is_plain_loopback(headers).then(|| named(""))?)
}

/// `Set-Cookie` for the secret of a new session.
pub fn set_session(headers: &HeaderMap, secret: &str) -> String {
    set_cookie(headers, SESSION_COOKIE, secret, "")
}

/// `Set-Cookie` that takes the session's cookie away.
pub fn forget_session(headers: &HeaderMap) -> String {
    set_cookie(headers, SESSION_COOKIE, "", "; Max-Age=0")
}

/// `Set-Cookie` for the token of a known browser.
pub fn set_device(headers: &HeaderMap, token: &str) -> String {
    set_cookie(headers, DEVICE_COOKIE, token, &format!("; Max-Age={DEVICE_SECONDS}"))
}

fn set_cookie(headers: &HeaderMap, name: &str, value: &str, more: &str) -> String {
    let (prefix, secure) =
        if is_plain_loopback(headers) { ("", "") } else { (SECURE_PREFIX, "; Secure") };
    format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}")
}

/// True for a browser on this machine that came without TLS: it may not be able to keep `Secure` cookies. A proxy that ends TLS passes
/// on the public name as `Host`.
fn is_plain_loopback(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let host = text("host");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = bare.eq_ignore_ascii_case("localhost")
        || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let came_over_tls =
        text("origin").starts_with("https://") || text("x-forwarded-proto") == "https";
    is_loopback && !came_over_tls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        of.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_a_browser_on_this_machine_without_tls_gets_a_cookie_that_is_not_secure() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.9.9.9"] {
            let set = set_session(&headers(&[("host", host)]), "s");
            assert_eq!(set, "steward_session=s; Path=/; HttpOnly; SameSite=Strict", "{host}");
        }
        let secure = "__Host-steward_session=s; Path=/; HttpOnly; SameSite=Strict; Secure";
        for of in [
            vec![("host", "desk.example")],
            vec![("host", "192.0.2.1:8080")],
            vec![("host", "localhost.evil.test")],
            vec![("host", "127.0.0.1.evil.test:80")],
            vec![("host", "localhost:8443"), ("origin", "https://localhost:8443")],
            vec![("host", "localhost"), ("x-forwarded-proto", "https")],
            vec![],
        ] {
            assert_eq!(set_session(&headers(&of), "s"), secure, "{of:?}");
        }
    }

    #[test]
    fn a_cookie_without_the_prefix_says_nothing_over_tls() {
        let tossed = headers(&[("host", "desk.example"), ("cookie", "steward_session=evil")]);
        assert_eq!(cookie(&tossed, SESSION_COOKIE), None);
        let both = "a=b; steward_session=evil; __Host-steward_session=good";
        let both = headers(&[("host", "desk.example"), ("cookie", both)]);
        assert_eq!(cookie(&both, SESSION_COOKIE), Some("good".to_string()));
    }

    #[test]
    fn the_cookie_counts_only_with_its_token_and_from_our_own_pages() {
        let token = csrf_token_of("s");
        let counts = |method: &str, csrf: &str, origin| {
            let mut request = Request::builder()
                .method(method)
                .header("host", "localhost")
                .header("cookie", "steward_session=s")
                .header(CSRF_HEADER, csrf)
                .body(axum::body::Body::empty())
                .unwrap();
            withhold_unproven_cookie(&mut request, origin);
            session_secret(request.headers()).is_some()
        };
        assert!(counts("GET", "", OriginKind::Own));
        assert!(counts("POST", &token, OriginKind::Own));
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACK"] {
            assert!(!counts(method, "", OriginKind::Own), "{method}");
            assert!(!counts(method, "s", OriginKind::Own), "{method}");
        }
        for origin in [OriginKind::Allowed, OriginKind::Foreign] {
            assert!(!counts("GET", "", origin) && !counts("POST", &token, origin));
        }
    }
}
