//! RTP packets (RFC 3550 §5.1): a header parsed to offsets, a header writer, and in-place patches.

mod extension;
mod patch;
mod write;

pub use extension::{AudioLevel, ExtensionIds, Extensions, KnownExtensions};
pub use patch::{
    pad_by_one, set_marker, set_payload_type, set_sequence, set_ssrc, set_timestamp, set_transport_sequence,
};
pub use write::{NewHeader, write_header};

use crate::bytes::{u16_at, u32_at};

/// Bytes of a header without CSRCs and extensions.
pub const MIN_HEADER: usize = 12;

/// A parsed header: values and offsets, no borrow, so that it outlives in-place work on the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    /// The last byte of the payload counts padding (P bit).
    pub padding: bool,
    /// Marker bit: for video the last packet of a frame.
    pub marker: bool,
    /// Payload type, 7 bits.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp in ticks of the payload's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// How many contributing sources follow, 0 to 15.
    pub csrc_count: u8,
    /// Bytes of the header with CSRCs and extensions; the payload follows.
    pub len: usize,
    extension: Option<ExtensionBlock>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ExtensionBlock {
    profile: u16,
    start: usize,
    end: usize,
}

/// Why a packet is no RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    /// The version is not 2.
    #[error("RTP version is not 2")]
    Version,
    /// The packet ends within its header.
    #[error("RTP header is cut short")]
    Short,
    /// The padding count is zero or larger than the payload.
    #[error("RTP padding is larger than the payload")]
    Padding,
}

impl RtpHeader {
    /// Reads the header of a packet, encrypted or not: nothing of the payload is looked at.
    #[inline]
    pub fn parse(packet: &[u8]) -> Result<RtpHeader, RtpError> {
        let Some(&[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]) =
            packet.first_chunk::<MIN_HEADER>()
        else {
            return Err(RtpError::Short);
        };
        if first >> 6 != 2 {
            return Err(RtpError::Version);
        }
        let mut header = RtpHeader {
            padding: first & 0x20 != 0,
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            csrc_count: first & 0x0f,
            len: MIN_HEADER.saturating_add(usize::from(first & 0x0f).saturating_mul(4)),
            extension: None,
        };
        if first & 0x10 != 0 {
            header.read_extension(packet).ok_or(RtpError::Short)?;
        }
        if header.len > packet.len() { Err(RtpError::Short) } else { Ok(header) }
    }

    #[inline]
    fn read_extension(&mut self, packet: &[u8]) -> Option<()> {
        let profile = u16_at(packet, self.len)?;
        let words = u16_at(packet, self.len.saturating_add(2))?;
        let start = self.len.saturating_add(4);
        let end = start.saturating_add(usize::from(words).saturating_mul(4));
        self.extension = Some(ExtensionBlock { profile, start, end });
        self.len = end;
        Some(())
    }

    /// The payload without padding. Only for packets that are not encrypted.
    #[inline]
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], RtpError> {
        let payload = packet.get(self.len..).ok_or(RtpError::Short)?;
        if !self.padding {
            return Ok(payload);
        }
        let count = usize::from(*payload.last().ok_or(RtpError::Padding)?);
        let end = payload.len().checked_sub(count).ok_or(RtpError::Padding)?;
        if count == 0 { Err(RtpError::Padding) } else { payload.get(..end).ok_or(RtpError::Padding) }
    }

    /// The contributing sources, in their order.
    pub fn csrcs<'a>(&self, packet: &'a [u8]) -> impl Iterator<Item = u32> + use<'a> {
        (0..usize::from(self.csrc_count))
            .map_while(move |n| u32_at(packet, MIN_HEADER.saturating_add(n.saturating_mul(4))))
    }

    /// The header extensions (RFC 8285), in their order.
    #[inline]
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        match self.extension {
            Some(block) => {
                Extensions::new(block.profile, packet.get(block.start..block.end).unwrap_or_default())
            }
            None => Extensions::default(),
        }
    }
}

#[cfg(test)]
mod tests;
