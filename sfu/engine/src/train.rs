//! Trains: consecutive packets of equal size to one address, laid out so that one system call with UDP GSO sends them.

use std::net::SocketAddr;

use crate::time::Micros;

/// Arena bytes after which a batch is handed out, so that it stays in the cache.
const BATCH: usize = 256 * 1024;
/// Most segments in one train (Linux: `UDP_MAX_SEGMENTS` is 64).
const MAX_SEGMENTS: u16 = 32;
/// Most bytes in one train: an IP datagram's limit, headers left room for.
const MAX_TRAIN: usize = 60_000;

/// One send: bytes to an address, to be cut every `segment_size` bytes (only the last segment may be shorter).
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// Where to.
    pub to: SocketAddr,
    /// Bytes of each segment but the last; equal to `bytes.len()` if there is only one.
    pub segment_size: u16,
    /// When the oldest packet in it arrived.
    pub since: Micros,
    /// The segments, one after the other.
    pub bytes: &'a [u8],
}

/// What is to be sent now; valid until the engine is called again.
#[derive(Clone, Copy)]
pub struct Transmits<'a> {
    arena: &'a [u8],
    trains: &'a [Train],
}

impl<'a> Transmits<'a> {
    /// The sends, in order.
    pub fn iter(&self) -> impl Iterator<Item = Transmit<'a>> + use<'a> {
        let arena = self.arena;
        self.trains.iter().filter_map(move |train| {
            let bytes = arena.get(train.start..train.end)?;
            Some(Transmit { to: train.to, segment_size: train.segment_size, since: train.since, bytes })
        })
    }

    /// How many sends.
    pub fn len(&self) -> usize {
        self.trains.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.trains.is_empty()
    }
}

struct Train {
    to: SocketAddr,
    start: usize,
    end: usize,
    segment_size: u16,
    segments: u16,
    since: Micros,
    closed: bool,
}

/// The arena in which outgoing packets are written, and the trains they form. Grows to its high water once.
#[derive(Default)]
pub(crate) struct Trains {
    arena: Vec<u8>,
    used: usize,
    trains: Vec<Train>,
    handed_out: bool,
}

impl Trains {
    /// Where the next packet may be written: `length` bytes.
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        self.reuse();
        let end = self.used.saturating_add(length);
        if self.arena.len() < end {
            self.arena.resize(end.max(BATCH.saturating_add(4096)), 0);
        }
        self.arena.get_mut(self.used..end).unwrap_or_default()
    }

    /// Takes the first `length` bytes of the last [`Trains::space`] as a packet to `to`, which arrived at `since`.
    pub fn commit(&mut self, length: usize, to: SocketAddr, since: Micros) {
        let start = self.used;
        let end = start.saturating_add(length);
        self.used = end;
        let size = u16::try_from(length).unwrap_or(u16::MAX);
        if let Some(train) = self.trains.last_mut()
            && train.takes(size, &to, end)
        {
            train.end = end;
            train.segments = train.segments.saturating_add(1);
            train.closed = size < train.segment_size;
            train.since = train.since.min(since);
            return;
        }
        self.trains.push(Train { to, start, end, segment_size: size, segments: 1, since, closed: false });
    }

    /// Like [`Trains::commit`], but never as part of a train: the packet is of another kind than its neighbours.
    pub fn commit_alone(&mut self, length: usize, to: SocketAddr, since: Micros) {
        self.close();
        self.commit(length, to, since);
        self.close();
    }

    /// Copies a packet that is already whole.
    pub fn push_alone(&mut self, bytes: &[u8], to: SocketAddr, now: Micros) {
        self.space(bytes.len()).copy_from_slice(bytes);
        self.commit_alone(bytes.len(), to, now);
    }

    fn close(&mut self) {
        if let Some(train) = self.trains.last_mut() {
            train.closed = true;
        }
    }

    /// Whether the batch is large enough to be sent.
    pub fn is_full(&self) -> bool {
        self.used >= BATCH
    }

    /// Begins anew if the batch was handed out.
    pub fn reuse(&mut self) {
        if std::mem::take(&mut self.handed_out) {
            self.used = 0;
            self.trains.clear();
        }
    }

    /// Hands the batch out, if there is one; whatever is written next begins a new one.
    pub fn hand_out(&mut self) -> Option<Transmits<'_>> {
        self.reuse();
        if self.trains.is_empty() {
            return None;
        }
        self.handed_out = true;
        Some(Transmits { arena: &self.arena, trains: &self.trains })
    }
}

impl Train {
    fn takes(&self, size: u16, to: &SocketAddr, end: usize) -> bool {
        !self.closed
            && size <= self.segment_size
            && self.segments < MAX_SEGMENTS
            && end.saturating_sub(self.start) <= MAX_TRAIN
            && self.to == *to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn lay(sizes: &[(usize, u16)]) -> Vec<(usize, u16)> {
        let mut trains = Trains::default();
        for &(size, port) in sizes {
            trains.space(size).fill(port as u8);
            trains.commit(size, address(port), Micros::ZERO);
        }
        trains.hand_out().unwrap().iter().map(|train| (train.bytes.len(), train.segment_size)).collect()
    }

    #[test]
    fn equal_packets_to_one_address_share_a_train_and_a_shorter_one_ends_it() {
        assert_eq!(lay(&[(100, 1), (100, 1), (60, 1), (60, 1)]), [(260, 100), (60, 60)]);
    }

    #[test]
    fn another_address_or_a_longer_packet_starts_a_new_train() {
        assert_eq!(lay(&[(100, 1), (100, 2), (101, 2)]), [(100, 100), (100, 100), (101, 101)]);
    }

    #[test]
    fn a_train_never_exceeds_what_the_kernel_takes() {
        let trains = lay(&[(1200, 1); 100]);
        assert!(
            trains.iter().all(|(bytes, segment)| bytes / usize::from(*segment) <= usize::from(MAX_SEGMENTS))
        );
        assert_eq!(trains.iter().map(|(bytes, _)| bytes).sum::<usize>(), 120_000);
    }
}
