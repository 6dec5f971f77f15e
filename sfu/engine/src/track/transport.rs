//! Arrivals by transport-wide sequence number, reported back to the publisher so that its bandwidth estimation works
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use sfu_wire::rtcp::RtcpWriter;
use sfu_wire::sequence::unwrap_u16;

use crate::time::Micros;

/// Most sequence numbers in one feedback.
const MAX: usize = 512;

/// Arrivals since the last feedback.
#[derive(Default)]
pub(crate) struct TransportLog {
    /// Sequence number of the first entry; the numbers start high enough that nothing wraps below zero.
    base: u64,
    arrivals: Vec<Option<u64>>,
    /// The newest that was reported: it stands in front when those after it are lost.
    reported: Option<(u64, u64)>,
    count: u8,
}

impl TransportLog {
    pub fn record(&mut self, sequence: u16, now: Micros) {
        if self.reported.is_none() && self.arrivals.is_empty() {
            self.base = 0x1_0000 | u64::from(sequence);
        }
        let extended = unwrap_u16(self.newest(), sequence);
        let Some(at) = extended.checked_sub(self.base).and_then(|at| usize::try_from(at).ok()) else {
            return;
        };
        if at >= MAX {
            self.restart(extended, now);
            return;
        }
        if self.arrivals.len() <= at {
            self.arrivals.resize(at.saturating_add(1), None);
        }
        if let Some(arrival) = self.arrivals.get_mut(at) {
            arrival.get_or_insert(now.0);
        }
    }

    fn newest(&self) -> u64 {
        self.base.wrapping_add(self.arrivals.len() as u64)
    }

    /// After a leap: what lay between is not reported.
    fn restart(&mut self, sequence: u64, now: Micros) {
        self.arrivals.clear();
        self.arrivals.push(Some(now.0));
        self.base = sequence;
        self.reported = None;
    }

    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    /// Writes the feedback that is due.
    pub fn write(&mut self, writer: &mut RtcpWriter<'_>, ssrc: u32, media_ssrc: u32) {
        if let (Some(None), Some((sequence, at))) = (self.arrivals.first(), self.reported) {
            let lost =
                usize::try_from(self.base.wrapping_sub(sequence).wrapping_sub(1)).unwrap_or(usize::MAX);
            self.arrivals
                .splice(0..0, std::iter::once(Some(at)).chain(std::iter::repeat_n(None, lost.min(MAX))));
            self.base = sequence;
        }
        let reported =
            writer.transport_feedback(ssrc, media_ssrc, self.base as u16, self.count, &self.arrivals);
        self.count = self.count.wrapping_add(1);
        // What did not fit is given up: the next feedback begins after it.
        let _ = reported;
        if let Some(at) = self.arrivals.last().copied().flatten() {
            self.reported = Some((self.newest().wrapping_sub(1), at));
        }
        self.base = self.newest();
        self.arrivals.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfu_wire::rtcp::{Rtcp, packets};

    fn feedback(log: &mut TransportLog) -> Vec<(u16, bool)> {
        let mut buffer = [0; 1200];
        let mut writer = RtcpWriter::new(&mut buffer);
        log.write(&mut writer, 1, 2);
        let length = writer.len();
        match packets(&buffer[..length]).next() {
            Some(Ok(Rtcp::Transport(transport))) => {
                transport.arrivals().map(|(sequence, at)| (sequence, at.is_some())).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_number_is_reported_as_come_or_lost() {
        let mut log = TransportLog::default();
        for (n, sequence) in [65_534u16, 65_535, 1, 2].into_iter().enumerate() {
            log.record(sequence, Micros::from_millis(n as u64));
        }
        assert_eq!(feedback(&mut log), [(65_534, true), (65_535, true), (0, false), (1, true), (2, true)]);
        log.record(4, Micros::from_millis(60));
        assert_eq!(feedback(&mut log), [(2, true), (3, false), (4, true)]);
        log.record(5, Micros::from_millis(70));
        assert_eq!(feedback(&mut log), [(5, true)]);
        assert!(log.is_empty());
    }

    #[test]
    fn a_leap_starts_anew() {
        let mut log = TransportLog::default();
        log.record(1, Micros::ZERO);
        log.record(30_000, Micros::ZERO);
        assert_eq!(feedback(&mut log), [(30_000, true)]);
    }
}
