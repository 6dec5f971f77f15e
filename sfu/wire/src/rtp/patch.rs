//! In-place changes of a packet. All of them leave a packet that is too short as it is.

use super::{MIN_HEADER, RtpHeader};
use crate::bytes::put_at;

/// Overwrites the marker bit.
#[inline]
pub fn set_marker(packet: &mut [u8], marker: bool) {
    if let Some(byte) = packet.get_mut(1) {
        *byte = (*byte & 0x7f) | (u8::from(marker) << 7);
    }
}

/// Overwrites the payload type (7 bits).
#[inline]
pub fn set_payload_type(packet: &mut [u8], payload_type: u8) {
    if let Some(byte) = packet.get_mut(1) {
        *byte = (*byte & 0x80) | (payload_type & 0x7f);
    }
}

/// Overwrites the sequence number.
#[inline]
pub fn set_sequence(packet: &mut [u8], sequence: u16) {
    put_at(packet, 2, sequence.to_be_bytes());
}

/// Overwrites the timestamp.
#[inline]
pub fn set_timestamp(packet: &mut [u8], timestamp: u32) {
    put_at(packet, 4, timestamp.to_be_bytes());
}

/// Overwrites the synchronisation source.
#[inline]
pub fn set_ssrc(packet: &mut [u8], ssrc: u32) {
    put_at(packet, 8, ssrc.to_be_bytes());
}

/// Overwrites the transport-wide sequence number of extension `id`; false if the packet does not carry it.
pub fn set_transport_sequence(packet: &mut [u8], header: &RtpHeader, id: u8, sequence: u16) -> bool {
    let Some(data) = header.extensions(packet).find(id) else { return false };
    // `data` lies within `packet`, so its offset is the distance of the two starts.
    let Some(at) = (data.as_ptr() as usize).checked_sub(packet.as_ptr() as usize) else { return false };
    data.len() >= 2 && put_at(packet, at, sequence.to_be_bytes()).is_some()
}

/// Lengthens an unpadded packet of `len` bytes by one byte of padding (RFC 3550 §5.1) and gives the new length; `None`
/// if it is padded already or the buffer ends there.
#[inline]
pub fn pad_by_one(buffer: &mut [u8], len: usize) -> Option<usize> {
    let longer = len.checked_add(1)?;
    let packet = buffer.get_mut(..longer)?;
    let first = packet.first_mut().filter(|first| **first & 0x20 == 0 && len >= MIN_HEADER)?;
    *first |= 0x20;
    *packet.last_mut()? = 1;
    Some(longer)
}
