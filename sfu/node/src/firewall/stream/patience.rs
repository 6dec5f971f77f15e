//! How long a connection may keep its place.

use std::time::Duration;

use tokio::time::Instant;

/// How often it is looked at.
pub const LOOK: Duration = Duration::from_secs(1);
/// Until a shard has answered: only who knows a participant's ICE password is answered.
const PROOF: Duration = Duration::from_secs(10);
/// Without a word. Browsers renew their consent every five seconds (RFC 7675 §5.1).
const SILENCE: Duration = Duration::from_secs(30);
/// Without taking a byte of what is to be written.
const STALL: Duration = Duration::from_secs(5);

/// What a connection did last.
pub struct Patience {
    began: Instant,
    heard: Instant,
    taken: Instant,
    waits: bool,
    proven: bool,
}

impl Patience {
    pub fn new(now: Instant) -> Self {
        Self { began: now, heard: now, taken: now, waits: false, proven: false }
    }

    /// Bytes came.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Bytes were taken.
    pub fn taken(&mut self, now: Instant) {
        self.taken = now;
    }

    /// A shard has answered.
    pub fn answered(&mut self) {
        self.proven = true;
    }

    /// Whether to let it go; `waits` says that something is to be written.
    pub fn is_over(&mut self, now: Instant, waits: bool) -> bool {
        if !(waits && self.waits) {
            self.taken = now;
        }
        self.waits = waits;
        now.duration_since(self.heard) > SILENCE
            || now.duration_since(self.taken) > STALL
            || !self.proven && now.duration_since(self.began) > PROOF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second after second, until it is let go.
    fn lasts(mut each: impl FnMut(&mut Patience, Instant) -> bool) -> u64 {
        let began = Instant::now();
        let mut patience = Patience::new(began);
        let over = |second: &u64| {
            let now = began + Duration::from_secs(*second);
            let waits = each(&mut patience, now);
            patience.is_over(now, waits)
        };
        (1..100).find(over).unwrap_or(100)
    }

    #[test]
    fn who_proves_nothing_stalls_or_is_silent_is_let_go() {
        let chatty = |patience: &mut Patience, now| {
            patience.heard(now);
            false
        };
        assert_eq!(lasts(chatty), 11);
        let stalled = |patience: &mut Patience, now| {
            patience.heard(now);
            patience.answered();
            true
        };
        assert_eq!(lasts(stalled), 7);
        let silent = |patience: &mut Patience, _| {
            patience.answered();
            false
        };
        assert_eq!(lasts(silent), 31);
        let good = |patience: &mut Patience, now| {
            patience.heard(now);
            patience.answered();
            patience.taken(now);
            true
        };
        assert_eq!(lasts(good), 100);
    }
}
