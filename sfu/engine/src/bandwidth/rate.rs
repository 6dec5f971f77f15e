//! The estimate: up by multiplication while the link's limit is unknown, by addition near it, down at once when the queue
//! grows (draft-ietf-rmcat-gcc-02 §5.5).

use super::trendline::Usage;
use crate::time::Micros;

/// The estimate before anything is known, and its limits, bit/s.
const START: f64 = 300_000.0;
pub(super) const LIMITS: (f64, f64) = (64_000.0, 100_000_000.0);
/// What remains of the rate that came through when the queue grows.
const BACK: f64 = 0.85;
/// Who sends less than this part of the estimate does not fill the link, if this part of it comes through.
const IDLE: f64 = 0.7;
const THROUGH: f64 = 0.9;
/// Growth a second while the limit is unknown.
const GROWTH: f64 = 1.08;
/// The estimate never exceeds so much of what came through, and a little: nothing is known about more.
const BEYOND: f64 = 1.5;
const LITTLE: f64 = 10_000.0;
/// Weight of a new observation of the limit.
const NEW: f64 = 0.05;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Increase,
    Hold,
}

/// The link's limit as it showed when the queue grew: mean and relative variance.
#[derive(Clone, Copy, Debug)]
struct Limit {
    mean: f64,
    variance: f64,
}

pub(super) struct Rate {
    rate: f64,
    phase: Phase,
    at: Option<Micros>,
    reduced: Option<Micros>,
    limit: Option<Limit>,
}

impl Rate {
    pub fn new() -> Rate {
        Rate { rate: START, phase: Phase::Increase, at: None, reduced: None, limit: None }
    }

    pub fn get(&self) -> f64 {
        self.rate
    }

    /// When the queue last made it go down.
    pub fn reduced(&self) -> Option<Micros> {
        self.reduced
    }

    /// Follows what the delay says. `response` is the time until an effect shows.
    pub fn follow(
        &mut self,
        now: Micros,
        usage: Usage,
        (sent, came): (Option<f64>, Option<f64>),
        response: Micros,
        grow: bool,
    ) {
        let passed = self.at.replace(now).map_or(0.0, |at| (now.since(at).0 as f64 / 1e6).min(1.0));
        match usage {
            Usage::Over => self.back(now, sent, came, response),
            Usage::Under => self.phase = Phase::Hold,
            Usage::Normal if self.phase == Phase::Hold => self.phase = Phase::Increase,
            Usage::Normal if grow => self.increase(passed, came, response),
            Usage::Normal => {}
        }
    }

    fn increase(&mut self, passed: f64, came: Option<f64>, response: Micros) {
        let Some(came) = came else { return };
        if self.limit.is_some_and(|limit| came > limit.upper()) {
            self.limit = None;
        }
        let next = if self.limit.is_some() {
            // About half a packet in each response time.
            let packet = (self.rate / 30.0 / (self.rate / 30.0 / 9_600.0).ceil()).max(1_000.0);
            let seconds = (response.0 as f64 / 1e6 + 0.1).max(0.1);
            self.rate + (packet / seconds).max(4_000.0) * passed
        } else {
            self.rate * GROWTH.powf(passed) + 1_000.0 * passed
        };
        let most = came * BEYOND + LITTLE;
        if next > self.rate && next <= most {
            self.set(next);
        }
    }

    fn back(&mut self, now: Micros, sent: Option<f64>, came: Option<f64>, response: Micros) {
        self.phase = Phase::Hold;
        let wait = Micros(response.0.clamp(10_000, 200_000));
        let recently = self.reduced.is_some_and(|at| now.since(at) < wait);
        let Some(came) = came else {
            if !recently {
                self.set(self.rate * 0.5);
                self.reduced = Some(now);
            }
            return;
        };
        if recently && came > self.rate * 0.5 {
            return;
        }
        // Little was sent and nearly all of it came: the delay was hardly of its making.
        let idle = came < self.rate * IDLE && came > sent.unwrap_or(came) * THROUGH;
        let next = if idle { self.rate * BACK } else { came * BACK };
        if next < self.rate {
            if !idle {
                self.learn_limit(came);
            }
            self.set(next);
        }
        self.reduced = Some(now);
    }

    fn learn_limit(&mut self, came: f64) {
        let limit = match self.limit {
            Some(limit) if came >= limit.lower() && came <= limit.upper() => {
                let mean = (1.0 - NEW) * limit.mean + NEW * came;
                let error = limit.mean - came;
                let variance = (1.0 - NEW) * limit.variance + NEW * error * error / mean.max(1.0);
                Limit { mean, variance: variance.clamp(400.0, 2_500.0) }
            }
            _ => Limit { mean: came, variance: 400.0 },
        };
        self.limit = Some(limit);
    }

    /// Losses ask for less; what came through is a floor.
    pub fn lose(&mut self, fraction: f64, came: Option<f64>) {
        let next = self.rate * (1.0 - 0.5 * fraction);
        self.set(next.max(came.map_or(0.0, |came| came * 0.95).min(self.rate)));
    }

    /// A probe came through at this rate.
    pub fn raise(&mut self, rate: f64) {
        self.set(rate);
        self.limit = None;
        self.phase = Phase::Increase;
    }

    pub fn halve(&mut self) {
        self.set(self.rate * 0.5);
    }

    fn set(&mut self, rate: f64) {
        self.rate = rate.clamp(LIMITS.0, LIMITS.1);
    }
}

impl Limit {
    fn spread(&self) -> f64 {
        3.0 * (self.variance * self.mean).sqrt()
    }
    fn upper(&self) -> f64 {
        self.mean + self.spread()
    }
    fn lower(&self) -> f64 {
        self.mean - self.spread()
    }
}
