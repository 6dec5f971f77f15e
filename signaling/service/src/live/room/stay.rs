//! One person's stay as the driver sees it: the connection, the media, the row.

use std::collections::BTreeMap;
use std::net::IpAddr;

use protocol::ids::SessionId;
use protocol::media::{SlotAssignment, View};
use protocol::server::Role;
use sfu_node::ParticipantId;

use super::super::guest::Guest;
use super::super::outbox::Outbox;

/// What is known about a connection for support (R40).
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub address: IpAddr,
    pub browser: String,
    pub os: &'static str,
}

/// Somebody in the room or waiting for a moderator.
pub(super) struct Stay {
    pub guest: Guest,
    pub role: Role,
    pub client: Client,
    /// `None` while the connection is dropped.
    pub connection: Option<Outbox>,
    /// The welcome was sent: events flow from now on.
    pub welcomed: bool,
    /// What the client must know to resume.
    pub secret: String,
    pub video_slots: u8,
    pub media: Option<ParticipantId>,
    /// Who is in which slot, for a client that comes back.
    pub slots: BTreeMap<u16, SlotAssignment>,
    /// What the client shows.
    pub views: Vec<View>,
    /// Its row in the store, once let in.
    pub row: Option<SessionId>,
    /// When the client last asked for new media.
    pub restarted_ms: Option<u64>,
}

impl Stay {
    pub fn new(guest: Guest, client: Client, connection: Outbox, video_slots: u8) -> Self {
        Self {
            guest,
            role: Role::Viewer,
            client,
            connection: Some(connection),
            welcomed: false,
            secret: String::new(),
            video_slots,
            media: None,
            slots: BTreeMap::new(),
            views: Vec::new(),
            row: None,
            restarted_ms: None,
        }
    }

    /// Where events go; `None` before the welcome and while the connection is dropped.
    pub fn listening(&self) -> Option<&Outbox> {
        self.connection.as_ref().filter(|_| self.welcomed)
    }

    pub fn is_connected_by(&self, connection: u64) -> bool {
        self.connection.as_ref().is_some_and(|outbox| outbox.id == connection)
    }
}
