//! Files of the client: from the program itself, or in debug builds from the folder, so that a rebuild shows at once.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Names under `assets/` carry a hash of their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Shown when the program was built without the client.
const WITHOUT_CLIENT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Lectern</title>\
    <p>This page cannot be shown: the program was built without its browser client (web/dist).\
    <p lang=\"de\">Diese Seite kann nicht gezeigt werden: Das Programm wurde ohne seine Oberfläche gebaut (web/dist).";

/// Whether there is such a file.
pub(super) fn exists(name: &str) -> bool {
    Dist::get(name).is_some()
}

/// The file as an answer; 304 when the browser has it already.
pub(super) fn file(name: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(file) = Dist::get(name) else {
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        return (StatusCode::SERVICE_UNAVAILABLE, kind, WITHOUT_CLIENT).into_response();
    };
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash().get(..16).unwrap_or_default()));
    let caching = if name.starts_with("assets/") { FOR_EVER } else { "no-cache" };
    let caching = [(header::CACHE_CONTROL, caching.to_owned()), (header::ETAG, tag.clone())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let kind = match file.metadata.mimetype() {
        kind if kind.starts_with("text/") => format!("{kind}; charset=utf-8"),
        kind => kind.to_owned(),
    };
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    (caching, [(header::CONTENT_TYPE, kind)], file.data).into_response()
}
