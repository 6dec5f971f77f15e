//! H.264 payloads (RFC 6184) of packetization mode 1: single NAL units, STAP-A and FU-A. There is nothing to patch, only
//! keyframes to be found.

mod parameters;

use crate::bytes::u16_at;
pub use crate::picture::Keyframe;

/// Types of NAL units (H.264 table 7-1) and of packets (RFC 6184 §5.2).
mod kind {
    pub const IDR: u8 = 5;
    pub const SEQUENCE_PARAMETERS: u8 = 7;
    pub const SINGLE_LAST: u8 = 23;
    pub const STAP_A: u8 = 24;
    pub const FU_A: u8 = 28;
}

/// What an H.264 payload says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct H264 {
    /// It holds the start of a slice of an instantaneous decoder refresh picture.
    pub refresh: bool,
    /// Set if it holds sequence parameters: with them a keyframe begins, and without them none can be decoded.
    pub keyframe: Option<Keyframe>,
}

/// The payload ends within a unit, or is of a kind that packetization mode 1 does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("H.264 payload is malformed")]
pub struct H264Error;

impl H264 {
    /// Reads an RTP payload.
    pub fn parse(payload: &[u8]) -> Result<H264, H264Error> {
        Self::read(payload).ok_or(H264Error)
    }

    fn read(payload: &[u8]) -> Option<H264> {
        let mut h264 = H264::default();
        let (&head, rest) = payload.split_first()?;
        match head & 0x1f {
            1..=kind::SINGLE_LAST => h264.see(payload),
            kind::STAP_A => h264.read_aggregate(rest)?,
            kind::FU_A => {
                let (&fragment, _) = rest.split_first()?;
                // Only the first fragment (S bit) counts as the unit's start.
                h264.refresh = fragment & 0x80 != 0 && fragment & 0x1f == kind::IDR;
            }
            _ => return None,
        }
        Some(h264)
    }

    /// Units with their 16-bit sizes in front (RFC 6184 §5.7.1).
    fn read_aggregate(&mut self, mut rest: &[u8]) -> Option<()> {
        while !rest.is_empty() {
            let size = usize::from(u16_at(rest, 0)?);
            let end = size.checked_add(2)?;
            self.see(rest.get(2..end).filter(|unit| !unit.is_empty())?);
            rest = rest.get(end..)?;
        }
        Some(())
    }

    fn see(&mut self, unit: &[u8]) {
        match unit.first().map(|head| head & 0x1f) {
            Some(kind::IDR) => self.refresh = true,
            Some(kind::SEQUENCE_PARAMETERS) => {
                self.keyframe = Some(parameters::size(unit).unwrap_or_default());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sequence parameters of constrained baseline, 640 × 360 (40 × 23 macroblocks, 8 lines cropped).
    const SPS: [u8; 11] = [0x67, 0x42, 0xe0, 0x1f, 0xf4, 0x05, 0x01, 0x7f, 0xcb, 0x80, 0x00];

    fn aggregate(units: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![0x78];
        for unit in units {
            payload.extend((unit.len() as u16).to_be_bytes());
            payload.extend_from_slice(unit);
        }
        payload
    }

    #[test]
    fn keyframes_begin_with_sequence_parameters() {
        let size = Some(Keyframe { width: 640, height: 360 });
        assert_eq!(H264::parse(&SPS), Ok(H264 { refresh: false, keyframe: size }));
        let together = aggregate(&[&SPS, &[0x68, 0xce], &[0x65, 0x88]]);
        assert_eq!(H264::parse(&together), Ok(H264 { refresh: true, keyframe: size }));
    }

    #[test]
    fn slices_and_fragments() {
        let refresh = H264 { refresh: true, keyframe: None };
        assert_eq!(H264::parse(&[0x65, 0x88]), Ok(refresh));
        assert_eq!(H264::parse(&[0x41, 0x9a]), Ok(H264::default()));
        assert_eq!(H264::parse(&[0x7c, 0x85, 0x88]), Ok(refresh), "first fragment");
        assert_eq!(H264::parse(&[0x7c, 0x05, 0x88]), Ok(H264::default()), "later fragment");
        assert_eq!(H264::parse(&[0x7c, 0x81, 0x88]), Ok(H264::default()), "another slice");
    }

    #[test]
    fn what_mode_1_does_not_have_is_refused() {
        for payload in [&[][..], &[0x00], &[0x79, 0, 1, 0x65], &[0x7d, 0x85], &[0x7e], &[0x7c]] {
            assert_eq!(H264::parse(payload), Err(H264Error), "{payload:x?}");
        }
        let whole = aggregate(&[&SPS, &[0x68, 0xce]]);
        for cut in [2, 5, 13, 15, 17] {
            assert_eq!(H264::parse(&whole[..cut]), Err(H264Error), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), head in 0u8..32) {
            let _ = H264::parse(&bytes);
            let _ = H264::parse(&[&[head][..], &bytes].concat());
        }
    }
}
