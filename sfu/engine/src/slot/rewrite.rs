//! One continuous stream out of many: sequence, timestamp and picture numbers of whatever feeds a slot.

use crate::slab::Key;
use crate::time::Micros;
use crate::track::Track;
use crate::track::clock::ticks_of;
use crate::track::ring::Packet;

/// Sources or layers that can still be asked for again after the slot has moved on.
const PAST: usize = 3;
/// An aligned timestamp that differs from the passed time by more than this is not believed, s.
const MAX_DISAGREEMENT: u32 = 1;

/// A stretch in which one layer of one track feeds the slot: what to add to its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// Which track.
    pub track: Key<Track>,
    /// Which of its layers.
    pub layer: u8,
    /// First sequence number of the layer.
    from: u64,
    /// First sequence number of the slot.
    first_out: u64,
    /// Added to sequence numbers.
    sequence: u64,
    /// Added to timestamps.
    timestamp: u32,
    /// What would be added had time not to run forward: later alignments start from here, so that errors never add up.
    aligned: u32,
    /// Added to picture ids (15 bits; 7-bit ones wrap in step).
    picture: u16,
    /// Added to base layer counters.
    tl0: u8,
}

/// Numbers of a packet as the slot sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Extended sequence number: the upper bits are the rollover counter (RFC 3711 §3.3.1).
    pub sequence: u64,
    pub timestamp: u32,
    pub picture: u16,
    pub tl0: u8,
}

/// The numbers of one outgoing stream.
#[derive(Debug)]
pub(crate) struct Rewrite {
    now: Option<Stretch>,
    past: [Option<Stretch>; PAST],
    clock_rate: u32,
    newest: u64,
    timestamp: u32,
    arrival: Micros,
    picture: u16,
    tl0: u8,
    started: bool,
}

impl Rewrite {
    /// A stream that will begin with `first_sequence`.
    pub fn new(clock_rate: u32, first_sequence: u64) -> Rewrite {
        Rewrite {
            now: None,
            past: [None; PAST],
            clock_rate,
            newest: first_sequence.wrapping_sub(1),
            timestamp: 0,
            arrival: Micros::ZERO,
            picture: 0,
            tl0: 0,
            started: false,
        }
    }

    /// From `packet` on, this layer feeds the stream. `aligned` is the packet's timestamp in terms of the layer that fed
    /// it before, if sender reports tell.
    pub fn begin(&mut self, track: Key<Track>, layer: u8, packet: &Packet, aligned: Option<u32>) {
        let first_out = self.newest.wrapping_add(1);
        let ideal = self.aligned_timestamp(packet, aligned);
        let timestamp = match ideal.wrapping_sub(self.timestamp) as i32 {
            _ if !self.started => ideal,
            1.. => ideal,
            _ => self.timestamp.wrapping_add(1),
        };
        let descriptor = packet.descriptor.unwrap_or_default();
        let picture_id = descriptor.picture.map_or(0, |id| id.value);
        let tl0 = descriptor.tl0.map_or(0, |index| index.value);
        let stretch = Stretch {
            track,
            layer,
            from: packet.sequence,
            first_out,
            sequence: first_out.wrapping_sub(packet.sequence),
            timestamp: timestamp.wrapping_sub(packet.timestamp),
            aligned: ideal.wrapping_sub(packet.timestamp),
            picture: self.picture.wrapping_add(1).wrapping_sub(picture_id),
            tl0: self.tl0.wrapping_add(1).wrapping_sub(tl0),
        };
        self.past.rotate_right(1);
        if let Some(first) = self.past.first_mut() {
            *first = self.now.replace(stretch);
        }
        self.started = true;
    }

    /// Where the packet's timestamp should lie on the outgoing clock.
    fn aligned_timestamp(&self, packet: &Packet, aligned: Option<u32>) -> u32 {
        if !self.started {
            return packet.timestamp;
        }
        let passed = ticks_of(packet.arrival.since(self.arrival), self.clock_rate).max(1);
        let by_arrival = self.timestamp.wrapping_add(passed);
        let by_reports = aligned.zip(self.now).map(|(at, now)| at.wrapping_add(now.aligned));
        let limit = self.clock_rate.saturating_mul(MAX_DISAGREEMENT);
        by_reports
            .filter(|at| (at.wrapping_sub(by_arrival) as i32).unsigned_abs() <= limit)
            .unwrap_or(by_arrival)
    }

    /// The numbers of a packet of the layer that feeds the stream now; `None` for what lies before it began.
    #[inline]
    pub fn apply(&mut self, packet: &Packet) -> Option<Numbers> {
        let numbers = self.now.as_ref()?.numbers(packet)?;
        if numbers.sequence > self.newest {
            self.newest = numbers.sequence;
            self.timestamp = numbers.timestamp;
            self.arrival = packet.arrival;
            if let Some(descriptor) = &packet.descriptor {
                self.picture = descriptor.picture.map_or(self.picture, |_| numbers.picture);
                self.tl0 = descriptor.tl0.map_or(self.tl0, |_| numbers.tl0);
            }
        }
        Some(numbers)
    }

