//! A TURN server (RFC 8656) whose only peers are our own media addresses. No port is opened for an allocation: what a
//! client sends goes to the shard that owns the participant, as if it had come from the relayed address.
//!
//! [`credentials`] lets participants in, [`client`] is what one client may do, [`requests`] answers its requests.

mod client;
mod credentials;
mod requests;
#[cfg(test)]
mod tests;
mod udp;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use sfu_engine::ParticipantId;
use sfu_wire::turn::Family;

use super::places::{Place, Places};
use crate::join::RelayAccess;
use crate::shard::Lane;
pub use client::Client;
pub use udp::serve as serve_udp;

/// Where names are known (RFC 8489 §9.2).
const REALM: &str = "lectern";
/// How long credentials let somebody in: longer than any class.
const ACCESS: Duration = Duration::from_secs(24 * 3600);
/// Allocations at a time: in all, and from one address.
const IN_ALL: usize = 4096;
const PER_ADDRESS: usize = 512;
/// Relayed ports are numbers without a socket (RFC 8656 §7.2 asks for this range).
const PORTS: std::ops::RangeInclusive<u16> = 49_152..=65_535;

/// The time, by the clock that never jumps and by the one that credentials name.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    pub monotonic: Instant,
    pub unix_s: u64,
}

impl Now {
    /// The system's.
    pub fn of_system() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { monotonic: Instant::now(), unix_s: since.as_secs() }
    }
}

/// What all clients share.
pub struct Relay {
    secret: hmac::Key,
    /// Our own media addresses: the only peers.
    media: Vec<SocketAddr>,
    lanes: Arc<[Lane]>,
    places: Arc<Places>,
    next_port: Mutex<u16>,
    /// `turn:` and `turns:` addresses of this server (RFC 7065).
    urls: Vec<String>,
}

impl Relay {
    /// `secret` signs credentials; `media` are the announced media addresses; `lanes[n]` leads to shard n.
    pub fn new(secret: &[u8], media: Vec<SocketAddr>, lanes: Arc<[Lane]>, urls: Vec<String>) -> Arc<Relay> {
        Arc::new(Relay {
            secret: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret),
            media,
            lanes,
            places: Places::new(IN_ALL, PER_ADDRESS),
            next_port: Mutex::new(*PORTS.start()),
            urls,
        })
    }

    /// What lets a participant's browser in.
    pub fn access(&self, now: Now, participant: ParticipantId) -> RelayAccess {
        let username = credentials::username(now.unix_s.saturating_add(ACCESS.as_secs()), participant);
        let credential = credentials::password(&self.secret, &username);
        RelayAccess { urls: self.urls.clone(), username, credential }
    }

    /// Whether a peer is one of ours: the very address and port, in the very form in which it was announced.
    fn is_media(&self, peer: SocketAddr) -> bool {
        self.media.contains(&peer)
    }

    /// Whether one of our media addresses has this IP.
    fn is_media_ip(&self, ip: IpAddr) -> bool {
        self.media.iter().any(|media| media.ip() == ip)
    }

    /// Our media addresses of a family.
    fn peers(&self, family: Family) -> impl Iterator<Item = SocketAddr> + '_ {
        self.media.iter().copied().filter(move |media| media.is_ipv4() == (family == Family::V4))
    }

    /// Room for one more allocation from this address.
    fn place(&self, remote: SocketAddr) -> Option<Place> {
        self.places.take(remote.ip())
    }

    /// Ports come round after 16384 allocations, more than live at a time and than any client remembers.
    fn port(&self) -> u16 {
        let mut next = self.next_port.lock().unwrap_or_else(PoisonError::into_inner);
        let port = *next;
        *next = port.checked_add(1).unwrap_or(*PORTS.start());
        port
    }
}
