//! What retransmissions may take: where losses come from too much, more of the same makes it worse.

use crate::time::Micros;

/// Of the estimate, at least so much is for repairs.
const LEAST: f64 = 0.1;
/// What may gather: so many seconds' worth of the estimate.
const DEPTH: f64 = 0.2;

/// A bucket of bytes.
#[derive(Default)]
pub(super) struct Repairs {
    /// Bytes a second, and at once.
    rate: f64,
    depth: f64,
    left: f64,
    at: Micros,
}

impl Repairs {
    /// Repairs get what media leaves of the estimate, both bit/s.
    pub fn share(&mut self, estimate: f64, spent: f64) {
        self.rate = (estimate - spent).max(estimate * LEAST) / 8.0;
        self.depth = estimate * DEPTH / 8.0;
    }

    /// Takes so many bytes, if they are there.
    pub fn take(&mut self, now: Micros, size: usize) -> bool {
        let earned = now.since(self.at).0 as f64 / 1e6 * self.rate;
        self.at = now;
        self.left = (self.left + earned).min(self.depth.max(size as f64));
        let enough = self.left >= size as f64;
        if enough {
            self.left -= size as f64;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_get_what_is_left_and_a_tenth_at_least() {
        let mut repairs = Repairs::default();
        repairs.share(1_000_000.0, 950_000.0);
        let bytes = (0..10_000).filter(|ms| repairs.take(Micros::from_millis(*ms), 1_000)).count();
        assert!((120..=160).contains(&bytes), "{bytes} in ten seconds at 100 kbit/s");
    }
}
