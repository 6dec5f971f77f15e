//! What a subscriber's link carries: an estimate from the browser's transport-wide feedback
//! (draft-ietf-rmcat-gcc-02, draft-holmer-rmcat-transport-wide-cc-extensions-01).
//!
//! Each packet that leaves gets a number and is remembered ([`history`]). Feedback says when it arrived: how the delay
//! between groups of packets develops ([`groups`], [`trendline`]) tells whether a queue builds up, arrivals tell the rate
//! that came through ([`acknowledged`]), and both, with the loss ([`loss`]), move the estimate ([`rate`]). Where more
//! could be used than is sent, a short burst of padding ([`probe`]) finds out whether it would fit.

mod acknowledged;
mod estimator;
mod groups;
mod history;
mod loss;
mod probe;
mod rate;
mod repairs;
mod trendline;

#[cfg(test)]
mod tests;

use sfu_wire::rtcp::TransportFeedback;

use crate::time::Micros;
use estimator::Estimator;
use history::History;
use probe::Prober;
use repairs::Repairs;

/// Bytes that each packet takes below SRTP: IPv4 and UDP headers.
const BELOW: usize = 28;
/// While packets leave and no feedback comes for this long, the link is taken to be worse than thought.
const SILENCE: Micros = Micros::from_millis(2_000);

/// The estimate of one subscriber's link, and all that it is made of.
pub(crate) struct Bandwidth {
    history: History,
    estimator: Estimator,
    prober: Prober,
    repairs: Repairs,
    heard: Option<Micros>,
    /// Packets sent up to the last feedback.
    answered: u64,
    /// bit/s that could be used at most.
    demand: f64,
}

impl Default for Bandwidth {
    fn default() -> Self {
        Bandwidth {
            history: History::default(),
            estimator: Estimator::new(),
            prober: Prober::default(),
            repairs: Repairs::default(),
            heard: None,
            answered: 0,
            demand: 0.0,
        }
    }
}

impl Bandwidth {
    /// The transport-wide sequence number of the next packet.
    #[inline]
    pub fn next_sequence(&self) -> u16 {
        self.history.next_sequence()
    }

    /// The packet with [`Bandwidth::next_sequence`] leaves, `size` bytes long with its SRTP tag.
    #[inline]
    pub fn sent(&mut self, now: Micros, size: usize) {
        let size = size.saturating_add(BELOW);
        let cluster = self.prober.sent(size);
        self.history.push(now, size, cluster);
    }

    /// Takes the browser's feedback.
    pub fn feedback(&mut self, now: Micros, feedback: &TransportFeedback<'_>) {
        let silent = self.heard.is_none_or(|heard| now.since(heard) > SILENCE);
        self.heard = Some(now);
        self.answered = self.history.count();
        self.estimator.begin(now, feedback.reference_us);
        for (sequence, arrival) in feedback.arrivals() {
            let Some(sent) = self.history.report(sequence, arrival.is_some(), now) else { continue };
            let arrival = self.estimator.take(&sent, arrival);
            if let Some(arrival) = arrival {
                self.prober.arrived(&sent, arrival);
            }
        }
        let quiet = self.prober.disturbs(now, self.estimator.response());
        self.estimator.finish(now, quiet);
        if let Some(found) = self.prober.result(now, self.estimator.response()) {
            let better = self.estimator.probed(found);
            self.prober.settle(now, better);
        }
        if silent {
            self.prober.begin_soon(now);
        }
    }

    /// Says what could be used at most, bit/s: no more is probed for; and what media takes: repairs get the rest.
    pub fn demand(&mut self, most: u64, spent: u64) {
        self.demand = most as f64;
        self.repairs.share(self.estimator.rate(), spent as f64);
    }

    /// Whether a packet may be sent again: repairs must not fill the link that lost it.
    pub fn may_repair(&mut self, now: Micros, size: usize) -> bool {
        self.heard.is_none() || self.repairs.take(now, size.saturating_add(BELOW))
    }

    /// To be called every 10 ms. Gives the bytes of padding to send now, which probe for more.
    pub fn tick(&mut self, now: Micros) -> usize {
        if let Some(heard) = self.heard
            && self.history.count() > self.answered
            && now.since(heard) > SILENCE
        {
            self.estimator.silence();
            self.heard = Some(now);
        }
        if self.heard.is_none() {
            return 0;
        }
        self.prober.tick(now, self.estimator.rate(), self.demand, self.estimator.is_calm(now))
    }

    /// What the link carries, bit/s with headers from IP on; `None` until the first feedback.
    pub fn estimate(&self) -> Option<u64> {
        self.heard.map(|_| self.estimator.rate() as u64)
    }
}
