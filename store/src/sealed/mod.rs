//! Sealed files: encrypted while they are written, read at any place, every change detected.
//!
//! ```text
//! header   magic "LSF1", salt (32 bytes)
//! chunk    length u32 BE (bit 31 = last chunk, bit 30 = closed by recovery, low bits = plaintext bytes ≤ 65536)
//!          ciphertext, tag (16 bytes)
//! ```
//! The file's own key is HKDF-SHA-256(data key, salt, context), the context being the object's path, so that no file
//! can stand in for another. Chunk *n* is sealed with AES-256-GCM under the nonce *n* and its length word as additional
//! data (the STREAM construction with explicit lengths): a changed, moved, dropped or repeated chunk does not open, and
//! a file without a last chunk is incomplete. A file is written once, from its beginning, so no nonce comes twice.

mod layout;
mod reader;
mod recover;
mod writer;

pub use reader::Reader;
pub use recover::{Recovered, recover};
pub use writer::Writer;

use crate::keys::KeyError;

/// Most plaintext bytes in one chunk.
pub const CHUNK: usize = 64 * 1024;

/// Why a sealed file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// Not a sealed file, or changed, reordered, cut, of another object, or under another key.
    #[error("the sealed file is damaged, or belongs to another key or place")]
    Damaged,
    /// The file has no last chunk: it is being written, or its writer was killed. Read it with
    /// [`Reader::open_unfinished`], or close it with [`recover`].
    #[error("the sealed file was not finished")]
    Unfinished,
    /// The range lies outside the file.
    #[error("the range lies outside the file")]
    Range,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The disk failed.
    #[error(transparent)]
    Io(std::io::Error),
}

impl From<std::io::Error> for SealedError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}
