//! Bytes of the wire to values and back: no clock, no state, no allocation, no panic.
//!
//! In the order in which a datagram meets it: [`demux`] tells STUN, DTLS, RTP and RTCP apart, [`stun`] reads and
//! answers connectivity checks, [`framing`] and [`turn`] carry datagrams through firewalls, [`rtp`] reads and writes packet headers
//! and their extensions, [`vp8`], [`vp9`], [`h264`] and [`av1`] read what a video payload says of its frame and patch its
//! counters, [`dependency`] does so with the header extension that speaks for encrypted frames too, [`rtcp`] reads and
//! writes compound control packets, and [`sequence`] unwraps the counters that all of them carry.
//!
//! Everything here borrows the datagram it was given and writes into buffers of its caller. Input is never trusted: a
//! value that is returned has been checked against the bytes that were there.

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

pub mod av1;
mod bits;
mod bytes;
pub mod demux;
pub mod dependency;
pub mod framing;
pub mod h264;
pub mod picture;
pub mod rtcp;
pub mod rtp;
pub mod sequence;
pub mod stun;
pub mod turn;
pub mod vp8;
pub mod vp9;
