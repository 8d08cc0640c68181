//! The pages - widget, desk, design, demo - built into the program.

use std::borrow::Cow;
use std::sync::Arc;

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

/// The file, from the program or from `server.web_directory`.
fn content(directory: &str, path: &str) -> Option<Cow<'static, [u8]>> {
    if directory.is_empty() {
        return Web::get(path).map(|file| file.data);
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
