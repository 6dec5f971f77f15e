//! What a join gives, what a subscriber says it shows, and why either may be refused.

use protocol::media::{SlotKind, Source};

use sfu_engine::ParticipantId;

/// What a new participant gets: the one offer of the connection (N4).
#[derive(Clone, Debug)]
pub struct Joined {
    /// Who this is on the media side.
    pub participant: ParticipantId,
    /// The SDP offer to hand to the browser.
    pub offer: String,
    /// The slots in which others are received.
    pub slots: Vec<SlotInfo>,
    /// The media sections in which the browser publishes, with their `a=mid`.
    pub publish: Vec<(Source, String)>,
    /// A way through firewalls, if the node relays.
    pub relay: Option<RelayAccess>,
}

/// What lets one participant's browser use the relay (RFC 8656), for a day.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayAccess {
    /// `turn:` and `turns:` addresses (RFC 7065), the preferred first.
    pub urls: Vec<String>,
    /// The name to use there.
    pub username: String,
    /// The password that belongs to it.
    pub credential: String,
}

impl std::fmt::Debug for RelayAccess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RelayAccess").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// One slot of the offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// Its number, unique within the connection, from 0.
    pub slot: u16,
    /// What it carries.
    pub kind: SlotKind,
    /// The `a=mid` of its section.
    pub mid: String,
}

/// A source that a subscriber shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineView {
    /// Whose.
    pub publisher: ParticipantId,
    /// Camera or screen.
    pub source: Source,
    /// Width of the tile, device pixels.
    pub width: u16,
    /// Height of the tile, device pixels.
    pub height: u16,
    /// 0 is served first.
    pub priority: u8,
}

/// Why somebody did not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The room is closed or was never opened.
    #[error("no such room")]
    NoSuchRoom,
    /// The room or the shard is full.
    #[error("full")]
    Full,
    /// Not 1..=25 video slots.
    #[error("at least one and at most 25 video slots")]
    Slots,
    /// The node is shutting down.
    #[error("the node is stopping")]
    Stopping,
}

/// Why an SDP answer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The participant has left.
    #[error("no such participant")]
    NoSuchParticipant,
    /// The answer does not fit the offer.
    #[error("the answer was refused: {0}")]
    Refused(String),
    /// The node is shutting down.
    #[error("the node is stopping")]
    Stopping,
}
