//! Telling the protocols of one port apart by their first bytes (RFC 7983 §7, RFC 5761 §4).

/// What a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A STUN message (RFC 8489).
    Stun,
    /// DTLS records (RFC 6347).
    Dtls,
    /// An RTP or SRTP packet.
    Rtp,
    /// An RTCP or SRTCP compound packet.
    Rtcp,
}

/// Classifies a datagram by its first two bytes; `None` for what nobody here speaks.
pub fn classify(datagram: &[u8]) -> Option<Protocol> {
    match datagram {
        [0..=3, ..] => Some(Protocol::Stun),
        [20..=63, ..] => Some(Protocol::Dtls),
        // RTCP packet types 192 to 223 are RTP payload types 64 to 95 with the marker bit, which nobody may use.
        [128..=191, 192..=223, ..] => Some(Protocol::Rtcp),
        [128..=191, _, ..] => Some(Protocol::Rtp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_of_rfc_7983_is_told_apart() {
        for first in 0..=255u8 {
            let expected = match first {
                0..=3 => Some(Protocol::Stun),
                20..=63 => Some(Protocol::Dtls),
                128..=191 => Some(Protocol::Rtp),
                _ => None,
            };
            assert_eq!(classify(&[first, 111]), expected, "{first}");
        }
        assert_eq!(classify(&[0x80, 200]), Some(Protocol::Rtcp));
        assert_eq!(classify(&[0x81, 206]), Some(Protocol::Rtcp));
        assert_eq!(classify(&[0x80, 0x80 | 111]), Some(Protocol::Rtp));
        assert_eq!(classify(&[0x80]), None);
        assert_eq!(classify(&[]), None);
    }
}
