//! The engine: one shard's participants, rooms and tracks, and the two verbs that drive them.

mod allot;
mod datagram;
mod feedback;
mod forward;
mod inspect;
mod media;
mod publish;
mod reports;
mod retransmit;
mod rooms;
mod sessions;
mod slots;
mod taps;
mod tick;
mod viewport;
mod voices;

use std::collections::VecDeque;
use std::net::SocketAddr;

use hashbrown::HashMap;

use crate::counters::EngineCounters;
use crate::events::Event;
use crate::ids::{ParticipantId, RoomId};
use crate::participant::Peer;
use crate::random::Random;
use crate::room::Room;
use crate::session::SessionConfig;
use crate::slab::{Key, Slab};
use crate::tap::TapBuffer;
use crate::time::Micros;
use crate::track::Track;
use crate::track::layer::Route;
use crate::train::Trains;
use forward::Cursor;

pub use datagram::owner_shard;
pub use rooms::JoinError;
pub use sessions::AnswerRefused;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What an engine is made with.
pub struct EngineConfig {
    /// Which shard this is; the top 16 bits of its participants' ids say the same.
    pub shard: u16,
    /// The certificate, and the addresses announced to browsers.
    pub session: SessionConfig,
    /// Whether links are estimated: packets to browsers that agreed to it are numbered, and what they get is bounded by
    /// what their link carries.
    pub estimate: bool,
}

/// Whose a datagram was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Taken, or dropped with a counted reason.
    Ours,
    /// From an address nobody here has, and no STUN for anybody here: left as it came and not counted. Another shard may
    /// know it ([`owner_shard`]); if none does, whoever drives the shards counts it as
    /// [`DropReason::UnknownAddress`](crate::DropReason).
    Unknown,
}

/// One shard's media.
pub struct Engine {
    config: EngineConfig,
    random: Random,
    rooms: Slab<Room>,
    peers: Slab<Peer>,
    tracks: Slab<Track>,
    room_ids: Map<RoomId, Key<Room>>,
    ids: Map<ParticipantId, Key<Peer>>,
    addresses: Map<SocketAddr, Key<Peer>>,
    /// Layers with packets to forward, in the order in which they came.
    ready: Vec<(Key<Track>, u8)>,
    cursor: Cursor,
    /// Slots that left a layer for another while it was forwarded.
    moved: Vec<(Key<Track>, u8, Route)>,
    /// Participants whose sessions may have something to send.
    talkative: Vec<Key<Peer>>,
    trains: Trains,
    tapped: TapBuffer,
    events: VecDeque<Event>,
    counters: EngineCounters,
    next_tick: Micros,
    ticks: u64,
}

impl Engine {
    /// An engine without rooms. Everything random in it follows from `seed`, which must be secret.
    pub fn new(config: EngineConfig, seed: [u8; 32]) -> Engine {
        Engine {
            config,
            random: Random::new(&seed),
            rooms: Slab::default(),
            peers: Slab::default(),
            tracks: Slab::default(),
            room_ids: Map::default(),
            ids: Map::default(),
            addresses: Map::default(),
            ready: Vec::new(),
            cursor: Cursor::default(),
            moved: Vec::new(),
            talkative: Vec::new(),
            trains: Trains::default(),
            tapped: TapBuffer::default(),
            events: VecDeque::new(),
            counters: EngineCounters::default(),
            next_tick: Micros::ZERO,
            ticks: 0,
        }
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Totals since the start.
    pub fn counters(&self) -> &EngineCounters {
        &self.counters
    }
}
