//! The WebSocket `/ws`: one connection of one person.

mod gate;
mod greeting;
mod talk;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{ORIGIN, USER_AGENT};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::agent::Agent;
use super::guest::ClientAddress;
use super::registry::Registry;
use super::room::Client;

/// The route `/ws`.
pub fn routes(registry: Registry) -> Router {
    Router::new().route("/ws", get(upgrade)).with_state(registry)
}

async fn upgrade(
    State(registry): State<Registry>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers always send the origin; another page must not speak for its visitors.
    let foreign =
        headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() != registry.config().origin.as_bytes());
    if foreign {
        return (StatusCode::FORBIDDEN, "this address is for the server's own pages").into_response();
    }
    let agent =
        Agent::read(headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default());
    let client = Client { address: address(&extensions), browser: agent.browser, os: agent.os };
    // A message that is somewhat too long is answered; one that is much too long ends the connection.
    let most = registry.config().limits.message.saturating_mul(4);
    let upgrade = upgrade.max_message_size(most).max_frame_size(most);
    upgrade.on_upgrade(move |socket| talk::run(registry, client, socket))
}

fn address(extensions: &Extensions) -> IpAddr {
    let given = extensions.get::<ClientAddress>().map(|given| given.0);
    let seen = || extensions.get::<ConnectInfo<SocketAddr>>().map(|seen| seen.0.ip());
    given.or_else(seen).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
