//! What operators and monitors see, on a port of its own: `/metrics`, `/healthz`, `/readyz`.

mod exposition;
mod media;
mod stored;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder as _, Registry, TextEncoder};
use sfu_node::Sfu;
use store::Store;

use exposition::Exposition;

/// What the admin port shows.
#[derive(Clone)]
pub struct Admin {
    /// Counters of the parts that keep their own.
    pub registry: Registry,
    /// The media node.
    pub sfu: Sfu,
    /// The database.
    pub store: Store,
    /// Whether the recorder has been there since the start.
    pub recorder_seen: Arc<AtomicBool>,
}

/// The routes of the admin port.
pub fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(admin)
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&admin.registry.gather(), &mut text) {
        tracing::error!(%error, "metrics cannot be written");
    }
    let mut own = Exposition::default();
    media::write(&mut own, &admin.sfu.counters());
    if let Err(error) = stored::write(&mut own, &admin.store).await {
        tracing::error!(%error, "what is stored cannot be counted");
    }
    text.extend_from_slice(own.text().as_bytes());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Ready when the database answers and the recorder has come once: before that a mark would be refused.
async fn ready(State(admin): State<Admin>) -> Response {
    if admin.sfu.recorder_attached() {
        admin.recorder_seen.store(true, Ordering::Relaxed);
    }
    let recorder = admin.recorder_seen.load(Ordering::Relaxed);
    let database = admin.store.ping().await.is_ok();
    let word = |good| if good { "ok" } else { "not yet" };
    let text = format!("database {}\nrecorder {}\n", word(database), word(recorder));
    let status = if database && recorder { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text).into_response()
}
