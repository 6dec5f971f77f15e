//! Datagrams on their way, with a fate each.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sfu_engine::Micros;

/// What may happen to a datagram, in 1/1000.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    pub lost: u64,
    pub doubled: u64,
    pub late: u64,
}

pub struct Network {
    pub fate: Fate,
    /// One way, ms.
    pub delay: u64,
    random: u64,
    count: u64,
    travelling: BTreeMap<(u64, u64), (SocketAddr, Vec<u8>)>,
    /// Links that carry only so much, by the address at their end.
    pub narrow: BTreeMap<SocketAddr, Narrow>,
}

/// A link with a queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow {
    /// bit/s.
    pub rate: u64,
    /// Longest wait, ms; what would wait longer is dropped.
    pub queue: u64,
    free: u64,
    pub dropped: u64,
    /// Longest wait so far, µs.
    pub longest: u64,
}

impl Narrow {
    pub fn new(rate: u64) -> Narrow {
        Narrow { rate, queue: 300, ..Narrow::default() }
    }

    /// When a packet has passed, µs.
    fn pass(&mut self, now: u64, size: usize) -> Option<u64> {
        let start = self.free.max(now);
        if start - now > self.queue * 1_000 {
            self.dropped += 1;
            return None;
        }
        self.longest = self.longest.max(start - now);
        self.free = start + (size as u64 + 28) * 8_000_000 / self.rate;
        Some(self.free)
    }
}

impl Network {
    pub fn new(seed: u64) -> Network {
        Network {
            fate: Fate::default(),
            delay: 0,
            random: seed,
            count: 0,
            travelling: BTreeMap::new(),
            narrow: BTreeMap::new(),
        }
    }

    pub fn send(&mut self, now: Micros, address: SocketAddr, bytes: Vec<u8>) {
        if self.happens(self.fate.lost) {
            return;
        }
        if self.happens(self.fate.doubled) {
            self.travel(now, address, bytes.clone());
        }
        self.travel(now, address, bytes);
    }

    fn travel(&mut self, now: Micros, address: SocketAddr, bytes: Vec<u8>) {
        let late = if self.happens(self.fate.late) { 3 + self.next() % 12 } else { 0 };
        self.count += 1;
        let passed = match self.narrow.get_mut(&address) {
            Some(narrow) => narrow.pass(now.0, bytes.len()),
            None => Some(now.0),
        };
        if let Some(passed) = passed {
            let arrival = passed.div_ceil(1_000) + self.delay + late;
            self.travelling.insert((arrival, self.count), (address, bytes));
        }
    }

    pub fn deliver(&mut self, now: Micros) -> Option<(SocketAddr, Vec<u8>)> {
        let first = self.travelling.first_entry()?;
        (first.key().0 <= now.millis()).then(|| first.remove())
    }

    fn happens(&mut self, permille: u64) -> bool {
        permille > 0 && self.next() % 1_000 < permille
    }

    pub fn next(&mut self) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
}
