//! Answers in JSON, and how an error becomes one.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::request;
use crate::{Error, ErrorKind};

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs: `bad_request`, `denied`, `not_found`, `conflict`, `rate_limited` or `internal`.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// When to try again, if that helps.
    pub retry_after_ms: Option<u64>,
    /// The request's id, which the log has as well.
    pub request_id: Option<String>,
}

/// An error on its way to the client.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    detail: ErrorDetail,
}

impl Refusal {
    /// Answers `status` with a code and a message.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let detail =
            ErrorDetail { code, message: message.into(), retry_after_ms: None, request_id: None };
        Self { status, detail }
    }

    /// The client asks too often.
    pub fn rate_limited(wait: std::time::Duration) -> Self {
        let message = "too many requests; please wait a moment";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).retry_after(wait)
    }

    /// Somebody failed to sign in too often, and has to wait.
    pub fn too_many_failures(wait_ms: i64) -> Self {
        let message = "too many failed sign-ins; please wait before the next";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).retry_after_ms(wait_ms)
    }

    /// The caller's identity is missing or no good.
    pub fn denied(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "denied", message)
    }

    /// Says when to try again.
    fn retry_after(mut self, wait: std::time::Duration) -> Self {
        self.detail.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        self
    }

    /// Says when to try again; not at all for 0.
    pub fn retry_after_ms(mut self, wait_ms: i64) -> Self {
        self.detail.retry_after_ms = u64::try_from(wait_ms).ok().filter(|wait_ms| *wait_ms > 0);
        self
    }

    /// The same answer for what does not exist and for what is somebody else's.
    pub fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (status, code) = match error.kind() {
            ErrorKind::Input => (StatusCode::BAD_REQUEST, "bad_request"),
            ErrorKind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            ErrorKind::Denied => (StatusCode::UNAUTHORIZED, "denied"),
            ErrorKind::Busy | ErrorKind::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            ErrorKind::Setup | ErrorKind::Internal => {
                tracing::error!(error = format!("{error:#}"), "a request failed");
                metrics::counter!("steward_errors_total", "where" => "http").increment(1);
                let message = "something went wrong on our side";
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message);
            }
        };
        let refusal = Self::new(status, code, error.message());
        match error.retry_after() {
            Some(wait) => refusal.retry_after(wait),
            None => refusal,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut detail = self.detail;
        detail.request_id = request::current_id().map(|id| id.to_string());
        let seconds = detail.retry_after_ms.map(|ms| ms.div_ceil(1000).to_string());
        let mut response = (self.status, Json(ErrorBody { error: detail })).into_response();
        if let Some(value) = seconds.and_then(|text| text.parse().ok()) {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, value);
        }
        response
    }
}

/// What stands in the path; refused in JSON, as everything is, if it is not UTF-8 or not of the type.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refusal))]
pub struct Path<T>(pub T);

impl From<PathRejection> for Refusal {
    fn from(problem: PathRejection) -> Self {
        Self::new(problem.status(), "bad_request", problem.body_text())
    }
}

/// The answer for a method that the path does not have.
pub async fn no_such_method() -> Refusal {
    let message = "this address does not take the method; the header `allow` names those it takes";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "bad_request", message)
}

/// The answer for a path that is not served.
pub async fn no_such_page() -> Refusal {
    Refusal::not_found("there is nothing at this address")
}
