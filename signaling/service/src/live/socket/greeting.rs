//! The first message: who is this, and may they come in?

use axum::extract::ws::{Message, WebSocket};
use protocol::client::{ClientMessage, Resume};
use protocol::server::Close;
use protocol::token::{Claims, TokenError};
use tokio::time::timeout;

use super::super::registry::Registry;
use super::super::room::RoomHandle;

/// Most video slots of an offer.
const MOST_SLOTS: u8 = 25;

/// A connection that may go to its room.
pub(super) struct Greeting {
    pub room: RoomHandle,
    pub claims: Claims,
    pub video_slots: u8,
    pub resume: Option<Resume>,
}

/// Why a connection goes no further, and where to go instead.
pub(super) struct Refused {
    pub reason: Close,
    pub logout_url: Option<String>,
}

impl From<Close> for Refused {
    fn from(reason: Close) -> Self {
        Self { reason, logout_url: None }
    }
}

/// Waits for the hello. `None` if the connection ended before it.
pub(super) async fn receive(
    registry: &Registry,
    socket: &mut WebSocket,
) -> Option<Result<Greeting, Refused>> {
    let limits = &registry.config().limits;
    let Ok(first) = timeout(limits.hello, first_text(socket)).await else {
        return Some(Err(Close::Protocol.into()));
    };
    let first = first?;
    if first.len() > limits.message {
        return Some(Err(Close::Protocol.into()));
    }
    Some(check(registry, &first))
}

async fn first_text(socket: &mut WebSocket) -> Option<String> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return Some(text.as_str().to_owned()),
            // Read as a hello, which it is not.
            Message::Binary(_) => return Some(String::new()),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

fn check(registry: &Registry, first: &str) -> Result<Greeting, Refused> {
    // The version is read first: what else a hello holds may differ in another one.
    let hello: serde_json::Value = serde_json::from_str(first).map_err(|_| Close::Protocol)?;
    if hello.get("type").and_then(|kind| kind.as_str()) != Some("hello") {
        return Err(Close::Protocol.into());
    }
    let version = hello.get("version").and_then(|version| version.as_u64()).ok_or(Close::Protocol)?;
    if version != u64::from(protocol::VERSION) {
        return Err(Close::VersionMismatch.into());
    }
    let Ok(ClientMessage::Hello { token, video_slots, resume, .. }) = serde_json::from_value(hello) else {
        return Err(Close::Protocol.into());
    };
    let config = registry.config();
    let now = (config.clock)().div_euclid(1000);
    let claims = config.token_key.verify(&token, now).map_err(|error| match error {
        TokenError::Invalid => Close::TokenInvalid,
        TokenError::Expired => Close::TokenExpired,
    })?;
    let Some(room) =
        registry.room(&claims.meeting).filter(|room| room.meeting.made_from.tenant == claims.tenant)
    else {
        let ended =
            registry.ended(&claims.meeting).filter(|meeting| meeting.made_from.tenant == claims.tenant);
        let logout_url = ended.and_then(|meeting| meeting.made_from.logout_url.clone());
        return Err(Refused { reason: Close::MeetingEnded, logout_url });
    };
    Ok(Greeting { room, claims, video_slots: video_slots.clamp(1, MOST_SLOTS), resume })
}
