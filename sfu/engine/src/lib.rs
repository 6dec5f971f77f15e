//! The packet's way through the server, without sockets, clock or randomness of its own.
//!
//! One [`Engine`] is one shard. Its driver brings datagrams and the time; the engine opens them, learns from them, routes
//! them, chooses what each subscriber gets, rewrites and seals it, and hands out trains that are ready to be sent:
//!
//! 1. [`Engine::handle_datagram`], for each datagram of a receive batch; [`Engine::handle_timeout`] when it is due.
//! 2. [`Engine::poll_transmits`] until it gives nothing: the forwarding itself happens here, train by train.
//! 3. [`Engine::poll_event`] and [`Engine::drain_tap`]: what happened, and what the recorder gets.
//!
//! Between these, the driver's orders: rooms, participants, what they publish and what they view.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod allot;
mod bandwidth;
mod codec;
mod counters;
mod engine;
mod events;
mod ids;
mod participant;
mod random;
mod room;
mod seats;
mod session;
mod slab;
mod slot;
mod tap;
mod time;
mod track;
mod train;

pub use codec::Codec;
pub use counters::{DropReason, EngineCounters};
pub use engine::{AnswerRefused, Arrival, Engine, EngineConfig, JoinError, owner_shard};
pub use events::{
    Event, Joined, LayerState, LinkState, SlotChange, SlotInfo, SlotSource, TapItem, TapOutput, View,
};
pub use ids::{ParticipantId, RoomId};
pub use protocol::media::{SlotKind, Source};
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use session::client;
pub use session::{AnswerError, Identity, IdentityError, SessionConfig};
pub use time::Micros;
pub use train::{Transmit, Transmits};
