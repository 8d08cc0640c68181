//! The demo page's customer picker: who can be chosen, and a token for the one who was.
//!
//! Only customers that the demo's own file lists can be signed in, and only while `server.demo` is
//! set. Anybody can be anybody here, so a company that imports its own accounts turns it off.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::routes::{TokenBody, limit_tokens};
use crate::config::ServerConfig;
use crate::error::Context;
use crate::{Error, ErrorKind};

/// A customer who can be chosen.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemoCustomer {
    /// Id in the demo shop's records.
    pub id: String,
    /// What the picker shows.
    pub name: String,
    /// What is worth asking as this customer.
    #[serde(default)]
    pub note: String,
}

/// Those who can be chosen; none when the demo is off.
#[derive(Debug, Clone, Default)]
pub struct DemoCustomers(Vec<DemoCustomer>);

impl DemoCustomers {
    /// Reads the file that `settings` name; no file, no customers.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file is there and cannot be read.
    pub fn read(settings: &ServerConfig) -> crate::Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct DemoFile {
            #[serde(default)]
            customer: Vec<DemoCustomer>,
        }
        let path = &settings.demo_customers;
        if !settings.demo || !std::path::Path::new(path).is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path)
            .context(ErrorKind::Setup, || format!("cannot read {path}"))?;
        let file: DemoFile = toml::from_str(&text)
            .map_err(|error| Error::setup(format!("{path} cannot be used: {error}")))?;
        Ok(Self(file.customer))
    }
}

/// The customers of the demo.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoCustomerList {
    /// In the order of the picker.
    pub customers: Vec<DemoCustomer>,
}

/// Who is to be signed in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DemoSignIn {
    /// Id of a listed customer.
    pub customer: String,
}

/// The customers that the demo page can sign in.
#[utoipa::path(get, path = "/v1/demo/customers", responses(
    (status = 200, body = DemoCustomerList),
    (status = 404, description = "The demo is off", body = ErrorBody),
))]
pub async fn list(State(state): State<Arc<AppState>>) -> Result<Json<DemoCustomerList>, Refusal> {
    let customers = state.demo.0.clone();
    if customers.is_empty() {
        return Err(Refusal::not_found("the demo is off"));
    }
    Ok(Json(DemoCustomerList { customers }))
}

/// A token for a customer of the demo.
#[utoipa::path(post, path = "/v1/demo/sign-in", request_body = DemoSignIn, responses(
    (status = 200, body = TokenBody),
    (status = 400, body = ErrorBody),
    (status = 404, description = "No such customer, or the demo is off", body = ErrorBody),
    (status = 429, body = ErrorBody),
))]
pub async fn sign_in(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<TokenBody>, Refusal> {
    limit_tokens(&state, peer, &headers)?;
    let body: DemoSignIn = serde_json::from_str(&body).map_err(|error| {
        let message = format!("expected {{\"customer\": \"id\"}}: {error}");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_request", message)
    })?;
    if !state.demo.0.iter().any(|customer| customer.id == body.customer) {
        return Err(Refusal::not_found("the demo has no such customer"));
    }
    Ok(Json(TokenBody {
        token: state.tokens.for_demo_customer(&body.customer)?,
        expires_in_seconds: state.chat.config.identity.demo_token_seconds,
    }))
}
