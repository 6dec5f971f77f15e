//! How much one connection may say.

use std::time::{Duration, Instant};

/// Messages at once.
const BURST: u32 = 120;
/// One more each so often.
const EVERY: Duration = Duration::from_millis(33);
/// So many messages that cannot be read, or are too many, end the connection.
const PATIENCE: u32 = 50;

/// What one connection may still do.
pub(super) struct Gate {
    empty_at: Instant,
    offences: u32,
}

impl Gate {
    pub fn new(now: Instant) -> Self {
        Self { empty_at: now, offences: 0 }
    }

    /// Whether one more message is in time.
    pub fn take(&mut self, now: Instant) -> bool {
        let filled = self.empty_at.saturating_duration_since(now);
        let passes = filled < EVERY.saturating_mul(BURST);
        if passes {
            let from = self.empty_at.max(now);
            self.empty_at = from.checked_add(EVERY).unwrap_or(from);
        }
        passes
    }

    /// Notes something that should not have come; false if it was once too often.
    pub fn forgive(&mut self) -> bool {
        self.offences = self.offences.saturating_add(1);
        self.offences <= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_each_time() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        assert_eq!((0..200).filter(|_| gate.take(start)).count(), 120);
        assert!(gate.take(start + EVERY));
        assert!(!gate.take(start + EVERY));
    }

    #[test]
    fn patience_ends() {
        let mut gate = Gate::new(Instant::now());
        assert_eq!((0..200).filter(|_| gate.forgive()).count(), 50);
    }
}
