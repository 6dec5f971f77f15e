//! Header extensions: the block of RFC 8285 and the few extensions that are read here.

/// Profile of a block of one-byte extensions (RFC 8285 §4.2).
pub(super) const ONE_BYTE: u16 = 0xbede;
/// Profile of a block of two-byte extensions (RFC 8285 §4.3); the low four bits are the application's.
pub(super) const TWO_BYTE: u16 = 0x1000;

/// The extensions of a packet as (id, data); ends at the first malformed one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions<'a> {
    profile: u16,
    rest: &'a [u8],
}

impl<'a> Extensions<'a> {
    pub(super) fn new(profile: u16, block: &'a [u8]) -> Self {
        Self { profile, rest: block }
    }

    /// The data of one extension.
    pub fn find(self, id: u8) -> Option<&'a [u8]> {
        { self }.find_map(|(found, data)| (found == id).then_some(data))
    }

    /// Reads all extensions that are known here, in one pass.
    pub fn known(self, ids: &ExtensionIds) -> KnownExtensions<'a> {
        let mut known = KnownExtensions::default();
        for (id, data) in self {
            match *data {
                [level, ..] if id == ids.audio_level => known.audio_level = Some(AudioLevel(level)),
                [high, low, ..] if id == ids.transport_cc => {
                    known.transport_sequence = Some(u16::from_be_bytes([high, low]));
                }
                _ if id == ids.mid => known.mid = Some(data),
                _ if id == ids.rid => known.rid = Some(data),
                _ if id == ids.repaired_rid => known.repaired_rid = Some(data),
                _ => {}
            }
        }
        known
    }

    fn split(&mut self, len: usize) -> Option<&'a [u8]> {
        let (data, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(data)
    }

    fn next_one_byte(&mut self) -> Option<(u8, &'a [u8])> {
        loop {
            let &[head] = self.split(1)? else { return None };
            match head >> 4 {
                0 => continue,
                // Id 15 is reserved: what follows must not be read (RFC 8285 §4.2).
                15 => return None,
                id => return Some((id, self.split(usize::from(head & 0x0f).saturating_add(1))?)),
            }
        }
    }

    fn next_two_byte(&mut self) -> Option<(u8, &'a [u8])> {
        loop {
            let &[id] = self.split(1)? else { return None };
            if id != 0 {
                let &[len] = self.split(1)? else { return None };
                return Some((id, self.split(usize::from(len))?));
            }
        }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let item = match self.profile {
            ONE_BYTE => self.next_one_byte(),
            profile if profile & 0xfff0 == TWO_BYTE => self.next_two_byte(),
            _ => None,
        };
        if item.is_none() {
            self.rest = &[];
        }
        item
    }
}

/// The ids that were negotiated (`a=extmap`); 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ExtensionIds {
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level` (RFC 6464).
    pub audio_level: u8,
    /// `urn:ietf:params:rtp-hdrext:sdes:mid` (RFC 8843 §15).
    pub mid: u8,
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id` (RFC 8852).
    pub rid: u8,
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id` (RFC 8852).
    pub repaired_rid: u8,
    /// `draft-holmer-rmcat-transport-wide-cc-extensions-01`.
    pub transport_cc: u8,
}

/// What the known extensions of a packet say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct KnownExtensions<'a> {
    /// Loudness of an audio packet.
    pub audio_level: Option<AudioLevel>,
    /// Media section.
    pub mid: Option<&'a [u8]>,
    /// Encoding of a simulcast source.
    pub rid: Option<&'a [u8]>,
    /// Encoding that a retransmission belongs to.
    pub repaired_rid: Option<&'a [u8]>,
    /// Transport-wide sequence number.
    pub transport_sequence: Option<u16>,
}

/// Loudness of an audio packet (RFC 6464 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel(u8);

impl AudioLevel {
    /// The sender believes that somebody speaks (V bit).
    pub fn voice(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Loudness below full scale in dB: 0 is the loudest, 127 is silence.
    pub fn below_full_scale(self) -> u8 {
        self.0 & 0x7f
    }
}
