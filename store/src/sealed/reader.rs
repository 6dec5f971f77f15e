//! Reading a sealed file at any place.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::SealedError;
use super::layout::{FileKey, HEADER, MAGIC, Place, TAG, WORD, Word};
use crate::keys::DataKey;

/// One chunk: where its plaintext begins in the content, and where its word lies in the file.
pub(super) struct Entry {
    pub plain: u64,
    pub at: u64,
    pub word: Word,
}

/// What hopping over the length words found.
pub(super) struct Index {
    pub entries: Vec<Entry>,
    /// Where the first byte lies that belongs to no whole chunk.
    pub end: u64,
}

/// Opens a sealed file for reading. Shared by reference between threads; each read goes to the disk.
pub struct Reader {
    file: File,
    key: FileKey,
    entries: Vec<Entry>,
    length: u64,
    stored: u64,
    finished: bool,
}

impl Reader {
    /// Opens a finished file. Its last chunk is opened at once, which proves how many chunks there must be.
    pub fn open(path: &Path, key: &DataKey, context: &str) -> Result<Self, SealedError> {
        let (file, key) = start(path, key, context)?;
        let index = index(&file)?;
        let stored = file.metadata()?.len();
        let reader = Self::new(file, key, index.entries, stored);
        // Without a last chunk the file was cut, or is still being written; bytes after one were appended by a stranger.
        match reader.finished {
            false => Err(SealedError::Unfinished),
            true if index.end != stored => Err(SealedError::Damaged),
            true => reader.check_last().map(|()| reader),
        }
    }

    /// Opens a file that may lack its end: one that is being written, or whose writer was killed. What cannot be
    /// opened at the end is left out; anything damaged before it is found when it is read.
    pub fn open_unfinished(path: &Path, key: &DataKey, context: &str) -> Result<Self, SealedError> {
        let (file, key) = start(path, key, context)?;
        let mut entries = index(&file)?.entries;
        let stored = file.metadata()?.len();
        loop {
            let reader = Self::new(file.try_clone()?, key.clone(), entries, stored);
            if reader.entries.is_empty() || reader.check_last().is_ok() {
                return Ok(reader);
            }
            entries = reader.entries;
            entries.pop();
        }
    }

    /// Plaintext bytes in the file.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no plaintext.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Bytes on the disk.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// Whether its writer, or recovery, closed the file.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The plaintext of `range`, which must lie within the file. Holds the whole range in memory: ask for a few MiB at
    /// most. Nothing is returned that was not verified.
    pub fn read_range(&self, range: Range<u64>) -> Result<Vec<u8>, SealedError> {
        if range.start > range.end || range.end > self.length {
            return Err(SealedError::Range);
        }
        let mut out =
            Vec::with_capacity(usize::try_from(range.end - range.start).map_err(|_| SealedError::Range)?);
        let first =
            self.entries.partition_point(|entry| entry.plain + entry.word.length as u64 <= range.start);
        for number in first..self.entries.len() {
            let Some(entry) = self.entries.get(number).filter(|entry| entry.plain < range.end) else { break };
            let mut sealed = vec![0; entry.word.length + TAG];
            self.file.read_exact_at(&mut sealed, entry.at + WORD as u64).map_err(cut)?;
            let plain = self.key.open(number as u64, entry.word, &mut sealed)?;
            let from = range.start.saturating_sub(entry.plain).min(plain.len() as u64) as usize;
            let to = (range.end - entry.plain).min(plain.len() as u64) as usize;
            out.extend_from_slice(plain.get(from..to).unwrap_or_default());
        }
        Ok(out)
    }

    /// All plaintext; for small files such as manifests.
    pub fn read_all(&self) -> Result<Vec<u8>, SealedError> {
        self.read_range(0..self.length)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn new(file: File, key: FileKey, entries: Vec<Entry>, stored: u64) -> Self {
        let last = entries.last();
        let length = last.map_or(0, |entry| entry.plain + entry.word.length as u64);
        let finished = last.is_some_and(|entry| entry.word.place != Place::Middle);
        Self { file, key, entries, length, stored, finished }
    }

    /// Opens the last chunk: its number is part of its nonce.
    fn check_last(&self) -> Result<(), SealedError> {
        let Some(entry) = self.entries.last() else { return Ok(()) };
        let mut sealed = vec![0; entry.word.length + TAG];
        self.file.read_exact_at(&mut sealed, entry.at + WORD as u64).map_err(cut)?;
        self.key.open(self.entries.len() as u64 - 1, entry.word, &mut sealed).map(|_| ())
    }
}

/// Reads the header and derives the file's key.
pub(super) fn start(path: &Path, key: &DataKey, context: &str) -> Result<(File, FileKey), SealedError> {
    let file = File::open(path)?;
    let mut header = [0; HEADER];
    file.read_exact_at(&mut header, 0).map_err(cut)?;
    match header.split_first_chunk() {
        Some((MAGIC, salt)) => Ok((file, FileKey::new(key, salt, context)?)),
        _ => Err(SealedError::Damaged),
    }
}

/// Hops from word to word until the last chunk, or until something is there that no writer makes.
pub(super) fn index(file: &File) -> Result<Index, SealedError> {
    let stored = file.metadata()?.len();
    let (mut at, mut plain, mut entries) = (HEADER as u64, 0, Vec::new());
    while at + (WORD as u64) <= stored {
        let mut word = [0; WORD];
        file.read_exact_at(&mut word, at).map_err(cut)?;
        let Some(word) = Word::parse(word).filter(|word| at + word.stored() <= stored) else { break };
        entries.push(Entry { plain, at, word });
        at += word.stored();
        plain += word.length as u64;
        if word.place != Place::Middle {
            break;
        }
    }
    Ok(Index { entries, end: at })
}

/// A file that ends too early is damaged, not an error of the disk.
fn cut(error: std::io::Error) -> SealedError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => SealedError::Damaged,
        _ => error.into(),
    }
}
