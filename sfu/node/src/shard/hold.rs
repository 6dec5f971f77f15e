//! Waits a moment for the rest of a video frame, so that it leaves as one train per subscriber: until the frame's
//! marker has come, and never longer than 1 ms after the first packet that waits.

use sfu_engine::{Codec, Micros};

/// How long a packet may wait for the rest of its frame, µs.
const HOLD_US: u64 = 1_000;
/// Frames watched at a time; with more, the load makes trains by itself.
const FRAMES: usize = 16;

/// Which streams are within a frame, by SSRC.
#[derive(Default)]
pub struct Hold {
    open: Vec<u32>,
    since: Option<Micros>,
}

impl Hold {
    /// Looks at a datagram's fixed RTP header (RFC 3550 §5.1), which SRTP leaves readable.
    pub fn saw(&mut self, now: Micros, header: [u8; 12]) {
        let [first, second, .., a, b, c, d] = header;
        if first >> 6 != 2 || Codec::of(second & 0x7f).is_none() {
            return;
        }
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        let known = self.open.iter().position(|open| *open == ssrc);
        match (second & 0x80 != 0, known) {
            (true, Some(at)) => drop(self.open.swap_remove(at)),
            (false, None) if self.open.len() < FRAMES => self.open.push(ssrc),
            _ => {}
        }
        self.since.get_or_insert(now);
    }

    /// Until when to wait before sending; `None` means: send.
    pub fn until(&self, now: Micros) -> Option<Micros> {
        let due = self.since? + Micros(HOLD_US);
        (!self.open.is_empty() && now < due).then_some(due)
    }

    /// Everything that waited was sent.
    pub fn sent(&mut self) {
        self.open.clear();
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VP8: u8 = 96;

    fn header(payload_type: u8, marker: bool, ssrc: u32) -> [u8; 12] {
        let mut header = [0; 12];
        header[0] = 0x90;
        header[1] = payload_type | if marker { 0x80 } else { 0 };
        header[8..].copy_from_slice(&ssrc.to_be_bytes());
        header
    }

    #[test]
    fn a_frame_waits_for_its_marker_but_not_longer_than_a_millisecond() {
        let mut hold = Hold::default();
        hold.saw(Micros(100), header(VP8, false, 1));
        hold.saw(Micros(150), header(VP8, false, 2));
        assert_eq!(hold.until(Micros(160)), Some(Micros(1_100)));
        hold.saw(Micros(170), header(VP8, true, 1));
        assert_eq!(hold.until(Micros(180)), Some(Micros(1_100)));
        assert_eq!(hold.until(Micros(1_100)), None);
        hold.saw(Micros(190), header(VP8, true, 2));
        assert_eq!(hold.until(Micros(200)), None);
    }

    #[test]
    fn voice_and_lone_packets_do_not_wait() {
        let mut hold = Hold::default();
        hold.saw(Micros(5), header(111, false, 1));
        hold.saw(Micros(5), header(VP8, true, 2));
        hold.saw(Micros(5), [0; 12]);
        assert_eq!(hold.until(Micros(6)), None);
        hold.saw(Micros(7), header(VP8, false, 3));
        hold.sent();
        assert_eq!(hold.until(Micros(8)), None);
    }
}
