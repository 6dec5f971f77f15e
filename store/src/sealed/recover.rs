//! Closing a file whose writer was killed.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::SealedError;
use super::layout::{HEADER, Place, Word};
use super::reader::{Entry, Reader};
use crate::keys::DataKey;

/// What was left of an unfinished file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Plaintext bytes that are kept.
    pub length: u64,
    /// Bytes cut from the end of the file: half a chunk.
    pub cut: u64,
}

/// Cuts half a chunk from the end of an unfinished file and closes it, so that [`Reader::open`] takes it. Safe to
/// repeat, and does nothing to a finished file. Only for files that nobody writes any more.
pub fn recover(path: &Path, key: &DataKey, context: &str) -> Result<Recovered, SealedError> {
    let reader = Reader::open_unfinished(path, key, context)?;
    if reader.is_finished() {
        let reader = Reader::open(path, key, context)?;
        return Ok(Recovered { length: reader.len(), cut: 0 });
    }
    let (length, stored) = (reader.len(), reader.stored());
    let (end, number) = reader.last_end();
    let (_, cipher) = super::reader::start(path, key, context)?;
    let word = Word { place: Place::Recovered, length: 0 };
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(end)?;
    let closing = [word.bytes().as_slice(), &cipher.seal(number, word, &mut [])?].concat();
    file.write_all_at(&closing, end)?;
    file.sync_all()?;
    Ok(Recovered { length, cut: stored.saturating_sub(end) })
}

impl Reader {
    /// Where the last whole chunk ends in the file, and the number of the next.
    fn last_end(&self) -> (u64, u64) {
        let end = |entry: &Entry| entry.at + entry.word.stored();
        (self.entries().last().map_or(HEADER as u64, end), self.entries().len() as u64)
    }
}
