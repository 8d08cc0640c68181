//! The demo page's customer picker: who can be chosen, and a token for the one who was.
//!
//! Anybody can be anybody here. So only customers that the demo's own file lists can be signed in,
//! only while `server.demo` is set, and never in a data directory that holds a company's own data:
//! that could know other people by the same ids.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::StringRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::bad_request;
use super::routes::{TokenBody, limit_tokens};
use crate::config::Config;
use crate::demo_data;
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

/// Those who can be chosen while the demo's data is in use; none when the demo is off.
#[derive(Debug, Clone, Default)]
pub struct DemoCustomers {
    customers: Vec<DemoCustomer>,
    data_dir: PathBuf,
}

impl DemoCustomers {
    /// Reads the file that the settings name; no file, no customers.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file is there and cannot be read.
    pub fn read(config: &Config) -> crate::Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct DemoFile {
            #[serde(default)]
            customer: Vec<DemoCustomer>,
        }
        let path = &config.server.demo_customers;
        if !config.server.demo || !std::path::Path::new(path).is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path)
            .context(ErrorKind::Setup, || format!("cannot read {path}"))?;
        let file: DemoFile = toml::from_str(&text)
            .map_err(|error| Error::setup(format!("{path} cannot be used: {error}")))?;
        Ok(Self { customers: file.customer, data_dir: config.place.data_dir.clone() })
    }

    /// Asked each time: another process may import while the server runs.
    fn in_use(&self) -> &[DemoCustomer] {
        if demo_data::is_in_use(&self.data_dir) { &self.customers } else { &[] }
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
    let customers = state.demo.in_use();
    if customers.is_empty() {
        return Err(Refusal::not_found("the demo is off"));
    }
    Ok(Json(DemoCustomerList { customers: customers.to_vec() }))
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
    body: Result<String, StringRejection>,
) -> Result<Json<TokenBody>, Refusal> {
    limit_tokens(&state, peer, &headers)?;
    let body = body.map_err(|problem| bad_request(problem.body_text()))?;
    let body: DemoSignIn = serde_json::from_str(&body)
        .map_err(|error| bad_request(format!("expected {{\"customer\": \"id\"}}: {error}")))?;
    if !state.demo.in_use().iter().any(|customer| customer.id == body.customer) {
        return Err(Refusal::not_found("the demo has no such customer"));
    }
    Ok(Json(TokenBody {
        token: state.tokens.for_demo_customer(&body.customer)?,
        expires_in_seconds: state.chat.config.now().identity.demo_token_seconds,
    }))
}
