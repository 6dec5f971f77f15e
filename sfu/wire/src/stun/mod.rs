//! STUN binding messages (RFC 8489) with the attributes of ICE (RFC 8445 §16.1).
//!
//! HMAC-SHA1 is the caller's: it is handed the parts of the message that MESSAGE-INTEGRITY covers, so that a caller may
//! keep one prepared key per session.

pub(crate) mod address;
mod crc32;
pub(crate) mod write;

pub use write::{Attributes, write_binding};

use std::net::SocketAddr;

use crate::bytes::{u16_at, u32_at, u64_at};

/// Bytes of the header.
pub const HEADER: usize = 20;
/// Names the protocol in every message (RFC 8489 §5).
pub const MAGIC_COOKIE: u32 = 0x2112_a442;
/// Bytes of MESSAGE-INTEGRITY's value.
pub const INTEGRITY: usize = 20;

pub(crate) const MAPPED_ADDRESS: u16 = 0x0001;
pub(crate) const USERNAME: u16 = 0x0006;
pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(crate) const ERROR_CODE: u16 = 0x0009;
pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub(crate) const PRIORITY: u16 = 0x0024;
pub(crate) const USE_CANDIDATE: u16 = 0x0025;
pub(crate) const FINGERPRINT: u16 = 0x8028;
pub(crate) const ICE_CONTROLLED: u16 = 0x8029;
pub(crate) const ICE_CONTROLLING: u16 = 0x802a;
/// XORed into the CRC of FINGERPRINT (RFC 8489 §14.7).
pub(crate) const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// What identifies a transaction: 96 random bits.
pub type TransactionId = [u8; 12];

/// What a message is. Only the binding method is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Asks for a response.
    Request,
    /// Asks for none: keeps a mapping open.
    Indication,
    /// All went well.
    Success,
    /// An error code tells what went wrong.
    Error,
}

impl Class {
    /// The message type of a binding message of this class (RFC 8489 §5).
    pub(crate) fn message_type(self) -> u16 {
        match self {
            Class::Request => 0x0001,
            Class::Indication => 0x0011,
            Class::Success => 0x0101,
            Class::Error => 0x0111,
        }
    }
}

/// Why a datagram is no binding message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StunError {
    /// Not a whole STUN message of the binding method, or its lengths disagree.
    #[error("not a well-formed STUN binding message")]
    Malformed,
    /// FINGERPRINT is there and wrong.
    #[error("wrong STUN fingerprint")]
    Fingerprint,
    /// An attribute that must be understood is not known here (type given).
    #[error("unknown comprehension-required STUN attribute {0:#06x}")]
    UnknownAttribute(u16),
}

/// A binding message. Attributes after MESSAGE-INTEGRITY are left out, but for FINGERPRINT (RFC 8489 §14.5).
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What it is.
    pub class: Class,
    /// Its transaction.
    pub transaction: TransactionId,
    /// `receiver's fragment:sender's fragment` (RFC 8445 §7.2.2).
    pub username: Option<&'a [u8]>,
    /// Priority of the peer reflexive candidate this check may find.
    pub priority: Option<u32>,
    /// The controlling side nominates the pair.
    pub use_candidate: bool,
    /// The sender is controlling, with this tie breaker.
    pub controlling: Option<u64>,
    /// The sender is controlled, with this tie breaker.
    pub controlled: Option<u64>,
    /// The address that the responder saw.
    pub mapped: Option<SocketAddr>,
    /// Error class and number, for example 401.
    pub error: Option<u16>,
    /// Whether the message ends with a (correct) FINGERPRINT.
    pub fingerprint: bool,
    integrity: Option<Integrity<'a>>,
}

/// MESSAGE-INTEGRITY, with what it covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integrity<'a> {
    header: [u8; HEADER],
    covered: &'a [u8],
    value: [u8; INTEGRITY],
}

impl<'a> Integrity<'a> {
    /// Of a message with this header, with this value after the attributes `before`.
    pub(crate) fn read(header: &[u8; HEADER], before: &'a [u8], value: &[u8]) -> Result<Self, StunError> {
        let value = *value.first_chunk::<INTEGRITY>().ok_or(StunError::Malformed)?;
        let mut header = *header;
        // The length that is signed ends with MESSAGE-INTEGRITY itself; it is at most that of the whole body.
        let length = (before.len() as u16).wrapping_add(24);
        crate::bytes::put_at(&mut header, 2, length.to_be_bytes());
        Ok(Self { header, covered: before, value })
    }

    /// Compares with what `hmac` gives, taking the same time wherever the difference is.
    pub(crate) fn matches(&self, hmac: impl FnOnce(&[&[u8]]) -> [u8; INTEGRITY]) -> bool {
        let expected = hmac(&[&self.header, self.covered]);
        let difference = expected.iter().zip(&self.value).fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(difference) == 0
    }
}

