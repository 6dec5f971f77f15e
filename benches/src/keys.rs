//! The other end of a connection whose keys are given: seals as a publisher, opens as a subscriber. From another SRTP
//! implementation than the one that is measured.

use rtc_srtp::config::Config;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;

/// Keying material of a participant, as DTLS would have exported it for AES-128-GCM (RFC 5764 §4.2).
pub fn material(number: u32) -> [u8; 56] {
    let mut material = [0u8; 56];
    for (at, byte) in material.iter_mut().enumerate() {
        *byte = (at as u8).wrapping_mul(31) ^ number.to_be_bytes()[at % 4];
    }
    material
}

/// A browser's half of SRTP.
pub struct Browser {
    out: Context,
    into: Context,
}

impl Browser {
    /// The browser whose connection has this material. `None` if the profile is not supported.
    pub fn new(material: &[u8; 56]) -> Option<Self> {
        let crypto = rtc_crypto::default_provider().ok()?;
        let profile = ProtectionProfile::AeadAes128Gcm;
        let mut config = Config { profile, ..Default::default() };
        config.set_session_keys_from_keying_material(material, true).ok()?;
        let keys = &config.keys;
        let make =
            |key: &[u8], salt: &[u8]| Context::new(key, salt, profile, None, None, crypto.crypto()).ok();
        Some(Self {
            out: make(&keys.local_master_key, &keys.local_master_salt)?,
            into: make(&keys.remote_master_key, &keys.remote_master_salt)?,
        })
    }

    /// Seals a plain RTP packet.
    pub fn seal(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.out.encrypt_rtp(packet).ok().map(|sealed| sealed.to_vec())
    }

    /// Opens an SRTP packet.
    pub fn open(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.into.decrypt_rtp(packet).ok().map(|plain| plain.to_vec())
    }
}
