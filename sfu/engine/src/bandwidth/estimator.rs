//! From feedback to the estimate.

use super::acknowledged::Acknowledged;
use super::groups::Groups;
use super::history::Sent;
use super::loss::{Loss, Verdict};
use super::rate::Rate;
use super::trendline::{Trendline, Usage};
use crate::time::Micros;

/// The receiver's clock in feedback wraps after so many µs (24 bits of 64 ms).
const WRAP: u64 = (1 << 24) * 64_000;
/// After the queue has grown, nothing is probed for so long.
const CALM: Micros = Micros::from_millis(500);

pub(super) struct Estimator {
    groups: Groups,
    trendline: Trendline,
    acknowledged: Acknowledged,
    /// The same by the times of sending, with what was lost.
    offered: Acknowledged,
    loss: Loss,
    rate: Rate,
    /// What is added to the receiver's clock, and its last reference.
    turns: u64,
    reference: Option<u64>,
    /// Time from sending until feedback is there, smoothed.
    response: Micros,
    newest: Option<Micros>,
    now: Micros,
}

impl Estimator {
    pub fn new() -> Estimator {
        Estimator {
            groups: Groups::default(),
            trendline: Trendline::default(),
            acknowledged: Acknowledged::default(),
            offered: Acknowledged::default(),
            loss: Loss::default(),
            rate: Rate::new(),
            turns: 0,
            reference: None,
            response: Micros::from_millis(200),
            newest: None,
            now: Micros::ZERO,
        }
    }

    pub fn rate(&self) -> f64 {
        self.rate.get()
    }

    /// From sending a packet until feedback about it is there.
    pub fn response(&self) -> Micros {
        self.response
    }

    /// Whether the queue has not grown lately.
    pub fn is_calm(&self, now: Micros) -> bool {
        self.rate.reduced().is_none_or(|at| now.since(at) > CALM.plus(self.response))
    }

    /// A feedback packet begins, with this reference time.
    pub fn begin(&mut self, now: Micros, reference: u64) {
        self.now = now;
        self.newest = None;
        if let Some(before) = self.reference.replace(reference)
            && reference.saturating_add(WRAP / 2) < before
        {
            self.turns = self.turns.saturating_add(WRAP);
        }
    }

    /// A packet's fate. Gives its arrival on a clock that does not wrap, µs.
    pub fn take(&mut self, sent: &Sent, arrival: Option<u64>) -> Option<u64> {
        self.loss.take(arrival.is_some(), sent.was_lost);
        if !sent.was_lost {
            self.offered.take(sent.at.0, sent.size);
        }
        let arrival = arrival?.saturating_add(self.turns);
        self.newest = self.newest.max(Some(sent.at));
        self.acknowledged.take(arrival, sent.size);
        if let Some(step) = self.groups.take(sent.at.0, arrival) {
            self.trendline.take(step);
        }
        Some(arrival)
    }

    /// The feedback packet is read. `probed` says that padding was under way, whose queue says nothing about the rest.
    pub fn finish(&mut self, now: Micros, probed: bool) {
        if let Some(newest) = self.newest {
            let response = now.since(newest).0;
            self.response = Micros(self.response.0.saturating_mul(7).saturating_add(response) / 8);
        }
        if probed {
            self.trendline.restart();
            self.groups.clear();
        }
        let came = self.acknowledged.rate();
        let (verdict, fresh) = self.loss.verdict(now);
        let usage = if probed { Usage::Normal } else { self.trendline.usage() };
        self.rate.follow(
            now,
            usage,
            (self.offered.rate(), came),
            self.response,
            verdict == Verdict::Go && !probed,
        );
        if let (Verdict::Less(fraction), true) = (verdict, fresh) {
            self.rate.lose(fraction, came);
        }
    }

    /// A probe found this rate. Gives whether that is more than was known.
    pub fn probed(&mut self, found: f64) -> bool {
        let better = found > self.rate.get();
        if better {
            self.rate.raise(found);
        }
        better
    }

    /// Packets leave and nothing is heard.
    pub fn silence(&mut self) {
        self.rate.halve();
    }
}
