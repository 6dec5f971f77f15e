//! Everything between the network and the room logic.
//!
//! In the order in which a class meets it: [`lms`] answers the front end's signed calls, [`sessions`] bind a person
//! to a browser and sign the room token, [`pages`] serve the browser client, [`live`] carries the running room over a
//! WebSocket, and [`demo`] stands in for a front end. [`router`] puts them together.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod demo;
pub mod live;
pub mod lms;
pub mod pages;
pub mod sessions;

mod config;
mod random;
mod state;

pub use config::{Clock, RecordingLink, ServiceConfig};
pub use state::Service;

use tower_http::compression::CompressionLayer;

/// All public routes: the API of the front ends, the pages, sessions, the WebSocket, `extra` (the playback of
/// recordings), and the demo when it is enabled. Every answer carries the headers that keep the pages closed to others.
pub fn router(service: Service, extra: axum::Router) -> axum::Router {
    let mut text = lms::routes(service.clone()).merge(sessions::routes(service.clone()));
    if service.demo_enabled() {
        text = text.merge(demo::routes(service.clone()));
    }
    // Media and sockets are not compressed: they are no text.
    let text = text.merge(pages::routes(service.clone())).layer(CompressionLayer::new().gzip(true));
    let all = text.merge(extra).merge(live::routes(service.live().clone()));
    pages::protect(all, service.config())
}