impl<'a> Message<'a> {
    /// Reads a message and checks its FINGERPRINT, if it carries one.
    pub fn parse(datagram: &'a [u8]) -> Result<Message<'a>, StunError> {
        let class = match u16_at(datagram, 0) {
            Some(0x0001) => Class::Request,
            Some(0x0011) => Class::Indication,
            Some(0x0101) => Class::Success,
            Some(0x0111) => Class::Error,
            _ => return Err(StunError::Malformed),
        };
        let (header, body) = parts(datagram)?;
        let transaction = header.last_chunk::<12>().copied().ok_or(StunError::Malformed)?;
        let mut message = Message {
            class,
            transaction,
            username: None,
            priority: None,
            use_candidate: false,
            controlling: None,
            controlled: None,
            mapped: None,
            error: None,
            fingerprint: false,
            integrity: None,
        };
        let mut at = 0;
        while at < body.len() {
            at = message.read_attribute(datagram, header, body, at)?;
        }
        Ok(message)
    }

    /// The fragment of the side that received this message: the part of USERNAME before the colon.
    pub fn receiver_fragment(&self) -> Option<&'a [u8]> {
        self.username?.split(|byte| *byte == b':').next()
    }

    /// Checks MESSAGE-INTEGRITY (RFC 8489 §14.5). `hmac` gives the HMAC-SHA1 of the concatenated parts under the
    /// password; the comparison takes the same time wherever the difference is. False if the attribute is missing.
    pub fn verify(&self, hmac: impl FnOnce(&[&[u8]]) -> [u8; INTEGRITY]) -> bool {
        self.integrity.is_some_and(|integrity| integrity.matches(hmac))
    }

    /// Reads the attribute at `at` and gives where the next one starts.
    fn read_attribute(
        &mut self,
        datagram: &'a [u8],
        header: &[u8; HEADER],
        body: &'a [u8],
        at: usize,
    ) -> Result<usize, StunError> {
        let (kind, value, next) = attribute(body, at).ok_or(StunError::Malformed)?;
        if kind == FINGERPRINT {
            let covered = datagram.get(..HEADER.saturating_add(at)).unwrap_or_default();
            if next != body.len() || u32_at(value, 0) != Some(crc32::crc32(covered) ^ FINGERPRINT_MASK) {
                return Err(StunError::Fingerprint);
            }
            self.fingerprint = true;
        } else if self.integrity.is_none() {
            self.read_value(kind, value, header, body.get(..at).unwrap_or_default())?;
        }
        Ok(next)
    }

    fn read_value(
        &mut self,
        kind: u16,
        value: &'a [u8],
        header: &[u8; HEADER],
        before: &'a [u8],
    ) -> Result<(), StunError> {
        match kind {
            USERNAME => self.username = Some(value),
            PRIORITY => self.priority = u32_at(value, 0),
            USE_CANDIDATE => self.use_candidate = true,
            ICE_CONTROLLING => self.controlling = u64_at(value, 0),
            ICE_CONTROLLED => self.controlled = u64_at(value, 0),
            XOR_MAPPED_ADDRESS => self.mapped = address::read_xored(value, &self.transaction),
            MAPPED_ADDRESS => {}
            ERROR_CODE => {
                self.error = Some(error_code(value)?);
            }
            MESSAGE_INTEGRITY => {
                self.integrity = Some(Integrity::read(header, before, value)?);
            }
            0..=0x7fff => return Err(StunError::UnknownAttribute(kind)),
            _ => {}
        }
        Ok(())
    }
}

/// Class and number of ERROR-CODE (RFC 8489 §14.8).
pub(crate) fn error_code(value: &[u8]) -> Result<u16, StunError> {
    let &[_, _, class, number, ..] = value else { return Err(StunError::Malformed) };
    Ok(u16::from(class & 7).saturating_mul(100).saturating_add(u16::from(number)))
}

/// The header and the body of a message, if its lengths and its cookie are right.
pub(crate) fn parts(datagram: &[u8]) -> Result<(&[u8; HEADER], &[u8]), StunError> {
    let header = datagram.first_chunk::<HEADER>().ok_or(StunError::Malformed)?;
    let body = datagram.get(HEADER..).unwrap_or_default();
    let length = u16_at(header, 2).map(usize::from);
    if length != Some(body.len()) || body.len() & 3 != 0 || u32_at(header, 4) != Some(MAGIC_COOKIE) {
        return Err(StunError::Malformed);
    }
    Ok((header, body))
}

/// Type, value and end (with padding) of the attribute at `at`.
pub(crate) fn attribute(body: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let kind = u16_at(body, at)?;
    let length = usize::from(u16_at(body, at.checked_add(2)?)?);
    let start = at.checked_add(4)?;
    let end = start.checked_add(length)?;
    let value = body.get(start..end)?;
    let next = end.checked_next_multiple_of(4)?;
    (next <= body.len()).then_some((kind, value, next))
}

#[cfg(test)]
mod tests;
