//! Short bursts of padding that find out whether more would fit.

use super::history::Sent;
use crate::time::Micros;

/// Between two bursts of a probe: the engine's tick.
const TICK: Micros = Micros::from_millis(10);
/// Time from a probe's first burst to its last.
const LENGTH: Micros = Micros::from_millis(40);
/// How much more than known is tried: at first, and later.
const FIRST: f64 = 3.0;
const LATER: f64 = 2.0;
/// A probe that came through at so much of its rate is followed by the next.
const THROUGH: f64 = 0.7;
/// The first probe comes after this time; later ones when the last found more, and found nothing.
const SOON: Micros = Micros::from_millis(100);
const AGAIN: Micros = Micros::from_millis(2_000);
const MOST: Micros = Micros::from_millis(4_000);
/// More than this is never probed for beyond what could be used.
const ENOUGH: f64 = 1.2;
/// Of a probe's bytes, so many must arrive.
const ARRIVED: f64 = 0.8;
/// What is taken of a rate that was the link's limit.
const LIMIT: f64 = 0.95;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Idle,
    /// Padding leaves since then, at this rate.
    Running { since: Micros, rate: f64 },
    /// All has left at `until`.
    Waiting { until: Micros, rate: f64 },
}

/// What has been seen of a probe's packets.
#[derive(Clone, Copy, Debug, Default)]
struct Cluster {
    sent: u64,
    first_sent: Option<Micros>,
    last_sent: Micros,
    /// Arrived bytes, and those among them that left before `last_sent`.
    arrived: u64,
    before_last: u64,
    first_size: u64,
    first_arrival: u64,
    last_arrival: u64,
}

pub(super) struct Prober {
    phase: Phase,
    number: u8,
    cluster: Cluster,
    next: Micros,
    pause: Micros,
    chain: bool,
    ended: Option<Micros>,
    tried: bool,
}

impl Default for Prober {
    fn default() -> Self {
        Prober {
            phase: Phase::Idle,
            number: 0,
            cluster: Cluster::default(),
            next: Micros::ZERO,
            pause: AGAIN,
            chain: false,
            ended: None,
            tried: false,
        }
    }
}

impl Prober {
    /// A packet of this size leaves: gives the probe it belongs to, 0 if none.
    #[inline]
    pub fn sent(&mut self, size: usize) -> u8 {
        if !matches!(self.phase, Phase::Running { .. }) {
            return 0;
        }
        self.cluster.sent = self.cluster.sent.saturating_add(size as u64);
        self.number
    }

    /// The next probe comes soon, if any is of use.
    pub fn begin_soon(&mut self, now: Micros) {
        self.next = now.plus(SOON);
    }

    /// Gives the bytes of padding that leave now.
    pub fn tick(&mut self, now: Micros, known: f64, demand: f64, calm: bool) -> usize {
        match self.phase {
            Phase::Running { since, rate } => {
                if now.since(since) > LENGTH {
                    self.phase = Phase::Waiting { until: now, rate };
                    self.ended = Some(now);
                    return 0;
                }
                self.owed(now, since, rate)
            }
            Phase::Waiting { .. } => 0,
            Phase::Idle => {
                let useful = demand * ENOUGH;
                if now < self.next || known >= demand || !(calm || self.chain) {
                    return 0;
                }
                let factor = if self.tried { LATER } else { FIRST };
                let rate = (known * factor).min(useful.max(known * 1.25)).min(super::rate::LIMITS.1);
                self.number = if self.number == u8::MAX { 1 } else { self.number.saturating_add(1) };
                self.cluster = Cluster::default();
                self.phase = Phase::Running { since: now, rate };
                self.owed(now, now, rate)
            }
        }
    }

    fn owed(&self, now: Micros, since: Micros, rate: f64) -> usize {
        let due = rate * (now.since(since).plus(TICK).0 as f64) / 8e6;
        (due as usize).saturating_sub(self.cluster.sent as usize)
    }

    /// A packet arrived.
    pub fn arrived(&mut self, sent: &Sent, arrival: u64) {
        if sent.cluster == 0 || sent.cluster != self.number {
            return;
        }
        let cluster = &mut self.cluster;
        let size = u64::from(sent.size);
        if cluster.first_sent.is_none() {
            cluster.first_sent = Some(sent.at);
            cluster.last_sent = sent.at;
            cluster.first_size = size;
            cluster.first_arrival = arrival;
            cluster.last_arrival = arrival;
        }
        if sent.at > cluster.last_sent {
            cluster.before_last = cluster.arrived;
            cluster.last_sent = sent.at;
        }
        cluster.last_arrival = cluster.last_arrival.max(arrival);
        cluster.arrived = cluster.arrived.saturating_add(size);
    }

    /// Whether packets that were just reported on were sent with a probe, or into the queue that it left.
    pub fn disturbs(&self, now: Micros, response: Micros) -> bool {
        match self.phase {
            Phase::Idle => self.ended.is_some_and(|ended| now.since(ended) < response.plus(LENGTH)),
            Phase::Running { .. } => self.cluster.first_sent.is_some(),
            Phase::Waiting { .. } => true,
        }
    }

    /// The rate that a finished probe found.
    pub fn result(&mut self, now: Micros, response: Micros) -> Option<f64> {
        let Phase::Waiting { until, rate } = self.phase else { return None };
        let cluster = self.cluster;
        let all = cluster.arrived >= cluster.sent;
        if !all && now.since(until) < response.plus(SOON) {
            return None;
        }
        self.phase = Phase::Idle;
        self.tried = true;
        self.chain = false;
        self.next = now.plus(self.pause);
        let found = cluster.rate()?;
        self.chain = found >= rate * THROUGH;
        Some(found)
    }

    /// What became of the estimate after a result.
    pub fn settle(&mut self, now: Micros, better: bool) {
        if self.chain && better {
            self.pause = AGAIN;
            self.next = now;
        } else {
            self.chain = false;
            self.pause = if better { AGAIN } else { MOST };
            self.next = now.plus(self.pause);
        }
    }
}

impl Cluster {
    fn rate(&self) -> Option<f64> {
        let left = self.last_sent.since(self.first_sent?).0;
        let arrived = self.last_arrival.checked_sub(self.first_arrival).filter(|span| *span > 0)?;
        if left == 0 || (self.arrived as f64) < self.sent as f64 * ARRIVED {
            return None;
        }
        let sent = self.before_last as f64 * 8e6 / left as f64;
        let came = self.arrived.saturating_sub(self.first_size) as f64 * 8e6 / arrived as f64;
        Some(if came < sent * 0.9 { came * LIMIT } else { sent.min(came) })
    }
}
