//! The browser client, built into the program, and the headers that keep it closed to others.

mod assets;
mod headers;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::Service;

pub(crate) use headers::protect;

/// The pages, their assets, and a friendly page for every unknown path.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/room", get(|headers| page("room.html", headers)))
        .route("/recordings/{id}", get(|_: Path<String>, headers| page("playback.html", headers)))
        .route("/message", get(|headers| page("message.html", headers)))
        .route("/assets/{*path}", get(asset))
        .route("/favicon.svg", get(|headers: HeaderMap| async move { assets::file("favicon.svg", &headers) }))
        .fallback(not_found)
        .with_state(service)
}

/// A page by its file name.
pub(crate) async fn page(name: &'static str, headers: HeaderMap) -> Response {
    assets::file(name, &headers)
}

/// Nobody starts here: people come from their course page. Errors that joins send to the server's own address are
/// shown by the message page.
async fn home(State(service): State<Service>, RawQuery(query): RawQuery) -> Response {
    let to = match query {
        None if service.demo_enabled() => "/demo".to_owned(),
        Some(query) if query.contains("errors=") => format!("/message?kind=session&{query}"),
        _ => "/message?kind=session".to_owned(),
    };
    (StatusCode::FOUND, [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store".to_owned())])
        .into_response()
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let name = format!("assets/{path}");
    if assets::exists(&name) { assets::file(&name, &headers) } else { not_found(headers).await }
}

/// Unknown paths, also wrong ones under `/recordings`.
async fn not_found(_headers: HeaderMap) -> Response {
    (StatusCode::NOT_FOUND, assets::file("message.html", &HeaderMap::new())).into_response()
}
