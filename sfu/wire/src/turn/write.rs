//! Writing TURN messages.

use std::net::SocketAddr;

use super::{
    CHANNEL_NUMBER, DATA, Family, LIFETIME, Method, NONCE, REALM, REQUESTED_ADDRESS_FAMILY,
    REQUESTED_TRANSPORT, UNKNOWN_ATTRIBUTES, XOR_PEER_ADDRESS, XOR_RELAYED_ADDRESS,
};
use crate::bytes::Writer;
use crate::stun::write::{attribute, error_code, set_length, xored};
use crate::stun::{
    Class, INTEGRITY, MAGIC_COOKIE, MESSAGE_INTEGRITY, TransactionId, USERNAME, XOR_MAPPED_ADDRESS,
};

/// The attributes of a message to be written; what is `None` is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes<'a> {
    /// An error, 300 to 699.
    pub error: Option<u16>,
    /// An attribute that was not understood.
    pub unknown: Option<u16>,
    /// Who asks.
    pub username: Option<&'a [u8]>,
    /// Where names are known.
    pub realm: Option<&'a [u8]>,
    /// What the client has to sign.
    pub nonce: Option<&'a [u8]>,
    /// Seconds.
    pub lifetime: Option<u32>,
    /// The protocol towards peers.
    pub transport: Option<u8>,
    /// The family of the relayed address.
    pub family: Option<Family>,
    /// A channel's number.
    pub channel: Option<u16>,
    /// The address at which peers reach the client.
    pub relayed: Option<SocketAddr>,
    /// The address that the server saw.
    pub mapped: Option<SocketAddr>,
    /// A peer.
    pub peer: Option<SocketAddr>,
    /// What is carried.
    pub data: Option<&'a [u8]>,
}

/// Writes a message, with MESSAGE-INTEGRITY if `hmac` is given (HMAC-SHA1 of the concatenated parts under the long-term
/// key), and gives its length; `None` if the buffer is too small. 512 bytes and the data are enough for any of a server's.
pub fn write<F: FnOnce(&[&[u8]]) -> [u8; INTEGRITY]>(
    buffer: &mut [u8],
    (method, class): (Method, Class),
    transaction: &TransactionId,
    attributes: &Attributes<'_>,
    hmac: Option<F>,
) -> Option<usize> {
    let mut writer = Writer::new(buffer);
    // A binding message's type has the method in bit 0 only.
    writer.u16((class.message_type() & !1) | method as u16)?;
    writer.u16(0)?;
    writer.u32(MAGIC_COOKIE)?;
    writer.put(transaction)?;
    write_attributes(&mut writer, transaction, attributes)?;
    if let Some(hmac) = hmac {
        set_length(&mut writer, 4 + INTEGRITY)?;
        let value = hmac(&[writer.written()]);
        attribute(&mut writer, MESSAGE_INTEGRITY, &value)?;
    }
    set_length(&mut writer, 0)?;
    Some(writer.len())
}

fn write_attributes(
    writer: &mut Writer<'_>,
    transaction: &TransactionId,
    attributes: &Attributes<'_>,
) -> Option<()> {
    if let Some(error) = attributes.error {
        error_code(writer, error)?;
    }
    let texts = [
        (USERNAME, attributes.username),
        (REALM, attributes.realm),
        (NONCE, attributes.nonce),
        (DATA, attributes.data),
    ];
    for (kind, value) in texts {
        if let Some(value) = value {
            attribute(writer, kind, value)?;
        }
    }
    let addresses = [
        (XOR_RELAYED_ADDRESS, attributes.relayed),
        (XOR_MAPPED_ADDRESS, attributes.mapped),
        (XOR_PEER_ADDRESS, attributes.peer),
    ];
    for (kind, address) in addresses {
        if let Some(address) = address {
            xored(writer, kind, address, transaction)?;
        }
    }
    if let Some(lifetime) = attributes.lifetime {
        attribute(writer, LIFETIME, &lifetime.to_be_bytes())?;
    }
    if let Some(transport) = attributes.transport {
        attribute(writer, REQUESTED_TRANSPORT, &[transport, 0, 0, 0])?;
    }
    if let Some(family) = attributes.family {
        let family = if family == Family::V4 { 1 } else { 2 };
        attribute(writer, REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0])?;
    }
    if let Some(channel) = attributes.channel {
        let [high, low] = channel.to_be_bytes();
        attribute(writer, CHANNEL_NUMBER, &[high, low, 0, 0])?;
    }
    if let Some(unknown) = attributes.unknown {
        attribute(writer, UNKNOWN_ATTRIBUTES, &unknown.to_be_bytes())?;
    }
    Some(())
}
