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
}

impl Network {
    pub fn new(seed: u64) -> Network {
        Network { fate: Fate::default(), delay: 0, random: seed, count: 0, travelling: BTreeMap::new() }
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
        self.travelling.insert((now.millis() + self.delay + late, self.count), (address, bytes));
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
