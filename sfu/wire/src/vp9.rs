//! The VP9 payload descriptor (RFC 9628 §4.2): parsed once, its counters patched in place.

use crate::bits::Bits;
use crate::bytes::u16_at;
pub use crate::picture::{Keyframe, PictureId, Tl0PictureIndex};

/// What the payload descriptor and the first bytes of a VP9 payload say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vp9 {
    /// First packet of a layer frame (B bit).
    pub frame_start: bool,
    /// Last packet of a layer frame (E bit).
    pub frame_end: bool,
    /// The frame refers to earlier pictures (P bit).
    pub inter_picture: bool,
    /// References stand in each packet (F bit), not in the scalability structure.
    pub flexible: bool,
    /// No frame of a higher spatial layer refers to this one (Z bit).
    pub not_reference: bool,
    /// Picture id: 7 or 15 bits.
    pub picture_id: Option<PictureId>,
    /// Counts pictures of the base temporal layer; only in non-flexible mode.
    pub tl0_picture_index: Option<Tl0PictureIndex>,
    /// Which layers the packet belongs to.
    pub layers: Option<LayerIndices>,
    /// The largest layer of the scalability structure, if the packet carries one with sizes.
    pub structure: Option<Keyframe>,
    /// Bytes of the descriptor; the VP9 payload follows.
    pub len: usize,
    /// Set on the first packet of a keyframe.
    pub keyframe: Option<Keyframe>,
}

/// The layers of a packet (RFC 9628 §4.2, third octet).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerIndices {
    /// Temporal layer, 0 to 7.
    pub temporal: u8,
    /// Higher temporal layers can be decoded from here on (U bit).
    pub switching_up: bool,
    /// Spatial layer, 0 to 7.
    pub spatial: u8,
    /// The frame refers to a lower spatial layer of the same picture (D bit).
    pub inter_layer: bool,
}

/// The payload is shorter than its descriptor says, or the descriptor contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("VP9 payload descriptor is malformed")]
pub struct Vp9Error;

