//! Sealing and opening single packets under session keys.
//!
//! Both profiles build their initial vector of the same sum: `salt ^ (SSRC << 48 | index)`. AES-GCM takes its low 96 bits
//! (RFC 7714 §8.1, §9.1), AES-CM shifts it up by the 16 bits of its block counter (RFC 3711 §4.1.1).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use super::kdf::{self, Label};
use super::{KeyError, OpenError, Profile, SealError};

/// Bytes of an RTCP packet that are never encrypted.
pub(super) const RTCP_HEADER: usize = 8;
/// Bytes of the tag of AES-GCM.
const GCM_TAG: usize = 16;
/// Bytes of the cut tag of HMAC-SHA1.
const SHA1_TAG: usize = 10;
/// Bytes of HMAC-SHA1's key.
const SHA1_KEY: usize = 20;
/// Bytes of the SRTCP index with its E bit.
const INDEX: usize = 4;
/// The E bit: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// The session keys of one direction of RTP or RTCP.
pub(super) struct Cipher {
    salt: u128,
    keys: Keys,
}

enum Keys {
    Gcm(LessSafeKey),
    Cm(Box<CmKeys>),
}

struct CmKeys {
    cipher: EncryptingKey,
    auth: hmac::Key,
}

impl Cipher {
    pub(super) fn new(profile: Profile, master: &[u8], salt: &[u8], rtcp: bool) -> Result<Self, KeyError> {
        let [key_label, auth_label, salt_label] = if rtcp {
            [Label::RtcpKey, Label::RtcpAuth, Label::RtcpSalt]
        } else {
            [Label::RtpKey, Label::RtpAuth, Label::RtpSalt]
        };
        let key: Zeroizing<[u8; kdf::KEY]> = kdf::derive(master, salt, key_label)?.into();
        Ok(match profile {
            Profile::Aes128Gcm => Self {
                salt: number(&kdf::derive::<12>(master, salt, salt_label)?),
                keys: Keys::Gcm(
                    UnboundKey::new(&AES_128_GCM, &*key).map(LessSafeKey::new).map_err(|_| KeyError)?,
                ),
            },
            Profile::Aes128CmSha1 => {
                let auth: Zeroizing<[u8; SHA1_KEY]> = kdf::derive(master, salt, auth_label)?.into();
                let cipher = UnboundCipherKey::new(&AES_128, &*key).and_then(EncryptingKey::ctr);
                Self {
                    salt: number(&kdf::derive::<14>(master, salt, salt_label)?),
                    keys: Keys::Cm(Box::new(CmKeys {
                        cipher: cipher.map_err(|_| KeyError)?,
                        auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*auth),
                    })),
                }
            }
        })
    }

    /// The cipher of session keys that are given, as test vectors do.
    #[cfg(test)]
    pub(super) fn with_gcm_session_keys(key: &[u8], salt: &[u8]) -> Self {
        let key = UnboundKey::new(&AES_128_GCM, key).unwrap();
        Self { salt: number(salt), keys: Keys::Gcm(LessSafeKey::new(key)) }
    }

    /// `header_len <= plain_len` is the caller's to know.
    #[inline]
    pub(super) fn seal_rtp(
        &self,
        buffer: &mut [u8],
        header_len: usize,
        plain_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SealError> {
        let vector = self.vector(ssrc, index);
        let (packet, rest) = buffer.split_at_mut_checked(plain_len).ok_or(SealError::Malformed)?;
        let (header, payload) = packet.split_at_mut_checked(header_len).ok_or(SealError::Malformed)?;
        match &self.keys {
            Keys::Gcm(key) => {
                let tag = seal_gcm(key, vector, header, payload)?;
                append(rest, plain_len, &[&tag])
            }
            Keys::Cm(keys) => {
                keys.apply(vector, payload).ok_or(SealError::Malformed)?;
                let tag = keys.tag(&[packet, &roc(index)]);
                append(rest, plain_len, &[&tag])
            }
        }
    }

    #[inline]
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, OpenError> {
        let vector = self.vector(ssrc, index);
        let (header, sealed) = packet.split_at_mut_checked(header_len).ok_or(OpenError::Malformed)?;
        match &self.keys {
            Keys::Gcm(key) => Ok(header_len.saturating_add(open_gcm(key, vector, header, sealed)?)),
            Keys::Cm(keys) => {
                let (payload, tag) = split_tag(sealed, SHA1_TAG)?;
                keys.verify(&[header, payload, &roc(index)], tag)?;
                keys.apply(vector, payload).ok_or(OpenError::Malformed)?;
                Ok(header_len.saturating_add(payload.len()))
            }
        }
    }

    /// The SRTCP index of a sealed packet; `None` if it is too short or not encrypted.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Option<u32> {
        let behind = match &self.keys {
            Keys::Gcm(_) => 0,
            Keys::Cm(_) => SHA1_TAG,
        };
        let end = packet.len().checked_sub(behind)?;
        let word = packet.get(end.checked_sub(INDEX)?..end)?.try_into().ok().map(u32::from_be_bytes)?;
        (word & ENCRYPTED != 0).then_some(word & !ENCRYPTED)
    }

    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut [u8],
        plain_len: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SealError> {
        let vector = self.vector(ssrc, u64::from(index));
        let word = (index | ENCRYPTED).to_be_bytes();
        let (packet, rest) = buffer.split_at_mut_checked(plain_len).ok_or(SealError::Malformed)?;
        let (header, payload) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(SealError::Malformed)?;
        match &self.keys {
            Keys::Gcm(key) => {
                let tag = seal_gcm(key, vector, &rtcp_aad(header, word), payload)?;
                append(rest, plain_len, &[&tag, &word])
            }
            Keys::Cm(keys) => {
                keys.apply(vector, payload).ok_or(SealError::Malformed)?;
                let tag = keys.tag(&[packet, &word]);
                append(rest, plain_len, &[&word, &tag])
            }
        }
    }

    /// `index` is what [`Cipher::rtcp_index`] gave.
    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<usize, OpenError> {
        let vector = self.vector(ssrc, u64::from(index));
        let word = (index | ENCRYPTED).to_be_bytes();
        let (header, sealed) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(OpenError::Malformed)?;
        match &self.keys {
            Keys::Gcm(key) => {
                let (sealed, _) = split_tag(sealed, INDEX)?;
                let aad = rtcp_aad(header, word);
                Ok(RTCP_HEADER.saturating_add(open_gcm(key, vector, &aad, sealed)?))
            }
            Keys::Cm(keys) => {
                let (sealed, tag) = split_tag(sealed, SHA1_TAG)?;
                let (payload, _) = split_tag(sealed, INDEX)?;
                keys.verify(&[header, payload, &word], tag)?;
                keys.apply(vector, payload).ok_or(OpenError::Malformed)?;
                Ok(RTCP_HEADER.saturating_add(payload.len()))
            }
        }
    }

    #[inline]
    fn vector(&self, ssrc: u32, index: u64) -> u128 {
        self.salt ^ (u128::from(ssrc) << 48 | u128::from(index & 0xffff_ffff_ffff))
    }
}

