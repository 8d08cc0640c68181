//! The widget and the demo page, built into the program.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::answer::{Path, Refusal};

#[derive(RustEmbed)]
#[folder = "web/"]
#[allow_missing = true]
struct Web;

/// Pages may be kept, but are asked for again each time: the tag makes that cheap.
const CACHE: &str = "no-cache";

/// `/`: the demo page.
pub async fn start(headers: HeaderMap) -> Response {
    page("demo/index.html", &headers)
}

/// `/demo/…`
pub async fn demo(Path(path): Path<String>, headers: HeaderMap) -> Response {
    page(&format!("demo/{path}"), &headers)
}

/// `/widget/…`
pub async fn widget(Path(path): Path<String>, headers: HeaderMap) -> Response {
    page(&format!("widget/{path}"), &headers)
}

fn page(path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Web::get(path) else {
        return Refusal::not_found("there is no such page").into_response();
    };
    let hash: String =
        file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
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
    (shared, kind, file.data.into_owned()).into_response()
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
