//! The routes of the API, and their description, which is made from the same list: what is served is described.

use std::sync::Arc;

use axum::{Json, Router};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    AppState, answer, demo, desk, judgements, measure, people, routes, transcript, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Steward", description = "Chat with customers; the socket is described in docs/protocol.md and docs/asyncapi.yaml."),
    components(schemas(answer::ErrorBody)),
    modifiers(&BearerToken),
)]
struct Description;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

/// All routes of the API but the chat's, with `GET /v1/openapi.json`; and the chat's, which is not compressed.
pub fn api() -> (Router<Arc<AppState>>, Router<Arc<AppState>>) {
    let (api, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(routes::new_visitor))
        .routes(routes!(demo::list))
        .routes(routes!(demo::sign_in))
        .routes(routes!(transcript::transcript))
        .routes(routes!(judgements::judgements))
        .routes(routes!(judgements::explained))
        .routes(routes!(judgements::label))
        .routes(routes!(judgements::survey))
        .routes(routes!(desk::hold))
        .routes(routes!(desk::desk))
        .routes(routes!(people::export, people::erase))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::test))
        .routes(routes!(routes::health))
        .routes(routes!(routes::live))
        .routes(routes!(routes::ready))
        .routes(routes!(measure::metrics))
        .split_for_parts();
    let (chat, of_chat) =
        OpenApiRouter::<Arc<AppState>>::new().routes(routes!(routes::chat)).split_for_parts();
    description.merge(of_chat);
    let document = axum::routing::get(async move || Json(description.clone()));
    (api.route("/v1/openapi.json", document), chat)
}
