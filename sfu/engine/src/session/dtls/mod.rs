//! DTLS 1.2 as the passive side, for nothing but the keys of SRTP (RFC 5764).
//!
//! [`Handshake`] is all that the session sees of it. Behind it stands `rtc-dtls`, and around that what it needs from us:
//! [`records`] judges and renumbers datagrams, [`hello`] reads the profiles that the browser offers before anything is
//! answered, [`flight`] sends a lost flight again, [`identity`] is the certificate of the process.

#[cfg(any(test, feature = "testing"))]
mod client;
mod driver;
mod flight;
mod hello;
mod identity;
mod records;

#[cfg(test)]
mod tests;

pub use identity::{Identity, IdentityError};

#[cfg(any(test, feature = "testing"))]
pub(super) use client::ClientDtls;
#[cfg(any(test, feature = "testing"))]
pub use client::ClientDtlsConfig;
pub(super) use driver::RtcDtls;

use zeroize::Zeroizing;

use super::srtp::Profile;
use crate::time::Micros;

/// A handshake as the session drives it. Datagrams come from one authenticated peer, whatever its address.
pub(super) trait Handshake {
    /// Takes a datagram. What is malformed, forged or too much is dropped.
    fn handle(&mut self, now: Micros, datagram: &[u8]);
    /// The next datagram to send.
    fn poll_transmit(&mut self) -> Option<Vec<u8>>;
    /// When [`Handshake::handle_timeout`] is due.
    fn poll_timeout(&self) -> Option<Micros>;
    /// Sends a lost flight again.
    fn handle_timeout(&mut self, now: Micros);
    /// Where the handshake stands.
    fn progress(&mut self) -> Progress;
    /// Says goodbye to the peer (`close_notify`).
    fn close(&mut self, now: Micros);
}

/// Where a handshake stands.
pub(super) enum Progress {
    /// Not done.
    Pending,
    /// Done: said once.
    Done(Secrets),
    /// Nothing new since it was done.
    Established,
    /// The peer closed it, or it cannot go on.
    Over,
}

/// What a handshake leaves.
pub(super) struct Secrets {
    /// How media is protected.
    pub(super) profile: Profile,
    /// Keying material of `profile.material_len()` bytes.
    pub(super) material: Zeroizing<Vec<u8>>,
    /// SHA-256 of the peer's certificate.
    pub(super) fingerprint: [u8; 32],
}
