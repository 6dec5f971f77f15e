//! From 32-bit RTP timestamps, which wrap every few hours, to ticks that do not.

/// Continues a 32-bit counter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unwrapper {
    last: Option<i64>,
}

impl Unwrapper {
    /// The ticks of the next timestamp, which lies less than half a turn from the one before.
    pub(super) fn next(&mut self, rtp: u32) -> i64 {
        let ticks = self.near(rtp).unwrap_or(i64::from(rtp));
        self.last = Some(ticks);
        ticks
    }

    /// The ticks of a timestamp near the last one, without going on from it; `None` before the first.
    pub(super) fn near(&self, rtp: u32) -> Option<i64> {
        let last = self.last?;
        // Truncation is meant: the low 32 bits are the timestamp.
        let difference = rtp.wrapping_sub(last as u32) as i32;
        Some(last.saturating_add(i64::from(difference)))
    }
}

#[cfg(test)]
mod tests {
    use super::Unwrapper;

    #[test]
    fn ticks_go_on_over_the_wrap_in_both_directions() {
        let mut unwrapper = Unwrapper::default();
        assert_eq!(unwrapper.near(5), None);
        assert_eq!(unwrapper.next(u32::MAX - 9), i64::from(u32::MAX) - 9);
        assert_eq!(unwrapper.next(10), (1 << 32) + 10);
        assert_eq!(unwrapper.near(u32::MAX), Some(i64::from(u32::MAX)));
        assert_eq!(unwrapper.next(u32::MAX), i64::from(u32::MAX));
        assert_eq!(unwrapper.next(0), 1 << 32);
    }
}
