//! What the node tells the async side. Events are coalesced when the receiver is slow; media never waits for them.

use protocol::media::Source;
use protocol::tap;

use sfu_engine::{ParticipantId, RoomId};

/// Something happened to media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SfuEvent {
    /// ICE and DTLS are complete and the certificate matches the answer.
    Connected {
        /// Who.
        participant: ParticipantId,
    },
    /// No consent for 30 s (RFC 7675) or DTLS closed. The participant stays until `leave`.
    Disconnected {
        /// Who.
        participant: ParticipantId,
    },
    /// Who is in which of this subscriber's slots, for every slot that changed.
    Slots {
        /// The subscriber.
        participant: ParticipantId,
        /// The changes.
        slots: Vec<SlotChange>,
    },
    /// Who speaks, loudest first; on change, at most 5 times a second.
    Speaking {
        /// Where.
        room: RoomId,
        /// Who.
        speakers: Vec<ParticipantId>,
    },
    /// Talk time since the last such event, about once a second while somebody talks (R41).
    Talked {
        /// Who.
        participant: ParticipantId,
        /// How long, ms.
        ms: u32,
        /// How often somebody began to talk.
        bursts: u32,
    },
    /// A published video source began to arrive or fell silent.
    Live {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        source: Source,
        /// Arriving or not.
        live: bool,
    },
    /// The recorder reports.
    Tap(tap::Report),
    /// A recorder is attached and segments can begin.
    RecorderAttached,
    /// The recorder is gone; open segments have no tap any more.
    RecorderLost,
}

/// A slot has a new occupant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// Number of the slot.
    pub slot: u16,
    /// Whose source, and the CSRC that every forwarded packet of it carries; `None` means empty.
    pub from: Option<(ParticipantId, Source, u32)>,
}
