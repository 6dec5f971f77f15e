//! Writing a sealed file, append-only.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::layout::{FileKey, MAGIC, Place, SALT, Word};
use super::{CHUNK, SealedError};
use crate::keys::{DataKey, KeyError};

/// Encrypts what is written to it. Plaintext waits in memory, at most one chunk of it, and never reaches the disk.
///
/// After a failed write every other fails too; [`super::recover`] closes what reached the disk.
/// A writer that is dropped without [`Writer::close`] leaves an unfinished file, as a killed process would.
pub struct Writer {
    file: File,
    key: FileKey,
    chunk: Zeroizing<Vec<u8>>,
    number: u64,
    written: u64,
    stored: u64,
    broken: bool,
}

impl Writer {
    /// Makes the file, which must not exist yet. `context` must be the same when it is read.
    pub fn create(path: &Path, key: &DataKey, context: &str) -> Result<Self, SealedError> {
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| KeyError::Crypto)?;
        let key = FileKey::new(key, &salt, context)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let header = [MAGIC.as_slice(), &salt].concat();
        file.write_all(&header)?;
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Self { file, key, chunk, number: 0, written: 0, stored: header.len() as u64, broken: false })
    }

    /// Appends plaintext. Full chunks go to the file at once.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), SealedError> {
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.put(Place::Middle)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            self.written += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Ends the current chunk early, so that all bytes so far survive a kill of this process (not a power cut: see
    /// [`Writer::sync`]). Costs 20 bytes.
    pub fn flush(&mut self) -> Result<(), SealedError> {
        if self.chunk.is_empty() { Ok(()) } else { self.put(Place::Middle) }
    }

    /// Like [`Writer::flush`], and waits until the disk has it.
    pub fn sync(&mut self) -> Result<(), SealedError> {
        self.flush()?;
        Ok(self.file.sync_data()?)
    }

    /// Writes the last chunk and waits until the disk has it all. Returns the file's size in bytes.
    pub fn close(mut self) -> Result<u64, SealedError> {
        self.put(Place::Last)?;
        self.file.sync_all()?;
        Ok(self.stored)
    }

    /// Plaintext bytes so far: the offset of the next byte.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Bytes on the disk so far, chunk in memory excluded.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    fn put(&mut self, place: Place) -> Result<(), SealedError> {
        if self.broken {
            return Err(SealedError::Unfinished);
        }
        let word = Word { place, length: self.chunk.len() };
        let tag = self.key.seal(self.number, word, &mut self.chunk)?;
        // One write, so that a reader of the growing file rarely meets half a chunk.
        let mut out = Vec::with_capacity(word.stored() as usize);
        out.extend_from_slice(&word.bytes());
        out.extend_from_slice(&self.chunk);
        out.extend_from_slice(&tag);
        self.chunk.clear();
        self.number += 1;
        // Half a chunk may be on the disk from here on, and this nonce is spent.
        self.broken = true;
        self.file.write_all(&out)?;
        self.broken = false;
        self.stored += word.stored();
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Writer::write(self, bytes).map_err(into_io)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Writer::flush(self).map_err(into_io)
    }
}

fn into_io(error: SealedError) -> std::io::Error {
    match error {
        SealedError::Io(error) => error,
        SealedError::DiskFull => std::io::ErrorKind::StorageFull.into(),
        other => std::io::Error::other(other),
    }
}
