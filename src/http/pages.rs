//! The pages - widget, desk, design, demo - built into the program.
//!
//! The widget is what strangers load on other people's pages, so it is sent without comments and in one answer ([`script`]).
//! From `server.web_directory` everything is sent as it stands there.

mod script;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::AppState;
use super::answer::{Path, Refusal};

#[derive(RustEmbed)]
#[folder = "web/"]
#[allow_missing = true]
struct Web;

/// Pages may be kept, but are asked for again each time: the tag makes that cheap.
const CACHE: &str = "no-cache";

/// `/`: the demo page.
pub async fn start(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    page(&state, "demo/index.html", &headers)
}

/// `/demo/…`
pub async fn demo(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &format!("demo/{path}"), &headers)
}

/// `/widget/…`
pub async fn widget(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &format!("widget/{path}"), &headers)
}

/// `/design`: the components that all pages are made of.
pub async fn design_start(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    page(&state, "design/index.html", &headers)
}

/// `/design/compare`: where people choose between two replies.
pub async fn design_compare(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    page(&state, "design/compare/index.html", &headers)
}

/// `/design/…`
pub async fn design(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &format!("design/{path}"), &headers)
}

/// `/desk`: where people of the company work.
pub async fn desk_start(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    page(&state, "desk/index.html", &headers)
}

/// `/desk/…`: a file of the desk, or one of its views, which the page itself shows.
pub async fn desk(
    State(state): State<Arc<AppState>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    let is_view = path.rsplit('/').next().is_none_or(|name| !name.contains('.'));
    let file = if is_view { "index.html" } else { &path };
    page(&state, &format!("desk/{file}"), &headers)
}

const WIDGET: &str = "widget/";
const CHAT: &str = "steward-chat.js";

/// The chat with all its parts.
static JOINED: LazyLock<Option<String>> = LazyLock::new(|| {
    let read = |name: &str| {
        Some(String::from_utf8_lossy(&Web::get(&format!("{WIDGET}{name}"))?.data).into_owned())
    };
    script::joined(CHAT, &read)
        .inspect_err(|problem| tracing::warn!("the chat is sent in parts: {problem}"))
        .ok()
});

/// The file, from the program or from `server.web_directory`.
fn content(directory: &str, path: &str) -> Option<Cow<'static, [u8]>> {
    if directory.is_empty() {
        let file = Web::get(path)?.data;
        let Some(name) = path.strip_prefix(WIDGET).filter(|name| name.ends_with(".js")) else {
            return Some(file);
        };
        if let Some(joined) = JOINED.as_ref().filter(|_| name == CHAT) {
            return Some(Cow::Borrowed(joined.as_bytes()));
        }
        return Some(Cow::Owned(script::plain(&String::from_utf8_lossy(&file)).into_bytes()));
    }
    let is_inside = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let is_inside = is_inside && !path.contains(['\\', ':', '\0']);
    let file = std::path::Path::new(directory).join(path);
    is_inside.then(|| std::fs::read(file).ok().map(Cow::Owned))?
}

fn page(state: &AppState, path: &str, headers: &HeaderMap) -> Response {
    let Some(data) = content(&state.chat.config.now().server.web_directory, path) else {
        return Refusal::not_found("there is no such page").into_response();
    };
    let hash: String =
        Sha256::digest(&data)[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("W/\"{hash}\"");
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(&hash));
    let shared = [(header::ETAG, tag), (header::CACHE_CONTROL, CACHE.to_string())];
    if known {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    let kind = [(header::CONTENT_TYPE, media_type(path))];
    (shared, kind, data.into_owned()).into_response()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
