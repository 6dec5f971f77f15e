//! Writing RTP headers.

use super::extension::{ONE_BYTE, TWO_BYTE};
use crate::bytes::Writer;

/// A header to be written.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewHeader<'a> {
    /// Marker bit.
    pub marker: bool,
    /// Payload type, 7 bits.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp in ticks of the payload's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Contributing sources, at most 15.
    pub csrcs: &'a [u32],
    /// Header extensions as (id, data). One-byte form if all ids are 1 to 14 and all data is 1 to 16 bytes, else two-byte
    /// form (ids 1 to 255, data up to 255 bytes).
    pub extensions: &'a [(u8, &'a [u8])],
}

/// Writes a header and gives its length; `None` if it does not fit the buffer or RTP's limits.
#[inline]
pub fn write_header(buffer: &mut [u8], header: &NewHeader<'_>) -> Option<usize> {
    let csrc_count = u8::try_from(header.csrcs.len()).ok().filter(|count| *count <= 15)?;
    let extended = u8::from(!header.extensions.is_empty());
    let mut writer = Writer::new(buffer);
    writer.u8(0x80 | (extended << 4) | csrc_count)?;
    writer.u8((u8::from(header.marker) << 7) | (header.payload_type & 0x7f))?;
    writer.u16(header.sequence)?;
    writer.u32(header.timestamp)?;
    writer.u32(header.ssrc)?;
    for csrc in header.csrcs {
        writer.u32(*csrc)?;
    }
    if extended == 1 {
        write_extensions(&mut writer, header.extensions)?;
    }
    Some(writer.len())
}

fn write_extensions(writer: &mut Writer<'_>, extensions: &[(u8, &[u8])]) -> Option<()> {
    let one_byte = extensions.iter().all(|(id, data)| matches!(id, 1..=14) && matches!(data.len(), 1..=16));
    writer.u16(if one_byte { ONE_BYTE } else { TWO_BYTE })?;
    let length_at = writer.len();
    writer.u16(0)?;
    let start = writer.len();
    for (id, data) in extensions {
        if one_byte {
            writer.u8((id << 4) | u8::try_from(data.len().checked_sub(1)?).ok()?)?;
        } else if *id == 0 {
            return None;
        } else {
            writer.put(&[*id, u8::try_from(data.len()).ok()?])?;
        }
        writer.put(data)?;
    }
    writer.align(start)?;
    let words = u16::try_from(writer.len().checked_sub(start)? >> 2).ok()?;
    writer.patch(length_at, words.to_be_bytes())
}
