//! Which web pages may use the server from a browser, and the headers that protect our own.
//!
//! Programs send no `Origin` and are let through: tokens protect the data, the origin check only
//! keeps strange pages from using a visitor's browser. Cookies are withheld from what a strange page could have sent.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppState;
use super::credential::withhold_unproven_cookie;

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self' ws: wss:; font-src 'self'; frame-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'self'";

/// How a request's `Origin` stands to this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginKind {
    /// None was sent, or it is our own.
    Own,
    /// In `server.allowed_origins`.
    Allowed,
    /// Neither.
    Foreign,
}

/// How the `Origin` in `headers` stands to this server.
pub fn kind_of(headers: &HeaderMap, allowed: &[String]) -> OriginKind {
    let Some(origin) = headers.get(header::ORIGIN) else { return OriginKind::Own };
    let Ok(origin) = origin.to_str() else { return OriginKind::Foreign };
    if allowed.iter().any(|other| other.eq_ignore_ascii_case(origin)) {
        return OriginKind::Allowed;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin.split_once("://").is_some_and(|(_, authority)| {
        host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
    });
    if own { OriginKind::Own } else { OriginKind::Foreign }
}

/// Answers preflights, and puts the protecting headers on every answer.
pub async fn guard(
    State(state): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let kind = kind_of(request.headers(), &state.chat.config.now().server.allowed_origins);
    withhold_unproven_cookie(&mut request, kind);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_preflight = request.method() == Method::OPTIONS;
    let is_api = request.uri().path().starts_with("/v1/");
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    if let (OriginKind::Allowed, Some(origin)) = (kind, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if is_preflight {
            let methods = HeaderValue::from_static("GET, POST, PUT, DELETE");
            let allowed = HeaderValue::from_static("authorization, content-type");
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
    }
    if is_api {
        // What is somebody's own stays out of caches on the way and in the browser.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=()",
        ),
    ];
    if state.certificates.is_some() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    for (name, value) in fixed {
        // A route that allows less says so itself.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_and_allowed_origins_are_let_in() {
        let allowed = ["https://shop.example".to_string()];
        let kind = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "chat.example:8080".parse().unwrap());
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            kind_of(&headers, &allowed)
        };
        assert_eq!(kind("http://chat.example:8080"), OriginKind::Own);
        assert_eq!(kind("https://shop.example"), OriginKind::Allowed);
        for foreign in ["https://chat.example", "https://shop.example.evil.test", "null", "://"] {
            assert_eq!(kind(foreign), OriginKind::Foreign, "{foreign}");
        }
        assert_eq!(kind_of(&HeaderMap::new(), &allowed), OriginKind::Own);
    }
}
