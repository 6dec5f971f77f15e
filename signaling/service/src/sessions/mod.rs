//! Sessions: what a front end's `join` leaves behind until the browser opens the room.
//!
//! A session is found by its token (in the room's URL, opaque) and belongs to one browser, known by the one cookie
//! (R5). [`routes`] turn it into a room token, the only thing from which role and rights are taken.

pub(crate) mod cookie;

mod open;
mod table;

use axum::Router;
use axum::routing::post;

use crate::Service;

pub(crate) use table::{Session, Sessions};

/// `POST /api/session`.
pub fn routes(service: Service) -> Router {
    service.sessions().forget_with(service.live());
    Router::new().route("/api/session", post(open::answer)).with_state(service)
}