impl Vp9 {
    /// Reads the descriptor at the start of an RTP payload.
    pub fn parse(payload: &[u8]) -> Result<Vp9, Vp9Error> {
        Self::read(payload).ok_or(Vp9Error)
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

    fn read(payload: &[u8]) -> Option<Vp9> {
        let &first = payload.first()?;
        let mut vp9 = Vp9 {
            frame_start: first & 0x08 != 0,
            frame_end: first & 0x04 != 0,
            inter_picture: first & 0x40 != 0,
            flexible: first & 0x10 != 0,
            not_reference: first & 0x01 != 0,
            picture_id: None,
            tl0_picture_index: None,
            layers: None,
            structure: None,
            len: 1,
            keyframe: None,
        };
        if first & 0x80 != 0 {
            let id = PictureId::read(payload, vp9.len)?;
            vp9.picture_id = Some(id);
            vp9.len = vp9.len.checked_add(id.len())?;
        }
        if first & 0x20 != 0 {
            vp9.read_layers(payload)?;
        }
        if vp9.flexible && vp9.inter_picture {
            vp9.skip_references(payload)?;
        }
        if first & 0x02 != 0 {
            vp9.read_structure(payload)?;
        }
        let frame = payload.get(vp9.len..).filter(|frame| !frame.is_empty())?;
        let base = vp9.layers.is_none_or(|layers| layers.spatial == 0);
        if vp9.frame_start && !vp9.inter_picture && base {
            vp9.keyframe = Some(vp9.structure.or_else(|| frame_size(frame)).unwrap_or_default());
        }
        Some(vp9)
    }

    fn take(&mut self, payload: &[u8]) -> Option<u8> {
        let byte = payload.get(self.len).copied()?;
        self.len = self.len.checked_add(1)?;
        Some(byte)
    }

    fn read_layers(&mut self, payload: &[u8]) -> Option<()> {
        let byte = self.take(payload)?;
        self.layers = Some(LayerIndices {
            temporal: byte >> 5,
            switching_up: byte & 0x10 != 0,
            spatial: (byte >> 1) & 7,
            inter_layer: byte & 1 != 0,
        });
        if !self.flexible {
            self.tl0_picture_index = Some(Tl0PictureIndex::read(payload, self.len)?);
            self.len = self.len.checked_add(1)?;
        }
        Some(())
    }

    /// Up to three references (P_DIFF), each saying whether another follows.
    fn skip_references(&mut self, payload: &[u8]) -> Option<()> {
        for _ in 0..3 {
            if self.take(payload)? & 1 == 0 {
                return Some(());
            }
        }
        None
    }

    /// The scalability structure (RFC 9628 §4.2.1).
    fn read_structure(&mut self, payload: &[u8]) -> Option<()> {
        let flags = self.take(payload)?;
        if flags & 0x10 != 0 {
            for _ in 0..=(flags >> 5) {
                let width = u16_at(payload, self.len)?;
                let height = u16_at(payload, self.len.checked_add(2)?)?;
                self.len = self.len.checked_add(4)?;
                let largest = self.structure.get_or_insert_default();
                if height >= largest.height {
                    *largest = Keyframe { width, height };
                }
            }
        }
        if flags & 0x08 != 0 {
            for _ in 0..self.take(payload)? {
                let references = (self.take(payload)? >> 2) & 3;
                self.len = self.len.checked_add(usize::from(references))?;
            }
        }
        Some(())
    }
}

/// The size in the uncompressed header of a keyframe of profile 0 (VP9 bitstream specification §6.2).
fn frame_size(frame: &[u8]) -> Option<Keyframe> {
    const FRAME_MARKER: u32 = 2;
    const SYNC_CODE: u32 = 0x49_8342;
    const SRGB: u32 = 7;
    let mut bits = Bits::new(frame);
    let (marker, profile) = (bits.read(2)?, bits.read(2)?);
    let (shown_again, inter) = (bits.flag()?, bits.flag()?);
    // show_frame, error_resilient_mode
    bits.skip(2);
    let readable = marker == FRAME_MARKER && profile == 0 && !shown_again && !inter;
    if !readable || bits.read(24)? != SYNC_CODE || bits.read(3)? == SRGB {
        return None;
    }
    // color_range
    bits.skip(1);
    let mut side = || u16::try_from(bits.read(16)?).ok().map(|less_one| less_one.saturating_add(1));
    Some(Keyframe { width: side()?, height: side()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A keyframe of two spatial layers with 15-bit picture id, layer indices, TL0PICIDX and a structure with sizes and
    /// a picture group of two.
    const FULL: [u8; 23] = [
        0xaa, 0x81, 0x02, 0x10, 0x07, // I L B V; picture id 0x102; T 0, U, S 0; TL0PICIDX 7
        0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, // N_S 1, Y, G; 320 × 180, 640 × 360
        0x02, 0x04, 0x01, 0x58, 0x01, 0x02, // two pictures: one reference; two references
        0x82, 0x49, 0x83,
    ];

    #[test]
    fn reads_every_field_of_a_full_descriptor() {
        let vp9 = Vp9::parse(&FULL).unwrap();
        assert_eq!(vp9.picture_id.map(|id| (id.value, id.wide)), Some((0x102, true)));
        assert_eq!(vp9.tl0_picture_index.map(|index| index.value), Some(7));
        let layers = LayerIndices { temporal: 0, switching_up: true, spatial: 0, inter_layer: false };
        assert_eq!((vp9.layers, vp9.len), (Some(layers), 20));
        assert_eq!(vp9.keyframe, Some(Keyframe { width: 640, height: 360 }));
        assert!(vp9.frame_start && !vp9.frame_end && !vp9.inter_picture && !vp9.flexible);
    }

    #[test]
    fn flexible_mode_has_references_instead_of_a_base_counter() {
        // I P L F E; 7-bit id; T 2, S 1, D; references 3 and 5.
        let vp9 = Vp9::parse(&[0xf4, 0x55, 0x43, 0x07, 0x0a, 0xff]).unwrap();
        assert_eq!(vp9.picture_id.map(|id| (id.value, id.wide)), Some((0x55, false)));
        assert_eq!((vp9.tl0_picture_index, vp9.keyframe, vp9.len), (None, None, 5));
        let layers = LayerIndices { temporal: 2, switching_up: false, spatial: 1, inter_layer: true };
        assert_eq!(vp9.layers, Some(layers));
        assert_eq!(Vp9::parse(&[0x50, 1, 1, 1, 0xff]), Err(Vp9Error), "a fourth reference");
    }

    #[test]
    fn the_frame_itself_tells_its_size() {
        // Uncompressed header: marker 2, profile 0, shown keyframe, sync code, BT.601, 640 × 360.
        let frame = [0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70];
        let payload = [&[0x88, 0x01][..], &frame].concat();
        assert_eq!(Vp9::parse(&payload).unwrap().keyframe, Some(Keyframe { width: 640, height: 360 }));
        let upper = [&[0xa8, 0x01, 0x03, 0x00][..], &frame].concat();
        assert_eq!(Vp9::parse(&upper).unwrap().keyframe, None, "a frame of an upper layer is no entry");
        assert_eq!(Vp9::parse(&[0x88, 0x01, 0x00]).unwrap().keyframe, Some(Keyframe::default()));
    }

    #[test]
    fn a_descriptor_without_payload_is_refused() {
        for cut in 0..=20 {
            assert_eq!(Vp9::parse(&FULL[..cut]), Err(Vp9Error), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn patched_counters_are_read_back(picture_id in 0u16..0x8000, tl0: u8) {
            let mut payload = FULL;
            let before = Vp9::parse(&payload).unwrap();
            before.patch(&mut payload, picture_id, tl0);
            let after = Vp9::parse(&payload).unwrap();
            prop_assert_eq!(after.picture_id.map(|id| id.value), Some(picture_id));
            prop_assert_eq!(after.tl0_picture_index.map(|index| index.value), Some(tl0));
            prop_assert_eq!((after.len, after.keyframe, after.layers), (before.len, before.keyframe, before.layers));
        }

        #[test]
        fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..48), cut in 0usize..48) {
            if let Ok(vp9) = Vp9::parse(&bytes) {
                prop_assert!(vp9.len < bytes.len());
                bytes.truncate(cut);
                vp9.patch(&mut bytes, 0xffff, 0xff);
            }
        }
    }
}
