//! The engine: one shard's participants, rooms and tracks, and the two verbs that drive them.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::counters::EngineCounters;
use crate::events::{Event, Joined, TapOutput, View};
use crate::ids::{ParticipantId, RoomId};
use crate::time::Micros;
use crate::train::{Trains, Transmits};
use protocol::media::Source;

/// What an engine is made with.
pub struct EngineConfig {
    /// Which shard this is; the top 16 bits of its participants' ids say the same.
    pub shard: u16,
    /// Addresses announced to browsers as host candidates.
    pub addresses: Vec<SocketAddr>,
}

/// Whose a datagram was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Taken, or dropped with a counted reason.
    Ours,
    /// From an address nobody here has: another shard may know it ([`owner_shard`]). Left as it came, not counted.
    Unknown,
}

/// Why a participant could not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No such room on this shard.
    #[error("no such room")]
    NoRoom,
    /// The id is in use.
    #[error("the participant is already there")]
    Taken,
    /// More slots than can be offered.
    #[error("at least one and at most 25 video slots")]
    Slots,
}

/// Why an answer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No such participant on this shard.
    #[error("no such participant")]
    NoParticipant,
}

/// One shard's media.
pub struct Engine {
    config: EngineConfig,
    trains: Trains,
    events: VecDeque<Event>,
    counters: EngineCounters,
}

impl Engine {
    /// An engine without rooms. Everything random in it follows from `seed`.
    pub fn new(config: EngineConfig, seed: u64) -> Engine {
        let _ = seed;
        Engine { config, trains: Trains::default(), events: VecDeque::new(), counters: EngineCounters::default() }
    }

    /// Opens a room; nothing happens if it is open.
    pub fn open_room(&mut self, room: RoomId) {
        let _ = room;
    }

    /// Closes a room; its participants leave, its tap ends.
    pub fn close_room(&mut self, now: Micros, room: RoomId) {
        let _ = (now, room);
    }

    /// Adds a participant with `video_slots` (1 to 25) video slots and makes the offer.
    pub fn join(&mut self, now: Micros, room: RoomId, participant: ParticipantId, video_slots: u8) -> Result<Joined, JoinError> {
        let _ = (now, room, participant, video_slots);
        Err(JoinError::NoRoom)
    }

    /// Takes the participant's SDP answer to the offer.
    pub fn answer(&mut self, now: Micros, participant: ParticipantId, sdp: &str) -> Result<(), AnswerError> {
        let _ = (now, participant, sdp);
        Err(AnswerError::NoParticipant)
    }

    /// Switches a source on or off; all are off at first. While off, its packets are dropped (R11).
    pub fn publish(&mut self, now: Micros, participant: ParticipantId, source: Source, on: bool) {
        let _ = (now, participant, source, on);
    }

    /// Says what the participant shows from now on; sources not in `views` are not sent.
    pub fn viewport(&mut self, now: Micros, participant: ParticipantId, views: &[View]) {
        let _ = (now, participant, views);
    }

    /// Removes a participant.
    pub fn leave(&mut self, now: Micros, participant: ParticipantId) {
        let _ = (now, participant);
    }

    /// Opens the room's tap: from now on every source of the room goes to [`Engine::drain_tap`].
    pub fn open_tap(&mut self, now: Micros, room: RoomId) {
        let _ = (now, room);
    }

    /// Closes the room's tap; not one packet follows.
    pub fn close_tap(&mut self, room: RoomId) {
        let _ = room;
    }

    /// The recorder cannot decode this source before its next keyframe.
    pub fn tap_keyframe(&mut self, now: Micros, room: RoomId, participant: ParticipantId, source: Source) {
        let _ = (now, room, participant, source);
    }

    /// Takes a datagram. It is opened in place. What it leads to is sent by [`Engine::poll_transmits`].
    pub fn handle_datagram(&mut self, now: Micros, from: SocketAddr, datagram: &mut [u8]) -> Arrival {
        let _ = (now, from, datagram);
        Arrival::Unknown
    }

    /// Does what time asks for; early calls are harmless.
    pub fn handle_timeout(&mut self, now: Micros) {
        let _ = now;
    }

    /// When [`Engine::handle_timeout`] is next due; `None` while there is nobody.
    pub fn poll_timeout(&self) -> Option<Micros> {
        None
    }

    /// Forwards what has come in and gives the next batch of sends (about 256 KiB); `None` when all is sent.
    pub fn poll_transmits(&mut self, now: Micros) -> Option<Transmits<'_>> {
        let _ = now;
        None
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Hands out all that the taps hold. Call it after [`Engine::poll_transmits`] gave `None`.
    pub fn drain_tap(&mut self, take: impl FnMut(TapOutput<'_>)) {
        let _ = take;
    }

    /// Totals since the start.
    pub fn counters(&self) -> &EngineCounters {
        &self.counters
    }
}

/// The shard that a datagram from an unknown address is meant for: the user fragment of a STUN request names it
/// (RFC 8445 §7.2.2). `None` if it is anything else.
pub fn owner_shard(datagram: &[u8]) -> Option<u16> {
    let _ = datagram;
    None
}
