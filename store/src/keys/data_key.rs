//! A data key: 32 secret bytes that never show themselves.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::KeyError;

/// Length of every key here, bytes.
pub const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;

/// A symmetric key of 32 bytes. It is wiped when dropped and has no `Debug`, so that no log can hold it.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; KEY_LEN]>);

impl DataKey {
    /// A new random key.
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Crypto)?;
        Ok(Self(bytes))
    }

    /// A key from its 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; KEY_LEN] = bytes.try_into().map_err(|_| KeyError::Malformed)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// A key from 64 hex digits, as it travels in [`protocol::tap::Order::Begin`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(hex::decode(text.trim()).map_err(|_| KeyError::Malformed)?);
        Self::from_bytes(&bytes)
    }

    /// The key as 64 hex digits, for the tap order alone.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }

    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// A key for one purpose, from this one (HKDF-SHA-256, RFC 5869).
    pub(crate) fn derive(&self, salt: &[u8], info: &[&[u8]]) -> Result<Self, KeyError> {
        let derived = Salt::new(HKDF_SHA256, salt).extract(self.0.as_slice());
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        let okm = derived.expand(info, HKDF_SHA256).map_err(|_| KeyError::Crypto)?;
        okm.fill(bytes.as_mut_slice()).map_err(|_| KeyError::Crypto)?;
        Ok(Self(bytes))
    }

    /// AES-256-GCM under this key.
    pub(crate) fn cipher(&self) -> Result<LessSafeKey, KeyError> {
        let key = UnboundKey::new(&AES_256_GCM, self.0.as_slice()).map_err(|_| KeyError::Crypto)?;
        Ok(LessSafeKey::new(key))
    }

    /// Seals a short text: `nonce, ciphertext, tag`, the nonce being random (NIST SP 800-38D §8.2.2).
    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| KeyError::Crypto)?;
        let mut sealed = nonce.to_vec();
        sealed.extend_from_slice(plain);
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                sealed.get_mut(NONCE_LEN..).unwrap_or_default(),
            )
            .map_err(|_| KeyError::Crypto)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made with the same `aad`.
    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(KeyError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Damaged)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .cipher()?
            .open_in_place(nonce, Aad::from(aad), &mut plain)
            .map_err(|_| KeyError::Damaged)?
            .len();
        debug_assert_eq!(length + TAG_LEN, body.len());
        plain.truncate(length);
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_under_its_key_and_context_alone() {
        let key = DataKey::random().unwrap();
        let sealed = key.seal(b"here", b"Ada").unwrap();
        assert_eq!(key.open(b"here", &sealed).unwrap().as_slice(), b"Ada");
        assert!(key.open(b"there", &sealed).is_err());
        assert!(DataKey::random().unwrap().open(b"here", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"here", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_key_survives_hex_and_nothing_else_is_a_key() {
        let key = DataKey::random().unwrap();
        assert_eq!(DataKey::from_hex(&key.to_hex()).unwrap().as_bytes(), key.as_bytes());
        for wrong in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66)] {
            assert!(DataKey::from_hex(wrong).is_err(), "{wrong}");
        }
    }
}
