//! Feedback about media: generic NACK, full intra request, bitrate estimate.

use super::Sources;
use crate::bytes::{u16_at, u24_at, u32_at};

/// Packets that a receiver misses (RFC 4585 §6.2.1).
#[derive(Clone, Copy, Debug)]
pub struct Nack<'a> {
    /// Whose packets.
    pub media_ssrc: u32,
    pairs: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let pairs = body.get(8..)?;
        (pairs.len() & 3 == 0).then_some(Self { media_ssrc: u32_at(body, 4)?, pairs })
    }

    /// The missing sequence numbers.
    pub fn sequences(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.pairs.chunks_exact(4).flat_map(|pair| {
            let first = u16_at(pair, 0).unwrap_or_default();
            let following = u16_at(pair, 2).unwrap_or_default();
            (0..17u16).filter_map(move |n| match n.checked_sub(1) {
                None => Some(first),
                Some(bit) => (following >> bit & 1 == 1).then_some(first.wrapping_add(n)),
            })
        })
    }
}

/// Keyframes that a receiver asks for (RFC 5104 §4.3.1).
#[derive(Clone, Copy, Debug)]
pub struct Fir<'a> {
    entries: &'a [u8],
}

impl<'a> Fir<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let entries = body.get(8..)?;
        (entries.len() & 7 == 0).then_some(Self { entries })
    }

    /// (SSRC whose keyframe is wanted, command number that counts up per new request).
    pub fn requests(&self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        self.entries.chunks_exact(8).filter_map(|entry| Some((u32_at(entry, 0)?, *entry.get(4)?)))
    }
}

/// What a receiver believes it can receive (draft-alvestrand-rmcat-remb-03 §2).
#[derive(Clone, Copy, Debug)]
pub struct Remb<'a> {
    /// Bits a second of all sources together.
    pub bitrate: u64,
    /// Which sources.
    pub sources: Sources<'a>,
}

impl<'a> Remb<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let count = usize::from(*body.get(12)?);
        let packed = u24_at(body, 13)?;
        let mantissa = u64::from(packed & 0x3_ffff);
        // 6 bits of exponent on 18 bits of mantissa may exceed 64 bits: that is more than anybody has.
        let exponent = packed >> 18;
        let exact = |rate: &u64| rate.checked_shr(exponent) == Some(mantissa);
        let bitrate = mantissa.checked_shl(exponent).filter(exact).unwrap_or(u64::MAX);
        Some(Self { bitrate, sources: Sources::new(body.get(16..)?, count)? })
    }
}
