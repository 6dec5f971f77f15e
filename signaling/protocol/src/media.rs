//! What is seen and heard: sources that people publish, and the slots in which others receive them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::PersonId;

/// What a person publishes. A person has each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// Voice: Opus.
    Microphone,
    /// Camera: video in up to three simulcast encodings (rid `q`, `h`, `f`).
    Camera,
    /// Screen picture.
    Screen,
    /// Sound that belongs to the screen.
    ScreenAudio,
}

/// The kind of a slot, negotiated once (N4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SlotKind {
    /// One of five voices; follows the loudest.
    Audio,
    /// A camera; follows the subscriber's `viewport`.
    Video,
    /// The shared screen.
    Screen,
    /// The shared screen's sound.
    ScreenAudio,
}

/// A slot of the negotiated offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// Number of the slot, unique within the connection, from 0.
    pub slot: u16,
    /// What it carries.
    pub kind: SlotKind,
    /// The `a=mid` of its media section.
    pub mid: String,
}

/// Who is in a slot from now on; `None` means it is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotAssignment {
    /// Number of the slot.
    pub slot: u16,
    /// Whose source it carries.
    pub person: Option<PersonId>,
    /// Which of the person's sources.
    pub source: Option<Source>,
    /// The contributing source that every packet of this source carries (RFC 3550 §5.1). A client paints a frame
    /// only on the tile whose CSRC it carries.
    pub csrc: Option<u32>,
}

/// What a client shows, sent whenever it changes; sources that are absent are not wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Whose source.
    pub person: PersonId,
    /// `camera` or `screen`.
    pub source: Source,
    /// Width of the tile in device pixels.
    pub width: u16,
    /// Height of the tile in device pixels.
    pub height: u16,
    /// 0 is served first.
    pub priority: u8,
}

/// The media section of the welcome: the one offer of the connection (N4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MediaOffer {
    /// The server's SDP offer (JSEP, RFC 9429).
    pub sdp: String,
    /// The slots in which others are received.
    pub slots: Vec<Slot>,
    /// The media sections in which this client publishes.
    pub publish: Vec<PublishSection>,
    /// Relays to use where the network lets nothing else through; may be empty.
    #[serde(default)]
    pub ice_servers: Vec<IceServer>,
}

/// A relay, as `RTCConfiguration.iceServers` of the browser takes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// `turn:` and `turns:` addresses (RFC 7065).
    pub urls: Vec<String>,
    /// The name to use there.
    pub username: String,
    /// The password that belongs to it.
    pub credential: String,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// A media section in which the client sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PublishSection {
    /// What it carries.
    pub source: Source,
    /// Its `a=mid`.
    pub mid: String,
}
