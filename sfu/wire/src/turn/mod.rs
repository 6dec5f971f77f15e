//! Relayed datagrams (TURN, RFC 8656): the messages that make an allocation, and those that carry data.

mod channel;
mod write;

pub use channel::{CHANNELS, ChannelData, HEADER as CHANNEL_HEADER, write_channel_header};
pub use write::{Attributes, write};

use std::net::SocketAddr;

use crate::bytes::{u16_at, u32_at};
use crate::stun::{
    self, Class, ERROR_CODE, FINGERPRINT, HEADER, INTEGRITY, Integrity, MESSAGE_INTEGRITY, StunError,
    TransactionId, USERNAME, XOR_MAPPED_ADDRESS, address,
};

/// The number of UDP in REQUESTED-TRANSPORT (RFC 8656 §18.7).
pub const UDP: u8 = 17;
/// Peers that one CreatePermission may name here.
pub const MAX_PEERS: usize = 8;

const CHANNEL_NUMBER: u16 = 0x000c;
const LIFETIME: u16 = 0x000d;
const XOR_PEER_ADDRESS: u16 = 0x0012;
const DATA: u16 = 0x0013;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const XOR_RELAYED_ADDRESS: u16 = 0x0016;
const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
const REQUESTED_TRANSPORT: u16 = 0x0019;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;

/// What a message is about (RFC 8656 §17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Method {
    /// Makes an allocation.
    Allocate = 0x003,
    /// Prolongs or ends it.
    Refresh = 0x004,
    /// Data to a peer.
    Send = 0x006,
    /// Data from a peer.
    Data = 0x007,
    /// Lets peers in.
    CreatePermission = 0x008,
    /// Gives a peer a channel.
    ChannelBind = 0x009,
}

impl Method {
    const ALL: [Method; 6] = [
        Method::Allocate,
        Method::Refresh,
        Method::Send,
        Method::Data,
        Method::CreatePermission,
        Method::ChannelBind,
    ];
}

/// An address family in REQUESTED-ADDRESS-FAMILY (RFC 8656 §18.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// A message. Attributes after MESSAGE-INTEGRITY are left out (RFC 8489 §14.5).
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What it is about.
    pub method: Method,
    /// What it is.
    pub class: Class,
    /// Its transaction.
    pub transaction: TransactionId,
    /// Who asks.
    pub username: Option<&'a [u8]>,
    /// Where the name is known.
    pub realm: Option<&'a [u8]>,
    /// What the server gave the client to sign.
    pub nonce: Option<&'a [u8]>,
    /// Seconds for which an allocation shall live, or lives.
    pub lifetime: Option<u32>,
    /// The protocol towards peers ([`UDP`]).
    pub transport: Option<u8>,
    /// The family of the relayed address; `Err` if it is none that exists.
    pub family: Option<Result<Family, ()>>,
    /// A channel's number.
    pub channel: Option<u16>,
    /// What is carried.
    pub data: Option<&'a [u8]>,
    /// The address at which peers reach the client.
    pub relayed: Option<SocketAddr>,
    /// The address that the server saw.
    pub mapped: Option<SocketAddr>,
    /// Error class and number.
    pub error: Option<u16>,
    /// An attribute that must be understood and is not known here.
    pub unknown: Option<u16>,
    peers: [Option<SocketAddr>; MAX_PEERS],
    integrity: Option<Integrity<'a>>,
}

impl<'a> Message<'a> {
    /// Reads a message of one of the methods.
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, StunError> {
        let (method, class) = u16_at(bytes, 0).and_then(read_type).ok_or(StunError::Malformed)?;
        let (header, body) = stun::parts(bytes)?;
        let transaction = header.last_chunk::<12>().copied().ok_or(StunError::Malformed)?;
        let mut message = Message::new(method, class, transaction);
        let mut at = 0;
        while at < body.len() {
            let (kind, value, next) = stun::attribute(body, at).ok_or(StunError::Malformed)?;
            if message.integrity.is_none() {
                message.read(kind, value, header, body.get(..at).unwrap_or_default())?;
            }
            at = next;
        }
        Ok(message)
    }

