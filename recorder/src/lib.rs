//! Recording: what a moderator marked is muxed while it happens, sealed before it touches a disk, and played at once.
//!
//! [`supervise`] (in the server) starts the recorder process and hands it keys and orders ([`handover`]); [`worker`]
//! is that process: it attaches to the SFU node, turns tracks into sealed WebM files and closes each segment with a
//! [`manifest`]; [`playback`] (in the server again) serves both to whoever has a signed link ([`links`]).
//! GStreamer lives in the worker and nowhere else.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::todo)
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod elements;
mod handover;
mod layout;
pub mod links;
pub mod manifest;
pub mod playback;
mod supervise;
pub mod worker;

pub use elements::{MissingElements, check_elements};
pub use handover::{Handover, OpenSegment, TapAccess};
pub use layout::unfinished;
pub use playback::Playback;
pub use supervise::Supervisor;
