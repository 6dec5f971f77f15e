//! Writing binding messages.

use std::net::SocketAddr;

use super::{
    Class, ERROR_CODE, FINGERPRINT, FINGERPRINT_MASK, HEADER, ICE_CONTROLLED, ICE_CONTROLLING, INTEGRITY,
    MAGIC_COOKIE, MESSAGE_INTEGRITY, PRIORITY, TransactionId, USE_CANDIDATE, USERNAME, XOR_MAPPED_ADDRESS,
    address, crc32,
};
use crate::bytes::Writer;

/// The attributes of a message to be written; what is `None` or false is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes<'a> {
    /// `receiver's fragment:sender's fragment`, at most 508 bytes.
    pub username: Option<&'a [u8]>,
    /// Candidate priority.
    pub priority: Option<u32>,
    /// Nominates the pair.
    pub use_candidate: bool,
    /// Tie breaker of a controlling agent.
    pub controlling: Option<u64>,
    /// Tie breaker of a controlled agent.
    pub controlled: Option<u64>,
    /// The address that the request came from.
    pub mapped: Option<SocketAddr>,
    /// An error, 300 to 699, without a reason phrase.
    pub error: Option<u16>,
}

/// Writes a message with MESSAGE-INTEGRITY (if `hmac` is given: HMAC-SHA1 of the concatenated parts under the password)
/// and FINGERPRINT, and gives its length; `None` if the buffer is too small. 128 bytes are enough for any response.
pub fn write_binding<F: FnOnce(&[&[u8]]) -> [u8; INTEGRITY]>(
    buffer: &mut [u8],
    class: Class,
    transaction: &TransactionId,
    attributes: &Attributes<'_>,
    hmac: Option<F>,
) -> Option<usize> {
    let mut writer = Writer::new(buffer);
    writer.u16(class.message_type())?;
    writer.u16(0)?;
    writer.u32(MAGIC_COOKIE)?;
    writer.put(transaction)?;
    write_attributes(&mut writer, transaction, attributes)?;
    if let Some(hmac) = hmac {
        set_length(&mut writer, 4 + INTEGRITY)?;
        let value = hmac(&[writer.written()]);
        attribute(&mut writer, MESSAGE_INTEGRITY, &value)?;
    }
    set_length(&mut writer, 8)?;
    let crc = crc32::crc32(writer.written()) ^ FINGERPRINT_MASK;
    attribute(&mut writer, FINGERPRINT, &crc.to_be_bytes())?;
    Some(writer.len())
}

fn write_attributes(
    writer: &mut Writer<'_>,
    transaction: &TransactionId,
    attributes: &Attributes<'_>,
) -> Option<()> {
    if let Some(username) = attributes.username {
        attribute(writer, USERNAME, username)?;
    }
    if let Some(priority) = attributes.priority {
        attribute(writer, PRIORITY, &priority.to_be_bytes())?;
    }
    if attributes.use_candidate {
        attribute(writer, USE_CANDIDATE, &[])?;
    }
    if let Some(tie) = attributes.controlling {
        attribute(writer, ICE_CONTROLLING, &tie.to_be_bytes())?;
    }
    if let Some(tie) = attributes.controlled {
        attribute(writer, ICE_CONTROLLED, &tie.to_be_bytes())?;
    }
    if let Some(mapped) = attributes.mapped {
        xored(writer, XOR_MAPPED_ADDRESS, mapped, transaction)?;
    }
    if let Some(error) = attributes.error {
        error_code(writer, error)?;
    }
    Some(())
}

pub(crate) fn xored(
    writer: &mut Writer<'_>,
    kind: u16,
    address: SocketAddr,
    transaction: &TransactionId,
) -> Option<()> {
    writer.u16(kind)?;
    writer.u16(if address.is_ipv4() { 8 } else { 20 })?;
    address::write_xored(writer, address, transaction)
}

pub(crate) fn error_code(writer: &mut Writer<'_>, error: u16) -> Option<()> {
    attribute(writer, ERROR_CODE, &[0, 0, u8::try_from(error / 100).ok()? & 7, (error % 100) as u8])
}

pub(crate) fn attribute(writer: &mut Writer<'_>, kind: u16, value: &[u8]) -> Option<()> {
    writer.u16(kind)?;
    writer.u16(u16::try_from(value.len()).ok()?)?;
    writer.put(value)?;
    writer.align(0)
}

/// Sets the header's length to the body as it stands and `more` bytes.
pub(crate) fn set_length(writer: &mut Writer<'_>, more: usize) -> Option<()> {
    let length = writer.len().checked_sub(HEADER)?.checked_add(more)?;
    writer.patch(2, u16::try_from(length).ok()?.to_be_bytes())
}
