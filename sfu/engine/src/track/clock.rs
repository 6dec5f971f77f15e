//! Which wall clock time a publisher's RTP timestamps mean, as its sender reports say (RFC 3550 §6.4.1).

use crate::time::Micros;

/// The last sender report of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderClock {
    /// The publisher's wall clock: 32.32 fixed point seconds.
    pub ntp: u64,
    /// RTP timestamp of the same instant.
    pub rtp: u32,
    /// When the report came.
    pub at: Micros,
}

impl SenderClock {
    /// The RTP timestamp at a time of the publisher's wall clock.
    pub fn timestamp_at(&self, ntp: u64, clock_rate: u32) -> u32 {
        self.rtp.wrapping_add(ticks(ntp.wrapping_sub(self.ntp) as i64, clock_rate))
    }

    /// The timestamp in `self` of the instant that `timestamp` names in `other`, a stream of the same publisher.
    pub fn translate(&self, other: &SenderClock, timestamp: u32, clock_rate: u32) -> u32 {
        let since_report = timestamp.wrapping_sub(other.rtp);
        self.timestamp_at(other.ntp, clock_rate).wrapping_add(since_report)
    }
}

/// The clocks of a track's layers.
#[derive(Clone, Copy)]
pub(crate) struct Clocks {
    pub layers: [Option<SenderClock>; 3],
    pub clock_rate: u32,
}

impl Clocks {
    /// The timestamp in layer `into` of what `timestamp` means in layer `from`; `None` until both have reported.
    pub fn translate(&self, into: u8, from: u8, timestamp: u32) -> Option<u32> {
        let clock = |layer: u8| self.layers.get(usize::from(layer)).copied().flatten();
        Some(clock(into)?.translate(&clock(from)?, timestamp, self.clock_rate))
    }
}

/// A span of 32.32 seconds in ticks of an RTP clock, rounded.
fn ticks(span: i64, clock_rate: u32) -> u32 {
    let scaled = i128::from(span).wrapping_mul(i128::from(clock_rate));
    (scaled.wrapping_add(1 << 31) >> 32) as u32
}

/// A span of our clock in ticks of an RTP clock.
pub(crate) fn ticks_of(span: Micros, clock_rate: u32) -> u32 {
    (u128::from(span.0).wrapping_mul(u128::from(clock_rate)) / 1_000_000) as u32
}

/// Our clock as an NTP timestamp. Its zero is the driver's: RFC 3550 §4 asks for no more than one clock for all streams.
pub(crate) fn ntp(now: Micros) -> u64 {
    ((u128::from(now.0) << 32) / 1_000_000) as u64
}

/// How far a publisher's wall clock is behind ours, steadied over its reports.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClockOffset(Option<i64>);

impl ClockOffset {
    /// A report with this NTP time came now. The least delayed reports count: delay only ever adds.
    pub fn learn(&mut self, reported: u64, now: Micros) {
        let offset = ntp(now).wrapping_sub(reported) as i64;
        self.0 = Some(match self.0 {
            Some(known) if offset >= known => known.wrapping_add(offset.wrapping_sub(known) >> 6),
            _ => offset,
        });
    }

    /// The publisher's wall clock now.
    pub fn theirs(&self, now: Micros) -> Option<u64> {
        Some(ntp(now).wrapping_sub(self.0? as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_publisher_are_aligned_by_their_reports() {
        let second = 1u64 << 32;
        let low = SenderClock { ntp: 10 * second, rtp: 1_000, at: Micros::ZERO };
        let high = SenderClock { ntp: 11 * second, rtp: 500_000, at: Micros::ZERO };
        // 3000 ticks after high's report is 93000 ticks after low's.
        assert_eq!(low.translate(&high, 503_000, 90_000), 94_000);
        assert_eq!(high.translate(&low, 94_000, 90_000), 503_000);
    }

    #[test]
    fn the_least_delayed_report_sets_the_offset() {
        let mut offset = ClockOffset::default();
        assert_eq!(offset.theirs(Micros::ZERO), None);
        let theirs = |ms: u64| ntp(Micros::from_millis(ms)) + (1 << 40);
        offset.learn(theirs(1_000), Micros::from_millis(1_050));
        offset.learn(theirs(2_000), Micros::from_millis(2_010));
        offset.learn(theirs(3_000), Micros::from_millis(3_040));
        let now = offset.theirs(Micros::from_millis(4_010)).unwrap();
        let error = now.wrapping_sub(theirs(4_000)) as i64;
        assert!(error.unsigned_abs() < ntp(Micros::from_millis(1)), "{error}");
    }
}