    /// The peers it names, in order.
    pub fn peers(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.peers.iter().flatten().copied()
    }

    /// Whether it is signed at all.
    pub fn is_signed(&self) -> bool {
        self.integrity.is_some()
    }

    /// Checks MESSAGE-INTEGRITY as [`stun::Message::verify`] does.
    pub fn verify(&self, hmac: impl FnOnce(&[&[u8]]) -> [u8; INTEGRITY]) -> bool {
        self.integrity.is_some_and(|integrity| integrity.matches(hmac))
    }

    fn new(method: Method, class: Class, transaction: TransactionId) -> Self {
        Message {
            method,
            class,
            transaction,
            username: None,
            realm: None,
            nonce: None,
            lifetime: None,
            transport: None,
            family: None,
            channel: None,
            data: None,
            relayed: None,
            mapped: None,
            error: None,
            unknown: None,
            peers: [None; MAX_PEERS],
            integrity: None,
        }
    }

    fn read(
        &mut self,
        kind: u16,
        value: &'a [u8],
        header: &[u8; HEADER],
        before: &'a [u8],
    ) -> Result<(), StunError> {
        let address = || address::read_xored(value, &self.transaction).ok_or(StunError::Malformed);
        match kind {
            USERNAME => self.username = Some(value),
            REALM => self.realm = Some(value),
            NONCE => self.nonce = Some(value),
            LIFETIME => self.lifetime = u32_at(value, 0),
            REQUESTED_TRANSPORT => self.transport = value.first().copied(),
            REQUESTED_ADDRESS_FAMILY => {
                self.family = Some(match value.first() {
                    Some(1) => Ok(Family::V4),
                    Some(2) => Ok(Family::V6),
                    _ => Err(()),
                });
            }
            CHANNEL_NUMBER => self.channel = u16_at(value, 0),
            DATA => self.data = Some(value),
            XOR_RELAYED_ADDRESS => self.relayed = Some(address()?),
            XOR_MAPPED_ADDRESS => self.mapped = Some(address()?),
            XOR_PEER_ADDRESS => {
                let peer = address()?;
                let free = self.peers.iter_mut().find(|place| place.is_none());
                *free.ok_or(StunError::Malformed)? = Some(peer);
            }
            ERROR_CODE => self.error = Some(stun::error_code(value)?),
            MESSAGE_INTEGRITY => self.integrity = Some(Integrity::read(header, before, value)?),
            UNKNOWN_ATTRIBUTES | FINGERPRINT => {}
            0..=0x7fff => self.unknown = self.unknown.or(Some(kind)),
            _ => {}
        }
        Ok(())
    }
}

/// The bits of class and method are mixed (RFC 8489 §5); all methods here fit into the lowest four.
fn read_type(kind: u16) -> Option<(Method, Class)> {
    let class = match kind & 0x0110 {
        0x0000 => Class::Request,
        0x0010 => Class::Indication,
        0x0100 => Class::Success,
        _ => Class::Error,
    };
    let method = kind & !0x0110;
    Method::ALL.into_iter().find(|known| *known as u16 == method).map(|method| (method, class))
}

/// How long the first message of a stream is, with its padding; `None` until that shows, `Err` if it is none of TURN's
/// (RFC 8656 §2.1, §12.5).
pub fn length_in_stream(stream: &[u8]) -> Result<Option<usize>, StunError> {
    let Some(length) = u16_at(stream, 2).map(usize::from) else { return Ok(None) };
    match stream.first().map(|first| first >> 6) {
        Some(0) => Ok(Some(HEADER.saturating_add(length))),
        Some(1) => Ok(Some(CHANNEL_HEADER.saturating_add(length).next_multiple_of(4))),
        _ => Err(StunError::Malformed),
    }
}

#[cfg(test)]
mod tests;
