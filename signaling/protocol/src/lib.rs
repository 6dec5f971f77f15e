//! What crosses a boundary: ids, room tokens, WebSocket messages, and the frames of a recording tap.
//!
//! In the order in which a class meets them: [`ids`] name things, a [`token`] lets a person in, [`client`] and
//! [`server`] messages carry the room, [`media`] names what is seen and heard, and [`tap`] frames take marked media
//! to the recorder. Everything here is plain data: no clock, no socket, no state. The TypeScript types under
//! `web/src/generated` are written from this crate by its test `typescript_types_are_current`.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod client;
pub mod ids;
pub mod media;
pub mod server;
pub mod tap;
pub mod token;

/// The version of the WebSocket messages. A client with another major version is told to reload.
pub const VERSION: u16 = 1;
