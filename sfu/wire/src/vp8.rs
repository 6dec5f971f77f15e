//! The VP8 payload descriptor (RFC 7741 §4.2): parsed once, its counters patched in place.

pub use crate::picture::{Keyframe, PictureId, Tl0PictureIndex};

/// What the payload descriptor and the first bytes of a VP8 payload say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vp8 {
    /// The packet holds the start of a partition (S bit).
    pub partition_start: bool,
    /// Which partition (PID), 0 to 7.
    pub partition: u8,
    /// No later frame refers to this one (N bit).
    pub discardable: bool,
    /// Picture id: 7 or 15 bits.
    pub picture_id: Option<PictureId>,
    /// Counts frames of the base temporal layer.
    pub tl0_picture_index: Option<Tl0PictureIndex>,
    /// Temporal layer, 0 to 3.
    pub temporal_layer: Option<u8>,
    /// The frame depends on base layer frames only (Y bit): a switching point.
    pub layer_sync: bool,
    /// Bytes of the descriptor; the VP8 payload follows.
    pub len: usize,
    /// Set on the first packet of a keyframe.
    pub keyframe: Option<Keyframe>,
}

/// The payload is shorter than its descriptor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("VP8 payload descriptor is cut short")]
pub struct Vp8Error;

impl Vp8 {
    /// Reads the descriptor at the start of an RTP payload.
    pub fn parse(payload: &[u8]) -> Result<Vp8, Vp8Error> {
        Self::read(payload).ok_or(Vp8Error)
    }

    /// Whether this is the first packet of a frame.
    pub fn frame_start(&self) -> bool {
        self.partition_start && self.partition == 0
    }

    /// Overwrites the counters of a copy of the payload this was parsed from; what the descriptor does not carry is left
    /// alone. A 7-bit picture id takes the low 7 bits.
    pub fn patch(&self, payload: &mut [u8], picture_id: u16, tl0_picture_index: u8) {
        if let Some(id) = self.picture_id {
            id.patch(payload, picture_id);
        }
        if let Some(index) = self.tl0_picture_index {
            index.patch(payload, tl0_picture_index);
        }
    }

    fn read(payload: &[u8]) -> Option<Vp8> {
        let &first = payload.first()?;
        let mut vp8 = Vp8 {
            partition_start: first & 0x10 != 0,
            partition: first & 0x07,
            discardable: first & 0x20 != 0,
            picture_id: None,
            tl0_picture_index: None,
            temporal_layer: None,
            layer_sync: false,
            len: 1,
            keyframe: None,
        };
        if first & 0x80 != 0 {
            vp8.read_extensions(payload)?;
        }
        let frame = payload.get(vp8.len..)?;
        if vp8.frame_start() {
            vp8.keyframe = keyframe(frame)?;
        }
        Some(vp8)
    }

    fn read_extensions(&mut self, payload: &[u8]) -> Option<()> {
        let &flags = payload.get(1)?;
        let mut at = 2usize;
        if flags & 0x80 != 0 {
            let id = PictureId::read(payload, at)?;
            self.picture_id = Some(id);
            at = at.saturating_add(id.len());
        }
        if flags & 0x40 != 0 {
            self.tl0_picture_index = Some(Tl0PictureIndex::read(payload, at)?);
            at = at.saturating_add(1);
        }
        // T and K share one byte, which is there if either bit is set.
        if flags & 0x30 != 0 {
            let &byte = payload.get(at)?;
            if flags & 0x20 != 0 {
                self.temporal_layer = Some(byte >> 6);
                self.layer_sync = byte & 0x20 != 0;
            }
            at = at.saturating_add(1);
        }
        self.len = at;
        Some(())
    }
}

/// Reads the frame tag of the first packet of a frame; the inner `None` is an interframe.
fn keyframe(frame: &[u8]) -> Option<Option<Keyframe>> {
    let &tag = frame.first()?;
    if tag & 1 != 0 {
        return Some(None);
    }
    let size = match frame {
        [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] => Keyframe {
            width: u16::from_le_bytes([*w0, *w1]) & 0x3fff,
            height: u16::from_le_bytes([*h0, *h1]) & 0x3fff,
        },
        _ => Keyframe { width: 0, height: 0 },
    };
    Some(Some(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A keyframe of 640 × 360 with a 15-bit picture id, base layer counter and temporal layer.
    const FULL: [u8; 16] =
        [0x90, 0xe0, 0x81, 0x02, 0x07, 0x60, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];

    #[test]
    fn reads_every_field_of_a_full_descriptor() {
        let vp8 = Vp8::parse(&FULL).unwrap();
        assert_eq!(vp8.picture_id.map(|id| (id.value, id.wide)), Some((0x102, true)));
        assert_eq!(vp8.tl0_picture_index.map(|index| index.value), Some(7));
        assert_eq!((vp8.temporal_layer, vp8.layer_sync, vp8.len), (Some(1), true, 6));
        assert_eq!(vp8.keyframe, Some(Keyframe { width: 640, height: 360 }));
    }

    #[test]
    fn a_short_picture_id_and_an_interframe() {
        let vp8 = Vp8::parse(&[0x90, 0x80, 0x55, 0x01]).unwrap();
        assert_eq!(vp8.picture_id.map(|id| (id.value, id.wide)), Some((0x55, false)));
        assert_eq!((vp8.keyframe, vp8.len), (None, 3));
        let later = Vp8::parse(&[0x00, 0x00]).unwrap();
        assert!(!later.frame_start() && later.keyframe.is_none() && later.len == 1);
    }

    #[test]
    fn a_descriptor_without_payload_is_refused() {
        for cut in 0..7 {
            assert_eq!(Vp8::parse(&FULL[..cut]), Err(Vp8Error), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn patched_counters_are_read_back(picture_id in 0u16..0x8000, tl0: u8) {
            let mut payload = FULL;
            let before = Vp8::parse(&payload).unwrap();
            before.patch(&mut payload, picture_id, tl0);
            let after = Vp8::parse(&payload).unwrap();
            prop_assert_eq!(after.picture_id.map(|id| id.value), Some(picture_id));
            prop_assert_eq!(after.tl0_picture_index.map(|index| index.value), Some(tl0));
            prop_assert_eq!((after.len, after.keyframe), (before.len, before.keyframe));
        }

        #[test]
        fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..32), cut in 0usize..32) {
            if let Ok(vp8) = Vp8::parse(&bytes) {
                prop_assert!(vp8.len <= bytes.len());
                bytes.truncate(cut);
                vp8.patch(&mut bytes, 0xffff, 0xff);
            }
        }
    }
}
