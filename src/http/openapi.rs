//! The routes of the API, and their description, which is made from the same list: what is served is described.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::{Json, Router};
use utoipa::openapi::PathItem;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    AppState, answer, attributes, audit, demo, desk, files, gaps, intents, judgements, knowledge,
    measure, outcomes, people, routes, settings, suggestions, team, transcript, webhooks, widget,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Steward", description = "Chat with customers; the socket is described in docs/protocol.md and docs/asyncapi.yaml."),
    components(schemas(answer::ErrorBody)),
    modifiers(&Credentials),
)]
struct Description;

const TOKEN: &str = "token";
const SESSION: &str = "session";

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme(TOKEN, token);
        let about = "Of a member who signed in; `steward_session` on http://localhost. What changes something needs the \
            session's csrf_token in the header x-steward-csrf beside it.";
        let cookie = ApiKeyValue::with_description("__Host-steward_session", about);
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// Wherever a token is taken, a session is taken too.
fn add_sessions(item: &mut PathItem) {
    let token = SecurityRequirement::new(TOKEN, [""; 0]);
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    for security in methods.into_iter().flatten().filter_map(|method| method.security.as_mut()) {
        if security.contains(&token) {
            security.push(SecurityRequirement::new(SESSION, [""; 0]));
        }
    }
}

/// Routes that take whole articles or files of intents.
fn with_articles() -> OpenApiRouter<Arc<AppState>> {
    OpenApiRouter::new()
        .routes(routes!(intents::replace))
        .routes(routes!(knowledge::list, knowledge::add))
        .routes(routes!(knowledge::read, knowledge::change, knowledge::remove))
        .routes(routes!(knowledge::preview))
        .routes(routes!(knowledge::try_out))
        .layer(DefaultBodyLimit::max(knowledge::MOST_ARTICLE_BYTES))
}

/// All routes of the API, with `GET /v1/openapi.json`; and those that are not compressed, since what they give must not
/// wait for more: the chat's and the suggestions'.
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
        .routes(routes!(widget::widget))
        .routes(routes!(attributes::change))
        .routes(routes!(files::upload))
        .routes(routes!(files::file))
        .routes(routes!(suggestions::outcome))
        .routes(routes!(settings::list, settings::change))
        .routes(routes!(intents::list))
        .routes(routes!(intents::try_out))
        .routes(routes!(audit::entries))
        .routes(routes!(webhooks::endpoints))
        .routes(routes!(suggestions::check))
        .routes(routes!(suggestions::summarise))
        .routes(routes!(outcomes::outcomes))
        .routes(routes!(outcomes::table))
        .routes(routes!(outcomes::behind))
        .routes(routes!(gaps::gaps))
        .routes(routes!(gaps::draft))
        .routes(routes!(gaps::dismiss))
        .routes(routes!(desk::hold))
        .routes(routes!(desk::list::list))
        .routes(routes!(desk::list::conversation))
        .routes(routes!(desk::messages::messages))
        .routes(routes!(desk::notes::notes, desk::notes::add))
        .routes(routes!(desk::notes::mentions))
        .routes(routes!(desk::notes::see_mentions))
        .routes(routes!(desk::marks::set_tags))
        .routes(routes!(desk::marks::tags))
        .routes(routes!(desk::marks::assign))
        .routes(routes!(desk::marks::snooze))
        .routes(routes!(desk::marks::presence))
        .routes(routes!(desk::events::events))
        .routes(routes!(desk::customer::customer))
        .routes(routes!(desk::search::search))
        .routes(routes!(desk::canned::list, desk::canned::add))
        .routes(routes!(desk::canned::change, desk::canned::remove))
        .routes(routes!(desk::canned::render))
        .routes(routes!(desk::team::team))
        .routes(routes!(people::export, people::erase))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::test))
        .routes(routes!(team::session::sign_in))
        .routes(routes!(team::session::sign_out))
        .routes(routes!(team::session::session))
        .routes(routes!(team::session::change_password))
        .routes(routes!(team::session::socket_token))
        .routes(routes!(team::members::list, team::members::add))
        .routes(routes!(team::members::change))
        .routes(routes!(team::members::reset_password))
        .routes(routes!(team::members::unlock))
        .routes(routes!(team::keys::list, team::keys::add))
        .routes(routes!(team::keys::revoke))
        .routes(routes!(routes::health))
        .routes(routes!(routes::live))
        .routes(routes!(routes::ready))
        .routes(routes!(measure::metrics))
        .merge(with_articles())
        .split_for_parts();
    let (chat, of_chat) = OpenApiRouter::<Arc<AppState>>::new()
        .routes(routes!(routes::chat))
        .routes(routes!(suggestions::suggest, suggestions::list))
        .split_for_parts();
    description.merge(of_chat);
    description.paths.paths.values_mut().for_each(add_sessions);
    let document = axum::routing::get(async move || Json(description.clone()));
    (api.route("/v1/openapi.json", document), chat)
}
