//! Datagrams that the kernel gave to the wrong shard. A STUN request names its owner; later datagrams from the same
//! address follow it. They are copied once into a parcel, which is handed over after the receive batch.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use sfu_engine::owner_shard;

use super::handover::Handover;
use super::mailbox::Mailbox;
use crate::firewall::Link;

/// Parcels that may wait at a shard, from one neighbour.
const WAITING: usize = 64;
/// Bytes after which a parcel is handed over within a batch.
const PARCEL: usize = 64 << 10;
/// Addresses remembered per generation; the older generation is forgotten when the newer is full or old.
const ADDRESSES: usize = 1 << 15;
/// A generation's age, µs. Browsers repeat their STUN checks every few seconds.
const GENERATION_US: u64 = 30_000_000;

/// Datagrams for one shard, back to back.
#[derive(Default)]
pub struct Parcel {
    bytes: Vec<u8>,
    entries: Vec<(SocketAddr, usize)>,
    /// How to answer, if not by the socket.
    pub link: Option<Arc<Link>>,
}

impl Parcel {
    /// Adds a datagram.
    pub fn push(&mut self, from: SocketAddr, datagram: &[u8]) {
        self.bytes.extend_from_slice(datagram);
        self.entries.push((from, datagram.len()));
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Empties it, keeping its room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.link = None;
    }

    /// Hands every datagram to `each`, then empties the parcel.
    pub fn each_datagram(&mut self, mut each: impl FnMut(SocketAddr, &mut [u8])) {
        let mut rest = self.bytes.as_mut_slice();
        for &(from, length) in &self.entries {
            let Some((datagram, after)) = std::mem::take(&mut rest).split_at_mut_checked(length) else {
                break;
            };
            each(from, datagram);
            rest = after;
        }
        self.clear();
    }
}

/// One shard's way to another: a ring for parcels and the bell to ring.
#[derive(Clone)]
pub struct Lane {
    parcels: Arc<Handover<Parcel>>,
    mailbox: Arc<Mailbox>,
}

impl Lane {
    pub fn to(mailbox: Arc<Mailbox>) -> Self {
        Self { parcels: Arc::new(Handover::new(WAITING)), mailbox }
    }

    /// Hands a filled parcel over for an emptied one, and wakes the shard; when too many wait, it comes back.
    pub fn give(&self, filled: Parcel) -> Result<Parcel, Parcel> {
        let given = self.parcels.give(filled);
        if given.is_ok() {
            self.mailbox.wake();
        }
        given
    }

    /// The receiving end: the next parcel in exchange for an emptied one.
    pub fn take(&self, emptied: Parcel) -> Result<Parcel, Parcel> {
        self.parcels.take(emptied)
    }
}

/// What one shard knows of the others.
pub struct Neighbours {
    own: usize,
    lanes: Vec<Option<Lane>>,
    open: Vec<Parcel>,
    newer: HashMap<SocketAddr, usize>,
    older: HashMap<SocketAddr, usize>,
    turned_us: u64,
    /// Datagrams that nobody owns, or whose owner's ring was full.
    pub dropped: u64,
    /// Datagrams moved to another shard.
    pub moved: u64,
}

impl Neighbours {
    /// `lanes[n]` leads to shard `n`; the own place is `None`.
    pub fn new(own: usize, lanes: Vec<Option<Lane>>) -> Self {
        let open = lanes.iter().map(|_| Parcel::default()).collect();
        Self {
            own,
            lanes,
            open,
            newer: HashMap::new(),
            older: HashMap::new(),
            turned_us: 0,
            dropped: 0,
            moved: 0,
        }
    }

    /// Takes a datagram from an address that this shard's engine does not know.
    pub fn pass_on(&mut self, now_us: u64, from: SocketAddr, datagram: &[u8]) {
        match self.owner(now_us, from, datagram).filter(|&shard| shard != self.own) {
            Some(shard) if self.open.get(shard).is_some() => {
                if let Some(parcel) = self.open.get_mut(shard) {
                    parcel.push(from, datagram);
                    if parcel.bytes.len() >= PARCEL {
                        self.deliver_to(shard);
                    }
                }
            }
            _ => self.dropped += 1,
        }
    }

    /// Hands over what the batch brought.
    pub fn deliver(&mut self) {
        for shard in 0..self.open.len() {
            self.deliver_to(shard);
        }
    }

    fn deliver_to(&mut self, shard: usize) {
        let (Some(Some(lane)), Some(parcel)) = (self.lanes.get(shard), self.open.get_mut(shard)) else {
            return;
        };
        let count = parcel.entries.len() as u64;
        if count == 0 {
            return;
        }
        match lane.give(std::mem::take(parcel)) {
            Ok(spare) => {
                *parcel = spare;
                self.moved += count;
            }
            Err(mut refused) => {
                refused.clear();
                *parcel = refused;
                self.dropped += count;
            }
        }
    }

    fn owner(&mut self, now_us: u64, from: SocketAddr, datagram: &[u8]) -> Option<usize> {
        if self.lanes.len() < 2 {
            return None;
        }
        match owner_shard(datagram) {
            Some(shard) => {
                let shard = usize::from(shard);
                self.turn(now_us);
                self.newer.insert(from, shard);
                Some(shard)
            }
            None => self.newer.get(&from).or_else(|| self.older.get(&from)).copied(),
        }
    }

    fn turn(&mut self, now_us: u64) {
        if self.newer.len() >= ADDRESSES || now_us.saturating_sub(self.turned_us) > GENERATION_US {
            self.older = std::mem::take(&mut self.newer);
            self.turned_us = now_us;
        }
    }
}

/// A lane whose other end no shard serves, for tests of what leads there.
#[cfg(test)]
pub struct Unserved;

#[cfg(test)]
impl Unserved {
    pub fn lane() -> Lane {
        Lane::to(Arc::new(Mailbox::new(crate::sys::Wake::new().unwrap())))
    }
}
