//! The least delay between two clocks over the last minute: what a packet took that met no queue.

use std::collections::VecDeque;

/// How long an observation counts, µs: long enough to outlast a queue, short enough to follow drifting clocks.
const WINDOW: i64 = 60_000_000;
/// Observations of one such time are kept as one, µs.
const BUCKET: i64 = 5_000_000;

/// Least of (server time - other time), µs.
#[derive(Clone, Debug, Default)]
pub(super) struct Delay {
    buckets: VecDeque<(i64, i64)>,
}

impl Delay {
    /// Takes the delay of what arrived at `at` and gives the least one now.
    pub(super) fn observe(&mut self, at: i64, delay: i64) -> i64 {
        let bucket = at.div_euclid(BUCKET);
        match self.buckets.back_mut() {
            Some((last, least)) if *last >= bucket => *least = (*least).min(delay),
            _ => self.buckets.push_back((bucket, delay)),
        }
        while self.buckets.front().is_some_and(|&(first, _)| first < bucket - WINDOW / BUCKET) {
            self.buckets.pop_front();
        }
        self.buckets.iter().map(|&(_, least)| least).min().unwrap_or(delay)
    }
}

/// How a person's wall clock relates to the server's time, learnt from all tracks of the person.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct PersonClock {
    delay: Delay,
}

impl PersonClock {
    pub(super) fn observe(&mut self, at: i64, delay: i64) -> i64 {
        self.delay.observe(at, delay)
    }

    /// The person's wall clock was set.
    pub(super) fn forget(&mut self) {
        self.delay = Delay::default();
    }
}
