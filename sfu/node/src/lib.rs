//! The SFU with its sockets: what turns the sans-IO engine into a running node.
//!
//! A node has one pinned thread per shard ([`SfuConfig::shards`]), each with a socket of its own on the one UDP port
//! and an engine that owns its rooms. In the order in which a datagram goes: [`sys`] receives a batch with one system
//! call, [`shard`] gives each datagram to its engine (or moves it to the shard that owns the participant), and sends
//! what the engine made of the batch as trains. [`firewall`] is the way around for browsers without UDP. Async code speaks to shards through a [`Sfu`] handle and hears
//! [`SfuEvent`]s. [`tap`] takes marked media to the recorder process by QUIC. `unsafe` lives in [`sys`] alone.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

mod config;
mod counters;
mod events;
mod firewall;
mod handle;
mod join;
mod placement;
mod shard;
pub mod sys;
mod tap;

pub use config::{RelayConfig, SfuConfig, StartError, TapConfig};
pub use counters::{Counters, LATENCY_BOUNDS_US, Latency};
pub use events::{SfuEvent, SlotChange};
pub use handle::Sfu;
pub use join::{AnswerError, EngineView, JoinError, Joined, RelayAccess, SlotInfo};
pub use protocol::media::{SlotKind, Source};
pub use sfu_engine::{ParticipantId, RoomId};
pub use tap::{RecorderAccess, TapError};
