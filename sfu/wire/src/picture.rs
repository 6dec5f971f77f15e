//! What the payload descriptors of video codecs have in common: picture numbers, and the size of a keyframe.

use crate::bytes::put_at;

/// The size of a keyframe, as its bitstream or its descriptor tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyframe {
    /// Pixels; 0 if the packet does not tell.
    pub width: u16,
    /// Pixels; 0 if the packet does not tell.
    pub height: u16,
}

/// A picture id and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    /// The number.
    pub value: u16,
    /// True if it is sent with 15 bits, else with 7.
    pub wide: bool,
    at: u8,
}

impl PictureId {
    /// Reads the one or two bytes at `at`.
    pub(crate) fn read(payload: &[u8], at: usize) -> Option<PictureId> {
        let &high = payload.get(at)?;
        let wide = high & 0x80 != 0;
        let value = if wide {
            u16::from_be_bytes([high & 0x7f, *payload.get(at.checked_add(1)?)?])
        } else {
            u16::from(high)
        };
        Some(PictureId { value, wide, at: u8::try_from(at).ok()? })
    }

    /// Bytes on the wire.
    pub(crate) fn len(&self) -> usize {
        if self.wide { 2 } else { 1 }
    }

    /// Overwrites the number in a copy of the payload; a 7-bit one takes the low 7 bits.
    #[inline]
    pub fn patch(&self, payload: &mut [u8], value: u16) {
        if self.wide {
            put_at(payload, usize::from(self.at), (value | 0x8000).to_be_bytes());
        } else {
            put_at(payload, usize::from(self.at), [(value & 0x7f) as u8]);
        }
    }
}

/// A base layer counter and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tl0PictureIndex {
    /// The number.
    pub value: u8,
    at: u8,
}

impl Tl0PictureIndex {
    pub(crate) fn read(payload: &[u8], at: usize) -> Option<Tl0PictureIndex> {
        Some(Tl0PictureIndex { value: *payload.get(at)?, at: u8::try_from(at).ok()? })
    }

    /// Overwrites the number in a copy of the payload.
    #[inline]
    pub fn patch(&self, payload: &mut [u8], value: u8) {
        put_at(payload, usize::from(self.at), [value]);
    }
}
