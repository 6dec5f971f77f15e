//! Datagrams in a stream: each after its length in two bytes (RFC 4571 §2), as ICE over TCP has it (RFC 6544 §3).

use crate::bytes::{u16_at, u32_at};
use crate::stun::MAGIC_COOKIE;

/// Bytes before each datagram.
pub const HEADER: usize = 2;
/// Longest datagram that the length can tell.
pub const MAX: usize = u16::MAX as usize;

/// The first datagram of `stream` and what follows it; `None` until it is there as a whole.
pub fn split(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16_at(stream, 0)?);
    stream.get(HEADER..)?.split_at_checked(length)
}

/// What goes before a datagram of `length` bytes; `None` if it is longer than [`MAX`].
pub fn header(length: usize) -> Option<[u8; HEADER]> {
    u16::try_from(length).ok().map(u16::to_be_bytes)
}

/// What a stream that begins so carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Framed datagrams, the first a STUN message (RFC 6544 §3).
    Framed,
    /// STUN and TURN messages without a frame (RFC 8656 §2.1).
    Turn,
    /// A TLS handshake record (RFC 8446 §5.1).
    Tls,
}

/// Bytes after which [`opening`] knows.
pub const OPENING: usize = 10;

/// Tells by its first [`OPENING`] bytes what a stream carries; `None` for what nobody here speaks.
pub fn opening(first: &[u8]) -> Option<Opening> {
    match first {
        [22, 3, ..] => Some(Opening::Tls),
        [0..=3, ..] if u32_at(first, 4) == Some(MAGIC_COOKIE) => Some(Opening::Turn),
        [_, _, 0..=3, ..] if u32_at(first, 6) == Some(MAGIC_COOKIE) => Some(Opening::Framed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_found_however_the_stream_is_cut() {
        let whole = [0, 3, 1, 2, 3, 0, 0, 0, 1, 9];
        for end in 0..whole.len() {
            let mut rest = &whole[..end];
            let mut lengths = Vec::new();
            while let Some((datagram, after)) = split(rest) {
                lengths.push(datagram.len());
                rest = after;
            }
            let expected: &[usize] = match end {
                0..5 => &[],
                5..7 => &[3],
                _ => &[3, 0],
            };
            assert_eq!(lengths, expected, "{end}");
        }
        assert_eq!(header(0x1234), Some([0x12, 0x34]));
        assert_eq!(header(MAX + 1), None);
    }

    #[test]
    fn what_a_stream_carries_shows_in_its_first_bytes() {
        let binding = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 7, 7];
        let framed = [&[0, 20], &binding[..8]].concat();
        assert_eq!(opening(&binding), Some(Opening::Turn));
        assert_eq!(opening(&framed), Some(Opening::Framed));
        assert_eq!(opening(&[22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3]), Some(Opening::Tls));
        assert_eq!(opening(b"GET / HTTP"), None);
        assert_eq!(opening(&[]), None);
    }
}
