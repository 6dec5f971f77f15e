//! Running meetings over real WebSockets, with a real media node on loopback and a real store in a temporary folder.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod class;
mod client;
mod connection;
mod create;
mod endings;
mod marks;
mod recorder;
mod resume;
mod server;
