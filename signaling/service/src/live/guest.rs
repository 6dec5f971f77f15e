//! What the front end said about somebody whom it sends: handed over at the join, before the browser connects.

use std::collections::BTreeMap;
use std::net::IpAddr;

use protocol::ids::{PersonId, SessionId};

/// Somebody who may come in with a room token of the same person and session. Name and role come from the token alone.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who.
    pub person: PersonId,
    /// Which stay.
    pub session: SessionId,
    /// The front end's id of the person, if it gave one.
    pub user_id: Option<String>,
    /// False for visitors whom the front end does not know; their address is cut before it is written (R55).
    pub signed_in: bool,
    /// Profile picture, served from our own origin.
    pub avatar: Option<String>,
    /// Where leaving leads.
    pub logout_url: Option<String>,
    /// `userdata-*`, shown as custom data of the attendee.
    pub custom: BTreeMap<String, String>,
}

/// Where the request came from, after trusted proxies were taken off. Put it into the request's extensions in front
/// of [`super::routes`]; without it the address of the connection counts.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);
