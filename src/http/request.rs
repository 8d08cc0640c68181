//! What every request goes through: its id, its span in the log, its numbers, and how many there may be.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use uuid::Uuid;

use super::AppState;
use super::address::{client_address, limited_as};
use super::answer::Refusal;
use super::routes::holder_of;
use crate::identity::Holder;

/// The id of a request, in it and in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MOST_ID_BYTES: usize = 64;

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// The id of the request that is being answered.
pub(super) fn current_id() -> Option<Arc<str>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Gives the request its id and its span, and counts it. The outermost of all.
pub async fn follow(request: Request, next: Next) -> Response {
    let id = id_of(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str).to_string();
    let method = name_of(request.method());
    let started = Instant::now();
    let span = tracing::error_span!("request", request = &*id, method, route);
    let answering = CURRENT.scope(id.clone(), next.run(request)).instrument(span.clone());
    let mut response = answering.await;
    let status = response.status().as_u16().to_string();
    let took = started.elapsed();
    span.in_scope(|| tracing::debug!(status, ?took, "answered"));
    metrics::histogram!("steward_http_request_seconds", "route" => route.clone(), "method" => method)
        .record(took);
    metrics::counter!(
        "steward_http_requests_total", "route" => route, "method" => method, "status" => status
    )
    .increment(1);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Refuses the API's requests beyond `limits.requests_per_minute` of an address, and of a token's holder.
pub async fn limit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Sockets are counted while they are open.
    if !path.starts_with("/v1/") || path.starts_with("/v1/health") || path == "/v1/chat" {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    let now = Instant::now();
    let headers = request.headers();
    if let Some(peer) = peer {
        let trust = state.chat.config.now().server.trust_forwarded_for;
        let address = limited_as(client_address(peer, headers, trust));
        if let Err(wait) = state.api_requests.take(&address, now) {
            return Refusal::rate_limited(wait).into_response();
        }
    }
    let holder = match holder_of(&state, headers) {
        Ok(Holder::Owner(owner)) => owner.key(),
        Ok(Holder::Agent(person)) => format!("agent:{}", person.name),
        Err(_) => return next.run(request).await,
    };
    match state.api_requests.take(&holder, now) {
        Ok(()) => next.run(request).await,
        Err(wait) => Refusal::rate_limited(wait).into_response(),
    }
}

/// The id that the request brings, if it can be written anywhere; else a new one.
fn id_of(headers: &HeaderMap) -> Arc<str> {
    let is_sane = |id: &&str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (1..=MOST_ID_BYTES).contains(&id.len()) && id.bytes().all(fits)
    };
    let brought = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_sane);
    brought.map_or_else(|| Uuid::now_v7().to_string().into(), Arc::from)
}

/// The method as a label: one of a few, whatever the client sends.
fn name_of(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let id = |brought: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(brought.as_bytes()).unwrap());
            id_of(&headers)
        };
        let longest = "x".repeat(MOST_ID_BYTES);
        for kept in ["a", "Order-7.b_c", &longest] {
            assert_eq!(*id(kept), *kept);
        }
        for replaced in ["", "a b", "a\"b", "ä", &format!("{longest}x")] {
            assert_eq!(id(replaced).len(), 36, "{replaced}");
        }
        assert_ne!(id_of(&HeaderMap::new()), id_of(&HeaderMap::new()));
    }
}
