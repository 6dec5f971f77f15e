//! A virtual link: a bottleneck with a queue, then a way with delay, jitter and loss. All follows from a seed.

/// A link's nature.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// (from second, bit/s).
    pub capacity: &'static [(u64, f64)],
    /// One way, ms.
    pub delay: u64,
    /// Longest wait in the queue, ms; what would wait longer is dropped.
    pub queue: u64,
    /// Random loss, 1/1000.
    pub loss: u64,
    /// Up to so many ms of additional delay each way; the order stays.
    pub jitter: u64,
    /// The link stands still for (ms) in every (ms).
    pub stall: Option<(u64, u64)>,
    /// Cross traffic that takes half of the link for (ms) in every (ms).
    pub burst: Option<(u64, u64)>,
}

pub const PLAIN: Nature =
    Nature { capacity: &[], delay: 25, queue: 300, loss: 0, jitter: 0, stall: None, burst: None };

pub struct Link {
    nature: Nature,
    random: u64,
    free: u64,
    last: u64,
    pub dropped: u64,
    pub sent: u64,
    /// Waits in the queue, µs.
    pub waits: Vec<u64>,
}

impl Link {
    pub fn new(nature: Nature, seed: u64) -> Link {
        Link { nature, random: seed, free: 0, last: 0, dropped: 0, sent: 0, waits: Vec::new() }
    }

    pub fn capacity(&self, now: u64) -> f64 {
        let step = self.nature.capacity.iter().rev().find(|(from, _)| from * 1_000_000 <= now);
        step.expect("a capacity from the beginning").1
    }

    /// Whether cross traffic comes at this time.
    fn is_shared(&self, at: u64) -> bool {
        self.nature.burst.is_some_and(|(long, every)| (at / 1_000) % every < long)
    }

    /// A packet enters; gives its arrival, µs, if it arrives.
    pub fn send(&mut self, now: u64, size: usize) -> Option<u64> {
        self.sent += 1;
        let mut start = self.free.max(now);
        if let Some((long, every)) = self.nature.stall {
            let phase = (start / 1_000) % every;
            if phase < long {
                start += (long - phase) * 1_000;
            }
        }
        if start - now > self.nature.queue * 1_000 {
            self.dropped += 1;
            return None;
        }
        let share = if self.is_shared(start) { 0.5 } else { 1.0 };
        let takes = size as f64 * 8e6 / (self.capacity(start) * share);
        self.free = start + takes as u64;
        self.waits.push(start - now);
        if self.next() % 1_000 < self.nature.loss {
            self.dropped += 1;
            return None;
        }
        let jitter = if self.nature.jitter > 0 { self.next() % (self.nature.jitter * 1_000) } else { 0 };
        self.last = self.last.max(self.free + self.nature.delay * 1_000 + jitter);
        Some(self.last)
    }

    pub fn next(&mut self) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
}
