//! What the widget on a page needs to know before anybody says a word. Public: there is nothing of anybody in it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::{ErrorBody, Refusal};
use super::judgements::bad_request;
use crate::widget::colour::{Colour, DARK_SURFACE, LIGHT_SURFACE};
use crate::widget::hours::{Hours, Opening};
use crate::widget::{ColorScheme, Position, PreChat, WidgetSettings};

/// Looks, words, hours and files of the widget.
#[derive(Debug, Serialize, ToSchema)]
pub struct WidgetBody {
    /// Stands at its head.
    pub heading: String,
    /// Stands in a conversation that has not begun.
    pub greeting: String,
    /// The site's colour, `#rrggbb`.
    pub accent: String,
    /// What is written on it: black or white.
    pub accent_text: String,
    /// The colour as text on light surfaces, with a contrast of 4.5 or more.
    pub accent_on_light: String,
    /// The same on dark surfaces.
    pub accent_on_dark: String,
    /// `right` or `left`.
    #[schema(value_type = String)]
    pub position: Position,
    /// A language, or `auto`.
    pub locale: String,
    /// `auto`, `light` or `dark`.
    #[schema(value_type = String)]
    pub color_scheme: ColorScheme,
    /// Questions to begin with.
    pub suggestions: Vec<String>,
    /// `off`, `optional` or `required`.
    #[schema(value_type = String)]
    pub pre_chat: PreChat,
    /// `{"open","next_open_ms"}`: whether people are there by the opening hours, and when they are next.
    #[schema(value_type = Object)]
    pub hours: Opening,
    /// Said outside the opening hours.
    pub offline_message: String,
    /// Whether customers are asked how it was.
    pub survey: bool,
    /// What files are taken.
    pub files: FilesBody,
    /// Whether a person of the company is connected right now.
    pub people_online: bool,
}

/// What files are taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilesBody {
    /// Any at all.
    pub enabled: bool,
    /// The largest.
    pub max_bytes: u64,
    /// Media types.
    pub types: Vec<&'static str>,
}

/// The page that asks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WidgetQuery {
    /// The token of the site; needed once the settings name any.
    website_token: Option<String>,
}

/// What the widget shows and takes, by the settings.
#[utoipa::path(get, path = "/v1/widget", params(WidgetQuery),
    responses(
        (status = 200, body = WidgetBody),
        (status = 400, description = "A parameter that is not known", body = ErrorBody),
        (status = 403, description = "No website of this token", body = ErrorBody),
    ))]
pub async fn widget(
    State(state): State<Arc<AppState>>,
    query: Result<Query<WidgetQuery>, QueryRejection>,
) -> Result<Json<WidgetBody>, Refusal> {
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    let settings = &state.chat.config.now().widget;
    if !settings.is_website(query.website_token.as_deref()) {
        let message =
            "there is no website of this token; give website_token as it stands in widget.websites";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "denied", message));
    }
    Ok(Json(body_of(settings, Timestamp::now(), state.chat.people_online())))
}

fn body_of(settings: &WidgetSettings, now: Timestamp, people_online: bool) -> WidgetBody {
    let settings = settings.clone();
    // Settings that cannot be used never get this far.
    let hours = Hours::of(&settings.hours).ok().flatten();
    let accent = Colour::parse(&settings.accent).unwrap_or(LIGHT_SURFACE);
    WidgetBody {
        accent: accent.hex(),
        accent_text: accent.text_on().hex(),
        accent_on_light: accent.legible_on(LIGHT_SURFACE).hex(),
        accent_on_dark: accent.legible_on(DARK_SURFACE).hex(),
        hours: hours.map_or(Opening { open: true, next_open_ms: None }, |hours| hours.at(now)),
        files: FilesBody {
            enabled: settings.files && !settings.file_types.is_empty(),
            max_bytes: settings.max_file_bytes,
            types: settings.file_types.iter().map(|kind| kind.media_type()).collect(),
        },
        heading: settings.heading,
        greeting: settings.greeting,
        position: settings.position,
        locale: settings.locale,
        color_scheme: settings.color_scheme,
        suggestions: settings.suggestions,
        pre_chat: settings.pre_chat,
        offline_message: settings.offline_message,
        survey: settings.survey,
        people_online,
    }
}
