//! SRTP and SRTCP (RFC 3711, RFC 7714) in place, without allocation per packet.
//!
//! [`kdf`] makes session keys of what DTLS exported, [`cipher`] seals and opens single packets, [`window`] refuses what
//! was there before. This file puts them together for the two directions of one session.

mod cipher;
mod kdf;
mod window;

#[cfg(test)]
mod tests;

use sfu_wire::rtp::RtpHeader;
use sfu_wire::sequence::unwrap_u16;

use cipher::{Cipher, RTCP_HEADER};
use window::Windows;

/// Room that [`SrtpOut::seal_rtp`] needs behind the packet, bytes.
pub const SEAL_OVERHEAD: usize = 16;
/// Room that [`SrtpOut::seal_rtcp`] needs behind the compound, bytes.
pub const RTCP_OVERHEAD: usize = 20;
/// SRTCP packets that may be sealed under one key (RFC 3711 §9.2).
const MAX_RTCP_INDEX: u32 = 0x7fff_ffff;

/// How media is protected (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// AEAD_AES_128_GCM.
    Aes128Gcm,
    /// SRTP_AES128_CM_HMAC_SHA1_80.
    Aes128CmSha1,
}

impl Profile {
    /// Bytes of the master salt.
    const fn salt_len(self) -> usize {
        match self {
            Profile::Aes128Gcm => 12,
            Profile::Aes128CmSha1 => 14,
        }
    }

    /// Bytes that are exported from DTLS: two keys, two salts (RFC 5764 §4.2).
    pub const fn material_len(self) -> usize {
        kdf::KEY.saturating_add(self.salt_len()).saturating_mul(2)
    }
}

/// The keying material does not have the length of its profile, or the cryptographic library refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unusable SRTP keying material")]
pub struct KeyError;

/// Why a packet could not be opened. Its bytes may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The session is not connected: no media before the certificate was compared.
    #[error("the session is not connected")]
    NotConnected,
    /// Not an SRTP or SRTCP packet.
    #[error("malformed packet")]
    Malformed,
    /// It came before, or it is too old to tell.
    #[error("replayed packet")]
    Replayed,
    /// Not sealed by the peer.
    #[error("authentication failed")]
    Forged,
    /// The peer uses more sources than a browser has.
    #[error("too many sources")]
    TooManySources,
}

/// Why a packet could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The session is not connected.
    #[error("the session is not connected")]
    NotConnected,
    /// Not an RTP or RTCP packet, or no room behind it.
    #[error("malformed packet or buffer too small")]
    Malformed,
    /// The key has sealed all it may.
    #[error("the key is used up")]
    Exhausted,
}

/// A packet that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of the plain packet.
    pub len: usize,
    /// Its extended sequence number: rollover counter and sequence number.
    pub index: u64,
    /// Its header.
    pub header: RtpHeader,
}

/// The keys of both directions, made of what DTLS exported.
pub fn keys(profile: Profile, material: &[u8], is_client: bool) -> Result<(SrtpIn, SrtpOut), KeyError> {
    let salt_len = profile.salt_len();
    if material.len() != profile.material_len() {
        return Err(KeyError);
    }
    let (client_key, rest) = material.split_at(kdf::KEY);
    let (server_key, rest) = rest.split_at(kdf::KEY);
    let (client_salt, server_salt) = rest.split_at(salt_len);
    let client = |rtcp| Cipher::new(profile, client_key, client_salt, rtcp);
    let server = |rtcp| Cipher::new(profile, server_key, server_salt, rtcp);
    let pair = |cipher: &dyn Fn(bool) -> Result<Cipher, KeyError>| Ok((cipher(false)?, cipher(true)?));
    let (from_client, from_server) = (pair(&client)?, pair(&server)?);
    let (incoming, outgoing) =
        if is_client { (from_server, from_client) } else { (from_client, from_server) };
    Ok((SrtpIn::new(incoming), SrtpOut::new(outgoing)))
}

