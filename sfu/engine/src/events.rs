//! What the engine tells its driver.

use protocol::media::{SlotKind, Source};

use crate::ids::{ParticipantId, RoomId};
use crate::time::Micros;

/// Something that happened. Drained with [`crate::Engine::poll_event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The participant's connection is up and its certificate is the promised one.
    Connected(ParticipantId),
    /// No consent for 30 s, or the peer closed. The participant stays until [`crate::Engine::leave`].
    Disconnected(ParticipantId),
    /// Slots of this participant that changed hands.
    Slots {
        /// The subscriber.
        participant: ParticipantId,
        /// Only those that changed.
        changes: Vec<SlotChange>,
    },
    /// Who speaks, loudest first; sent on change, at most five times a second.
    Speaking {
        /// In which room.
        room: RoomId,
        /// Loudest first; empty in silence.
        speakers: Vec<ParticipantId>,
    },
    /// Talk time since the last such event of this participant (R41).
    Talked {
        /// Who.
        participant: ParticipantId,
        /// Voiced time, ms.
        ms: u32,
        /// Stretches of speech that began.
        bursts: u32,
    },
    /// A published video source began to send, or fell silent.
    Live {
        /// Who.
        participant: ParticipantId,
        /// Camera or screen.
        source: Source,
        /// Whether packets come.
        live: bool,
    },
}

/// One slot that changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// Number of the slot.
    pub slot: u16,
    /// Who is in it now; `None` when it is empty.
    pub from: Option<SlotSource>,
}

/// Who is in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSource {
    /// The publisher.
    pub participant: ParticipantId,
    /// Which of the publisher's sources.
    pub source: Source,
    /// The contributing source in each of its packets; never used for another source of the room.
    pub csrc: u32,
}

/// What a participant gets on joining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The one SDP offer of the connection.
    pub offer: String,
    /// The slots, in the order of their numbers.
    pub slots: Vec<SlotInfo>,
    /// The media sections in which the participant publishes.
    pub publish: Vec<(Source, &'static str)>,
}

/// A negotiated slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// Its number.
    pub slot: u16,
    /// What it carries.
    pub kind: SlotKind,
    /// The `a=mid` of its media section.
    pub mid: String,
}

/// One encoding of a published source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerState {
    /// Whether packets come.
    pub live: bool,
    /// Picture height, pixels; 0 for audio.
    pub height: u16,
    /// Received payload over the last second, bit/s.
    pub bitrate: u64,
    /// Slots that it feeds, or will feed from its next keyframe on.
    pub slots: usize,
}

/// A subscriber's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// What it carries, headers from IP on, bit/s; `None` before the browser's first feedback.
    pub estimate: Option<u64>,
    /// What is given to voices, screen and cameras, bit/s.
    pub allotted: u64,
    /// Video slots that get nothing for want of room.
    pub paused: usize,
}

/// A source that a participant shows, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Whose source.
    pub publisher: ParticipantId,
    /// `Camera` or `Screen`.
    pub source: Source,
    /// Width of the tile, device pixels.
    pub width: u16,
    /// Height of the tile, device pixels.
    pub height: u16,
    /// 0 is served first.
    pub priority: u8,
}

/// One piece of a tap's output, drained with [`crate::Engine::drain_tap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapOutput<'a> {
    /// The tapped room.
    pub room: RoomId,
    /// The publisher.
    pub participant: ParticipantId,
    /// Which of the publisher's sources.
    pub source: Source,
    /// Arrival at the server; never before the tap was opened.
    pub at: Micros,
    /// What it is.
    pub item: TapItem<'a>,
}

/// What a tap carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapItem<'a> {
    /// A whole RTP packet, no extensions; one layer, in order; video begins with a keyframe.
    Rtp(&'a [u8]),
    /// The publisher's sender report for this layer (RFC 3550 §6.4.1).
    SenderReport {
        /// 32.32 fixed point seconds since 1900.
        ntp: u64,
        /// RTP timestamp of the same instant.
        rtp: u32,
    },
    /// Packets before the next one are lost for good, or the source was off.
    Gap,
}