    /// What was sent under a sequence number that a receiver names: the stretch, and the number within its layer.
    pub fn find(&self, sequence: u16) -> Option<(&Stretch, u64)> {
        let back = (self.newest as u16).wrapping_sub(sequence);
        if !self.started || back >= 0x8000 {
            return None;
        }
        let sent = self.newest.checked_sub(u64::from(back))?;
        let mut stretches = self.now.iter().chain(self.past.iter().flatten());
        let stretch = stretches.find(|stretch| sent >= stretch.first_out)?;
        Some((stretch, sent.wrapping_sub(stretch.sequence)))
    }

    /// What is added to the timestamps of the layer that feeds the stream now.
    pub fn timestamp_offset(&self) -> Option<u32> {
        self.now.as_ref().map(|stretch| stretch.timestamp)
    }

    /// The timestamp at `now` by the passed time alone.
    pub fn timestamp_at(&self, now: Micros) -> u32 {
        self.timestamp.wrapping_add(ticks_of(now.since(self.arrival), self.clock_rate))
    }
}

impl Stretch {
    /// The numbers of a packet of this stretch's layer.
    #[inline]
    pub fn numbers(&self, packet: &Packet) -> Option<Numbers> {
        if packet.sequence < self.from {
            return None;
        }
        let (picture, tl0) = match &packet.descriptor {
            None => (0, 0),
            Some(descriptor) => (
                descriptor.picture.map_or(0, |id| id.value.wrapping_add(self.picture) & 0x7fff),
                descriptor.tl0.map_or(0, |index| index.value.wrapping_add(self.tl0)),
            ),
        };
        Some(Numbers {
            sequence: packet.sequence.wrapping_add(self.sequence),
            timestamp: packet.timestamp.wrapping_add(self.timestamp),
            picture,
            tl0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Descriptor};
    use crate::slab::Slab;

    fn key() -> Key<Track> {
        Slab::default().key_of_nothing()
    }

    fn frame(sequence: u64, timestamp: u32, picture: u16, ms: u64) -> Packet {
        let [high, low] = (picture | 0x8000).to_be_bytes();
        let payload = [0x90, 0xc0, high, low, picture as u8, 0x01, 0, 0];
        let vp8 = Descriptor::parse(Codec::Vp8, &payload);
        Packet::new(sequence, timestamp, true, Micros::from_millis(ms), 96, vp8)
    }

    #[test]
    fn numbers_go_on_over_a_switch_and_back() {
        let mut rewrite = Rewrite::new(90_000, 100);
        rewrite.begin(key(), 0, &frame(5_000, 70, 9, 0), None);
        let first = rewrite.apply(&frame(5_000, 70, 9, 0)).unwrap();
        let second = rewrite.apply(&frame(5_001, 3_070, 10, 33)).unwrap();
        assert_eq!((first.sequence, second.sequence, second.picture), (100, 101, first.picture + 1));
        // The other layer's clock is 1,000,000 ahead; its keyframe is one frame later.
        let entry = frame(80_000, 1_006_070, 0x7ffe, 66);
        rewrite.begin(key(), 1, &entry, Some(6_070));
        let third = rewrite.apply(&entry).unwrap();
        assert_eq!((third.sequence, third.timestamp, third.picture), (102, 6_070, second.picture + 1));
        assert_eq!(third.tl0, second.tl0.wrapping_add(1));
        assert_eq!(rewrite.apply(&frame(79_999, 0, 0, 70)), None, "from before the switch");
        assert_eq!(rewrite.find(101).map(|(stretch, n)| (stretch.layer, n)), Some((0, 5_001)));
        assert_eq!(rewrite.find(102).map(|(stretch, n)| (stretch.layer, n)), Some((1, 80_000)));
        assert_eq!(rewrite.find(103).map(|_| ()), None);
    }

    #[test]
    fn time_never_stands_still_and_errors_do_not_add_up() {
        let mut rewrite = Rewrite::new(90_000, 1);
        for turn in 0..50u32 {
            let n = u64::from(turn);
            let packet = frame(100 * n, 3_000 * turn, turn as u16, 33 * n);
            rewrite.begin(key(), (turn % 2) as u8, &packet, Some(3_000 * turn));
            let at = rewrite.apply(&packet).unwrap().timestamp;
            assert_eq!(at, 3_000 * turn);
            // The same instant again in the other layer.
            rewrite.begin(key(), 2, &packet, Some(3_000 * turn));
            assert_eq!(rewrite.apply(&packet).unwrap().timestamp, at + 1);
        }
    }

    #[test]
    fn without_reports_the_passed_time_counts() {
        let mut rewrite = Rewrite::new(48_000, 1);
        let packet = |sequence, timestamp, ms| {
            Packet::new(sequence, timestamp, false, Micros::from_millis(ms), 111, None)
        };
        rewrite.begin(key(), 0, &packet(1, 960, 0), None);
        rewrite.apply(&packet(1, 960, 0));
        rewrite.begin(key(), 0, &packet(7_777, 123_456, 1_000), None);
        assert_eq!(rewrite.apply(&packet(7_777, 123_456, 1_000)).unwrap().timestamp, 960 + 48_000);
    }
}