/// Opens what the peer sealed.
pub struct SrtpIn {
    rtp: Cipher,
    rtcp: Cipher,
    rtp_windows: Windows,
    rtcp_windows: Windows,
}

impl SrtpIn {
    fn new((rtp, rtcp): (Cipher, Cipher)) -> Self {
        Self { rtp, rtcp, rtp_windows: Windows::default(), rtcp_windows: Windows::default() }
    }

    /// Opens an SRTP packet in place. Nothing that is not authentic changes what the next packet is taken for.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<Opened, OpenError> {
        let header = RtpHeader::parse(packet).map_err(|_| OpenError::Malformed)?;
        let slot = self.rtp_windows.find(header.ssrc)?;
        let index = match self.rtp_windows.highest(slot) {
            Some(highest) => unwrap_u16(highest, header.sequence),
            None => u64::from(header.sequence),
        };
        self.rtp_windows.check(slot, index)?;
        let len = self.rtp.open_rtp(packet, header.len, header.ssrc, index)?;
        self.rtp_windows.accept(slot, header.ssrc, index);
        Ok(Opened { len, index, header })
    }

    /// Opens an SRTCP packet in place and gives the length of the plain compound.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let ssrc = packet.get(4..RTCP_HEADER).and_then(|ssrc| ssrc.try_into().ok()).map(u32::from_be_bytes);
        let ssrc = ssrc.ok_or(OpenError::Malformed)?;
        let index = self.rtcp.rtcp_index(packet).ok_or(OpenError::Malformed)?;
        let slot = self.rtcp_windows.find(ssrc)?;
        self.rtcp_windows.check(slot, u64::from(index))?;
        let len = self.rtcp.open_rtcp(packet, ssrc, index)?;
        self.rtcp_windows.accept(slot, ssrc, u64::from(index));
        Ok(len)
    }
}

/// Seals what goes to the peer.
pub struct SrtpOut {
    rtp: Cipher,
    rtcp: Cipher,
    rtcp_index: u32,
}

impl SrtpOut {
    fn new((rtp, rtcp): (Cipher, Cipher)) -> Self {
        Self { rtp, rtcp, rtcp_index: 0 }
    }

    /// Seals the packet of `plain_len` bytes at the start of `buffer` in place and gives its new length, at most
    /// [`SEAL_OVERHEAD`] bytes more. `roc` counts the wraps of this source's sequence numbers.
    ///
    /// The caller never seals two packets of one source under the same `roc` and sequence number: the key would be lost
    /// (RFC 7714 §8.1).
    #[inline]
    pub fn seal_rtp(&self, buffer: &mut [u8], plain_len: usize, roc: u32) -> Result<usize, SealError> {
        let packet = buffer.get(..plain_len).ok_or(SealError::Malformed)?;
        let header = RtpHeader::parse(packet).map_err(|_| SealError::Malformed)?;
        let index = u64::from(roc) << 16 | u64::from(header.sequence);
        self.rtp.seal_rtp(buffer, header.len, plain_len, header.ssrc, index)
    }

    /// Seals the compound of `plain_len` bytes at the start of `buffer` in place and gives its new length, at most
    /// [`RTCP_OVERHEAD`] bytes more.
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], plain_len: usize) -> Result<usize, SealError> {
        let ssrc = buffer.get(4..RTCP_HEADER).and_then(|ssrc| ssrc.try_into().ok()).map(u32::from_be_bytes);
        let ssrc = ssrc.filter(|_| plain_len >= RTCP_HEADER).ok_or(SealError::Malformed)?;
        let next = self.rtcp_index.checked_add(1).filter(|next| *next <= MAX_RTCP_INDEX);
        self.rtcp_index = next.ok_or(SealError::Exhausted)?;
        self.rtcp.seal_rtcp(buffer, plain_len, ssrc, self.rtcp_index)
    }
}
