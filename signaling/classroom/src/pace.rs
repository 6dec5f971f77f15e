//! How often somebody may do something: a leaky bucket that only remembers one moment (GCRA).

/// One bucket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// When the bucket will be empty again, ms.
    empty_at: u64,
}

/// Its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// One more every so many ms.
    pub every_ms: u64,
    /// So many at once.
    pub burst: u64,
}

impl Bucket {
    /// Takes one, if there is one.
    pub fn take(&mut self, now_ms: u64, rate: Rate) -> bool {
        let filled = self.empty_at.saturating_sub(now_ms);
        if filled > rate.every_ms.saturating_mul(rate.burst.saturating_sub(1)) {
            return false;
        }
        self.empty_at = self.empty_at.max(now_ms).saturating_add(rate.every_ms);
        true
    }
}

/// The buckets of one person.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pub chat: Bucket,
    pub reaction: Bucket,
    pub hand: Bucket,
    pub source: Bucket,
    pub moderation: Bucket,
}

pub(crate) const CHAT: Rate = Rate { every_ms: 1_000, burst: 8 };
pub(crate) const REACTION: Rate = Rate { every_ms: 1_000, burst: 5 };
pub(crate) const HAND: Rate = Rate { every_ms: 1_000, burst: 5 };
pub(crate) const SOURCE: Rate = Rate { every_ms: 500, burst: 20 };
pub(crate) const MODERATION: Rate = Rate { every_ms: 200, burst: 40 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_each_time() {
        let (mut bucket, rate) = (Bucket::default(), Rate { every_ms: 100, burst: 3 });
        assert_eq!((0..5).filter(|_| bucket.take(1_000, rate)).count(), 3);
        assert!(!bucket.take(1_099, rate));
        assert!(bucket.take(1_100, rate));
        assert!(!bucket.take(1_100, rate));
        assert_eq!((0..5).filter(|_| bucket.take(9_000, rate)).count(), 3);
    }
}
