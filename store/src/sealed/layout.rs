//! The bytes of a sealed file: header, length words, nonces.

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::{CHUNK, SealedError};
use crate::keys::DataKey;

pub(super) const MAGIC: &[u8; 4] = b"LSF1";
pub(super) const SALT: usize = 32;
pub(super) const HEADER: usize = MAGIC.len() + SALT;
pub(super) const WORD: usize = 4;
pub(super) const TAG: usize = 16;

const LAST: u32 = 1 << 31;
const RECOVERED: u32 = 1 << 30;

/// How a chunk stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// More may follow.
    Middle,
    /// The writer closed the file with it.
    Last,
    /// Empty; closes a file whose writer was killed.
    Recovered,
}

/// The word in front of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub place: Place,
    pub length: usize,
}

impl Word {
    /// The four bytes, which are also the chunk's additional data.
    pub fn bytes(self) -> [u8; WORD] {
        let flags = match self.place {
            Place::Middle => 0,
            Place::Last => LAST,
            Place::Recovered => LAST | RECOVERED,
        };
        // At most 65536, so it fits and stays clear of the flags.
        (flags | u32::try_from(self.length).unwrap_or(0)).to_be_bytes()
    }

    /// Reads the four bytes; `None` for what no writer makes: too long, or empty in the middle.
    pub fn parse(bytes: [u8; WORD]) -> Option<Self> {
        let word = u32::from_be_bytes(bytes);
        let length = usize::try_from(word & !(LAST | RECOVERED)).ok()?;
        let place = match (word & LAST != 0, word & RECOVERED != 0) {
            (false, false) if length > 0 => Place::Middle,
            (true, false) => Place::Last,
            (true, true) if length == 0 => Place::Recovered,
            _ => return None,
        };
        (length <= CHUNK).then_some(Self { place, length })
    }

    /// Bytes that the chunk takes on disk, this word included.
    pub fn stored(self) -> u64 {
        (WORD + self.length + TAG) as u64
    }
}

/// A file's cipher.
#[derive(Clone)]
pub(super) struct FileKey(std::sync::Arc<LessSafeKey>);

impl FileKey {
    pub fn new(key: &DataKey, salt: &[u8], context: &str) -> Result<Self, SealedError> {
        let own = key.derive(salt, &[b"lectern sealed file v1|", context.as_bytes()])?;
        Ok(Self(std::sync::Arc::new(own.cipher()?)))
    }

    /// Seals `plain` in place and returns its tag.
    pub fn seal(&self, number: u64, word: Word, plain: &mut [u8]) -> Result<[u8; TAG], SealedError> {
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce(number, word.place), Aad::from(word.bytes()), plain)
            .map_err(|_| crate::keys::KeyError::Crypto)?;
        tag.as_ref().try_into().map_err(|_| SealedError::Damaged)
    }

    /// Opens ciphertext and tag in place and returns the plaintext.
    pub fn open<'a>(&self, number: u64, word: Word, sealed: &'a mut [u8]) -> Result<&'a [u8], SealedError> {
        self.0
            .open_in_place(nonce(number, word.place), Aad::from(word.bytes()), sealed)
            .map(|plain| &*plain)
            .map_err(|_| SealedError::Damaged)
    }
}

/// Recovery closes a file with a nonce that its writer cannot have used.
fn nonce(number: u64, place: Place) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[0] = u8::from(place == Place::Recovered);
    bytes[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}
