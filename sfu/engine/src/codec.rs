//! Video codecs: their numbers in the offer, and the little that forwarding needs to know of a payload of any of them.

use sfu_wire::av1::Av1;
use sfu_wire::h264::H264;
use sfu_wire::picture::{Keyframe, PictureId, Tl0PictureIndex};
use sfu_wire::vp8::Vp8;
use sfu_wire::vp9::Vp9;

/// A video codec that the offer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7741. What everybody can decode, and what browsers send unless told otherwise.
    Vp8,
    /// RFC 9628, profile 0.
    Vp9,
    /// RTP payload format for AV1, main profile.
    Av1,
    /// RFC 6184, packetization mode 1.
    H264,
}

/// A line of the offer: one codec in one configuration. Its retransmissions have the next payload type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub codec: Codec,
    pub payload_type: u8,
    /// As in `a=rtpmap`.
    pub name: &'static str,
    /// As in `a=fmtp`.
    pub parameters: Option<&'static str>,
}

/// The formats in the order of preference, the same numbers in all sections: nothing is renumbered on the way.
pub(crate) const FORMATS: [Format; 5] = [
    Format { codec: Codec::Vp8, payload_type: 96, name: "VP8/90000", parameters: None },
    Format { codec: Codec::Vp9, payload_type: 98, name: "VP9/90000", parameters: Some("profile-id=0") },
    Format { codec: Codec::Av1, payload_type: 100, name: "AV1/90000", parameters: None },
    Format {
        codec: Codec::H264,
        payload_type: 102,
        name: "H264/90000",
        parameters: Some("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    },
    Format {
        codec: Codec::H264,
        payload_type: 104,
        name: "H264/90000",
        parameters: Some("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    },
];

/// Payload type of the retransmissions of the codec that everybody takes: padding may use it at any time.
pub(crate) const BASELINE_REPAIR: u8 = 97;

const FIRST: u8 = 96;
const LAST: u8 = 105;

impl Codec {
    /// The codec of a payload type of ours; `None` for retransmissions and everything else.
    #[inline]
    pub fn of(payload_type: u8) -> Option<Codec> {
        match payload_type {
            96 => Some(Codec::Vp8),
            98 => Some(Codec::Vp9),
            100 => Some(Codec::Av1),
            102 | 104 => Some(Codec::H264),
            _ => None,
        }
    }
}

/// Whether a payload type is that of retransmissions (RFC 4588); the payload type before it is what they carry.
#[inline]
pub(crate) fn is_repair(payload_type: u8) -> bool {
    (BASELINE_REPAIR..=LAST).contains(&payload_type) && payload_type & 1 == 1
}

/// The payload type of the retransmissions of another.
#[inline]
pub(crate) fn repair_of(payload_type: u8) -> u8 {
    payload_type | 1
}

/// The payload types that a participant takes, a bit for each from 96 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadTypes(u16);

impl PayloadTypes {
    /// Everything that is offered.
    pub const ALL: PayloadTypes = PayloadTypes(u16::MAX);
    /// Nothing.
    pub const NONE: PayloadTypes = PayloadTypes(0);

    fn bit(payload_type: u8) -> u16 {
        1u16.checked_shl(u32::from(payload_type.wrapping_sub(FIRST))).unwrap_or(0)
    }

    /// With this payload type, if it is one that is offered.
    pub(crate) fn with(self, payload_type: u8) -> PayloadTypes {
        PayloadTypes(self.0 | Self::bit(payload_type))
    }

    /// What both have.
    pub(crate) fn and(self, other: PayloadTypes) -> PayloadTypes {
        PayloadTypes(self.0 & other.0)
    }

    /// Whether this payload type of ours is among them.
    #[inline]
    pub fn has(self, payload_type: u8) -> bool {
        self.0 & Self::bit(payload_type) != 0
    }
}

/// What forwarding needs to know of a video payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub picture: Option<PictureId>,
    pub tl0: Option<Tl0PictureIndex>,
    /// Set on the packet with which a keyframe begins: a receiver that has nothing yet can begin here.
    pub keyframe: Option<Keyframe>,
}

impl Descriptor {
    /// Reads a payload; `None` if it is none of the codec.
    #[inline]
    pub fn parse(codec: Codec, payload: &[u8]) -> Option<Descriptor> {
        Some(match codec {
            Codec::Vp8 => {
                let vp8 = Vp8::parse(payload).ok()?;
                Descriptor { picture: vp8.picture_id, tl0: vp8.tl0_picture_index, keyframe: vp8.keyframe }
            }
            Codec::Vp9 => {
                let vp9 = Vp9::parse(payload).ok()?;
                Descriptor { picture: vp9.picture_id, tl0: vp9.tl0_picture_index, keyframe: vp9.keyframe }
            }
            Codec::Av1 => {
                Descriptor { keyframe: Av1::parse(payload).ok()?.keyframe, ..Descriptor::default() }
            }
            Codec::H264 => {
                Descriptor { keyframe: H264::parse(payload).ok()?.keyframe, ..Descriptor::default() }
            }
        })
    }

    /// Overwrites the counters that a copy of the payload carries.
    #[inline]
    pub fn patch(&self, payload: &mut [u8], picture: u16, tl0: u8) {
        if let Some(id) = self.picture {
            id.patch(payload, picture);
        }
        if let Some(index) = self.tl0 {
            index.patch(payload, tl0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_payload_types_agree() {
        for format in FORMATS {
            assert_eq!(Codec::of(format.payload_type), Some(format.codec));
            assert!(!is_repair(format.payload_type) && is_repair(repair_of(format.payload_type)));
            assert_eq!(Codec::of(repair_of(format.payload_type)), None);
            let only = PayloadTypes::NONE.with(format.payload_type);
            assert!(only.has(format.payload_type) && PayloadTypes::ALL.has(format.payload_type));
            assert!(FORMATS.iter().filter(|other| only.has(other.payload_type)).count() == 1);
        }
        assert!(
            !is_repair(111) && !is_repair(95) && !PayloadTypes::ALL.has(95) && !PayloadTypes::ALL.has(120)
        );
    }
}
