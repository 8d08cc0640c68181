//! The description of the REST routes.

use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{answer, demo, desk, judgements, measure, people, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Steward", description = "Chat with customers; the socket is described in docs/protocol.md."),
    paths(
        routes::chat,
        routes::new_visitor,
        routes::transcript,
        judgements::judgements,
        judgements::explained,
        judgements::label,
        judgements::survey,
        desk::desk,
        desk::hold,
        people::export,
        people::erase,
        routes::health,
        demo::list,
        demo::sign_in,
        measure::metrics,
    ),
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

/// `GET /v1/openapi.json`
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}
