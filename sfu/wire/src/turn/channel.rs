//! Data with four bytes before it (RFC 8656 §12.4).

use std::ops::RangeInclusive;

use crate::bytes::{put_at, u16_at};

/// The numbers that channels may have.
pub const CHANNELS: RangeInclusive<u16> = 0x4000..=0x4fff;
/// Bytes before the data.
pub const HEADER: usize = 4;

/// Data on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelData<'a> {
    /// Which channel.
    pub channel: u16,
    /// What is carried.
    pub data: &'a [u8],
}

impl<'a> ChannelData<'a> {
    /// Reads a message; what follows the data is padding. `None` if it is no data on a channel, or not all of it.
    pub fn parse(bytes: &'a [u8]) -> Option<ChannelData<'a>> {
        let channel = u16_at(bytes, 0).filter(|channel| CHANNELS.contains(channel))?;
        let length = usize::from(u16_at(bytes, 2)?);
        let data = bytes.get(HEADER..)?.get(..length)?;
        Some(ChannelData { channel, data })
    }
}

/// Writes what goes before `length` bytes of data; `None` if they are too many, or the buffer is too small.
pub fn write_channel_header(buffer: &mut [u8], channel: u16, length: usize) -> Option<usize> {
    put_at(buffer, 0, channel.to_be_bytes())?;
    put_at(buffer, 2, u16::try_from(length).ok()?.to_be_bytes())?;
    Some(HEADER)
}
