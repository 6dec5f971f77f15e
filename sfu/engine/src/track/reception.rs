//! How one incoming stream arrives: order, loss and jitter, as reported back to its publisher (RFC 3550 §6.4).

use crate::time::Micros;

/// Largest forward step that counts as loss; a larger one is a new start of the stream.
const MAX_STEP: i64 = 3_000;

/// What an arriving sequence number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The first of the stream, or of its restart.
    First,
    /// Newer than all others; this many were skipped before it.
    Newer {
        /// Sequence numbers between this one and the newest before.
        skipped: u64,
    },
    /// Older than the newest.
    Older,
}

/// Values of a report block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quality {
    /// Lost since the last report, of 256.
    pub fraction_lost: u8,
    /// Lost since the start; 24 bits, signed.
    pub lost: i32,
    /// Extended highest sequence number.
    pub highest: u32,
    /// Interarrival jitter, RTP ticks.
    pub jitter: u32,
}

/// Reception of one SSRC.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reception {
    first: u64,
    highest: u64,
    started: bool,
    received: u64,
    expected_before: u64,
    received_before: u64,
    transit: u32,
    /// RFC 3550 §A.8: sixteenths of a tick.
    jitter16: u32,
}

impl Reception {
    /// The 64-bit number that a 16-bit sequence number stands for.
    pub fn extend(&self, sequence: u16) -> u64 {
        if !self.started {
            return 0x1_0000 | u64::from(sequence);
        }
        let step = sequence.wrapping_sub(self.highest as u16) as i16;
        self.highest.wrapping_add_signed(i64::from(step))
    }

    /// Takes a packet that came on its own SSRC (not a retransmission).
    pub fn arrive(&mut self, sequence: u16, timestamp: u32, clock_rate: u32, now: Micros) -> (u64, Order) {
        let extended = self.extend(sequence);
        let step = extended.wrapping_sub(self.highest) as i64;
        let order = if !self.started || step > MAX_STEP {
            self.restart(extended);
            Order::First
        } else if step > 0 {
            self.highest = extended;
            Order::Newer { skipped: step.saturating_sub(1).unsigned_abs() }
        } else {
            Order::Older
        };
        self.received = self.received.wrapping_add(1);
        self.measure_jitter(timestamp, clock_rate, now, order == Order::First);
        (extended, order)
    }

    fn restart(&mut self, extended: u64) {
        self.started = true;
        self.first = extended;
        self.highest = extended;
        self.received = 0;
        self.expected_before = 0;
        self.received_before = 0;
    }

    fn measure_jitter(&mut self, timestamp: u32, clock_rate: u32, now: Micros, first: bool) {
        let arrival = now.0.wrapping_mul(u64::from(clock_rate)).wrapping_div(1_000_000) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        let difference = (transit.wrapping_sub(self.transit) as i32).unsigned_abs();
        self.transit = transit;
        if !first {
            let decay = self.jitter16.wrapping_add(8) >> 4;
            self.jitter16 = self.jitter16.saturating_sub(decay).saturating_add(difference.min(clock_rate));
        }
    }

    /// The report block's values; counts the interval from the last call.
    pub fn report(&mut self) -> Option<Quality> {
        if !self.started {
            return None;
        }
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let lost = (expected as i64).wrapping_sub(self.received as i64).clamp(-0x80_0000, 0x7f_ffff) as i32;
        let expected_now = expected.wrapping_sub(self.expected_before);
        let received_now = self.received.wrapping_sub(self.received_before);
        let lost_now = expected_now.saturating_sub(received_now);
        self.expected_before = expected;
        self.received_before = self.received;
        let fraction_lost = (lost_now << 8).checked_div(expected_now).unwrap_or(0).min(255) as u8;
        // The count of cycles starts at zero on the wire.
        let highest = self.highest.wrapping_sub(0x1_0000) as u32;
        Some(Quality { fraction_lost, lost, highest, jitter: self.jitter16 >> 4 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_extend_over_the_wrap_and_back() {
        let mut reception = Reception::default();
        let order: Vec<_> = [65534u16, 65535, 1, 0, 2]
            .iter()
            .map(|&s| reception.arrive(s, 0, 90_000, Micros::ZERO))
            .collect();
        assert_eq!(
            order,
            [
                (0x1_fffe, Order::First),
                (0x1_ffff, Order::Newer { skipped: 0 }),
                (0x2_0001, Order::Newer { skipped: 1 }),
                (0x2_0000, Order::Older),
                (0x2_0002, Order::Newer { skipped: 0 }),
            ]
        );
    }

    #[test]
    fn reports_count_loss_since_the_last_report() {
        let mut reception = Reception::default();
        for sequence in (0..100).filter(|s| s % 4 != 3) {
            reception.arrive(sequence, 0, 90_000, Micros::ZERO);
        }
        let quality = reception.report().unwrap();
        assert_eq!((quality.lost, quality.fraction_lost, quality.highest), (24, 62, 98));
        reception.arrive(99, 0, 90_000, Micros::ZERO);
        assert_eq!(reception.report().unwrap().fraction_lost, 0);
    }

    #[test]
    fn even_pace_has_no_jitter_and_uneven_pace_has() {
        let mut reception = Reception::default();
        for n in 0..100u16 {
            reception.arrive(n, u32::from(n) * 3_000, 90_000, Micros(u64::from(n) * 33_333));
        }
        assert!(reception.report().unwrap().jitter <= 1);
        for n in 100..200u16 {
            reception.arrive(
                n,
                u32::from(n) * 3_000,
                90_000,
                Micros(u64::from(n) * 33_333 + u64::from(n % 2) * 10_000),
            );
        }
        assert!((700..1000).contains(&reception.report().unwrap().jitter));
    }

    #[test]
    fn a_leap_is_a_new_start() {
        let mut reception = Reception::default();
        reception.arrive(1, 0, 90_000, Micros::ZERO);
        assert_eq!(reception.arrive(20_000, 0, 90_000, Micros::ZERO).1, Order::First);
    }
}
