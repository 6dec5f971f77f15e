//! A participant that is reached by other means than the media port: what the engine calls it, and what waits for it.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Flow information that no kernel reports: its upper bits are the version of the IP header (RFC 8200 §3).
const MARK: u32 = u32::MAX;
/// Bytes that may wait for a link: about a second of a full picture. What comes beyond is lost, as on a full line.
const WAITING: usize = 512 << 10;

static NUMBER: AtomicU32 = AtomicU32::new(1);

/// One address that the engine knows, and the queue that leads there. Shared by a shard and by whoever writes to the
/// peer.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    /// Which of the queue's links this is.
    tag: u8,
    pipe: Arc<Pipe>,
}

impl Link {
    /// A link to the peer that is seen at `remote`. The engine's address for it is unlike any a datagram can come from, and
    /// unlike that of every other link.
    pub fn new(remote: SocketAddr, tag: u8, pipe: Arc<Pipe>) -> Arc<Link> {
        let ip = match remote.ip() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::V6(SocketAddrV6::new(ip, remote.port(), MARK, number));
        Arc::new(Link { address, tag, pipe })
    }

    /// What the engine calls it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether an address of the engine's is that of a link.
    pub fn is_link(address: SocketAddr) -> bool {
        matches!(address, SocketAddr::V6(v6) if v6.flowinfo() == MARK)
    }

    /// Whether nobody takes from the queue any more.
    pub fn is_closed(&self) -> bool {
        self.pipe.is_closed()
    }

    /// Lets a train wait for the peer, never longer than the call; gives how many datagrams there was no room for.
    pub fn send(&self, bytes: &[u8], segment: usize) -> u64 {
        self.pipe.push(self.tag, bytes, segment)
    }
}

/// Datagrams for one peer, back to back.
#[derive(Debug, Default)]
pub struct Waiting {
    bytes: Vec<u8>,
    entries: Vec<(u8, usize)>,
}

impl Waiting {
    /// Lets a datagram wait.
    pub fn add(&mut self, tag: u8, datagram: &[u8]) {
        self.bytes.extend_from_slice(datagram);
        self.entries.push((tag, datagram.len()));
    }

    /// Hands out every datagram with its link's tag, then is empty.
    pub fn drain(&mut self, mut each: impl FnMut(u8, &[u8])) {
        let mut rest = self.bytes.as_slice();
        for &(tag, length) in &self.entries {
            let Some((datagram, after)) = rest.split_at_checked(length) else { break };
            each(tag, datagram);
            rest = after;
        }
        self.bytes.clear();
        self.entries.clear();
    }
}

/// A bounded queue from shards to the task that writes to a peer: one lock a train, and none is held while writing.
#[derive(Debug, Default)]
pub struct Pipe {
    waiting: Mutex<Waiting>,
    filled: Notify,
    closed: AtomicBool,
}

impl Pipe {
    /// Resolves when datagrams wait. One task may wait at a time.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Exchanges what waits for an emptied store.
    pub fn take(&self, emptied: &mut Waiting) {
        std::mem::swap(&mut *self.lock(), emptied);
    }

    /// Says that nobody takes from here any more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn push(&self, tag: u8, bytes: &[u8], segment: usize) -> u64 {
        let segment = segment.max(1);
        let fits = !self.is_closed() && {
            let mut waiting = self.lock();
            let fits = waiting.bytes.len().saturating_add(bytes.len()) <= WAITING;
            if fits {
                waiting.bytes.extend_from_slice(bytes);
                waiting.entries.extend(bytes.chunks(segment).map(|datagram| (tag, datagram.len())));
            }
            fits
        };
        if fits {
            self.filled.notify_one();
            return 0;
        }
        bytes.len().div_ceil(segment) as u64
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(pipe: &Arc<Pipe>, tag: u8) -> Arc<Link> {
        Link::new("192.0.2.7:4000".parse().unwrap(), tag, pipe.clone())
    }

    #[test]
    fn two_links_to_one_place_are_two_addresses_unlike_any_of_a_datagram() {
        let pipe = Arc::new(Pipe::default());
        let (one, other) = (link(&pipe, 0), link(&pipe, 1));
        assert_ne!(one.address(), other.address());
        assert!(Link::is_link(one.address()));
        for text in ["192.0.2.7:4000", "[::ffff:192.0.2.7]:4000", "[fe80::1%7]:4000"] {
            assert!(!Link::is_link(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_full_queue_loses_what_comes_and_keeps_what_it_has() {
        let pipe = Arc::new(Pipe::default());
        let (one, other) = (link(&pipe, 0), link(&pipe, 1));
        assert_eq!(one.send(&[1; 2500], 1000), 0);
        assert_eq!(other.send(b"x", 1000), 0);
        let train = [2; 60_000];
        let lost: u64 = (0..20).map(|_| one.send(&train, 1200)).sum();
        assert!(lost >= 11 * 50, "{lost}");
        let mut waiting = Waiting::default();
        pipe.take(&mut waiting);
        let mut got = Vec::new();
        waiting.drain(|tag, datagram| got.push((tag, datagram.len())));
        assert_eq!(got[..4], [(0, 1000), (0, 1000), (0, 500), (1, 1)]);
        pipe.close();
        assert!(one.is_closed());
        assert_eq!(other.send(b"x", 1000), 1);
    }
}
