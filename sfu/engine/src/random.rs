//! Numbers that follow from the engine's seed.

use aws_lc_rs::hmac;

/// Letters of ICE passwords (RFC 8445 §5.3).
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Secrets come from the seed by HMAC; identifiers, which others see, from a generator whose state tells nothing about it.
pub(crate) struct Random {
    key: hmac::Key,
    secrets: u64,
    state: u64,
}

impl Random {
    pub fn new(seed: &[u8; 32]) -> Random {
        let key = hmac::Key::new(hmac::HMAC_SHA256, seed);
        let state = hmac::sign(&key, b"identifiers")
            .as_ref()
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Random { key, secrets: 0, state }
    }

    /// 32 letters, 192 bits.
    pub fn password(&mut self) -> String {
        self.secrets = self.secrets.wrapping_add(1);
        let tag = hmac::sign(&self.key, &self.secrets.to_be_bytes());
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 63)).map(|letter| char::from(*letter));
        tag.as_ref().iter().filter_map(letter).collect()
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A non-zero SSRC.
    pub fn ssrc(&mut self) -> u32 {
        (self.next() as u32).max(1)
    }

    /// A first sequence number: in the lower half, so that a reordered start cannot wrap below zero (RFC 3711 §3.3.1).
    pub fn first_sequence(&mut self) -> u64 {
        (self.next() & 0x3fff).saturating_add(1)
    }
}
