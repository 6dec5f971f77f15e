//! What got lost (draft-ietf-rmcat-gcc-02 §6).

use crate::time::Micros;

/// Least packets and time of a reading.
const LEAST: u32 = 20;
const SPAN: Micros = Micros::from_millis(400);
/// Losses below this are the link's nature; above `HIGH` there is too much on it.
const LOW: f64 = 0.02;
const HIGH: f64 = 0.10;

/// What the losses of a reading ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Verdict {
    /// Losses do not stand in the way.
    #[default]
    Go,
    /// No more than now.
    Hold,
    /// Less: the lost fraction.
    Less(f64),
}

#[derive(Default)]
pub(super) struct Loss {
    received: u32,
    lost: u32,
    since: Micros,
    verdict: Verdict,
}

impl Loss {
    pub fn take(&mut self, arrived: bool, was_lost: bool) {
        if !arrived {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        self.received = self.received.saturating_add(1);
        if was_lost {
            self.lost = self.lost.saturating_sub(1);
        }
    }

    /// What the last whole reading says, and whether it has just ended.
    pub fn verdict(&mut self, now: Micros) -> (Verdict, bool) {
        let all = self.received.saturating_add(self.lost);
        if all < LEAST || now.since(self.since) < SPAN {
            return (self.verdict, false);
        }
        let fraction = f64::from(self.lost) / f64::from(all);
        self.verdict = match fraction {
            f if f > HIGH => Verdict::Less(f),
            f if f > LOW => Verdict::Hold,
            _ => Verdict::Go,
        };
        (self.received, self.lost, self.since) = (0, 0, now);
        (self.verdict, true)
    }
}