impl CmKeys {
    /// Encrypts or decrypts: in counter mode they are the same.
    fn apply(&self, vector: u128, payload: &mut [u8]) -> Option<()> {
        let context = EncryptionContext::Iv128(FixedLength::from((vector << 16).to_be_bytes()));
        self.cipher.less_safe_encrypt(payload, context).ok().map(drop)
    }

    fn tag(&self, parts: &[&[u8]]) -> [u8; SHA1_TAG] {
        let mut context = hmac::Context::with_key(&self.auth);
        parts.iter().for_each(|part| context.update(part));
        context.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), OpenError> {
        verify_slices_are_equal(&self.tag(parts), tag).map_err(|_| OpenError::Forged)
    }
}

#[inline]
fn seal_gcm(
    key: &LessSafeKey,
    vector: u128,
    aad: &[u8],
    payload: &mut [u8],
) -> Result<[u8; GCM_TAG], SealError> {
    let tag = key.seal_in_place_separate_tag(nonce(vector), Aad::from(aad), payload);
    let tag = tag.map_err(|_| SealError::Malformed)?;
    tag.as_ref().first_chunk().copied().ok_or(SealError::Malformed)
}

/// Opens `sealed` with its tag at the end and gives the length without.
#[inline]
fn open_gcm(key: &LessSafeKey, vector: u128, aad: &[u8], sealed: &mut [u8]) -> Result<usize, OpenError> {
    if sealed.len() < GCM_TAG {
        return Err(OpenError::Malformed);
    }
    let plain = key.open_in_place(nonce(vector), Aad::from(aad), sealed).map_err(|_| OpenError::Forged)?;
    Ok(plain.len())
}

#[inline]
fn nonce(vector: u128) -> Nonce {
    let [_, _, _, _, low @ ..] = vector.to_be_bytes();
    Nonce::assume_unique_for_key(low)
}

/// What SRTCP authenticates besides the ciphertext: the first eight bytes and the index (RFC 7714 §9.2).
fn rtcp_aad(header: &[u8], word: [u8; INDEX]) -> [u8; RTCP_HEADER + INDEX] {
    let mut aad = [0; RTCP_HEADER + INDEX];
    aad.iter_mut().zip(header.iter().chain(&word)).for_each(|(to, from)| *to = *from);
    aad
}

fn roc(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn split_tag(sealed: &mut [u8], tag: usize) -> Result<(&mut [u8], &mut [u8]), OpenError> {
    let len = sealed.len().checked_sub(tag).ok_or(OpenError::Malformed)?;
    sealed.split_at_mut_checked(len).ok_or(OpenError::Malformed)
}

/// Puts the parts behind a packet of `len` bytes, into the room there, and gives the new length.
#[inline]
fn append(room: &mut [u8], len: usize, parts: &[&[u8]]) -> Result<usize, SealError> {
    let mut at = 0usize;
    for part in parts {
        let end = at.saturating_add(part.len());
        room.get_mut(at..end).ok_or(SealError::Malformed)?.copy_from_slice(part);
        at = end;
    }
    Ok(len.saturating_add(at))
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}
